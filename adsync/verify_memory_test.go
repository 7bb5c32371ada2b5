package adsync_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// I9 for Verify: both sides go through temporary files, so memory does not grow
// with the number of objects, apart from the keys of those that are missing.
//
// Red when gather keeps what it lists.
func TestVerifyIsBoundedInMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("compares 220,000 made-up objects")
	}
	const small, large = 30_000, 80_000
	for name, missing := range map[string]bool{"all are there": false, "all are missing": true} {
		t.Run(name, func(t *testing.T) {
			few, many := verifyPeak(t, small, missing), verifyPeak(t, large, missing)
			perObject := float64(int64(many)-int64(few)) / (large - small)
			t.Logf("%.1f bytes per object; the most %.1f MiB", perObject, float64(many)/(1<<20))
			require.Less(t, perObject, 64.0)
			require.Less(t, float64(many), 40.0*(1<<20), "buffers are bounded")
		})
	}
}

// verifyPeak compares so many objects and gives the largest live heap seen.
func verifyPeak(t *testing.T, objects int, missing bool) (most uint64) {
	look := func() {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	}
	look()
	before := most
	w := newWorld(t)
	w.store = hookedStore{w.store, func(s adsync.State) adsync.State { return &hugeState{s, objects, true, look} }}
	w.with(func(j *adsync.Job) { j.Sink = hugeTarget{w.sink, objects, missing, look} })
	heard := 0
	report, err := w.verify(adsync.VerifyOptions{Each: func(adsync.Difference) error {
		if heard++; heard%(objects/3) == 0 {
			look()
		}
		return nil
	}})
	require.NoError(t, err)
	require.Equal(t, objects, report.Objects)
	require.Equal(t, objects, report.Count(), "each is missing, or has another name")
	return most - before
}

// hugeTarget lists an object for every link of a hugeState.
type hugeTarget struct {
	*memory.Sink
	objects int
	missing bool
	look    func()
}

func (s hugeTarget) List(_ context.Context, kind adsync.Kind) iter.Seq2[adsync.Target, error] {
	return func(yield func(adsync.Target, error) bool) {
		if kind != adsync.User || s.missing {
			return
		}
		for n := range s.objects {
			if n%(s.objects/3) == 0 {
				s.look()
			}
			if !yield(adsync.Target{ID: adsync.TargetID(fmt.Sprint("user-", n)), Kind: kind, Attrs: text("displayName", "new")}, nil) {
				return
			}
		}
	}
}
