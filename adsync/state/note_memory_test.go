package state

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// registrar is a source that writes all of its notes anew at each read, as one
// does that keeps a register of everybody.
type registrar struct {
	listed int
	look   func() // at the memory in use
}

const (
	buckets    = 1000
	bucketSize = 16 << 10
)

func (r *registrar) Read(ctx context.Context, request adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		err := r.write(ctx, request.Notes)
		for _, readErr := range request.Notes.Scan(ctx, "bucket/") {
			if err == nil {
				err = readErr
			}
			if r.listed++; r.listed%50 == 0 {
				r.look()
			}
		}
		people := []adsync.Change{{Object: named("d1", "ada@example.com", "Ada")}}
		yield(adsync.Batch{Changes: people, Snapshot: true, Done: true}, err)
	}
}

func (r *registrar) write(ctx context.Context, notes adsync.Notes) error {
	for n := range buckets {
		value := strings.Repeat("x", bucketSize)
		if err := notes.Put(ctx, fmt.Sprintf("bucket/%04d", n), value); err != nil {
			return err
		}
		if n%50 == 0 {
			r.look()
		}
	}
	return nil
}

// I9: notes are not held in memory, be they put, put over others, or listed.
//
// Red when a run remembers what the notes had said before, and when Scan reads
// a page of thousands.
func TestI9NotesAreNotHeld(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	defer s.Close()
	var most uint64
	look := func() {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	}
	look()
	most = 0 // what opening took is given back by now
	look()
	before := most
	job := adsync.Job{Target: "app", Mapper: asIs{}, Sink: memory.New(), State: s, Sources: adsync.From("directory", &registrar{look: look})}
	for range 2 { // the second puts notes over those of the first
		require.NoError(t, runOnce(t.Context(), job))
	}
	t.Logf("%.1f MiB of %d", float64(most-before)/(1<<20), buckets*bucketSize>>20)
	require.Less(t, most-before, uint64(8<<20))
}
