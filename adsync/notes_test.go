package adsync_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// A read that is not believed leaves no note behind, until a person accepts it.
//
// Red when dropDoubted is left out.
func TestNotesOfADoubtedReadAreTakenBack(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	var saw []string
	behind := ""
	w.wrap = func(adsync.Source) adsync.Source {
		return readFunc(func(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
			return func(yield func(adsync.Batch, error) bool) {
				value, _, err := r.Notes.Get(ctx, "seen")
				require.NoError(t, err)
				saw = append(saw, value)
				for range 2 {
					value += "x"
					require.NoError(t, r.Notes.Put(ctx, "seen", value))
				}
				require.NoError(t, r.Notes.Put(ctx, "new", behind))
				yield(adsync.Batch{Changes: w.shows(1, 2, 3), Snapshot: true, Done: true, Witness: &adsync.Witness{Behind: behind}}, nil)
			}
		})
	}
	w.run()
	behind = "dc2 lags behind"
	require.Equal(t, adsync.OutcomeUnsure, w.run().Outcome)
	require.Equal(t, adsync.OutcomeUnsure, w.run().Outcome)
	require.NoError(t, w.engine().AcceptRead(t.Context(), "ad", "Ada Example"))
	require.NotEqual(t, adsync.OutcomeUnsure, w.run().Outcome)
	behind = ""
	w.run()
	require.Equal(t, []string{"", "xx", "xx", "xx", "xxxx"}, saw)
}

// A read that is tried anew in full starts from the notes of the last run, and
// not from those of the read of changes that failed.
//
// Red when a read is tried again without DropNotes.
func TestNotesOfAReadThatIsTriedAnewAreDropped(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	var saw []string
	w.wrap = func(adsync.Source) adsync.Source {
		return readFunc(func(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
			return func(yield func(adsync.Batch, error) bool) {
				value, _, err := r.Notes.Get(ctx, "seen")
				require.NoError(t, err)
				saw = append(saw, string(r.Since)+":"+value)
				require.NoError(t, r.Notes.Put(ctx, "seen", value+"x"))
				if r.Since != "" {
					yield(adsync.Batch{}, adsync.Errorf(adsync.CodeGone, "the cookie is too old"))
					return
				}
				yield(adsync.Batch{Changes: w.shows(1, 2, 3), Snapshot: true, Done: true, Next: "c"}, nil)
			}
		})
	}
	w.run()
	w.run()
	w.run()
	require.Equal(t, []string{":", "c:x", ":x", "c:xx", ":xx"}, saw)
}
