package localdb

import (
	"database/sql"
	"strconv"

	"github.com/adsync/sdk/adsync"
)

// inserted gives the key of the row that a statement inserted, or "". The key of
// our tables in SQLite is the row's number, which the driver tells without an
// answer to be read.
func (l *layout) inserted(db *session, query string, args []any) (string, error) {
	if l.constrained && !db.postgres {
		rows, last, err := db.exec(query, args...)
		if err != nil || rows == 0 {
			return "", err
		}
		return strconv.FormatInt(last, 10), nil
	}
	key := ""
	row := func(rows *sql.Rows) error { return rows.Scan(&key) }
	err := db.query(row, query+" RETURNING "+l.key, args...)
	return key, err
}

// together says how many of the first ops are creates of one kind that one
// statement can carry out. It is of use where a statement is a round trip.
func (s *Sink) together(db *session, ops []adsync.Op) int {
	l := s.layouts[ops[0].Kind]
	if !db.postgres || l == nil || !l.constrained {
		return 1
	}
	n := 0
	for n < len(ops) {
		op := ops[n]
		if op.Verb != adsync.Put || op.Target != "" || op.Kind != l.kind || op.Swap != 0 {
			break
		}
		n++
	}
	return max(1, n)
}

// createMany inserts the rows of ops in one statement. Ops whose row was not
// inserted, or that are invalid, are then looked at one by one.
func (w *writer) createMany(ops []adsync.Op, results []adsync.Result) error {
	l := w.sink.layouts[ops[0].Kind]
	rows, sent := make([][]any, 0, len(ops)), make([]bool, len(ops))
	for i, op := range ops {
		writes, err := l.writes(op, true)
		if op.Anchor == "" {
			return w.oneByOne(ops, results)
		}
		if err != nil {
			continue // looked at below
		}
		sent[i] = true
		rows = append(rows, l.row(append(writes, l.ownMark(op)...)))
	}
	keys, err := l.insertMany(w.db, rows)
	if err != nil {
		_, err = w.explained(ops[0], err)
		return deeper(err)
	}
	for i, op := range ops {
		if key, ok := keys[mark2{op.Source, string(op.Anchor)}]; ok && sent[i] {
			delete(keys, mark2{op.Source, string(op.Anchor)})
			results[i] = adsync.Result{Receipt: adsync.Receipt{Target: l.id(key), Outcome: adsync.Created}}
			continue
		}
		if err := w.oneByOne(ops[i:i+1], results[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) oneByOne(ops []adsync.Op, results []adsync.Result) error {
	for i, op := range ops {
		r, err := w.one(op)
		results[i] = adsync.Result{Receipt: r, Err: err}
		if err := deeper(err); err != nil {
			return err
		}
	}
	return nil
}

// mark2 is a source and an external id.
type mark2 struct{ source, external string }

func (l *layout) insertMany(db *session, rows [][]any) (map[mark2]string, error) {
	keys := make(map[mark2]string, len(rows))
	row := func(rows *sql.Rows) error {
		var key string
		var m mark2
		err := rows.Scan(&key, &m.source, &m.external)
		keys[m] = key
		return err
	}
	return keys, db.query(row, l.many, columnsOf(rows, len(l.every))...)
}

// row gives a value for every column: new rows are active unless told otherwise.
func (l *layout) row(writes []written) []any {
	args := make([]any, len(l.every))
	args[l.slots[l.Active]] = l.ActiveValue
	for _, w := range writes {
		args[l.slots[w.column]] = w.value
	}
	return args
}
