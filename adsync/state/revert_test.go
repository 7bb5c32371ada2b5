package state

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	static "github.com/adsync/sdk/source"
)

// groupsToo reads the names of groups too.
type groupsToo struct{ asIs }

func (groupsToo) Attributes() []string { return []string{"logon", "displayName", "name"} }

// Plans, counts and digests come back from a file well enough to undo a run, and
// to leave what was put back alone afterwards.
func TestARunIsUndoneFromAStateOnDisk(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	defer s.Close()
	sink := memory.New()
	staff := adsync.Object{Kind: adsync.Group, Anchor: "g1"}
	staff.Attrs.Set("name", "Staff")
	people := static.Static(named("d1", "ada@example.com", "Ada"), named("d2", "ben@example.com", "Ben"), staff)
	people.Members = map[adsync.Anchor][]adsync.Anchor{"g1": {"d1", "d2"}}
	job := adsync.Job{Target: "app", Mapper: groupsToo{}, Sink: sink, State: s, Sources: adsync.From("directory", people)}
	require.NoError(t, runOnce(t.Context(), job))
	people.Objects[0] = named("d1", "ada@example.com", "Ada Mistaken")
	people.Objects = append(people.Objects, named("d3", "cid@example.com", "Cid"))
	people.Members["g1"] = []adsync.Anchor{"d1", "d3"}
	require.NoError(t, runOnce(t.Context(), job))

	e, err := adsync.New(job)
	require.NoError(t, err)
	defer e.Close()
	plan, err := e.Revert(t.Context(), 2)
	require.NoError(t, err)
	r, err := e.Apply(t.Context(), plan.ID())
	require.NoError(t, err)
	require.Equal(t, adsync.OutcomeCompleted, r.Outcome)
	of := func(logon string) (found adsync.Target) {
		for _, o := range sink.Objects() {
			if o.Attrs.Get("logon") == logon || o.Kind == adsync.Group && logon == "Staff" {
				found = o
			}
		}
		return found
	}
	require.Equal(t, "Ada", of("ada@example.com").Attrs.Get("displayName"))
	require.True(t, of("cid@example.com").Inactive)
	require.ElementsMatch(t, []adsync.TargetID{of("ada@example.com").ID, of("ben@example.com").ID}, sink.Members(of("Staff").ID))

	next, err := e.Plan(t.Context())
	require.NoError(t, err)
	require.Equal(t, next.Report().Counts.Members, next.Report().Counts.Writes(), "only members follow the directory: %+v", next.Report().Counts)
	explained, err := e.Explain(t.Context(), adsync.Subject{Value: "ada@example.com"})
	require.NoError(t, err)
	require.EqualValues(t, 3, explained.Written.Run)
	require.Equal(t, "reverts run 2", explained.Written.Note)
}
