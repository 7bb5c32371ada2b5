package adsync

import (
	"context"
	"time"
)

// corrector notes in the state what the target really has, so that the next plan
// starts from the truth: values that were changed, objects that are gone,
// memberships that are no more. Nothing is written to the target. It is done in
// a run of its own, batch by batch, so that a crash leaves every part either
// noted or not, and the next run ends it.
type corrector struct {
	engine *Engine
	on     bool
	info   RunInfo
	record Record
	size   int
}

func (c *corrector) began() bool { return c.info.ID != 0 }

// now replaces a link by what is there. It has no digest, so that it is judged
// anew by the next full read.
func (c *corrector) now(ctx context.Context, link *Link) error {
	l := *link
	l.Digest = Digest{}
	l.Generation++ // a held plan that rests on what was known no longer fits
	return c.add(ctx, func(r *Record) { r.Links = append(r.Links, l) })
}

func (c *corrector) lost(ctx context.Context, link *Link) error {
	l := *link
	l.State, l.Digest = LinkLost, Digest{}
	l.Generation++
	return c.add(ctx, func(r *Record) { r.lose(l) })
}

func (c *corrector) parted(ctx context.Context, m MembershipOf) error {
	return c.add(ctx, func(r *Record) { r.Parted = append(r.Parted, m) })
}

func (c *corrector) add(ctx context.Context, put func(*Record)) error {
	if !c.on {
		return nil
	}
	put(&c.record)
	if c.size++; c.size < atOnce {
		return nil
	}
	return c.flush(ctx)
}

// readAgain has every source read in full, where that alone puts things right.
func (c *corrector) readAgain(ctx context.Context) error {
	if !c.on {
		return nil
	}
	return c.begin(ctx)
}

// flush stores what was found so far.
func (c *corrector) flush(ctx context.Context) error {
	if c.size == 0 {
		return nil
	}
	if err := c.begin(ctx); err != nil {
		return err
	}
	c.record.Run, c.record.Batch = c.info.ID, c.info.Recorded
	for i := range c.record.Links {
		c.record.Links[i].Run = c.info.ID
	}
	if err := c.engine.state.Record(ctx, c.record); err != nil {
		return err
	}
	c.info.Recorded++
	c.record, c.size = Record{}, 0
	return nil
}

// begin starts the run. Every source is read in full next, and the run says so
// from the start, since it may be killed.
func (c *corrector) begin(ctx context.Context) error {
	if c.began() {
		return nil
	}
	state := c.engine.state
	started := time.Now()
	id, err := state.Begin(ctx, started)
	if err != nil {
		return err
	}
	c.info = RunInfo{ID: id, State: RunApplying, Started: started, Config: c.engine.settings.config}
	sources, err := state.Sources(ctx)
	if err != nil {
		return err
	}
	for _, s := range sources {
		for _, own := range c.engine.job.Sources {
			if s.Name == own.Name {
				s.Cursor, s.Snapshot, s.Run = "", false, id
				c.info.Sources = append(c.info.Sources, s)
			}
		}
	}
	return state.Save(ctx, c.info)
}

// finish ends the run, where something was noted.
func (c *corrector) finish(ctx context.Context) error {
	if err := c.flush(ctx); err != nil || !c.began() {
		return err
	}
	c.info.State, c.info.Outcome, c.info.Ended = RunEnded, OutcomeVerified, time.Now()
	c.info.Verified = c.info.Ended
	return c.engine.state.Finish(ctx, c.info, c.info.Sources, c.engine.job.KeepRuns)
}
