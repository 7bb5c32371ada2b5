package localdb

import (
	"database/sql"
	"slices"
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
	for n < len(ops) && ops[n].Verb == adsync.Put && ops[n].Target == "" && ops[n].Kind == l.kind && ops[n].Swap == 0 && ops[n].Anchor != "" {
		n++
	}
	return max(n, 1)
}

// createMany inserts the rows of ops in one statement. Ops whose row was not
// inserted, or that are invalid, are then looked at one by one.
func (w *writer) createMany(ops []adsync.Op, results []adsync.Result) error {
	l := w.sink.layouts[ops[0].Kind]
	rows, sent := l.rowsOf(ops)
	keys, err := l.insertMany(w.db, l.insertFree, rows)
	if err != nil {
		_, err = w.explained(ops[0], err)
		return deeper(err)
	}
	for i, op := range ops {
		if sent[i] {
			if results[i] = l.created(keys, op); results[i].Err == nil {
				continue
			}
		}
		r, err := w.one(op)
		results[i] = adsync.Result{Receipt: r, Err: err}
		if err := deeper(err); err != nil {
			return err
		}
	}
	return nil
}

// whole carries out a batch of creates as one statement, which is a transaction
// of its own. That saves two round trips, and half of the work in the indexes:
// ON CONFLICT looks for each row before it inserts it. False: nothing was
// written, since a row cannot be inserted, and the ops need a closer look.
func (w *writer) whole(ops []adsync.Op) (bool, error) {
	if len(ops) < 2 || w.sink.together(w.db, ops) < len(ops) {
		return false, nil
	}
	l := w.sink.layouts[ops[0].Kind]
	if w.sink.Copy != nil {
		if done, err := w.copyAll(l, ops); done {
			return true, err
		}
	}
	rows, _ := l.rowsOf(ops)
	if rows.n < len(ops) {
		return false, nil
	}
	keys, err := l.insertMany(w.db, l.insertAll, rows)
	if err != nil {
		return !faultOf(err).ofOp(), w.db.broken(err)
	}
	w.results = make([]adsync.Result, len(ops))
	for i, op := range ops {
		w.results[i] = l.created(keys, op)
	}
	return true, nil
}

// created takes an op's row out of those that were inserted. A row that is not
// among them was kept out.
func (l *layout) created(keys map[mark2]string, op adsync.Op) adsync.Result {
	m := mark2{op.Source, string(op.Anchor)}
	key, ok := keys[m]
	if !ok {
		return adsync.Result{Err: l.keptOut(op)}
	}
	delete(keys, m)
	return adsync.Result{Receipt: adsync.Receipt{Target: l.id(key), Outcome: adsync.Created}}
}

// rowsOf gives the rows of those creates that are valid, and which these are.
func (l *layout) rowsOf(ops []adsync.Op) (*arrays, []bool) {
	rows, valid := newArrays(len(l.every)), make([]bool, len(ops))
	var scratch rowScratch
	for i, op := range ops {
		row, err := l.rowOf(&scratch, op)
		if valid[i] = err == nil; valid[i] {
			rows.add(row)
		}
	}
	return rows, valid
}

// rowScratch is room that one row after the other is made in.
type rowScratch struct {
	writes []written
	row    []any
}

// rowOf gives the row of a create, until the next one is made.
func (l *layout) rowOf(room *rowScratch, op adsync.Op) ([]any, error) {
	writes, err := l.writesInto(room.writes[:0], op, true)
	if err != nil {
		return nil, err
	}
	room.writes = l.appendMark(writes, op)
	return l.row(room, room.writes), nil
}

// mark2 is a source and an external id.
type mark2 struct{ source, external string }

func (l *layout) insertMany(db *session, query string, rows *arrays) (map[mark2]string, error) {
	keys := make(map[mark2]string, rows.n)
	if rows.n == 0 {
		return keys, nil
	}
	row := func(rows *sql.Rows) error {
		var key string
		var m mark2
		err := rows.Scan(&key, &m.source, &m.external)
		keys[m] = key
		return err
	}
	return keys, db.query(row, query, rows.args()...)
}

// row gives a value for every column, until the next one is made: new rows are
// active unless told otherwise.
func (l *layout) row(room *rowScratch, writes []written) []any {
	room.row = slices.Grow(room.row[:0], len(l.every))[:len(l.every)]
	clear(room.row)
	room.row[l.slots[l.Active]] = l.ActiveValue
	for i := range writes {
		room.row[l.slot(&writes[i])] = writes[i].value
	}
	return room.row
}
