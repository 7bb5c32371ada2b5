package adsync

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// running is one run under way.
type running struct {
	*settings
	info RunInfo
	tell *teller
	// sources is what was read; empty when the run goes on from its journal.
	sources []SourceReport
	failed  bool // a source failed
	known   bool // there were links before the run
	past    *past
	// verified is what a comparison found that was due at the end of the run.
	verified *VerifyReport
}

// resume takes up a stored plan: what it counted and found wrong is part of
// the report of the run that applies it.
func (e *Engine) resume(ctx context.Context, info RunInfo) (*running, error) {
	r := &running{settings: e.settings, info: info, tell: &teller{job: e.job, state: e.state, run: info.ID}}
	r.tell.counts = info.Planned.notWrites()
	if info.Recorded > 0 {
		r.tell.counts = info.Applied
	}
	for _, f := range info.Findings {
		r.failed = r.failed || f.Rule == findingSourceFailed
	}
	for _, s := range info.Sources {
		r.sources = append(r.sources, SourceReport{Name: s.Name, Objects: s.Objects, Snapshot: s.Snapshot})
	}
	for issue, err := range e.state.ListIssues(ctx) {
		if err != nil {
			return nil, err
		}
		if issue.Run != info.ID {
			continue
		}
		if issue.Code == IssueMembersFailed {
			r.tell.keepUnlisted(issue)
		} else {
			r.tell.keep(issue.Source, issue.Anchor)
		}
		if len(r.tell.issues) < reportedIssues {
			r.tell.issues = append(r.tell.issues, issue)
		}
		switch issue.Code {
		case IssueDenied, IssueUnavailable, IssueFailed, IssueTargetGone, IssueMembersFailed:
			r.tell.failures++
		}
	}
	return r, nil
}

// notWrites gives the counts that do not change while a plan is applied.
func (c Counts) notWrites() Counts {
	return Counts{Unchanged: c.Unchanged, Skipped: c.Skipped, Issues: c.Issues, Conflicts: c.Conflicts, Quarantined: c.Quarantined}
}

func (r *running) report() *Report {
	slices.SortStableFunc(r.tell.issues, func(a, b Issue) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(string(a.Anchor), string(b.Anchor)))
	})
	report := &Report{
		Outcome: r.info.Outcome, Counts: r.info.Applied, Run: r.info.ID, Plan: r.info.Plan, Target: r.job.Target,
		Started: r.info.Started, Ended: r.info.Ended, Sources: r.sources, Findings: r.info.Findings, Issues: r.tell.issues, Verify: r.verified, Error: r.info.Error,
	}
	if r.info.State != RunEnded && r.info.State != RunApplying {
		report.Counts = r.info.Planned
	}
	return report
}

// fail ends a run that could not be planned.
func (e *Engine) fail(ctx context.Context, r *running, err error) error {
	err = lostLease(ctx, err)
	r.info.State, r.info.Ended, r.info.Error = RunEnded, time.Now(), err.Error()
	r.info.Outcome = r.failure(ctx, err)
	r.info.Applied = Counts{} // what was counted half-way says nothing
	saving := context.WithoutCancel(ctx)
	e.logEnd(saving, r, err)
	if saveErr := e.state.Finish(saving, r.info, nil, e.job.KeepRuns); saveErr != nil {
		return errors.Join(err, saveErr)
	}
	return err
}

// failure gives the outcome of a run without a plan. A read that was cut short,
// or that could not reach a base any more, is not to be trusted: that is unsure,
// and not a failure, where there is something to lose.
func (r *running) failure(ctx context.Context, err error) RunOutcome {
	_, source := errors.AsType[*SourceError](err)
	if source && r.known && CodeOf(err) == CodeIncomplete && ctx.Err() == nil {
		return OutcomeUnsure
	}
	return failureOutcome(ctx, err)
}

func failureOutcome(ctx context.Context, err error) RunOutcome {
	switch {
	case errors.Is(err, context.Canceled) || ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled):
		return OutcomeCancelled
	case CodeOf(err) == CodeUnavailable:
		return OutcomeUnreachable
	}
	return OutcomeFailed
}

// Findings that carry from the plan to the outcome of its run.
const (
	findingWitness      = "witness"
	findingAccepted     = "read-accepted"
	findingHalted       = "halted"
	findingIdentity     = "identity"
	findingSourceFailed = "source-failed"
	findingAudit        = "audit"
)
