package state

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	static "github.com/adsync/sdk/source"
)

func named(anchor adsync.Anchor, logon, name string) adsync.Object {
	o := adsync.Object{Kind: adsync.User, Anchor: anchor}
	o.Attrs.Set("logon", logon)
	o.Attrs.Set("displayName", name)
	return o
}

// Links of every kind that a run leaves behind are there for the next one.
func TestRunsThatJoinSourcesFollowEachOther(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	defer s.Close()
	sink := memory.New()
	job := adsync.Job{Target: "app", Mapper: asIs{}, Sink: sink, State: s, Identity: "logon", Sources: []adsync.SourceConfig{
		{Name: "directory", Source: static.Static(named("d1", "ada@example.com", "Ada"), named("d2", "ben@example.com", "Ben"))},
		{Name: "office", Source: static.Static(named("o1", "ada@example.com", "Ada L."))},
	}}
	for range 3 {
		require.NoError(t, runOnce(t.Context(), job))
		require.Len(t, sink.Effects(), 2)
	}
	require.Len(t, sink.Objects(), 2)
}

// later accepts everything, and says the next time that it has been done.
type later struct{ *memory.Sink }

func (l later) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	r, err := l.Sink.Apply(ctx, op)
	r.Outcome = adsync.Pending
	return r, err
}

func (l later) ApplyBatch(ctx context.Context, batch adsync.OpBatch) ([]adsync.Result, error) {
	results, err := l.Sink.ApplyBatch(ctx, batch)
	for i := range results {
		results[i].Receipt.Outcome = adsync.Pending
	}
	return results, err
}

func (l later) Settle(_ context.Context, ids []adsync.TargetID) ([]adsync.Result, error) {
	out := make([]adsync.Result, len(ids))
	for i, id := range ids {
		out[i].Receipt = adsync.Receipt{Target: id}
	}
	return out, nil
}

func TestRunsAgainstATargetThatAnswersLaterFollowEachOther(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	defer s.Close()
	sink := later{memory.New()}
	people := static.Static(named("d1", "ada@example.com", "Ada"))
	job := adsync.Job{Target: "app", Mapper: asIs{}, Sink: sink, State: s, Sources: adsync.From("directory", people)}
	require.NoError(t, runOnce(t.Context(), job))
	people.Objects[0] = named("d1", "ada@example.com", "Ada L.")
	for range 3 { // it settles, it is changed, it settles again
		require.NoError(t, runOnce(t.Context(), job))
	}
	require.Equal(t, "Ada L.", sink.Objects()[0].Attrs.Get("displayName"))
	require.Len(t, sink.Effects(), 2)
}
