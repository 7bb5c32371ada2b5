package localdb

import (
	"strings"

	"github.com/adsync/sdk/adsync"
)

// do carries out an op.
func (s *Sink) do(db *session, op adsync.Op) (adsync.Receipt, error) {
	l := s.layouts[op.Kind]
	if l == nil {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnsupported, "localdb: there is no table for %s", op.Kind)
	}
	if op.Verb == adsync.Put && op.Target == "" {
		return l.create(db, op)
	}
	key, ok := l.keyOf(op.Target)
	if !ok {
		return adsync.Receipt{}, notFound(op)
	}
	switch op.Verb {
	case adsync.Put:
		return l.update(db, op, key)
	case adsync.Deactivate:
		return l.deactivate(db, op, key)
	case adsync.Delete:
		return l.remove(db, op, key)
	case adsync.Members:
		return s.setMembers(db, op, key)
	}
	return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnsupported, "localdb: %s is no verb", op.Verb)
}

// create inserts a row, unless the external id has one already.
func (l *layout) create(db *session, op adsync.Op) (adsync.Receipt, error) {
	writes, err := l.writesInto(db.room.writes[:0], op, true)
	if err != nil {
		return adsync.Receipt{}, err
	}
	db.room.writes = writes
	if !l.constrained {
		if key, err := l.marked(db, op); err != nil || key != "" {
			return l.linked(db, op, key, err)
		}
		if err := l.free(db, op, writes, ""); err != nil {
			return adsync.Receipt{}, err
		}
	}
	key, err := l.insertRow(db, append(writes, l.ownMark(op)...))
	if err != nil {
		return adsync.Receipt{}, err
	}
	if key != "" {
		return adsync.Receipt{Target: l.id(key), Outcome: adsync.Created}, nil
	}
	return l.standsInTheWay(db, op, writes)
}

// standsInTheWay says why a row was not inserted: the object is there already,
// or another has one of its values.
func (l *layout) standsInTheWay(db *session, op adsync.Op, writes []written) (adsync.Receipt, error) {
	if key, err := l.marked(db, op); err != nil || key != "" {
		return l.linked(db, op, key, err)
	}
	if err := l.free(db, op, writes, ""); err != nil {
		return adsync.Receipt{}, err
	}
	return adsync.Receipt{}, l.keptOut(op)
}

func (l *layout) keptOut(op adsync.Op) error {
	err := adsync.Errorf(adsync.CodeConflict, "localdb: a rule of the table %s keeps the row of %s out", l.table, op.Anchor)
	err.Problem = "value-in-use"
	return err
}

// linked brings the row that has the external id up to date.
func (l *layout) linked(db *session, op adsync.Op, key string, err error) (adsync.Receipt, error) {
	if err != nil {
		return adsync.Receipt{}, err
	}
	r, err := l.update(db, op, key)
	r.Outcome = adsync.Linked
	return r, err
}

// ownMark is by which the object is recognised later.
func (l *layout) ownMark(op adsync.Op) []written { return l.appendMark(nil, op) }

func (l *layout) appendMark(out []written, op adsync.Op) []written {
	if l.ExternalID == "" || op.Anchor == "" {
		return out
	}
	out = append(out, written{column: l.ExternalID, value: string(op.Anchor)})
	if l.Source != "" {
		out = append(out, written{column: l.Source, value: op.Source})
	}
	return out
}

// insertRow gives the new row's key, or "" when a unique value is taken. In a
// customer's table, columns that are not set get the table's own default.
func (l *layout) insertRow(db *session, writes []written) (string, error) {
	if l.constrained {
		return l.inserted(db, l.insert, l.row(&db.room, writes))
	}
	columns, args := make([]string, len(writes)), make([]any, len(writes))
	for i, w := range writes {
		columns[i], args[i] = w.column, w.value
	}
	return l.inserted(db, l.insertion(columns), args)
}

func (l *layout) update(db *session, op adsync.Op, key string) (adsync.Receipt, error) {
	writes, err := l.writes(op, false)
	if err != nil {
		return adsync.Receipt{}, err
	}
	if !l.constrained {
		if err := l.free(db, op, writes, key); err != nil {
			return adsync.Receipt{}, err
		}
	}
	mark := l.ownMark(op)
	if rows, err := l.changeMarked(db, key, writes, mark); err != nil || rows > 0 {
		return adsync.Receipt{Target: l.id(key), Outcome: adsync.Updated}, err
	}
	return l.change(db, op, key, append(writes, mark...))
}

// change writes what differs. A row that is as it should be is left alone, its
// time of change too.
func (l *layout) change(db *session, op adsync.Op, key string, writes []written) (adsync.Receipt, error) {
	var set, differs strings.Builder
	args := make([]any, 0, len(writes)+1)
	for i, w := range writes {
		if i > 0 {
			set.WriteString(", ")
			differs.WriteString(" OR ")
		}
		args = append(args, w.value)
		set.WriteString(quote(w.column) + " = " + mark(i+1))
		differs.WriteString(quote(w.column) + " IS DISTINCT FROM " + mark(i+1))
	}
	if l.Updated != "" {
		set.WriteString(", " + quote(l.Updated) + " = CURRENT_TIMESTAMP")
	}
	changed := int64(0)
	if len(writes) > 0 {
		var err error
		query := "UPDATE " + l.table + " SET " + set.String() + " WHERE " + l.key + " = " + mark(len(writes)+1) + " AND (" + differs.String() + ")"
		if changed, _, err = db.exec(query, append(args, key)...); err != nil {
			return adsync.Receipt{}, err
		}
	}
	return l.changed(db, op, key, changed)
}

// changed tells a row that was as it should be from one that is not there.
func (l *layout) changed(db *session, op adsync.Op, key string, rows int64) (adsync.Receipt, error) {
	r := adsync.Receipt{Target: l.id(key), Outcome: adsync.Updated}
	if rows > 0 {
		return r, nil
	}
	there, err := l.exists(db, key)
	if err != nil {
		return adsync.Receipt{}, err
	}
	if !there {
		return adsync.Receipt{}, notFound(op)
	}
	r.Outcome = adsync.Unchanged
	return r, nil
}

func (l *layout) deactivate(db *session, op adsync.Op, key string) (adsync.Receipt, error) {
	if l.Active == "" {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnsupported, "localdb: the table %s does not say who is active", l.table)
	}
	return l.change(db, op, key, []written{{column: l.Active, value: l.InactiveValue}})
}

func (l *layout) remove(db *session, op adsync.Op, key string) (adsync.Receipt, error) {
	if l.NoDelete {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnsupported, "localdb: rows of the table %s are never deleted", l.table)
	}
	rows, _, err := db.exec("DELETE FROM "+l.table+" WHERE "+l.key+" = $1", key)
	if err != nil {
		return adsync.Receipt{}, err
	}
	if rows == 0 {
		return adsync.Receipt{}, notFound(op)
	}
	return adsync.Receipt{Target: l.id(key)}, nil
}
