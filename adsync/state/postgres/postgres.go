package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state/internal/sqlstate"
)

// Store is a state store in PostgreSQL. Close ends it and leaves the database
// to the caller.
type Store struct{ *sqlstate.Store }

var _ adsync.StateStore = (*Store)(nil)

// DefaultPrefix stands before the table names when the caller gives none.
const DefaultPrefix = "adsync_"

// New makes the tables, or brings them up to date, and gives a store on them.
// The database comes from pgx: sql.Open("pgx", …) with its package stdlib, or
// stdlib.OpenDBFromPool for a pool. An empty prefix means DefaultPrefix;
// others are small letters, digits and underscores. The search path of the
// connections says in which schema the tables are.
//
// The state needs at least two connections when streams are read while a run
// writes. Results of batches are committed without waiting for the disk, which
// may lose the newest of them in a power failure, never their order; what must
// not be lost, sealed plans and moved cursors, waits.
func New(ctx context.Context, db *sql.DB, prefix string) (*Store, error) {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	inner, err := sqlstate.New(ctx, db, sqlstate.Config{Dialect: dialect, Prefix: prefix})
	if err != nil {
		return nil, err
	}
	return &Store{inner}, nil
}

//go:embed migrations/*.sql
var embedded embed.FS

var dialect = sqlstate.Dialect{
	Migrations: migrations(),
	Goose:      goose.DialectPostgres,
	Arrays:     true,
	Begin:      "BEGIN",
	Relaxed:    "SET LOCAL synchronous_commit = off",
	Hardened:   "SET LOCAL synchronous_commit = on",
	Now:        now,
	Locker:     alone{},
	Page:       5000,
	Fault:      fault,
}

func migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(err) // the name is constant
	}
	return files
}

// now asks the database, whose clock all machines share.
func now(ctx context.Context, conn *sql.Conn) (time.Time, error) {
	var micros int64
	err := conn.QueryRowContext(ctx, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").Scan(&micros)
	return time.UnixMicro(micros), err
}

// migrating is the advisory lock under which tables are changed: "adsync".
const migrating = 0x616473796e63

// alone lets one process at a time change tables. It holds its lock on the
// connection that makes the changes, so that one connection is enough.
type alone struct{}

func (alone) SessionLock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(migrating))
	return err
}

func (alone) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", int64(migrating))
	return err
}

// fault says what is to be done about an error of PostgreSQL.
func fault(err error) error {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		if pgconn.SafeToRetry(err) || pgconn.Timeout(err) || isClosed(err) {
			return adsync.Errorf(adsync.CodeUnavailable, "adsync: the database of the state cannot be reached: %w", err)
		}
		return err
	}
	switch {
	case pg.Code == "53100":
		return adsync.Errorf(adsync.CodeOther, "adsync: the disk of the state's database is full; nothing of this step was stored. Make room and run again: %w", err)
	case pg.Code == "42501" || pg.Code == "25006":
		return adsync.Errorf(adsync.CodeDenied, "adsync: the account may not write the state's tables; grant it their use, and CREATE on the schema: %w", err)
	case strings.HasPrefix(pg.Code, "28"):
		return adsync.Errorf(adsync.CodeUnauthenticated, "adsync: the state's database refuses the account: %w", err)
	case strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "53"), strings.HasPrefix(pg.Code, "57P"), strings.HasPrefix(pg.Code, "40"):
		return adsync.Errorf(adsync.CodeUnavailable, "adsync: the database of the state is not available: %w", err)
	case pg.Code == "XX001", pg.Code == "XX002":
		return errors.Join(adsync.ErrDamaged, err)
	}
	return err
}

func isClosed(err error) bool {
	_, failed := errors.AsType[*pgconn.ConnectError](err)
	return failed || errors.Is(err, sql.ErrConnDone)
}
