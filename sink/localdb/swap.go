package localdb

import (
	"strings"

	"github.com/adsync/sdk/adsync"
)

// swap carries out the ops of one exchange: all or none. Their rows let go of
// the values first, so that none is in another's way.
func (w *writer) swap(ops []adsync.Op, swap int) error {
	var mine []int
	for i, op := range ops {
		if op.Swap == swap && op.Verb == adsync.Put {
			mine = append(mine, i)
		}
	}
	failed := 0
	err := w.db.within(func() error {
		for _, i := range mine {
			failed = i
			if err := w.sink.park(w.db, ops[i]); err != nil {
				return err
			}
		}
		for _, i := range mine {
			failed = i
			r, err := w.sink.do(w.db, ops[i])
			if err != nil {
				return err
			}
			w.results[i] = adsync.Result{Receipt: r}
		}
		return nil
	})
	if err == nil {
		return nil
	}
	saved := w.saved
	w.saved = true // the savepoint was there, so the transaction lives
	_, err = w.explained(ops[failed], err)
	w.saved = saved
	for _, i := range mine {
		w.results[i] = adsync.Result{Err: err}
	}
	return deeper(err)
}

// park lets an op's row go of the unique values that the op changes. Where a
// key column holds the rule it is emptied; else a placeholder that cannot be
// anybody's value takes the value's place.
func (s *Sink) park(db *session, op adsync.Op) error {
	l := s.layouts[op.Kind]
	if l == nil || op.Target == "" {
		return nil
	}
	key, ok := l.keyOf(op.Target)
	if !ok {
		return notFound(op)
	}
	var set []string
	for name := range op.Set.All() {
		a, ok := l.attr(name)
		switch {
		case !ok:
		case a.Unique && a.Key != "":
			set = append(set, quote(a.Key)+" = NULL")
		case a.Unique:
			set = append(set, quote(a.Column.Name)+" = '~'||CAST("+l.key+" AS TEXT)")
		}
	}
	if len(set) == 0 {
		return nil
	}
	_, _, err := db.exec("UPDATE "+l.table+" SET "+strings.Join(set, ", ")+" WHERE "+l.key+" = $1", key)
	return err
}
