package state

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who reads, reads most pages once: a large cache would only be full.
func TestReadersHaveASmallCache(t *testing.T) {
	s, err := Open(t.TempDir() + "/state.db")
	require.NoError(t, err)
	defer s.Close()
	var sizes []int
	for range 2 { // the writer has the third connection for good
		conn, err := s.db.Conn(t.Context())
		require.NoError(t, err)
		defer conn.Close()
		sizes = append(sizes, cacheOf(t, conn))
	}
	require.Equal(t, []int{-2000, -2000}, sizes)
}

func cacheOf(t *testing.T, conn *sql.Conn) (size int) {
	t.Helper()
	require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA cache_size").Scan(&size))
	return size
}
