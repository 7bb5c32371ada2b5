package localdb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// engine is what the databases differ in.
type engine interface {
	// with lends a session. Nothing else uses it meanwhile.
	with(ctx context.Context, do func(*session) error) error
	// migrate makes the tables, or brings them to the newest version.
	migrate(ctx context.Context) error
	// start makes it ready for with.
	start(ctx context.Context) error
	close() error
}

// fault says what an error of a database means to the sink.
type fault int

const (
	faultOther   fault = iota // the database or the connection
	faultUnique               // a value that another row has
	faultForeign              // a key that no row has, or a row that others refer to
	faultMissing              // a column that needs a value
	faultValue                // a value that the column cannot take
	faultBadKey               // a text that is no key of this table
	faultFull                 // no space is left
	faultBusy                 // somebody else is writing
)

// versionTable is where goose keeps the version of our tables. The name is
// ours, so that migrations of the database's owner are not disturbed.
const versionTable = "adsync_target_version"

func migrate(ctx context.Context, dialect goose.Dialect, folder string, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, files, goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("localdb: the migrations cannot be read: %w", err)
	}
	if have, want, err := p.GetVersions(ctx); err == nil && have > want {
		return fmt.Errorf("localdb: the tables have version %d and this program knows %d; update the program", have, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("localdb: the tables cannot be made or migrated: %w", err)
	}
	return nil
}

// errAgain asks for the batch to be carried out again, with a savepoint around
// each op, because the database gives up a transaction at its first error.
var errAgain = errors.New("localdb: the transaction was given up")
