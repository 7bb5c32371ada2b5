// Package statetest is the conformance kit for state stores: a store that
// passes Run keeps the contract of [adsync.StateStore].
//
// Every check has a name and a fresh store. Checks also run outside a test,
// with [Check.Try], so that the kit itself can be tried on stores that are
// wrong on purpose.
//
// The package is not a benchmark, and it does not pull the plug: what a store
// keeps when the machine loses power is for the store's own tests.
package statetest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/adsync/sdk/adsync"
)

// T is the part of *testing.T that a check uses.
type T interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	// Fatalf does not return.
	Fatalf(format string, args ...any)
}

// Check is one thing that a store has to do.
type Check struct {
	// Name is the same in every version, such as "links/scan order".
	Name string
	// Durable checks need a store that can be opened again.
	Durable bool
	run     func(*subject)
}

// Checks lists all checks, in the order in which Run runs them.
func Checks() []Check {
	return slices.Concat(storeChecks, leaseChecks, fenceChecks(), linkChecks, valueChecks, memberChecks,
		runChecks, finishChecks, planChecks, recordChecks, issueChecks, answerChecks, noteChecks, streamChecks,
		crashChecks, durableChecks)
}

type options struct {
	skip   map[string]string
	reopen func(*testing.T, adsync.StateStore) adsync.StateStore
}

// Option changes what Run does.
type Option func(*options)

// Skip leaves one check out and says why in the test's output.
func Skip(name, reason string) Option {
	return func(o *options) { o.skip[name] = reason }
}

// Reopen tells how to open the data of a store again after the kit has closed
// it. Without it the durable checks are skipped.
func Reopen(reopen func(t *testing.T, closed adsync.StateStore) adsync.StateStore) Option {
	return func(o *options) { o.reopen = reopen }
}

// Run runs every check on a store of its own, as a subtest. Open gives an
// empty store; the kit closes it. A Skip that names no check fails the test.
func Run(t *testing.T, open func(t *testing.T) adsync.StateStore, opts ...Option) {
	o := options{skip: map[string]string{}}
	for _, opt := range opts {
		opt(&o)
	}
	for _, c := range Checks() {
		reason, skipped := o.skip[c.Name]
		delete(o.skip, c.Name)
		t.Run(c.Name, func(t *testing.T) {
			if skipped {
				t.Skip(reason)
			}
			c.test(t, open, o.reopen)
		})
	}
	for name := range o.skip {
		t.Errorf("statetest: no check is named %q", name)
	}
}

func (c Check) test(t *testing.T, open func(*testing.T) adsync.StateStore, reopen func(*testing.T, adsync.StateStore) adsync.StateStore) {
	s := &subject{T: t, store: open(t)}
	t.Cleanup(func() { s.store.Close() })
	if reopen != nil {
		s.reopen = func(closed adsync.StateStore) adsync.StateStore { return reopen(t, closed) }
	}
	if c.Durable && reopen == nil {
		t.Skip("the store does not say how to open it again; see statetest.Reopen")
	}
	c.run(s)
}

// Try runs the check on a store outside any test and gives what is wrong with
// it, nothing when the check passes. Reopen may be nil; durable checks then
// pass.
func (c Check) Try(ctx context.Context, store adsync.StateStore, reopen func(adsync.StateStore) adsync.StateStore) []string {
	if c.Durable && reopen == nil {
		return nil
	}
	r := &recorder{ctx: ctx}
	done := make(chan struct{})
	go func() { // Fatalf ends this goroutine
		defer close(done)
		defer r.catch()
		c.run(&subject{T: r, store: store, reopen: reopen})
	}()
	<-done
	return r.faults
}

// recorder is a T that remembers.
type recorder struct {
	ctx    context.Context
	faults []string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) Errorf(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// catch makes a panic of the store a fault of the check.
func (r *recorder) catch() {
	if p := recover(); p != nil {
		r.Errorf("panic: %v", p)
	}
}
