package mapping

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/adsync/sdk/adsync"
)

// step is a compiled rule.
type step struct {
	to       string
	label    string // to, and what it is made of, for errors
	rule     Rule   // as it was written, for traces
	from     []operand
	lists    []Normalizer
	values   []Normalizer
	plain    bool // values is text and nothing else
	raw      bool
	multi    Multi
	table    map[string]string
	offTable OffTable
	fallback []string
	blank    Blank
}

// operand is where a step finds values: an expression, a constant or a slot.
type operand struct {
	expression *expression
	constant   []string
	slot       int
}

// run gives the values of the target attribute, and whether it is present.
func (st *step) run(s *scratch) (values []string, present bool, err error) {
	values, proven, err := st.take(s)
	if err == nil && len(values) > 0 {
		values, err = st.shape(values)
	}
	if err != nil {
		return nil, false, st.refuse(err)
	}
	switch {
	case len(values) > 0:
		return values, true, nil
	case len(st.fallback) > 0:
		return st.fallback, true, nil
	}
	return nil, proven || st.blank == Clear, nil
}

// take gives the values of the first operand that is not blank, and without
// any, whether the source has proved that there are none.
func (st *step) take(s *scratch) (values []string, proven bool, err error) {
	proven = len(st.from) > 0
	for i := range st.from {
		found, present, err := st.from[i].read(s, st)
		if err != nil {
			return nil, false, err
		}
		if found = notBlank(found, st.raw); len(found) > 0 {
			return found, false, nil
		}
		proven = proven && present
	}
	return nil, proven, nil
}

func (o *operand) read(s *scratch, st *step) (values []string, present bool, err error) {
	switch {
	case o.constant != nil:
		return o.constant, false, nil
	case o.expression != nil:
		values, err = o.expression.values(s, st.multi)
		return values, false, err
	case o.slot < pseudoCount:
		// The scratch is used again: its own values are copied.
		return slices.Clone(s.slots[o.slot].values), true, nil
	}
	return s.slots[o.slot].values, s.slots[o.slot].present, nil
}

// notBlank leaves blank values out. It copies only when it has to.
func notBlank(values []string, raw bool) []string {
	blank := func(v string) bool { return v == "" || !raw && isBlank(v) }
	if !slices.ContainsFunc(values, blank) {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), blank)
}

// shape judges the number of values, normalises them and looks them up.
func (st *step) shape(values []string) ([]string, error) {
	var err error
	for _, n := range st.lists {
		if values, err = n.List(values); err != nil {
			return nil, err
		}
	}
	if len(values) > 1 && st.multi == One {
		return nil, misfit{fmt.Errorf("there are %d values where one is expected; say multi: first or multi: all", len(values))}
	}
	if len(values) > 1 && st.multi == First {
		values = values[:1:1]
	}
	if values, err = st.normalize(values); err != nil {
		return nil, err
	}
	if st.multi == All && len(values) > 1 {
		values = slices.Clone(values)
		slices.Sort(values)
		values = slices.Compact(values)
	}
	return values, nil
}

// normalize copies the values only when one changes.
func (st *step) normalize(values []string) ([]string, error) {
	copied := false
	for i, v := range values {
		after, err := st.one(v)
		if err != nil {
			return nil, err
		}
		if after == v {
			continue
		}
		if !copied {
			values, copied = slices.Clone(values), true
		}
		values[i] = after
	}
	if !copied {
		return values, nil
	}
	return slices.DeleteFunc(values, func(v string) bool { return v == "" }), nil
}

func (st *step) one(v string) (string, error) {
	if st.plain && st.table == nil && isPlain(v) {
		return v, nil
	}
	if !st.raw && !utf8.ValidString(v) {
		return "", errNotText
	}
	for _, n := range st.values {
		var err error
		if v, err = n.Value(v); err != nil {
			return "", err
		}
	}
	if st.table == nil || v == "" {
		return v, nil
	}
	return st.lookUp(v)
}

func (st *step) lookUp(v string) (string, error) {
	found, ok := st.table[tableKey(v)]
	switch {
	case ok:
		return found, nil
	case st.offTable == Keep:
		return v, nil
	case st.offTable == Drop:
		return "", nil
	}
	return "", errors.New("the value is not in the lookup table; add it, or say off-table: keep or drop")
}

// misfit is an error of the rule rather than of the value.
type misfit struct{ error }

// refuse makes an error of the object.
func (st *step) refuse(err error) error { return refuse(st.to, st.label, err) }

func refuse(attr, label string, err error) error {
	e := adsync.Errorf(adsync.CodeInvalid, "%s: %w", label, err)
	e.Attr, e.Problem = attr, string(adsync.IssueValueInvalid)
	if _, ok := errors.AsType[misfit](err); ok {
		e.Problem = string(adsync.IssueMapping)
	}
	return e
}
