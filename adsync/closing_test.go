package adsync_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// Whoever asks while the engine is being closed gets an answer or an error.
// What it guards against is a matter of luck: a question that uses the engine's
// own state, which Close takes away, is not seen in every run.
func TestQuestionsWhileTheEngineIsClosed(t *testing.T) {
	w := newWorld(t).crowd(1, 20)
	w.run()
	e, plan := w.plan()
	ctx := t.Context()
	var wg sync.WaitGroup
	for _, ask := range []func(){
		func() {
			for range e.Issues(ctx) {
				continue
			}
		},
		func() {
			for range e.History(ctx) {
				continue
			}
		},
		func() {
			for range plan.Ops(ctx) {
				continue
			}
		},
		func() { _ = e.Answer(ctx, adsync.Answer{Source: "ad", Anchor: id(1), Verdict: adsync.AnswerRetry}) },
		func() { _ = e.AcceptRead(ctx, "ad", "Ada") },
		func() { _, _ = e.HeldPlan(ctx, plan.ID()) },
		func() { _, _ = e.Explain(ctx, adsync.Subject{Anchor: id(3)}) },
	} {
		wg.Go(func() {
			for range 100 {
				ask()
			}
		})
	}
	answered := make(chan struct{})
	go func() {
		wg.Wait()
		close(answered)
	}()
	for {
		require.NoError(t, e.Close())
		select {
		case <-answered:
			return
		default:
		}
	}
}

// A call that was cancelled before it began says no more than that.
func TestACancelledCallBlamesNoOtherRun(t *testing.T) {
	e := newWorld(t).crowd(1, 2).engine()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		_, err := e.Plan(ctx)
		require.ErrorIs(t, err, context.Canceled)
		require.NotContains(t, err.Error(), "another run")
	}
}

// A plan that was abandoned was not applied, and a run that came to no plan has
// none to apply.
func TestWhatBecameOfAPlanIsSaidAsItWas(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.reads(broken(errPower), whole("", w.shows(1, 2)...))
	_, err := w.try(t.Context())
	require.Error(t, err)
	e, plan := w.plan()
	_, err = e.Apply(t.Context(), "")
	require.ErrorIs(t, err, adsync.ErrNoPlan)
	require.NotContains(t, err.Error(), "applied already")
	require.NoError(t, e.Abandon(t.Context(), plan.ID()))
	_, err = e.Apply(t.Context(), plan.ID())
	require.ErrorIs(t, err, adsync.ErrNoPlan)
	require.ErrorContains(t, err, "abandoned")
}

// Answers are about sources of the job: a name that is mistyped would be
// remembered and never heed.
func TestAnswersNameASourceOfTheJob(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.run()
	e := w.engine()
	require.NoError(t, e.AcceptRead(t.Context(), "ad", "Ada"))
	for _, a := range []adsync.Answer{
		{Source: "da", Anchor: id(1), Verdict: adsync.AnswerIgnore},
		{Source: "ad", Verdict: adsync.AnswerRetry},
		{Verdict: adsync.AnswerRetry},
	} {
		require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(e.Answer(t.Context(), a)))
	}
	w.leave(1, 2) // nobody is left, and the word that this is so still stands
	require.Equal(t, 2, w.run().Counts.Deactivate)
}
