package adsync

import "context"

func (e *Engine) Revert(ctx context.Context, run int64) (*Plan, error) { return nil, nil }
