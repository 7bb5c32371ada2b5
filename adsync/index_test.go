package adsync

import (
	"context"
	"encoding/binary"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// manyLinks is a state of n links and nothing else. It makes each link when it is
// asked for, so that only what the index holds takes memory.
type manyLinks struct {
	Links
	n int
}

func (l manyLinks) Scan(context.Context, string, bool) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		for i := range l.n {
			link := Link{Kind: User, Source: "directory"}
			binary.BigEndian.PutUint64(link.Key[:], uint64(i))
			if !yield(link, nil) {
				return
			}
		}
	}
}

// A snapshot read holds the index while it runs, so the memory of every run goes
// with it: 33 bytes an object and a bit, where the number of links is known, and
// what slices grow in advance where it is not.
func TestIndexBytesPerObject(t *testing.T) {
	const n = 400_000
	for name, c := range map[string]struct {
		guess int
		most  float64
	}{"number known": {n, 34}, "number unknown": {0, 42}} {
		t.Run(name, func(t *testing.T) {
			before := heapInUse()
			x, err := loadIndex(t.Context(), manyLinks{n: n}, "directory", c.guess)
			require.NoError(t, err)
			each := float64(heapInUse()-before) / n
			t.Logf("%.1f bytes per object", each)
			require.Len(t, x.keys, n) // and so it was alive until here
			require.Greater(t, each, 30.0, "the measure misses what is there")
			require.LessOrEqual(t, each, c.most)
		})
	}
}

// heapInUse is what lives on the heap. What a collection finds dead is swept by
// the next at the latest.
func heapInUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
