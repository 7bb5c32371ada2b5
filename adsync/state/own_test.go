package state_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/adsync/state/statetest"
)

// The hardest case: one connection for everything, so that nothing may ask for
// a second one while it holds the first.
func TestTheStoreInADatabaseOfTheCallerKeepsTheContract(t *testing.T) {
	statetest.Run(t, func(t *testing.T) adsync.StateStore {
		db, err := sql.Open("sqlite", ":memory:")
		require.NoError(t, err)
		db.SetMaxOpenConns(1)
		t.Cleanup(func() { db.Close() })
		s, err := state.New(db, "sync_")
		require.NoError(t, err)
		return s
	})
}

func TestPrefixesAreApartAndTheCallersTablesStay(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "caller.db"))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("CREATE TABLE link (mine TEXT); INSERT INTO link VALUES ('kept')")
	require.NoError(t, err)
	a, err := state.New(db, "a_")
	require.NoError(t, err)
	b, err := state.New(db, "b_")
	require.NoError(t, err)

	st := held(t, a)
	require.NoError(t, st.Record(t.Context(), adsync.Record{Run: applying(t, st), Links: people(0, 3)}))
	require.Equal(t, 3, count(t, st))
	require.Zero(t, count(t, held(t, b)))
	require.NoError(t, st.Close())
	require.NoError(t, a.Close())

	var mine string
	require.NoError(t, db.QueryRow("SELECT mine FROM link").Scan(&mine), "the database is open after the store was closed")
	require.Equal(t, "kept", mine)
	again, err := state.New(db, "a_")
	require.NoError(t, err)
	require.Equal(t, 3, count(t, held(t, again)))
}

func TestAPrefixIsAName(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	for _, bad := range []string{"A", "a-b", `"; DROP TABLE x; --`, "1a", "a b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		_, err := state.New(db, bad)
		require.ErrorContains(t, err, "prefix", bad)
	}
}
