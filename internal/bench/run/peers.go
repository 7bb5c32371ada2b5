package main

import "context"

func peers(context.Context, []string) error { return nil }
