package state_test

import (
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// Links that keep their target are written without naming it: its index would be
// written anew.
//
// Red when all links are written in the way of new ones.
func TestALinkThatKeepsItsTargetLeavesTheIndexOfTargetsAlone(t *testing.T) {
	path := filled(t, 40)
	execute(t, path, `CREATE TRIGGER named BEFORE UPDATE OF tid ON link BEGIN SELECT RAISE(ABORT, 'tid was named'); END`)
	st := held(t, open(t, path))
	run := applying(t, st)
	links := append(people(5, 20), people(100, 3)...)
	for i := range links {
		links[i].Generation, links[i].State, links[i].Container = 7, adsync.LinkInactive, "OU=Moved"
		links[i].Digest, links[i].Due = adsync.Digest{byte(i + 1)}, time.Unix(int64(1000+i), 5).UTC()
		links[i].Applied.Set("mail", "new@example.com")
	}
	require.NoError(t, st.Record(t.Context(), adsync.Record{Run: run, Links: links}))
	for i := range links {
		got, err := st.Find(t.Context(), "ad", []adsync.LinkKey{links[i].Key})
		require.NoError(t, err)
		require.Equal(t, links[i:i+1], got)
	}
	require.Equal(t, 43, count(t, st))

	moved := people(0, 1)
	moved[0].Target = "elsewhere"
	require.ErrorContains(t, st.Record(t.Context(), adsync.Record{Run: run, Batch: 1, Links: moved}), "tid was named", "it is watched")
}

// Red when a link is written over without a look at its anchor.
func TestALinkIsNotWrittenOverThatOfAnotherAnchorWithTheSameTarget(t *testing.T) {
	st := held(t, open(t, filled(t, 10)))
	run := applying(t, st)
	links := people(0, 3)
	links[1].Anchor = "somebody else"
	err := st.Record(t.Context(), adsync.Record{Run: run, Links: links})
	require.ErrorContains(t, err, "have the same link key")
}

// Notes of the version before, those of a run under way too, are there when the
// file is opened.
//
// Red when the migration leaves either table out.
func TestNotesOfAnOlderFileAreKept(t *testing.T) {
	path := filled(t, 1)
	s := open(t, path)
	st := held(t, s)
	note(t, st, applying(t, st), true, "lasting", strings.Repeat("x", 20_000))
	run := applying(t, st)
	note(t, st, run, false, "pending", "y")
	require.NoError(t, st.Close())
	require.NoError(t, s.Close())
	script, err := os.ReadFile("migrations/00004_notes.sql")
	require.NoError(t, err)
	_, down, _ := strings.Cut(string(script), "-- +goose Down")
	execute(t, path, strings.ReplaceAll(down, "{}", ""))
	execute(t, path, "DELETE FROM schema WHERE version_id >= 4")

	st = held(t, open(t, path))
	for name, want := range map[string]string{"lasting": strings.Repeat("x", 20_000), "pending": "y"} {
		value, ok, err := st.Notes("ad", run).Get(t.Context(), name)
		require.NoError(t, err)
		require.True(t, ok, name)
		require.Equal(t, want, value)
	}
}

func note(t *testing.T, st adsync.State, run int64, ends bool, name, value string) {
	t.Helper()
	require.NoError(t, st.Notes("ad", run).Put(t.Context(), name, value))
	if ends {
		ended := adsync.RunInfo{ID: run, State: adsync.RunEnded, Ended: time.Now()}
		require.NoError(t, st.Finish(t.Context(), ended, []adsync.SourceState{{Name: "ad", Cursor: "c", Run: run}}, 10))
	}
}

func execute(t *testing.T, path, script string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(script)
	require.NoError(t, err)
}
