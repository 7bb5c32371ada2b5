package adsync

import (
	"context"
	"log/slog"
)

// The log tells an operator how a run went, by numbers and identifiers. Names
// and values of people never go there: those are in the plan and its issues.

func newLog(job *Job) *slog.Logger {
	if job.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return job.Log
}

func (e *Engine) logPlan(ctx context.Context, r *running) {
	for _, f := range r.info.Findings {
		e.log.WarnContext(ctx, "finding", "target", e.job.Target, "run", r.info.ID, "rule", f.Rule, "source", f.Source, "count", f.Count, "limit", f.Limit, "refuses", f.Refuses)
	}
	c := r.info.Planned
	e.log.InfoContext(ctx, "planned", "target", e.job.Target, "run", r.info.ID, "plan", r.info.Plan, "outcome", r.info.Outcome, "writes", c.Writes(),
		"unchanged", c.Unchanged, "quarantined", c.Quarantined, "conflicts", c.Conflicts, "issues", c.Issues, "seconds", r.info.Sealed.Sub(r.info.Started).Seconds())
}

func (e *Engine) logEnd(ctx context.Context, r *running, err error) {
	c := r.info.Applied
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
	}
	e.log.Log(ctx, level, "run ended", "target", e.job.Target, "run", r.info.ID, "plan", r.info.Plan, "outcome", r.info.Outcome, "writes", c.Writes(),
		"issues", c.Issues, "conflicts", c.Conflicts, "error", r.info.Error)
}

// logRetry says that the target is asked again, and why.
func (a *applier) logRetry(ctx context.Context, w *work, which []int, try int, wait float64) {
	a.engine.log.WarnContext(ctx, "trying again", "target", a.job.Target, "run", a.info.ID, "batch", w.n, "ops", len(which), "try", try,
		"code", CodeOf(w.results[which[0]].Err).String(), "wait seconds", wait)
}

// logPark says that a value could not be set aside for an exchange, and why.
func (a *applier) logPark(ctx context.Context, code Code) {
	a.engine.log.WarnContext(ctx, "a value could not be set aside", "target", a.job.Target, "run", a.info.ID, "code", code.String())
}

func (e *Engine) logVerify(ctx context.Context, r *VerifyReport) {
	level := slog.LevelInfo
	if r.Error != "" || r.Count() > 0 {
		level = slog.LevelWarn
	}
	e.log.Log(ctx, level, "verified", "target", e.job.Target, "objects", r.Objects, "members", r.Members, "missing", r.Missing, "changed", r.Changed,
		"foreign", r.Foreign, "missing members", r.MissingMembers, "extra members", r.ExtraMembers, "seconds", r.Ended.Sub(r.Started).Seconds(), "error", r.Error)
}
