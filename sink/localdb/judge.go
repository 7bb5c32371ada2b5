package localdb

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/adsync/sdk/adsync"
)

// written is one column with the value it gets; nil clears it.
type written struct {
	column string
	value  any
	attr   *attr // nil for what is no attribute
}

// writes holds what an op sets against the columns, and gives what is written.
func (l *layout) writes(op adsync.Op, creating bool) ([]written, error) {
	return l.writesInto(make([]written, 0, 2*op.Set.Len()+4), op, creating)
}

// writesInto appends what is written.
func (l *layout) writesInto(out []written, op adsync.Op, creating bool) ([]written, error) {
	for name, values := range op.Set.All() {
		if l.Active != "" && strings.EqualFold(name, adsync.AttrActive) {
			v, err := l.activeValue(values)
			if err != nil {
				return nil, err
			}
			out = append(out, written{column: l.Active, value: v})
			continue
		}
		var err error
		if out, err = l.write(out, name, values, creating); err != nil {
			return nil, err
		}
	}
	return out, l.lacks(op, creating)
}

// lacks says whether a required attribute would be without a value.
func (l *layout) lacks(op adsync.Op, creating bool) error {
	for i := range l.attrs {
		a := &l.attrs[i]
		if a.Required && (creating || op.Set.Has(a.name)) && strings.TrimSpace(op.Set.Get(a.name)) == "" {
			return invalid("required-missing", a.name, "%s needs a value", a.name)
		}
	}
	return nil
}

func (l *layout) activeValue(values []string) (any, error) {
	switch {
	case slices.Equal(values, []string{"true"}):
		return l.ActiveValue, nil
	case slices.Equal(values, []string{"false"}):
		return l.InactiveValue, nil
	}
	return nil, invalid("value-invalid", adsync.AttrActive, "active is true or false")
}

// write adds the columns of one attribute: its own, and its key's.
func (l *layout) write(out []written, name string, values []string, creating bool) ([]written, error) {
	a, ok := l.attr(name)
	if !ok {
		return nil, invalid("value-invalid", name, "the table %s has no column for %s, or it is never written", l.table, name)
	}
	if a.CreateOnly && !creating {
		return nil, invalid("value-invalid", name, "%s is written when the object is made, and not again", name)
	}
	if len(values) > 1 && !a.List {
		return nil, invalid("value-invalid", name, "%s takes one value, not %d", name, len(values))
	}
	for _, v := range values {
		if err := a.judge(v); err != nil {
			return nil, err
		}
	}
	if a.Refers != 0 {
		w, err := a.reference(values)
		return append(out, w), err
	}
	out = append(out, written{column: a.Column.Name, value: a.encode(values), attr: a})
	if a.Key != "" {
		out = append(out, written{column: a.Key, value: a.folded(values), attr: a})
	}
	return out, nil
}

func (a *attr) judge(v string) error {
	if !clean(v) {
		return invalid("value-invalid", a.name, "%s holds bytes that are no text", a.name)
	}
	if n := len(v); a.Length > 0 && n > a.Length {
		n = utf8.RuneCountInString(v)
		if n <= a.Length {
			return nil
		}
		return invalid("value-too-long", a.name, "%s takes %d characters, not %d", a.name, a.Length, n)
	}
	return nil
}

// reference gives the key of the row that a value names.
func (a *attr) reference(values []string) (written, error) {
	w := written{column: a.Column.Name, attr: a}
	if len(values) == 1 && values[0] != "" {
		key, ok := (&layout{kind: a.Refers}).keyOf(adsync.TargetID(values[0]))
		if !ok {
			return w, invalid("value-invalid", a.name, "%s refers to %q, which is no %s", a.name, values[0], a.Refers)
		}
		w.value = key
	}
	return w, nil
}

// encode gives what the column holds. No value is NULL; several are a JSON array.
func (a *attr) encode(values []string) any {
	if len(values) == 0 || (len(values) == 1 && values[0] == "") {
		return nil
	}
	if !a.List {
		return values[0]
	}
	text, err := json.Marshal(values)
	if err != nil {
		return nil // strings always marshal
	}
	return string(text)
}

func (a *attr) folded(values []string) any {
	if len(values) == 0 {
		return nil
	}
	if f := fold(values[0]); f != "" {
		return f
	}
	return nil
}

// clean tells whether both databases take the text.
func clean(v string) bool { return utf8.ValidString(v) && !strings.Contains(v, "\x00") }

func invalid(problem, attr, format string, args ...any) error {
	err := adsync.Errorf(adsync.CodeInvalid, "localdb: "+format, args...)
	err.Problem, err.Attr = problem, attr
	return err
}

func notFound(op adsync.Op) error {
	return adsync.Errorf(adsync.CodeNotFound, "localdb: there is no %s %q", op.Kind, op.Target)
}
