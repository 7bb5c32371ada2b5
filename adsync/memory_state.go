package adsync

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"
)

// NewMemoryState gives a state store that forgets everything when the process
// ends: for tests, trials and examples. It keeps the whole contract of
// StateStore, leases and fences included, so that what runs on it runs on a
// durable store. It holds everything in memory and is not meant for a
// directory of many thousand objects.
func NewMemoryState() StateStore {
	return &memoryStore{targets: map[string]*memoryTarget{}}
}

type memoryStore struct {
	mu      sync.Mutex
	targets map[string]*memoryTarget
	closed  bool
}

var errStateClosed = errors.New("adsync: the state was closed; open it again")

// Open gives a handle on the target's data, which all its handles share.
func (s *memoryStore) Open(ctx context.Context, target string) (State, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errStateClosed
	}
	t := s.targets[target]
	if t == nil {
		t = newMemoryTarget()
		s.targets[target] = t
	}
	return &memoryState{t: t}, nil
}

// Close refuses further handles. Open ones go on working.
func (s *memoryStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// memoryTarget is what is stored of one target. Everything in it is guarded by
// mu; what goes in and out is copied.
type memoryTarget struct {
	mu     sync.RWMutex
	secret []byte

	fence uint64 // of the latest holder; counts up
	owner string // empty: nobody holds the lease
	until time.Time

	links   map[LinkRef]Link
	holders map[TargetID]map[LinkRef]struct{}
	members map[string]map[LinkKey]map[LinkKey]bool // source, group, member: waiting
	lastRun int64
	runs    map[int64]*memoryRun
	sources map[string]SourceState
	notes   map[string]map[string]string // source, name: value
	issues  map[issueID]Issue
	answers map[answerID]Answer
}

// memoryRun is a run with its plan and the notes that wait for its end. An
// empty pending value removes the note.
type memoryRun struct {
	info    RunInfo
	batches []PlanBatch
	pending map[string]map[string]string // source, name: value
}

func newMemoryTarget() *memoryTarget {
	t := &memoryTarget{
		secret:  make([]byte, 32),
		links:   map[LinkRef]Link{},
		holders: map[TargetID]map[LinkRef]struct{}{},
		members: map[string]map[LinkKey]map[LinkKey]bool{},
		runs:    map[int64]*memoryRun{},
		sources: map[string]SourceState{},
		notes:   map[string]map[string]string{},
		issues:  map[issueID]Issue{},
		answers: map[answerID]Answer{},
	}
	rand.Read(t.secret) // never fails: it stops the program instead
	return t
}

// memoryState is one handle.
type memoryState struct {
	t *memoryTarget
	// fence is the number under which this handle holds the lease; 0 when it
	// does not. It and closed are guarded by t.mu.
	fence  uint64
	closed bool
}

var (
	_ StateStore = (*memoryStore)(nil)
	_ State      = (*memoryState)(nil)
)

// read runs f while nobody writes.
func (s *memoryState) read(ctx context.Context, f func(*memoryTarget)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.t.mu.RLock()
	defer s.t.mu.RUnlock()
	if s.closed {
		return errStateClosed
	}
	f(s.t)
	return nil
}

// change runs f alone. An f that fails has changed nothing.
func (s *memoryState) change(ctx context.Context, f func(*memoryTarget) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	if s.closed {
		return errStateClosed
	}
	return f(s.t)
}

// write is change for those who hold the lease.
func (s *memoryState) write(ctx context.Context, f func(*memoryTarget) error) error {
	return s.change(ctx, func(t *memoryTarget) error {
		if !s.holds() {
			return ErrFenced
		}
		return f(t)
	})
}

// Secret gives the key of digests.
func (s *memoryState) Secret(ctx context.Context) (secret []byte, err error) {
	err = s.read(ctx, func(t *memoryTarget) { secret = append(secret, t.secret...) })
	return secret, err
}

// Close releases the lease and the handle.
func (s *memoryState) Close() error {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	s.release()
	s.closed = true
	return nil
}
