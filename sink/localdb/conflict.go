package localdb

import (
	"database/sql"

	"github.com/adsync/sdk/adsync"
)

// marked gives the key of the row that has the op's external id, or "".
func (l *layout) marked(db *session, op adsync.Op) (string, error) {
	if l.ExternalID == "" || op.Anchor == "" {
		return "", nil
	}
	query, args := "SELECT "+l.key+" FROM "+l.table+" WHERE "+quote(l.ExternalID)+" = $1", []any{string(op.Anchor)}
	if l.Source != "" {
		query, args = query+" AND "+quote(l.Source)+" = $2", append(args, op.Source)
	}
	key := ""
	row := func(rows *sql.Rows) error { return rows.Scan(&key) }
	err := db.query(row, query+" ORDER BY "+l.key+" DESC", args...)
	return key, err
}

// free says whether no row but the one with the key has the unique values that
// are written.
func (l *layout) free(db *session, op adsync.Op, writes []written, key string) error {
	for _, w := range writes {
		if w.attr == nil || !w.attr.Unique || w.column != w.attr.Column.Name || w.value == nil {
			continue
		}
		holders, err := l.holders(db, w.attr, op.Set.Get(w.attr.name), key)
		if err != nil {
			return err
		}
		if len(holders) > 0 {
			return taken(w.attr.name, op.Kind, holders)
		}
	}
	return nil
}

// holders gives the objects other than one that have a value, at most 10.
func (l *layout) holders(db *session, a *attr, value, except string) ([]adsync.Target, error) {
	condition, args := a.compared()+" = $1", []any{fold(value)}
	if except != "" {
		condition, args = condition+" AND "+l.key+" <> $2", append(args, except)
	}
	return l.targets(db, condition+" ORDER BY "+l.key+" LIMIT 10", args...)
}

// compared is what a folded value is held against.
func (a *attr) compared() string {
	if a.Key != "" {
		return quote(a.Key)
	}
	return "lower(" + quote(a.Column.Name) + ")"
}

func taken(name string, kind adsync.Kind, holders []adsync.Target) error {
	err := adsync.Errorf(adsync.CodeConflict, "localdb: another %s, %s, has this %s", kind, holders[0].ID, name)
	err.Problem, err.Attr, err.Candidates = "value-in-use", name, holders
	switch name {
	case "email":
		err.Problem = "email-in-use"
	case "logon":
		err.Problem = "logon-in-use"
	}
	return err
}

// explain says what an error of the database means for the op that met it. The
// op's effects are undone already.
func (s *Sink) explain(db *session, op adsync.Op, f fault, cause error) (adsync.Receipt, error) {
	l := s.layouts[op.Kind]
	switch f {
	case faultUnique:
		return s.explainUnique(db, op, l, cause)
	case faultForeign:
		err := invalid("value-invalid", "", "%s of %s %s: a row refers to one that is not there, or others refer to it: %w", op.Verb, op.Kind, op.Target, cause)
		return adsync.Receipt{}, err
	case faultMissing:
		return adsync.Receipt{}, invalid("required-missing", "", "%s of %s %s: a column needs a value: %w", op.Verb, op.Kind, op.Anchor, cause)
	case faultBadKey:
		if l.badKey(db, op) {
			return adsync.Receipt{}, notFound(op)
		}
	}
	return adsync.Receipt{}, invalid("value-invalid", "", "%s of %s %s: the database refuses a value: %w", op.Verb, op.Kind, op.Anchor, cause)
}

// badKey tells whether it is the op's own row whose key is none.
func (l *layout) badKey(db *session, op adsync.Op) bool {
	key, ok := l.keyOf(op.Target)
	return ok && nil != db.within(func() error {
		_, err := l.exists(db, key)
		return err
	})
}

// explainUnique finds who has the value. When it is the external id, an older
// row of the same directory object, the mark moves to the row that the op names.
func (s *Sink) explainUnique(db *session, op adsync.Op, l *layout, cause error) (adsync.Receipt, error) {
	self, _ := l.keyOf(op.Target)
	writes, err := l.writes(op, op.Target == "")
	if err == nil {
		err = l.free(db, op, writes, self)
	}
	if err != nil {
		return adsync.Receipt{}, err
	}
	holder, err := l.marked(db, op)
	if err != nil {
		return adsync.Receipt{}, err
	}
	if op.Target == "" || holder == "" || holder == self {
		conflict := adsync.Errorf(adsync.CodeConflict, "localdb: a unique rule of the table %s is in the way of %s: %w", l.table, op.Anchor, cause)
		conflict.Problem = "value-in-use"
		return adsync.Receipt{}, conflict
	}
	var r adsync.Receipt
	err = db.within(func() error {
		if _, _, err := db.exec("UPDATE "+l.table+" SET "+quote(l.ExternalID)+" = NULL WHERE "+l.key+" = $1", holder); err != nil {
			return err
		}
		r, err = s.do(db, op)
		return err
	})
	return r, err
}
