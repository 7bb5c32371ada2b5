package sqlstate

import (
	"context"
	"database/sql"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Dialect is what tells one database from another.
type Dialect struct {
	// Migrations holds the embedded migration files. {} in them stands for
	// the table prefix.
	Migrations fs.FS
	// Goose is the database's name in goose.
	Goose goose.Dialect
	// Arrays says that a whole column can be one parameter (unnest, ANY). Else
	// rows are written with VALUES lists and prepared statements.
	Arrays bool
	// Direct says that rows may be asked of the driver itself, past
	// database/sql: its connections cannot go stale, and the bytes it gives
	// are the caller's.
	Direct bool
	// Begin starts a transaction that writes.
	Begin string
	// Writing is run on the connection that writes, where the store keeps one. Optional.
	Writing string
	// Shrink gives back the memory of pages that were written and that nobody reads
	// soon. Optional.
	Shrink string
	// Relaxed and Hardened are run first in transactions that may and that
	// must not be lost when the machine loses power. Optional.
	Relaxed, Hardened string
	// Harden does the same outside the transaction, where a database wants it
	// so, and gives the way back. Optional.
	Harden func(ctx context.Context, conn *sql.Conn) (restore func(), err error)
	// DueIndex, after the name of the link table, makes the database use the
	// index of links with a due time. Optional.
	DueIndex string
	// WaitingIndex, after the name of the member table, makes the database use
	// the index of memberships that wait. Optional.
	WaitingIndex string
	// Settle is run at the end of a run, before its last transaction commits.
	Settle []string
	// Now gives the time by which leases run out. Nil: this machine's clock.
	Now func(ctx context.Context, conn *sql.Conn) (time.Time, error)
	// Locker keeps two processes from changing tables at once. Optional.
	Locker lock.SessionLocker
	// Page is how many rows a stream reads at a time.
	Page int
	// Fault gives the database's errors codes of adsync.
	Fault func(error) error
}
