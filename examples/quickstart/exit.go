package main

import (
	"context"
	"errors"

	"github.com/adsync/sdk/adsync"
)

// Exit codes. 0 also stands for a run with conflicts or quarantined objects:
// those are in the report.
const (
	codeFailed            = 1
	codeHalted            = 3
	codeSourceUnreachable = 5
	codeTargetUnreachable = 6
	codeRefused           = 7
	codeConfiguration     = 64
	codeCancelled         = 130
)

func exitCode(ctx context.Context, report *adsync.Report, err error) int {
	switch {
	case ctx.Err() != nil:
		return codeCancelled
	case err != nil:
		return errorCode(err)
	}
	switch report.Outcome {
	case adsync.OutcomePlanned, adsync.OutcomeCompleted, adsync.OutcomeConflicts:
		return 0
	case adsync.OutcomeHalted:
		return codeHalted
	case adsync.OutcomeRefused, adsync.OutcomeUnsure:
		return codeRefused
	}
	return codeFailed
}

func errorCode(err error) int {
	if _, ok := errors.AsType[usageError](err); ok {
		return codeConfiguration
	}
	if _, ok := errors.AsType[*adsync.ConfigError](err); ok {
		return codeConfiguration
	}
	if adsync.CodeOf(err) != adsync.CodeUnavailable {
		return codeFailed
	}
	if _, ok := errors.AsType[*adsync.TargetError](err); ok {
		return codeTargetUnreachable
	}
	if _, ok := errors.AsType[*adsync.SourceError](err); ok {
		return codeSourceUnreachable
	}
	return codeFailed
}
