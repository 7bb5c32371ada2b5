package state

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync/state/internal/sqlstate"
)

// Who reads, reads most pages once: a large cache would only be full.
func TestReadersHaveASmallCache(t *testing.T) {
	s, err := Open(t.TempDir() + "/state.db")
	require.NoError(t, err)
	defer s.Close()
	for range 2 { // the writer has the third connection for good
		conn, err := s.db.Conn(t.Context())
		require.NoError(t, err)
		defer conn.Close()
		require.Equal(t, -2000, number(t, conn, "PRAGMA cache_size"))
	}
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func number(t *testing.T, db querier, query string) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}

// told is a store whose dialect writes down what it is asked to run.
func told(t *testing.T) (*sqlstate.Store, *sql.DB) {
	t.Helper()
	db, err := sql.Open("sqlite", source(t.TempDir()+"/state.db", options{wait: time.Second}))
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "CREATE TABLE told (what TEXT)")
	require.NoError(t, err)
	d := dialect
	d.Writing, d.Shrink = "INSERT INTO told VALUES ('writing')", "INSERT INTO told VALUES ('shrink')"
	s, err := sqlstate.New(t.Context(), db, sqlstate.Config{Dialect: d, Own: true})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s, db
}

func TestOneConnectionIsMadeReadyForWriting(t *testing.T) {
	_, db := told(t)
	require.Equal(t, 1, number(t, db, "SELECT COUNT(*) FROM told WHERE what = 'writing'"))
}

// A register of everybody is tens of megabytes of notes.
func TestPagesOfManyNotesAreNotKept(t *testing.T) {
	s, db := told(t)
	h, err := s.Open(t.Context(), "app")
	require.NoError(t, err)
	require.NoError(t, h.Acquire(t.Context(), "here", time.Minute))
	run, err := h.Begin(t.Context(), time.Now())
	require.NoError(t, err)
	notes, shrunk := h.Notes("directory", run), func() int { return number(t, db, "SELECT COUNT(*) FROM told WHERE what = 'shrink'") }

	require.NoError(t, notes.Put(t.Context(), "a", "little"))
	require.Zero(t, shrunk(), "little was written")
	for i := range 100 {
		require.NoError(t, notes.Put(t.Context(), fmt.Sprint(i), strings.Repeat("x", 16<<10)))
	}
	require.GreaterOrEqual(t, shrunk(), 3)
	require.NoError(t, h.Close())
}
