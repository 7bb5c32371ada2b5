// Package sourcetest is the conformance kit for sources: a source that passes
// Run keeps the contract of [adsync.Source].
//
//	func TestSource(t *testing.T) {
//		sourcetest.Run(t, func(t *testing.T) adsync.Source { return newSource(t) },
//			sourcetest.Attributes("cn", "mail", "manager"))
//	}
//
// Every check has a name and a source of its own. The kit reads what the source
// has, so give it a directory that holds something: a few people on at least
// three pages, a group with members, and nobody who changes it meanwhile.
// Checks also run outside a test, with [Check.Try], so that the kit itself can
// be tried on sources that are wrong on purpose.
//
// The package cannot know whether what a source says is true: give it
// [Anchors] to compare with. It is no test of speed.
package sourcetest

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

// Check is one thing that a source has to do.
type Check struct {
	// Name is the same in every version, such as "read/done once and last".
	Name string
	run  func(*subject)
}

// Checks lists all checks, in the order in which Run runs them.
func Checks() []Check {
	return slices.Concat(readChecks, cancelChecks, stopChecks, snapshotChecks, memberChecks,
		requestChecks, cursorChecks, onlyChecks, witnessChecks, explainChecks)
}

type options struct {
	skip       map[string]string
	attributes []string
	anchors    []adsync.Anchor
	asked      func(adsync.Source) int
	held       func(adsync.Source) int
}

// Option changes what Run does.
type Option func(*options)

// Skip leaves one check out and says why in the test's output.
func Skip(name, reason string) Option {
	return func(o *options) { o.skip[name] = reason }
}

// Attributes names attributes and references that some objects have. Default:
// cn, displayName, givenName, sn, mail and manager.
func Attributes(names ...string) Option {
	return func(o *options) { o.attributes = names }
}

// Anchors lists every object that a snapshot of the source has to give.
func Anchors(anchors ...adsync.Anchor) Option {
	return func(o *options) { o.anchors = anchors }
}

// Asked tells how many requests the source has made so far: searches, calls,
// files opened. Without it the kit cannot see whether a source asks too early.
func Asked(asked func(adsync.Source) int) Option {
	return func(o *options) { o.asked = asked }
}

// Held tells how much the source holds at the moment: connections, searches,
// open files. Without it the kit cannot see whether a read releases them.
func Held(held func(adsync.Source) int) Option {
	return func(o *options) { o.held = held }
}

func collect(opts []Option) options {
	o := options{
		skip:       map[string]string{},
		attributes: []string{"cn", "displayName", "givenName", "sn", "mail", "manager"},
	}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Run runs every check on a source of its own, as a subtest. The kit calls
// Validate, Open and Close where the source has them. A Skip that names no
// check fails the test.
func Run(t *testing.T, open func(t *testing.T) adsync.Source, opts ...Option) {
	o := collect(opts)
	for _, c := range Checks() {
		reason, skipped := o.skip[c.Name]
		delete(o.skip, c.Name)
		t.Run(c.Name, func(t *testing.T) {
			if skipped {
				t.Skip(reason)
			}
			c.with(t, open(t), o)
		})
	}
	for name := range o.skip {
		t.Errorf("sourcetest: no check is named %q", name)
	}
}

func (c Check) with(t T, source adsync.Source, o options) {
	s := &subject{T: t, source: source, options: o}
	if v, ok := source.(adsync.Validator); ok {
		s.must(v.Validate(), "Validate")
	}
	if opener, ok := source.(adsync.Opener); ok {
		s.must(opener.Open(t.Context()), "Open")
		defer func() { s.must(opener.Close(), "Close") }()
	}
	c.run(s)
}

// Try runs the check on a source outside any test and gives what is wrong with
// it, nothing when the check passes.
func (c Check) Try(ctx context.Context, source adsync.Source, opts ...Option) []string {
	r := &recorder{ctx: ctx}
	done := make(chan struct{})
	go func() { // Fatalf ends this goroutine
		defer close(done)
		defer r.catch()
		c.with(r, source, collect(opts))
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

// catch makes a panic of the source a fault of the check.
func (r *recorder) catch() {
	if p := recover(); p != nil {
		r.Errorf("panic: %v", p)
	}
}
