package state

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	static "github.com/adsync/sdk/source"
)

// asIs is a mapping for objects that have the target's shape already.
type asIs struct{}

func (asIs) Map(o adsync.Object) (adsync.Object, error) { return o, nil }
func (asIs) Attributes() []string                       { return []string{"logon", "displayName"} }
func (asIs) Digest() string                             { return "as is" }

func fullDiskJob(store adsync.StateStore, sink adsync.Sink) adsync.Job {
	var people []adsync.Object
	for n := range 3000 {
		o := adsync.Object{Kind: adsync.User, Anchor: adsync.Anchor(fmt.Sprintf("00000000-0000-4000-8000-%012d", n))}
		o.Attrs.Set("logon", fmt.Sprintf("user%d@example.com", n))
		o.Attrs.Set("displayName", fmt.Sprintf("User %d, who has quite a long name", n))
		people = append(people, o)
	}
	return adsync.Job{Target: "app", Sources: adsync.From("ad", static.Static(people...)), Mapper: asIs{}, Sink: sink, State: store}
}

// Wherever in a run the disk of the state fills up, the run says so, and the
// next one makes nothing twice and leaves nothing out.
func TestARunOnAFullDiskIsFinishedWhenThereIsRoom(t *testing.T) {
	stages := map[bool]bool{} // something was written to the target
	for _, pages := range []int{40, 80, 120, 160, 190} {
		path := filepath.Join(t.TempDir(), "state.db")
		s, err := Open(path, func(o *options) { o.pragmas = append(o.pragmas, fmt.Sprintf("max_page_count(%d)", pages)) })
		require.NoError(t, err)
		sink := memory.New()
		err = runOnce(t.Context(), fullDiskJob(s, sink))
		require.ErrorContains(t, err, "disk of the state is full", pages)
		require.NoError(t, s.Close())
		stages[len(sink.Objects()) > 0] = true

		s, err = Open(path)
		require.NoError(t, err)
		require.NoError(t, runOnce(t.Context(), fullDiskJob(s, sink)))
		require.NoError(t, s.Close())
		require.Equal(t, 3000, len(sink.Objects()))
	}
	require.Len(t, stages, 2, "it fills up before a plan is sealed, and while one is applied")
}

func runOnce(ctx context.Context, job adsync.Job) error {
	engine, err := adsync.New(job)
	if err != nil {
		return err
	}
	defer engine.Close()
	_, err = engine.Run(ctx)
	return err
}
