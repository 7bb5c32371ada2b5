package postgres_test

import (
	"database/sql"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state/postgres"
	"github.com/adsync/sdk/adsync/state/statetest"
)

const missing = "no PostgreSQL: set ADSYNC_TEST_POSTGRES to the connection string of a database in which tests may make schemas"

var schemas atomic.Int64

// database gives connections whose tables are in a schema of their own.
func database(t *testing.T) *sql.DB {
	t.Helper()
	dsn := os.Getenv("ADSYNC_TEST_POSTGRES")
	if dsn == "" && os.Getenv("ADSYNC_TEST_REQUIRE") == "1" {
		t.Fatal(missing)
	}
	if dsn == "" {
		t.Skip(missing)
	}
	admin, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	schema := fmt.Sprintf("state_%d_%d", os.Getpid(), schemas.Add(1))
	_, err = admin.Exec("CREATE SCHEMA " + schema)
	require.NoError(t, err)
	db, err := sql.Open("pgx", dsn+separator(dsn)+"search_path="+schema)
	require.NoError(t, err)
	t.Cleanup(func() {
		db.Close()
		admin.Exec("DROP SCHEMA " + schema + " CASCADE")
		admin.Close()
	})
	return db
}

// separator joins a parameter to a connection string of either form.
func separator(dsn string) string {
	if len(dsn) < 9 || dsn[:8] != "postgres" {
		return " "
	}
	for _, c := range dsn {
		if c == '?' {
			return "&"
		}
	}
	return "?"
}

func TestThePostgresStoreKeepsTheContract(t *testing.T) {
	var databases sync.Map
	statetest.Run(t, func(t *testing.T) adsync.StateStore {
		db := database(t)
		s, err := postgres.New(t.Context(), db, "")
		require.NoError(t, err)
		databases.Store(s, db)
		return s
	}, statetest.Reopen(func(t *testing.T, closed adsync.StateStore) adsync.StateStore {
		db, _ := databases.Load(closed)
		s, err := postgres.New(t.Context(), db.(*sql.DB), "")
		require.NoError(t, err)
		databases.Store(s, db)
		return s
	}))
}
