package localdb

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// changesTogether says how many of the first ops change rows of one table that
// one statement can bring up to date: each another row, since a statement changes
// a row once.
func (s *Sink) changesTogether(db *session, ops []adsync.Op) int {
	l := s.layouts[ops[0].Kind]
	if !db.postgres || l == nil || !l.constrained {
		return 1
	}
	seen := map[string]bool{}
	for n, op := range ops {
		key, ok := l.numberOf(op.Target)
		if !ok || seen[key] || op.Kind != l.kind || op.Swap != 0 || op.Verb != adsync.Put && op.Verb != adsync.Deactivate {
			return max(n, 1)
		}
		seen[key] = true
	}
	return len(ops)
}

// numberOf gives the key that an id of our tables stands for, when it is written
// as the database writes it, so that two texts are two rows.
func (l *layout) numberOf(id adsync.TargetID) (string, bool) {
	key, _ := l.keyOf(id)
	n, err := strconv.ParseInt(key, 10, 64)
	return key, err == nil && strconv.FormatInt(n, 10) == key
}

// changeMany brings the rows of ops up to date in one statement. When the
// database refuses one of the values, the ops are carried out one by one.
func (w *writer) changeMany(ops []adsync.Op, results []adsync.Result) error {
	l := w.sink.layouts[ops[0].Kind]
	c := changes{layout: l}
	for i, op := range ops {
		writes, err := l.writesOf(op)
		if results[i].Err = err; err == nil {
			key, _ := l.numberOf(op.Target)
			c.keys, c.rows = append(c.keys, key), append(c.rows, writes)
		}
	}
	outcomes, err := c.write(w.db)
	if err != nil {
		_, err = w.explained(ops[0], err)
		return deeper(err)
	}
	for i, op := range ops {
		if results[i].Err == nil {
			results[i] = outcomes.result(op)
		}
	}
	return nil
}

// writesOf gives what an op on a row that is there writes.
func (l *layout) writesOf(op adsync.Op) ([]written, error) {
	if op.Verb == adsync.Deactivate {
		return []written{{column: l.Active, value: l.InactiveValue}}, nil
	}
	writes, err := l.writes(op, false)
	return l.appendMark(writes, op), err
}

// outcomes say which rows were changed, and which were as they should be.
type outcomes map[adsync.TargetID]adsync.Outcome

func (o outcomes) result(op adsync.Op) adsync.Result {
	outcome, ok := o[op.Target]
	if !ok {
		return adsync.Result{Err: notFound(op)}
	}
	return adsync.Result{Receipt: adsync.Receipt{Target: op.Target, Outcome: outcome}}
}

// write brings the rows up to date.
func (c *changes) write(db *session) (outcomes, error) {
	out := make(outcomes, len(c.keys))
	if columns := c.touched(); len(columns) > 0 {
		if err := c.note(db, out, adsync.Updated, c.statement(columns), c.arrays(columns).args()...); err != nil {
			return nil, err
		}
	}
	rest := slices.DeleteFunc(slices.Clone(c.keys), func(key string) bool { return out[c.id(key)] == adsync.Updated })
	if len(rest) == 0 {
		return out, nil
	}
	there := "SELECT " + c.key + " FROM " + c.table + " WHERE " + c.key + " = ANY($1::bigint[])"
	return out, c.note(db, out, adsync.Unchanged, there, "{"+strings.Join(rest, ",")+"}")
}

// note takes down the rows whose keys a statement answers.
func (c *changes) note(db *session, out outcomes, outcome adsync.Outcome, query string, args ...any) error {
	row := func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		out[c.id(key)] = outcome
		return err
	}
	return db.query(row, query, args...)
}
