package killtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adsync/sdk/adsync"
)

// steps are the durable steps of a program: every write to the state, and every
// call of the sink. Each has a place before it and one behind it, and a name
// that is the same in a program that was killed and started again, such as
// "day 3: record 2, behind".
type steps struct {
	mu     sync.Mutex
	day    int
	fatal  map[string]bool // where to die
	pauses map[string]bool // where to stop until somebody says to go on
	tell   func(place string)
	sent   atomic.Int32 // calls of the sink that have not come back
}

// at says that the program has come to a place.
func (s *steps) at(step, where string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	place := fmt.Sprintf("day %d: %s, %s", s.day, step, where)
	s.tell(place)
	switch {
	case s.fatal[place]:
		p, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = p.Kill()
		}
		panic(fmt.Sprint("still alive: ", err))
	case s.pauses[place]:
		delete(s.pauses, place)
		for s.sent.Load() > 0 { // the target is not left locked, nor written to later
			time.Sleep(time.Millisecond)
		}
		pause()
	}
}

// around passes the places before and behind a step.
func (s *steps) around(step string, do func() error) error {
	s.at(step, "before")
	err := do()
	s.at(step, "behind")
	return err
}

// send is around for a call of the sink, several of which may be under way.
func (s *steps) send(step string, do func() error) error {
	return s.around("send "+step, func() error {
		s.sent.Add(1)
		defer s.sent.Add(-1)
		return do()
	})
}

// hookedStore gives states that pass the steps.
type hookedStore struct {
	adsync.StateStore
	steps *steps
	lease time.Duration
}

func (s hookedStore) Open(ctx context.Context, target string) (adsync.State, error) {
	st, err := s.StateStore.Open(ctx, target)
	if err != nil {
		return nil, err
	}
	return &hookedState{State: st, steps: s.steps, lease: s.lease}, nil
}

// hookedState has a short lease, so that a killed program's runs out soon.
type hookedState struct {
	adsync.State
	steps *steps
	lease time.Duration
	looks int
}

func (s *hookedState) Acquire(ctx context.Context, owner string, _ time.Duration) error {
	return s.steps.around("acquire", func() error { return s.State.Acquire(ctx, owner, s.lease) })
}

// Renew is no step: it comes by the clock. It is not under way when the program
// pauses, which would keep SQLite's lock from everybody.
func (s *hookedState) Renew(ctx context.Context, _ time.Duration) error {
	s.steps.mu.Lock()
	defer s.steps.mu.Unlock()
	return s.State.Renew(ctx, s.lease)
}

func (s *hookedState) Release(ctx context.Context) error {
	return s.steps.around("release", func() error { return s.State.Release(ctx) })
}

func (s *hookedState) Begin(ctx context.Context, started time.Time) (run int64, err error) {
	err = s.steps.around("begin", func() error {
		run, err = s.State.Begin(ctx, started)
		return err
	})
	return run, err
}

func (s *hookedState) Save(ctx context.Context, info adsync.RunInfo) error {
	return s.steps.around("save "+string(info.State), func() error { return s.State.Save(ctx, info) })
}

func (s *hookedState) Finish(ctx context.Context, info adsync.RunInfo, sources []adsync.SourceState, keep int) error {
	return s.steps.around("finish", func() error { return s.State.Finish(ctx, info, sources, keep) })
}

func (s *hookedState) AddBatches(ctx context.Context, run int64, batches []adsync.PlanBatch) error {
	return s.steps.around(fmt.Sprint("add batches from ", batches[0].N), func() error { return s.State.AddBatches(ctx, run, batches) })
}

func (s *hookedState) Record(ctx context.Context, r adsync.Record) error {
	return s.steps.around(fmt.Sprint("record ", r.Batch), func() error { return s.State.Record(ctx, r) })
}

func (s *hookedState) PutIssues(ctx context.Context, issues []adsync.Issue) error {
	return s.steps.around("put issues", func() error { return s.State.PutIssues(ctx, issues) })
}

func (s *hookedState) Resolve(ctx context.Context, refs []adsync.IssueRef) error {
	return s.steps.around("resolve", func() error { return s.State.Resolve(ctx, refs) })
}

func (s *hookedState) ResolveOlder(ctx context.Context, source string, run int64) error {
	return s.steps.around("resolve older", func() error { return s.State.ResolveOlder(ctx, source, run) })
}

func (s *hookedState) DropAnswer(ctx context.Context, source string, anchor adsync.Anchor) error {
	return s.steps.around("drop answer", func() error { return s.State.DropAnswer(ctx, source, anchor) })
}

func (s *hookedState) PutAnswer(ctx context.Context, a adsync.Answer) error {
	return s.steps.around("put answer", func() error { return s.State.PutAnswer(ctx, a) })
}

// Find writes nothing; programs are paused in it, on their way to send.
func (s *hookedState) Find(ctx context.Context, source string, keys []adsync.LinkKey) ([]adsync.Link, error) {
	links, err := s.State.Find(ctx, source, keys)
	s.looks++
	s.steps.at(fmt.Sprint("look up ", s.looks), "behind")
	return links, err
}

func (s *hookedState) Notes(source string, run int64) adsync.Notes {
	return &hookedNotes{s.State.Notes(source, run), s.steps}
}

type hookedNotes struct {
	adsync.Notes
	steps *steps
}

func (n *hookedNotes) Put(ctx context.Context, name, value string) error {
	return n.steps.around("note "+name[len(name)-3:], func() error { return n.Notes.Put(ctx, name, value) })
}
