package adsync

import (
	"context"
	"time"
)

// Abandon gives up a plan that is held, or one that was begun and cannot be
// finished, such as when the target refuses everything. What was applied of it
// stays applied and remembered; the rest is planned anew by the next run, which
// reads from where the last finished run ended.
func (e *Engine) Abandon(ctx context.Context, id string) error {
	return e.withPlan(ctx, id, func(ctx context.Context, info *RunInfo) error {
		info.State, info.Outcome, info.Ended = RunEnded, OutcomeCancelled, time.Now()
		info.Error = "the plan was abandoned"
		e.log.Warn("plan abandoned", "target", e.job.Target, "plan", id, "run", info.ID, "batches applied", info.Recorded, "of", info.Batches)
		return e.state.Finish(ctx, *info, nil, e.job.KeepRuns)
	})
}
