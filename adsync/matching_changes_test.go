package adsync_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// unlisted does everything but list itself.
type unlisted struct{ *memory.Sink }

func (unlisted) List(context.Context, adsync.Kind) iter.Seq2[adsync.Target, error] {
	return func(yield func(adsync.Target, error) bool) {
		yield(adsync.Target{}, errors.New("nobody should have asked"))
	}
}

// What a read of changes costs goes with its changes: however many of them are of
// objects with links, the target is not listed for the few that are new. Red when
// matchAll counts all that a read without an index numbered.
func TestTheTargetIsNotListedForChangesOfLinkedObjects(t *testing.T) {
	const n = 2500
	w := newWorld(t).crowd(1, n)
	var numbers []int
	for k := range n {
		numbers = append(numbers, k+1)
	}
	first := w.shows(numbers...)
	for k := range n {
		w.person(k+1, "title", "Clerk")
	}
	w.person(n + 1)
	w.with(func(j *adsync.Job) {
		j.Audit, j.VerifyEvery, j.Guard.Updates, j.Guard.Rewritten = -1, -1, adsync.Limit{Off: true}, adsync.Limit{Off: true}
	})
	w.reads(whole("1", first...), delta("2", append(w.shows(numbers...), w.shows(n+1)...)...))
	require.Equal(t, adsync.Counts{Create: n}, w.run().Counts)
	w.with(func(j *adsync.Job) { j.Sink = unlisted{w.sink} })
	require.Equal(t, adsync.Counts{Create: 1, Update: n}, w.run().Counts)
}
