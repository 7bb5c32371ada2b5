package adsync_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// I9: memory is bounded: fixed buffers, bounded in bytes, plus at most 64 bytes
// per object of index.
//
// Measured as the live heap at its largest while a plan is made, for two sizes,
// whose difference has no fixed buffers in it. Red when an object read is kept
// (append to a slice in takeObject), and when keys of one object are noted twice
// in identifying.
func TestI9IndexIsAtMost64BytesPerObject(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 440,000 made-up objects")
	}
	const small, large = 60_000, 160_000
	for name, linked := range map[string]bool{"all are new": false, "all are linked and changed": true} {
		t.Run(name, func(t *testing.T) {
			few, many := peak(t, small, linked), peak(t, large, linked)
			perObject := float64(many-few) / (large - small)
			t.Logf("%.1f bytes per object; buffers and the rest %.1f MiB", perObject, (float64(few)-perObject*small)/(1<<20))
			require.Less(t, perObject, 64.0)
			require.Less(t, float64(few)-perObject*small, 40.0*(1<<20), "buffers are bounded")
		})
	}
}

// peak makes a plan for so many objects and gives the largest live heap seen.
func peak(t *testing.T, objects int, linked bool) (most uint64) {
	look := func() {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	}
	look()
	before := most
	w := newWorld(t)
	w.store = hookedStore{w.store, func(s adsync.State) adsync.State { return &hugeState{s, objects, linked, look} }}
	w.wrap = func(adsync.Source) adsync.Source { return hugeSource{objects, look} }
	w.with(func(j *adsync.Job) { j.Sink = lookingSink{w.sink, look} })
	_, plan := w.plan()
	if linked {
		require.Equal(t, objects, plan.Report().Counts.Rename)
	} else {
		require.Equal(t, objects, plan.Report().Counts.Create)
	}
	return most - before
}

type hugeSource struct {
	objects int
	look    func()
}

func (s hugeSource) Read(context.Context, adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		for from := 0; from < s.objects; from += 500 {
			changes := make([]adsync.Change, 0, 500)
			for n := from; n < from+500; n++ {
				name := fmt.Sprintf("user%d@example.com", n)
				changes = append(changes, adsync.Change{Object: adsync.Object{
					Kind: adsync.User, Anchor: sortedAnchor(n*7919%s.objects, s.objects),
					Attrs: text("logon", name, "email", name, "displayName", name, "active", "true"),
				}})
			}
			if from+500 >= s.objects {
				s.look()
			}
			if !yield(adsync.Batch{Changes: changes, Snapshot: true, Done: from+500 >= s.objects}, nil) {
				return
			}
		}
	}
}

// hugeState has a link for every object and keeps no plan.
type hugeState struct {
	adsync.State
	objects int
	linked  bool
	look    func()
}

func (s *hugeState) Scan(context.Context, string, bool) iter.Seq2[adsync.Link, error] {
	return func(yield func(adsync.Link, error) bool) {
		if !s.linked {
			return
		}
		for n := range s.objects {
			if !yield(s.link(n), nil) {
				return
			}
		}
	}
}

func (s *hugeState) link(n int) adsync.Link {
	var key adsync.LinkKey
	step := ^uint64(0) / uint64(s.objects)
	binary.BigEndian.PutUint64(key[:], uint64(n)*step)
	return adsync.Link{
		Source: "ad", Key: key, Anchor: sortedAnchor(n, s.objects), Kind: adsync.User, Target: adsync.TargetID(fmt.Sprint("user-", n)), Digest: adsync.Digest{1},
		Applied: text("displayName", "old"),
	}
}

// sortedAnchor gives anchors that sort like their numbers.
func sortedAnchor(n, of int) adsync.Anchor {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(n)*(^uint64(0)/uint64(of)))
	return adsync.Anchor(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}

func (s *hugeState) Count(ctx context.Context) (map[adsync.Kind]adsync.LinkCount, error) {
	if !s.linked {
		return s.State.Count(ctx)
	}
	return map[adsync.Kind]adsync.LinkCount{adsync.User: {Active: s.objects}}, nil
}

func (s *hugeState) AddBatches(_ context.Context, _ int64, batches []adsync.PlanBatch) error {
	if batches[0].N == 0 || batches[0].N > s.objects/500-16 {
		s.look()
	}
	return nil
}

// lookingSink looks when it is asked what it has.
type lookingSink struct {
	*memory.Sink
	look func()
}

func (s lookingSink) List(ctx context.Context, kind adsync.Kind) iter.Seq2[adsync.Target, error] {
	s.look()
	return s.Sink.List(ctx, kind)
}
