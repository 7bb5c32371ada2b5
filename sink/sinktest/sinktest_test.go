package sinktest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/sink/sinktest"
)

func good(testing.TB) sinktest.Target {
	s := memory.New()
	return sinktest.Target{Sink: s, Members: membersOf(s)}
}

func membersOf(s *memory.Sink) func(context.Context, adsync.TargetID) ([]adsync.TargetID, error) {
	return func(_ context.Context, g adsync.TargetID) ([]adsync.TargetID, error) { return s.Members(g), nil }
}

func TestMemoryKeepsTheContract(t *testing.T) {
	sinktest.Run(t, sinktest.Config{New: good, Concurrency: 4, Keys: []string{"email"}})
}

func TestASinkOfOneMethodCanBeChecked(t *testing.T) {
	sinktest.Run(t, sinktest.Config{New: func(testing.TB) sinktest.Target {
		s := memory.New()
		return sinktest.Target{
			Sink: memory.PlainSink{S: s},
			Read: func(ctx context.Context, kind adsync.Kind) ([]adsync.Target, error) {
				return s.Find(ctx, kind, []adsync.Key{{Attr: "anything", Value: "x"}})
			},
		}
	}})
}

func TestBadSinksFailExactlyTheirChecks(t *testing.T) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			require.ElementsMatch(t, fault.fails, failing(t, sinktest.Config{
				Concurrency: 2,
				Keys:        []string{"email"},
				New: func(testing.TB) sinktest.Target {
					b := fault.bad
					b.Sink, b.claims = memory.New(), fault.claims
					if fault.rules != nil {
						fault.rules(&b.Rules)
					}
					return sinktest.Target{Sink: b, Members: membersOf(b.Sink)}
				},
			}))
		})
	}
}

// meeting answers no op before another one is under way.
type meeting struct{ arrived chan struct{} }

func (m meeting) Apply(ctx context.Context, _ adsync.Op) (adsync.Receipt, error) {
	select {
	case m.arrived <- struct{}{}:
	case <-m.arrived:
	case <-ctx.Done():
	}
	return adsync.Receipt{}, errors.New("only one at a time")
}

func (m meeting) Schema(context.Context) (adsync.Schema, error) { return memory.DefaultSchema(), nil }

func TestConcurrentOpsAreUnderWayAtOnceAndTheirErrorsSeen(t *testing.T) {
	config := sinktest.Config{Concurrency: 2, New: func(testing.TB) sinktest.Target {
		return sinktest.Target{Sink: meeting{make(chan struct{})}}
	}}
	for _, k := range sinktest.Checks() {
		if k.Name == "concurrent" {
			require.Contains(t, record(t, k, config).text, "only one at a time")
		}
	}
}

func record(t *testing.T, k sinktest.Check, c sinktest.Config) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.Run(r, c)
	}()
	<-done
	return r
}

func failing(t *testing.T, c sinktest.Config) []string {
	var names []string
	for _, k := range sinktest.Checks() {
		if r := record(t, k, c); r.failed {
			names = append(names, k.Name)
			t.Logf("%s: %s", k.Name, r.text)
		}
	}
	return names
}

// recorder is a test that takes note of failures without failing.
type recorder struct {
	testing.TB
	mu     sync.Mutex
	failed bool
	text   string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed, r.text = true, r.text+fmt.Sprintf(format, args...)+"\n"
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any)   { r.Fatalf("%s", fmt.Sprint(args...)) }
func (r *recorder) FailNow()            { r.failed = true; runtime.Goexit() }
func (r *recorder) Failed() bool        { return r.failed }
func (r *recorder) Skip(...any)         { runtime.Goexit() }
func (r *recorder) Helper()             {}
func (r *recorder) Logf(string, ...any) {}
