package localdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// pragmas of a SQLite target. Commits are FULL: state that outlives the rows it
// tells of would be a lie. 8 MB of page cache is enough, as ops come in key order.
var pragmas = []string{
	"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
	"cache_size(-8000)", "wal_autocheckpoint(4000)",
}

// sqliteEngine has one connection, which every call shares in turn: SQLite has one
// writer at a time anyway, and what is prepared on it stays prepared.
type sqliteEngine struct {
	db      *sql.DB
	turn    chan *session
	started bool
}

func openSQLite(ctx context.Context, path string) (*sqliteEngine, error) {
	if path != ":memory:" {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("localdb: the database cannot be opened: %w", err)
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	db, err := sql.Open("sqlite", sqliteName(path))
	if err != nil {
		return nil, fmt.Errorf("localdb: the database cannot be opened: %w", err)
	}
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("localdb: %s is no database that can be used: %w", path, err), db.Close())
	}
	return &sqliteEngine{db: db, turn: make(chan *session, 1)}, nil
}

func sqliteName(path string) string {
	options := url.Values{"_pragma": pragmas}
	name := url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: options.Encode()}
	return name.String()
}

func (e *sqliteEngine) migrate(ctx context.Context) error {
	return migrate(ctx, goose.DialectSQLite3, "sqlite", e.db)
}

// start takes the connection for good.
func (e *sqliteEngine) start(ctx context.Context) error {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("localdb: the database cannot be used: %w", err)
	}
	e.started = true
	e.turn <- &session{ctx: ctx, conn: conn, stmts: map[string]*sql.Stmt{}, compiled: map[string]compiled{}}
	return nil
}

func (e *sqliteEngine) with(ctx context.Context, do func(*session) error) error {
	var s *session
	select {
	case s = <-e.turn:
	case <-ctx.Done():
		return fmt.Errorf("localdb: nothing was done: %w", ctx.Err())
	}
	defer func() { e.turn <- s }()
	// The driver starts a goroutine for every statement whose context can end.
	// Calls look at their context between statements instead.
	s.ctx = context.WithoutCancel(ctx)
	return do(s)
}

func (e *sqliteEngine) close() error {
	var err error
	if e.started {
		err = (<-e.turn).close()
	}
	return errors.Join(err, e.db.Close())
}

func sqliteFault(err error) (fault, bool) {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return faultOther, false
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return faultUnique, true
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return faultForeign, true
	case sqlite3.SQLITE_CONSTRAINT_NOTNULL:
		return faultMissing, true
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		return faultValue, true
	case sqlite3.SQLITE_FULL:
		return faultFull, true
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return faultBusy, true
	}
	return faultOther, true
}
