package postgres_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

func held(t *testing.T, s adsync.StateStore, owner string) (adsync.State, error) {
	t.Helper()
	st, err := s.Open(t.Context(), "panel")
	require.NoError(t, err)
	return st, st.Acquire(t.Context(), owner, time.Minute)
}

func TestMachinesShareADatabase(t *testing.T) {
	db := database(t)
	stores := make([]*postgres.Store, 4)
	failed := make(chan error, len(stores))
	for i := range stores { // all of them make the tables at once
		go func() {
			var err error
			stores[i], err = postgres.New(t.Context(), db, "")
			failed <- err
		}()
	}
	for range stores {
		require.NoError(t, <-failed)
	}
	a, err := held(t, stores[0], "first machine")
	require.NoError(t, err)
	_, err = held(t, stores[1], "second machine")
	require.ErrorIs(t, err, adsync.ErrBusy)
	require.ErrorContains(t, err, "first machine holds it")
	require.NoError(t, a.Release(t.Context()))
	_, err = held(t, stores[1], "second machine")
	require.NoError(t, err)
	_, err = a.Begin(t.Context(), time.Now())
	require.ErrorIs(t, err, adsync.ErrFenced)
}

func TestOneOfManyGetsTheLease(t *testing.T) {
	s, err := postgres.New(t.Context(), database(t), "")
	require.NoError(t, err)
	results := make(chan error, 8)
	for range cap(results) {
		go func() {
			st, err := s.Open(t.Context(), "panel")
			if err == nil {
				err = st.Acquire(t.Context(), "one of many", time.Minute)
			}
			results <- err
		}()
	}
	won := 0
	for range cap(results) {
		if err := <-results; err == nil {
			won++
		} else {
			require.ErrorIs(t, err, adsync.ErrBusy)
		}
	}
	require.Equal(t, 1, won)
}

func TestPrefixesAreApart(t *testing.T) {
	db := database(t)
	_, err := db.Exec("CREATE TABLE link (mine TEXT)")
	require.NoError(t, err)
	a, err := postgres.New(t.Context(), db, "a_")
	require.NoError(t, err)
	b, err := postgres.New(t.Context(), db, "b_")
	require.NoError(t, err)
	_, err = held(t, a, "x")
	require.NoError(t, err)
	_, err = held(t, b, "x")
	require.NoError(t, err)
	_, err = postgres.New(t.Context(), db, "B;")
	require.ErrorContains(t, err, "prefix")
	require.NoError(t, a.Close())
	require.NoError(t, db.Ping(), "the database is open after the store was closed")
}

func TestANewerSchemaIsRefused(t *testing.T) {
	db := database(t)
	_, err := postgres.New(t.Context(), db, "")
	require.NoError(t, err)
	_, err = db.Exec("INSERT INTO adsync_schema (version_id, is_applied) VALUES (99999, true)")
	require.NoError(t, err)
	_, err = postgres.New(t.Context(), db, "")
	require.ErrorIs(t, err, adsync.ErrNewerSchema)
}

func TestOnlyOrdinaryRecordsSkipTheDisk(t *testing.T) {
	db := database(t)
	db.SetMaxOpenConns(1)
	s, err := postgres.New(t.Context(), db, "")
	require.NoError(t, err)
	_, err = held(t, s, "x")
	require.NoError(t, err)
	var level string
	require.NoError(t, db.QueryRow("SHOW synchronous_commit").Scan(&level))
	require.Equal(t, "on", level, "what a transaction sets does not stay with the caller's connection")
}

func TestAServerThatIsNotThereIsUnavailable(t *testing.T) {
	db, err := sql.Open("pgx", "postgres://nobody@127.0.0.1:1/none?connect_timeout=2")
	require.NoError(t, err)
	defer db.Close()
	_, err = postgres.New(t.Context(), db, "")
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err), "%v", err)
}

// The state of agents on several machines is in a database that they share.
func ExampleNew() {
	db, err := sql.Open("pgx", os.Getenv("STATE_DATABASE"))
	if err != nil {
		return
	}
	defer db.Close()
	store, err := postgres.New(context.Background(), db, "")
	if err != nil {
		return
	}
	defer store.Close()
	_ = adsync.Job{Target: "panel", State: store}
}
