package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	case report != nil && report.Outcome == adsync.OutcomeUnsure:
		return codeRefused
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
	if _, ok := errors.AsType[*adsync.TargetError](err); ok {
		return codeTargetUnreachable
	}
	if _, ok := errors.AsType[*adsync.SourceError](err); ok {
		return sourceCode(err)
	}
	return codeFailed
}

// sourceCode tells a directory that does not answer from flags that are wrong:
// the password, the certificate, a base that is not there.
func sourceCode(err error) int {
	if problem, ok := errors.AsType[*adsync.Error](err); ok && problem.Problem == "base-not-found" {
		return codeConfiguration
	}
	switch adsync.CodeOf(err) {
	case adsync.CodeUnavailable, adsync.CodeLimited:
		return codeSourceUnreachable
	case adsync.CodeUnauthenticated, adsync.CodeInvalid:
		return codeConfiguration
	}
	return codeFailed
}

// flagNames are the flags for what the LDAP source calls by its field names.
var flagNames = strings.NewReplacer("set CAFile", "set -ca", "CAFile", "-ca", "BaseDNs", "-base", "check URL", "check -url",
	"in URL", "in -url", "set URL", "set -url", "set Bind and Password", "give -bind and -password-file", ", or set ServerName", "")

// fault tells what went wrong, and, where flags are at fault, which.
func (s *screen) fault(err error, code int) {
	if err == nil {
		return
	}
	s.progressDone()
	text := printableLines(flagNames.Replace(err.Error()))
	switch {
	case code == codeCancelled:
		text = "cancelled; run again to go on (" + text + ")"
	case errors.Is(err, adsync.ErrBusy):
		text += "; wait until it has ended, then run again"
	}
	for line := range strings.Lines("quickstart: " + text) {
		if s.live {
			line = wrapped("", line)
		}
		fmt.Fprintln(s.err, strings.TrimSuffix(line, "\n"))
	}
}
