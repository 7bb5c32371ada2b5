package state_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
)

// worker is a person with 18 attributes.
func worker(k int) adsync.Attributes {
	var list []adsync.Attribute
	for a := range 18 {
		list = append(list, adsync.Attribute{Name: fmt.Sprintf("attribute%02d", a), Values: []string{fmt.Sprintf("value %d of %d", a, k)}})
	}
	return adsync.MakeAttributes(list...)
}

func workers(from, n int) []adsync.Link {
	list := people(from, n)
	for i := range list {
		list[i].Applied = worker(from + i)
		list[i].Digest, list[i].Config = adsync.Digest{1, byte(i)}, adsync.Digest{2}
		list[i].Key[15] = 1
	}
	return list
}

const benchBatch = 500

// BenchmarkRecord stores links in key order; one op is a batch of 500.
func BenchmarkRecord(b *testing.B) {
	s, err := state.Open(filepath.Join(b.TempDir(), "state.db"))
	require.NoError(b, err)
	defer s.Close()
	st := leased(b, s)
	run := begun(b, st)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		links := workers(n*benchBatch, benchBatch)
		b.StartTimer()
		require.NoError(b, st.Record(b.Context(), adsync.Record{Run: run, Batch: n, Links: links}))
	}
}

// The others read a state of so many links once an op.
const benchLinks = 100_000

func BenchmarkScanDigests(b *testing.B) { benchmarkScan(b, true) }
func BenchmarkScan(b *testing.B)        { benchmarkScan(b, false) }

func benchmarkScan(b *testing.B, digestsOnly bool) {
	st := stored(b)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range st.Scan(b.Context(), "ad", digestsOnly) {
			require.NoError(b, err)
			n++
		}
		require.Equal(b, benchLinks, n)
	}
}

func BenchmarkCount(b *testing.B) {
	st := stored(b)
	for b.Loop() {
		_, err := st.Count(b.Context())
		require.NoError(b, err)
	}
}

func BenchmarkFindAThousand(b *testing.B) {
	st := stored(b)
	var keys []adsync.LinkKey
	for k := range 1000 {
		keys = append(keys, workers(k*97, 1)[0].Key)
	}
	for b.Loop() {
		found, err := st.Find(b.Context(), "ad", keys)
		require.NoError(b, err)
		require.Len(b, found, 1000)
	}
}

// BenchmarkAddBatches stores a plan of creates; one op is a batch of 500.
func BenchmarkAddBatches(b *testing.B) {
	s, err := state.Open(filepath.Join(b.TempDir(), "state.db"))
	require.NoError(b, err)
	defer s.Close()
	st := leased(b, s)
	run, err := st.Begin(b.Context(), time.Now())
	require.NoError(b, err)
	var ops []adsync.PlannedOp
	for _, l := range workers(0, benchBatch) {
		ops = append(ops, adsync.PlannedOp{
			Phase: adsync.PhasePeople, Verb: adsync.Put, Intent: adsync.IntentCreate, Kind: adsync.User,
			Source: "ad", Anchor: l.Anchor, Link: l.Key, Digest: l.Digest, Full: l.Applied,
		})
	}
	for n := 0; b.Loop(); n++ {
		require.NoError(b, st.AddBatches(b.Context(), run, []adsync.PlanBatch{{N: n, Ops: ops}}))
	}
}

func leased(b *testing.B, s adsync.StateStore) adsync.State {
	st, err := s.Open(b.Context(), "panel")
	require.NoError(b, err)
	require.NoError(b, st.Acquire(b.Context(), "bench", time.Hour))
	return st
}

func begun(b *testing.B, st adsync.State) int64 {
	run, err := st.Begin(b.Context(), time.Now())
	require.NoError(b, err)
	require.NoError(b, st.Save(b.Context(), adsync.RunInfo{ID: run, State: adsync.RunApplying}))
	return run
}

func stored(b *testing.B) adsync.State {
	path := filepath.Join(b.TempDir(), "state.db")
	s, err := state.Open(path)
	require.NoError(b, err)
	b.Cleanup(func() { s.Close() })
	st := leased(b, s)
	run := begun(b, st)
	for k := 0; k < benchLinks; k += benchBatch {
		require.NoError(b, st.Record(b.Context(), adsync.Record{Run: run, Batch: k / benchBatch, Links: workers(k, benchBatch)}))
	}
	require.NoError(b, st.Finish(b.Context(), adsync.RunInfo{ID: run, State: adsync.RunEnded}, nil, 1))
	info, err := os.Stat(path)
	require.NoError(b, err)
	b.ReportMetric(float64(info.Size())/benchLinks, "bytes/link")
	return st
}
