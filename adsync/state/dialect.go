package state

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state/internal/sqlstate"
)

//go:embed migrations/*.sql
var embedded embed.FS

var dialect = sqlstate.Dialect{
	Migrations: migrations(),
	Goose:      goose.DialectSQLite3,
	Direct:     true,
	Begin:      "BEGIN IMMEDIATE",
	// Who reads goes through tables from end to end or asks for a few rows.
	Writing:  "PRAGMA cache_size = -4000",
	Shrink:   "PRAGMA shrink_memory",
	Harden:   harden,
	DueIndex: "INDEXED BY {}link_due",
	// Kept up while the first run writes, these would cost more than everything else.
	Settle: []string{
		"CREATE INDEX IF NOT EXISTS {}link_target ON {}link (tid)",
		"CREATE INDEX IF NOT EXISTS {}member_member ON {}member (target, source, member, grp)",
	},
	WaitingIndex: "INDEXED BY {}member_waiting",
	Page:         2000,
	Fault:        fault,
}

func migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(err) // the name is constant
	}
	return files
}

// harden makes the next transaction wait for the disk, and gives back what was
// set before.
func harden(ctx context.Context, conn *sql.Conn) (func(), error) {
	var level int
	if err := conn.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&level); err != nil {
		return nil, err
	}
	const full = 2
	if level >= full {
		return func() {}, nil
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA synchronous = FULL"); err != nil {
		return nil, err
	}
	return func() {
		conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA synchronous = "+strconv.Itoa(level))
	}, nil
}

// fault says what is to be done about an error of SQLite.
func fault(err error) error {
	lite, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w (%w)", adsync.ErrDamaged, err)
	case sqlite3.SQLITE_FULL:
		return adsync.Errorf(adsync.CodeOther, "adsync: the disk of the state is full; nothing of this step was stored. Make room and run again: %w", err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return adsync.Errorf(adsync.CodeUnavailable, "adsync: another process keeps the state locked; close what has the file open: %w", err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return adsync.Errorf(adsync.CodeDenied, "adsync: the state cannot be written; let this account write the file and its folder: %w", err)
	case sqlite3.SQLITE_IOERR:
		return adsync.Errorf(adsync.CodeOther, "adsync: the disk of the state failed; nothing of this step was stored: %w", err)
	}
	return err
}
