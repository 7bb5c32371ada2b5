package localdb

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// CopyFunc sends rows with PostgreSQL's COPY and gives how many were written. The
// connection is the driver's, as sql.Conn.Raw lends it. An error of the server
// tells its SQLSTATE and says that no row was written.
type CopyFunc func(ctx context.Context, conn any, statement string, rows io.Reader) (int64, error)

// copyAll carries out a batch of creates with COPY, a transaction of its own that
// writes all rows or none. Their keys are drawn first, since COPY answers with
// none. False: it is not to be used on this table, or it was refused.
func (w *writer) copyAll(l *layout, ops []adsync.Op) (bool, error) {
	keys, err := l.drawKeys(w.db, len(ops))
	if err != nil || len(keys) < len(ops) {
		return w.refused(err)
	}
	rows, ok := l.lines(ops, keys)
	if !ok {
		return false, nil
	}
	n, err := w.db.copy(w.sink.Copy, l.copyIn, rows)
	if err != nil {
		return w.refused(err)
	}
	if n != int64(len(ops)) {
		return true, adsync.Errorf(adsync.CodeUnavailable, "localdb: %d of %d rows were copied", n, len(ops))
	}
	w.results = make([]adsync.Result, len(ops))
	for i, key := range keys {
		w.results[i].Receipt = adsync.Receipt{Target: l.id(key), Outcome: adsync.Created}
	}
	return true, nil
}

// refused tells what the server says no to, which other statements may still do,
// from what is wrong with the server.
func (w *writer) refused(err error) (bool, error) {
	f, answered := postgresFault(err)
	if err == nil || f.ofOp() || answered && f == faultOther {
		return false, nil
	}
	return true, w.db.broken(err)
}

// drawing asks for keys of new rows. A trigger could change or keep out rows, and
// COPY would not tell; rules and the security of rows do not go with COPY.
func (l *layout) drawing() string {
	table := literal(l.table)
	return "SELECT string_agg(nextval(s.keys)::text, ',') FROM (" +
		"SELECT pg_get_serial_sequence(" + table + ", " + literal(l.Table.Key) + ")::regclass AS keys FROM pg_class c" +
		" WHERE c.oid = " + table + "::regclass AND NOT c.relhasrules AND NOT c.relrowsecurity AND NOT EXISTS" +
		" (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) OFFSET 0" +
		") s, generate_series(1, $1) WHERE s.keys IS NOT NULL"
}

// drawKeys gives n keys for new rows, or none where COPY is not to be used.
func (l *layout) drawKeys(db *session, n int) ([]string, error) {
	var list *string
	err := db.query(func(rows *sql.Rows) error { return rows.Scan(&list) }, l.draw, n)
	if err != nil || list == nil {
		return nil, err
	}
	return strings.Split(*list, ","), nil
}

func (l *layout) copying() string {
	columns := make([]string, len(l.every))
	for i, c := range l.every {
		columns[i] = quote(c)
	}
	return "COPY " + l.table + " (" + l.key + ", " + strings.Join(columns, ", ") + ") FROM STDIN"
}

// rowBytes is what a row is thought to take.
const rowBytes = 512

// lines gives rows in the text form of COPY, and false when an op is invalid.
func (l *layout) lines(ops []adsync.Op, keys []string) ([]byte, bool) {
	text := make([]byte, 0, rowBytes*len(ops))
	var scratch rowScratch
	for i, op := range ops {
		row, err := l.rowOf(&scratch, op)
		if err != nil {
			return nil, false
		}
		text = append(text, keys[i]...)
		for _, v := range row {
			text = appendField(append(text, '\t'), v)
		}
		text = append(text, '\n')
	}
	return text, true
}

func appendField(text []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(text, `\N`...)
	case string:
		return appendEscaped(text, v)
	}
	return fmt.Append(text, v)
}

// appendEscaped keeps apart what a text holds from what separates fields and rows.
func appendEscaped(text []byte, v string) []byte {
	for i := range len(v) {
		switch v[i] {
		case '\\':
			text = append(text, '\\', '\\')
		case '\t':
			text = append(text, '\\', 't')
		case '\n':
			text = append(text, '\\', 'n')
		case '\r':
			text = append(text, '\\', 'r')
		default:
			text = append(text, v[i])
		}
	}
	return text
}

// copy lends the driver's connection.
func (s *session) copy(send CopyFunc, statement string, rows []byte) (n int64, err error) {
	err = s.conn.Raw(func(c any) error {
		n, err = send(s.ctx, c, statement, bytes.NewReader(rows))
		return err
	})
	return n, err
}

// literal makes a text of SQL.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
