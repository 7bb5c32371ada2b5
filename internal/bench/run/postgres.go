package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/adsync/sdk/internal/bench/report"
)

// postgresRows are the same first run with a PostgreSQL target, beside psql's
// \copy into the same tables. The state stays in SQLite.
func (b *bench) postgresRows() []row {
	if b.admin == "" {
		return nil
	}
	return []row{
		{name: "pg plan", what: "first plan, for a PostgreSQL target", command: b.onPostgres("plan"), before: b.freshDatabases},
		{name: report.Copy, what: "psql's \\copy of the same rows into the same tables", by: report.InC, command: b.copy, before: b.copyTables, check: copied},
		{name: report.PgApply, what: "that plan into PostgreSQL", command: b.onPostgres("apply")},
	}
}

func (b *bench) onPostgres(name string) func(setting) []string {
	return func(s setting) []string {
		s.dir, s.postgres = at(s, "pg"), at(s, "pg/target")
		return self(name)(s)
	}
}

// freshDatabases makes the target's database anew, and the row's folder. Commits
// wait for the disk, as they do where data matters.
func (b *bench) freshDatabases(ctx context.Context, s setting) error {
	target, err := b.dsn("target")
	if err != nil {
		return err
	}
	if err := os.Mkdir(at(s, "pg"), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(at(s, "pg/target"), []byte(target.String()), 0o600); err != nil {
		return err
	}
	return b.onServer(ctx, "DROP DATABASE IF EXISTS target", "DROP DATABASE IF EXISTS copied", "CREATE DATABASE target",
		"ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET full_page_writes = on", "SELECT pg_reload_conf()")
}

func (b *bench) copyTables(ctx context.Context, s setting) error {
	dsn, err := b.dsn("copied")
	if err != nil {
		return err
	}
	if err := os.WriteFile(at(s, "pgpass"), []byte(passwordLine(dsn)), 0o600); err != nil {
		return err
	}
	return b.onServer(ctx, "CREATE DATABASE copied TEMPLATE target", "CHECKPOINT")
}

// passwordLine is a line of libpq's password file, in which colons and
// backslashes are escaped.
func passwordLine(dsn *url.URL) string {
	password, _ := dsn.User.Password()
	return "*:*:*:*:" + strings.NewReplacer(`\`, `\\`, ":", `\:`).Replace(password) + "\n"
}

func (b *bench) copy(s setting) []string {
	dsn, _ := b.dsn("copied")
	return []string{
		"env", "PGPASSFILE=" + at(s, "pgpass"), "psql", "-X", "-w", "-h", dsn.Hostname(), "-p", dsn.Port(), "-U", dsn.User.Username(),
		"-d", "copied", "-c", fmt.Sprintf(`\copy accounts (%s) FROM '%s'`, strings.Join(b.columns, ", "), b.rowsFile()),
	}
}

func copied(s setting, printed string) error {
	var n int
	if _, err := fmt.Sscanf(printed, "COPY %d", &n); err != nil {
		return fmt.Errorf("psql printed %q: %w", printed, err)
	}
	return expect("rows copied", n, s.n, true)
}

// dsn gives the superuser's DSN, of another database.
func (b *bench) dsn(database string) (*url.URL, error) { return readDSN(b.admin, database) }

func readDSN(file, database string) (*url.URL, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	dsn, err := url.Parse(string(bytes.TrimSpace(text)))
	if err != nil {
		return nil, errors.New("the file " + file + " holds no URL") // the error would show the password
	}
	if database != "" {
		dsn.Path = "/" + database
	}
	return dsn, nil
}

func (b *bench) onServer(ctx context.Context, statements ...string) error {
	return b.withServer(func(db *sql.DB) error {
		for _, s := range statements {
			if _, err := db.ExecContext(ctx, s); err != nil {
				return fmt.Errorf("PostgreSQL: %s: %w", s, err)
			}
		}
		return nil
	})
}

// withServer lends the superuser's connection.
func (b *bench) withServer(do func(*sql.DB) error) error {
	dsn, err := b.dsn("postgres")
	if err != nil {
		return err
	}
	db, err := sql.Open("pgx", dsn.String())
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}
