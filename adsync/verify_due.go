package adsync

import (
	"context"
	"time"
)

// verifyDue compares the target after a run that was carried out, where it is
// time. The run has come to its end already: whatever comes of the comparison is
// for the report.
func (e *Engine) verifyDue(ctx context.Context, r *running) {
	last := r.past.verified
	if e.parts.lister == nil || e.job.VerifyEvery < 0 || last.IsZero() || time.Since(last) < e.job.VerifyEvery {
		return
	}
	report, _, err := e.verify(ctx, VerifyOptions{})
	if report == nil {
		report = &VerifyReport{Target: e.job.Target, Error: err.Error()}
	}
	r.verified = report
	if err != nil {
		return // the next run tries again
	}
	r.info.Verified = report.Ended
	if err := e.state.Save(ctx, r.info); err != nil {
		report.Error = err.Error()
	}
}

// verifiedBefore gives what a run starts from: a target that was never compared
// is due so long after its first run, which wrote all of it.
func (p *past) verifiedBefore(now time.Time) time.Time {
	if p.verified.IsZero() {
		return now
	}
	return p.verified
}
