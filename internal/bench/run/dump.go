package main

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"os"
	"slices"
	"strings"
)

// pragmas are the settings of sink/localdb; a test holds them to it.
var pragmas = []string{
	"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
	"cache_size(-8000)", "wal_autocheckpoint(4000)",
}

func pragmaSQL() (text string) {
	for _, p := range pragmas {
		text += "PRAGMA " + p + ";\n"
	}
	return text
}

// dump writes what the programs in C need: the tables, the statement, and all
// rows of the target in the order in which they are read. Once is enough.
func (b *bench) dump(ctx context.Context, s setting) error {
	if _, err := os.Stat(b.rowsFile()); err == nil {
		return nil
	}
	db, err := sql.Open("sqlite", at(s, "target.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	tables, err := texts(ctx, db, "SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		return err
	}
	if b.columns, err = writtenColumns(ctx, db); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"pragmas.sql": pragmaSQL(),
		"setup.sql":   pragmaSQL() + strings.Join(tables, "\n"),
		"insert.sql":  insertSQL(b.columns),
		"update.sql":  "UPDATE accounts SET title = ?1, updated_at = CURRENT_TIMESTAMP WHERE id = ?2",
	} {
		if err := os.WriteFile(at(b.setting, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return b.dumpRows(ctx, s, db)
}

func insertSQL(columns []string) string {
	return "INSERT INTO accounts (" + strings.Join(columns, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ") ON CONFLICT DO NOTHING"
}

// writtenColumns are those that the target writes, the key first.
func writtenColumns(ctx context.Context, db *sql.DB) ([]string, error) {
	all, err := texts(ctx, db, "SELECT name FROM pragma_table_info('accounts')")
	own := []string{"id", "external_id", "protected", "created_at", "updated_at"}
	rest := slices.DeleteFunc(all, func(c string) bool { return slices.Contains(own, c) })
	return append([]string{"external_id"}, rest...), err
}

func texts(ctx context.Context, db *sql.DB, query string, args ...any) (list []string, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

func (b *bench) dumpRows(ctx context.Context, s setting, db *sql.DB) error {
	query, err := db.PrepareContext(ctx, "SELECT "+strings.Join(b.columns, ", ")+" FROM accounts WHERE external_id = ?")
	if err != nil {
		return err
	}
	defer query.Close()
	return writeFile(b.rowsFile(), func(w *bufio.Writer) error {
		return anchors(ctx, s, func(anchor string) error { return copyRows(ctx, w, query, len(b.columns), anchor) })
	})
}

// anchors gives those of all persons as they are read.
func anchors(ctx context.Context, s setting, take func(string) error) error {
	from := source(s, everything)
	if err := from.Open(ctx); err != nil {
		return err
	}
	defer from.Close()
	for batch, err := range from.Read(ctx, request(s)) {
		if err != nil {
			return err
		}
		for _, change := range batch.Changes {
			if err := take(string(change.Object.Anchor)); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyRows writes the rows of an answer as PostgreSQL's COPY has them.
func copyRows(ctx context.Context, w *bufio.Writer, query *sql.Stmt, columns int, args ...any) error {
	rows, err := query.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	values, into := make([]sql.NullString, columns), make([]any, columns)
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		writeRow(w, values)
	}
	return rows.Err()
}

var escapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

func writeRow(w *bufio.Writer, values []sql.NullString) {
	for i, v := range values {
		if i > 0 {
			w.WriteByte('\t')
		}
		if !v.Valid {
			w.WriteString(`\N`)
			continue
		}
		_, _ = escapes.WriteString(w, v.String)
	}
	w.WriteByte('\n')
}

// keepTarget copies the target as it is before the changes.
func (b *bench) keepTarget(_ context.Context, s setting) error {
	target, err := os.Open(at(s, "target.db"))
	if err != nil {
		return err
	}
	defer target.Close()
	return writeFile(at(s, "kept.db"), func(w *bufio.Writer) error {
		_, err := io.Copy(w, target)
		return err
	})
}

// dumpUpdates writes the titles that were changed, as they are in the target now.
func (b *bench) dumpUpdates(ctx context.Context, s setting) error {
	db, err := sql.Open("sqlite", at(s, "target.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	query, err := db.PrepareContext(ctx, "SELECT title, id FROM accounts WHERE title LIKE ? || '%'")
	if err != nil {
		return err
	}
	defer query.Close()
	return writeFile(at(s, "updates"), func(w *bufio.Writer) error { return copyRows(ctx, w, query, 2, b.title) })
}
