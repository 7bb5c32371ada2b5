package adsync_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// I10: one run per target at a time, over all processes that share its state.
//
// Red when hold does not acquire the lease: whoever writes is then refused by the
// state, and a comparison is refused by nobody. And (the second engine) when the
// state gives it to two.
func TestI10SecondRunIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 5)
		w.sink.Latency = 10 * time.Minute // longer than the lease
		var wg sync.WaitGroup
		wg.Go(func() { w.run() })
		time.Sleep(5 * time.Minute)
		for _, call := range []func(e *adsync.Engine) error{
			func(e *adsync.Engine) error { _, err := e.Run(t.Context()); return err },
			func(e *adsync.Engine) error { _, err := e.Plan(t.Context()); return err },
			func(e *adsync.Engine) error { _, err := e.Apply(t.Context(), "some"); return err },
			func(e *adsync.Engine) error { return e.Approve(t.Context(), "some", "Ada") },
			func(e *adsync.Engine) error { return e.Abandon(t.Context(), "some") },
			func(e *adsync.Engine) error { _, err := e.Revert(t.Context(), 1); return err },
			func(e *adsync.Engine) error { _, err := e.Verify(t.Context(), adsync.VerifyOptions{}); return err }, // writes nothing, and would see a target half written
		} {
			e := w.engine()
			require.ErrorIs(t, call(e), adsync.ErrBusy)
			require.NoError(t, e.Close())
		}
		w.with(func(j *adsync.Job) { j.Target = "another" })
		require.NoError(t, w.engine().Check(t.Context()), "another target is no concern of it")
		w.job = nil
		wg.Wait()
		require.Equal(t, adsync.Counts{Unchanged: 5}, w.run().Counts, "the lease was given up")
	})
}

// Runs of one engine follow each other.
func TestI10RunsOfOneEngineWait(t *testing.T) {
	w := newWorld(t).crowd(1, 5)
	e := w.engine()
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			_, err := e.Run(t.Context())
			require.NoError(t, err)
		})
	}
	wg.Wait()
	require.Len(t, w.sink.Objects(), 5)
	w.requireEffectsOnce()
}

// A process that dies gives the target up when its lease has run out.
func TestI10DeadHolderLosesTheTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 3)
		st, err := w.store.Open(t.Context(), "app")
		require.NoError(t, err)
		require.NoError(t, st.Acquire(t.Context(), "dead", time.Minute))
		time.Sleep(59 * time.Second)
		_, err = w.try(t.Context())
		require.ErrorIs(t, err, adsync.ErrBusy)
		time.Sleep(2 * time.Second)
		require.Equal(t, 3, w.run().Counts.Create)
	})
}

// An engine whose lease was lost writes nothing more, neither to the state nor
// to the target.
//
// Red when the state takes the writes of a holder whose fence was passed (the
// process that slept: no batch is sent before the one before it is recorded),
// and when keepLease does not end the run (the ones that wait).
func TestI10LostLeaseEndsTheRun(t *testing.T) {
	steal := func(t *testing.T, w *world) {
		st, err := w.store.(hookedStore).StateStore.Open(t.Context(), "app")
		require.NoError(t, err)
		t.Cleanup(func() { _ = st.Close() })
		require.NoError(t, st.Acquire(t.Context(), "thief", time.Hour))
	}
	t.Run("a process that slept", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t).crowd(1, 30)
			w.hook()
			w.sink.Rules.MaxBatch = 5
			batches := 0
			var asleep atomic.Bool
			wake := make(chan struct{})
			time.AfterFunc(time.Hour, func() { close(wake) })
			w.hooks.renew = func() error {
				if asleep.Load() { // its timer does not fire
					<-wake
				}
				return nil
			}
			w.sink.InterceptBatch = func(b adsync.OpBatch) error {
				batches++
				if b.N == 2 {
					asleep.Store(true)
					time.Sleep(2 * time.Minute)
					steal(t, w)
					asleep.Store(false)
				}
				return nil
			}
			report, err := w.try(t.Context())
			require.ErrorIs(t, err, adsync.ErrFenced)
			require.NotEqual(t, adsync.OutcomeCompleted, report.Outcome)
			require.Equal(t, 3, batches, "the third was under way; no fourth was sent")
		})
	})
	t.Run("one that waits for the target", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t).crowd(1, 30)
			w.hook()
			var broken atomic.Bool
			w.hooks.renew = func() error {
				if broken.Load() {
					return errors.New("the state cannot be reached")
				}
				return nil
			}
			w.sink.InterceptBatch = func(adsync.OpBatch) error {
				broken.Store(true)
				limited := adsync.Errorf(adsync.CodeLimited, "come back tomorrow")
				limited.RetryAfter = 24 * time.Hour
				return limited
			}
			begun := time.Now()
			_, err := w.try(t.Context())
			require.Error(t, err)
			require.NotErrorIs(t, err, context.Canceled)
			require.LessOrEqual(t, time.Since(begun), 80*time.Second, "it ends with its lease")
			require.Empty(t, w.sink.Objects())
		})
	})
	t.Run("another took over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t).crowd(1, 30)
			w.hook()
			var waits, taken atomic.Bool
			w.hooks.renew = func() error {
				if waits.Load() && taken.CompareAndSwap(false, true) {
					time.Sleep(2 * time.Minute)
					steal(t, w)
				}
				return nil
			}
			w.sink.InterceptBatch = func(adsync.OpBatch) error {
				limited := adsync.Errorf(adsync.CodeLimited, "come back tomorrow")
				limited.RetryAfter = 24 * time.Hour
				if waits.CompareAndSwap(false, true) {
					time.Sleep(time.Second)
				}
				return limited
			}
			_, err := w.try(t.Context())
			require.ErrorIs(t, err, adsync.ErrFenced)
			require.Empty(t, w.sink.Objects())
		})
	})
}

// A comparison whose lease was lost says so, and not that it was cancelled.
//
// Red when Verify gives the error of what it was doing.
func TestI10AComparisonThatLosesItsLeaseSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 3)
		w.hook()
		w.run()
		w.byHand(1, "firstName", "Other")
		w.hooks.renew = func() error { return adsync.ErrFenced }
		e := w.engine()
		_, err := e.Verify(t.Context(), adsync.VerifyOptions{Each: func(adsync.Difference) error {
			time.Sleep(5 * time.Minute)
			return nil
		}})
		require.ErrorIs(t, err, adsync.ErrFenced)
		require.NoError(t, e.Close())
	})
}
