package testserver

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres gives the DSN (a URL) of a fresh, empty database on the PostgreSQL
// server that all packages of a test run share. The database is dropped when
// the test ends, also while connections to it are open.
func Postgres(t testing.TB) string {
	t.Helper()
	admin := os.Getenv(EnvPostgres)
	if admin == "" {
		missing(t, "no PostgreSQL: "+EnvPostgres+" is not set")
	}
	name := "test_" + strings.ToLower(rand.Text())
	execute(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() { execute(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
	dsn, err := url.Parse(admin)
	if err != nil {
		t.Fatalf("%s is not a URL", EnvPostgres) // the error would show the password
	}
	dsn.Path = "/" + name
	return dsn.String()
}

// execute runs one statement as the server's superuser. It has a context of
// its own: the test's is cancelled before the clean-up.
func execute(t testing.TB, dsn, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatalf("PostgreSQL of this test run: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
