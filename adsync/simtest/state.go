package simtest

import (
	"context"
	"iter"
	"time"

	"github.com/adsync/sdk/adsync"
)

// store gives one process its states, and writes down what the engine does
// with them.
type store struct {
	adsync.StateStore
	process *process
}

func (s store) Open(ctx context.Context, target string) (adsync.State, error) {
	st, err := s.StateStore.Open(ctx, target)
	if err != nil {
		return nil, err
	}
	s.process.opened = append(s.process.opened, st)
	return &state{State: st, process: s.process}, nil
}

// state passes on what a living process asks. What it writes is told to the
// world once it is written.
type state struct {
	adsync.State
	process *process
}

// write does one write and tells of it when it went well.
func (s *state) write(what Event, do func() error) error {
	return s.process.call(func() error {
		err := do()
		if err == nil {
			s.process.world.tell(what)
		}
		return err
	})
}

func (s *state) by() int { return s.process.number }

func (s *state) Acquire(ctx context.Context, owner string, ttl time.Duration) error {
	return s.write(Acquired{s.by()}, func() error { return s.State.Acquire(ctx, owner, ttl) })
}

// Renew is not counted: when it comes depends on the clock alone.
func (s *state) Renew(ctx context.Context, ttl time.Duration) error {
	if err := s.process.stand(); err != nil {
		return err
	}
	return s.State.Renew(ctx, ttl)
}

func (s *state) Release(ctx context.Context) error {
	return s.write(Released{s.by()}, func() error { return s.State.Release(ctx) })
}

func (s *state) Begin(ctx context.Context, started time.Time) (run int64, err error) {
	err = s.process.call(func() error {
		run, err = s.State.Begin(ctx, started)
		return err
	})
	return run, err
}

func (s *state) Save(ctx context.Context, info adsync.RunInfo) error {
	return s.write(Saved{s.by(), info}, func() error { return s.State.Save(ctx, info) })
}

func (s *state) Finish(ctx context.Context, info adsync.RunInfo, sources []adsync.SourceState, keep int) error {
	return s.write(Finished{s.by(), info, sources}, func() error { return s.State.Finish(ctx, info, sources, keep) })
}

func (s *state) DropNotes(ctx context.Context, source string, run int64) error {
	return s.process.call(func() error { return s.State.DropNotes(ctx, source, run) })
}

func (s *state) AddBatches(ctx context.Context, run int64, batches []adsync.PlanBatch) error {
	return s.write(Planned{s.by(), run, batches}, func() error { return s.State.AddBatches(ctx, run, batches) })
}

func (s *state) Record(ctx context.Context, r adsync.Record) error {
	return s.write(Recorded{s.by(), r}, func() error { return s.State.Record(ctx, r) })
}

func (s *state) PutIssues(ctx context.Context, issues []adsync.Issue) error {
	return s.write(Noted{s.by(), issues}, func() error { return s.State.PutIssues(ctx, issues) })
}

func (s *state) Resolve(ctx context.Context, refs []adsync.IssueRef) error {
	return s.process.call(func() error { return s.State.Resolve(ctx, refs) })
}

func (s *state) ResolveOlder(ctx context.Context, source string, run int64) error {
	return s.process.call(func() error { return s.State.ResolveOlder(ctx, source, run) })
}

func (s *state) PutAnswer(ctx context.Context, a adsync.Answer) error {
	return s.process.call(func() error { return s.State.PutAnswer(ctx, a) })
}

func (s *state) DropAnswer(ctx context.Context, source string, anchor adsync.Anchor) error {
	return s.process.call(func() error { return s.State.DropAnswer(ctx, source, anchor) })
}

// Count is told, since the guard's limits rest on it.
func (s *state) Count(ctx context.Context) (map[adsync.Kind]adsync.LinkCount, error) {
	counts, err := s.State.Count(ctx)
	s.process.world.tell(Counted{s.by(), counts})
	return counts, err
}

// Find is told by the number of keys, which the contract bounds.
func (s *state) Find(ctx context.Context, source string, keys []adsync.LinkKey) ([]adsync.Link, error) {
	s.process.world.tell(Asked{s.by(), "the state for links", len(keys), 1000})
	return s.State.Find(ctx, source, keys)
}

func (s *state) Owners(ctx context.Context, targets []adsync.TargetID) (map[adsync.TargetID]adsync.Link, error) {
	s.process.world.tell(Asked{s.by(), "the state for owners", len(targets), 1000})
	return s.State.Owners(ctx, targets)
}

// Sample gives the first links: a random choice would not play twice the same.
func (s *state) Sample(ctx context.Context, source string, n int) ([]adsync.Link, error) {
	var out []adsync.Link
	for link, err := range s.State.Scan(ctx, source, false) {
		if err != nil || len(out) == n {
			return out, err
		}
		out = append(out, link)
	}
	return out, nil
}

// Secret is the same in every world, so that plans are, and so that a leak of
// it is seen.
func (s *state) Secret(ctx context.Context) ([]byte, error) {
	if _, err := s.State.Secret(ctx); err != nil {
		return nil, err
	}
	return []byte(stateCanary), nil
}

// Close of a dead process gives nothing up: its lease runs out by itself.
func (s *state) Close() error {
	if s.process.isDead() {
		return nil
	}
	s.process.world.tell(Released{s.by()})
	return s.State.Close()
}

// all gives a sequence as a list, up to its error.
func all[T any](seq iter.Seq2[T, error]) (out []T, err error) {
	for v, err := range seq {
		if err != nil {
			return out, err
		}
		out = append(out, v)
	}
	return out, nil
}
