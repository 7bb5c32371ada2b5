package state

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"

	"github.com/adsync/sdk/sink/memory"
)

// The state that a read of changes is measured against.
const (
	benchPeople  = 400_000
	benchGroups  = 400
	benchMembers = 500 // of each group
)

// BenchmarkEmptyDelta is a run of the engine in which the source has nothing
// new: whatever it costs, the state costs, and it must not grow with the
// number of links.
func BenchmarkEmptyDelta(b *testing.B) { benchmarkDelta(b, 0) }

// BenchmarkDeltaOfFour has four people change their names in each run, and four
// groups a member.
func BenchmarkDeltaOfFour(b *testing.B) { benchmarkDelta(b, 4) }

func benchmarkDelta(b *testing.B, changes int) {
	store, err := Open(filepath.Join(b.TempDir(), "state.db"))
	require.NoError(b, err)
	defer store.Close()
	days := &daily{changes: changes}
	job := adsync.Job{
		Target: "app", Mapper: asIs{}, Sink: discard{memory.New()}, State: store, Sources: adsync.From("ad", days),
		Guard: adsync.Guard{Creates: adsync.Limit{Off: true}},
	}
	e, err := adsync.New(job)
	require.NoError(b, err)
	defer e.Close()
	report, err := e.Run(b.Context())
	require.NoError(b, err)
	require.Equal(b, benchPeople+benchGroups, report.Counts.Create)
	b.ReportAllocs()
	for b.Loop() {
		report, err := e.Run(b.Context())
		require.NoError(b, err)
		require.Equal(b, changes, report.Counts.Update+report.Counts.Rename)
		require.Equal(b, 2*changes, report.Counts.Members, "one comes and one goes")
	}
}

// daily is a directory that lists everything once, and then some changes a day.
type daily struct{ day, changes int }

func (d *daily) Read(_ context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		d.day++
		next := adsync.Cursor(fmt.Sprintf("day %d", d.day))
		if r.Since != "" {
			batch := adsync.Batch{Done: true, Next: next}
			for i := range d.changes {
				batch.Changes = append(batch.Changes, adsync.Change{Object: employee(i*1000, d.day)}, team(i, d.day))
			}
			yield(batch, nil)
			return
		}
		for from := 0; from < benchPeople; from += 1000 {
			batch := adsync.Batch{Snapshot: true}
			for n := from; n < from+1000; n++ {
				batch.Changes = append(batch.Changes, adsync.Change{Object: employee(n, 0)})
			}
			if !yield(batch, nil) {
				return
			}
		}
		last := adsync.Batch{Snapshot: true, Done: true, Next: next}
		for g := range benchGroups {
			last.Changes = append(last.Changes, team(g, 0))
		}
		yield(last, nil)
	}
}

func anchorOf(what string, n int) adsync.Anchor {
	h := sha256.Sum256(fmt.Append(nil, what, n))
	return adsync.Anchor(fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16]))
}

func employee(n, day int) adsync.Object {
	o := named(anchorOf("person", n), fmt.Sprintf("p%d@example.com", n), fmt.Sprintf("Ada Example %d, day %d", n, day))
	return o
}

func team(g, day int) adsync.Change {
	c := adsync.Change{Object: adsync.Object{Kind: adsync.Group, Anchor: anchorOf("group", g)}, Members: &adsync.MemberChange{Reset: true}}
	c.Object.Attrs.Set("name", fmt.Sprintf("Team %d", g))
	for m := range benchMembers {
		c.Members.Add = append(c.Members.Add, anchorOf("person", (g*7919+m*31)%benchPeople))
	}
	c.Members.Add[0] = anchorOf("person", benchPeople-1-day)
	return c
}

// discard is a target that takes everything and remembers nothing of it.
type discard struct{ *memory.Sink }

func (discard) ApplyBatch(_ context.Context, b adsync.OpBatch) ([]adsync.Result, error) {
	results := make([]adsync.Result, len(b.Ops))
	for i, op := range b.Ops {
		results[i].Receipt.Target = op.Target
		if op.Target == "" {
			results[i].Receipt = adsync.Receipt{Target: adsync.TargetID(op.Anchor), Outcome: adsync.Created}
		}
	}
	return results, nil
}
