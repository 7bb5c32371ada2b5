package sqlstate

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/adsync/sdk/adsync"
)

// migrate brings the tables up to date. A database that a newer version of
// this module has written is left alone.
func migrate(ctx context.Context, db *sql.DB, d Dialect, prefix string) error {
	files, err := render(d.Migrations, prefix)
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{
		goose.WithTableName(prefix + "schema"), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()),
	}
	if d.Locker != nil {
		options = append(options, goose.WithSessionLocker(d.Locker))
	}
	p, err := goose.NewProvider(d.Goose, db, files, options...)
	if err != nil {
		return err
	}
	up := func() error {
		stored, known, err := p.GetVersions(ctx)
		if err == nil && stored > known {
			return fmt.Errorf("%w (its schema is %d, this program knows %d)", adsync.ErrNewerSchema, stored, known)
		}
		if err == nil && stored < known {
			_, err = p.Up(ctx)
		}
		return err
	}
	err = patiently(ctx, up)
	if err == nil || errors.Is(err, adsync.ErrNewerSchema) || ctx.Err() != nil {
		return err
	}
	return d.Fault(fmt.Errorf("adsync: the tables of the state could not be made or brought up to date: %w", err))
}

// patiently tries again for a while: of several processes that open a new
// database at once, one makes the tables and the others fail half-way, which
// leaves nothing behind.
func patiently(ctx context.Context, up func() error) (err error) {
	for range 20 {
		if err = up(); err == nil || errors.Is(err, adsync.ErrNewerSchema) {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

// render writes the prefix into the migration files: goose has no way to
// change table names.
func render(files fs.FS, prefix string) (fs.FS, error) {
	out := fstest.MapFS{}
	names, err := fs.Glob(files, "*.sql")
	for _, name := range names {
		var text []byte
		if text, err = fs.ReadFile(files, name); err != nil {
			break
		}
		out[name] = &fstest.MapFile{Data: bytes.ReplaceAll(text, []byte("{}"), []byte(prefix))}
	}
	return out, err
}
