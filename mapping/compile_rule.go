package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// sourceAttr gives the number of a source attribute that a rule reads.
func (c *compiler) sourceAttr(at position, where, name string) int {
	slot, ok := c.language.layout.find(name)
	if !ok {
		hint := c.suggest(name, slices.Values(c.language.layout.names))
		if hint == "" {
			hint = "; add it there if the directory has it"
		}
		c.add(at, "%s: %q is not in the source list%s", where, name, hint)
	}
	return slot
}

func (c *compiler) step(kind adsync.Kind, r Rule) *step {
	where := ruleName(kind, r.To)
	st := &step{to: r.To, label: label(r), rule: r, multi: r.Multi, offTable: r.OffTable, blank: r.Blank}
	if len(r.From) == 0 {
		c.add(r.at, "%s: the rule says nothing about where the value comes from; give from, expr or constant", where)
	}
	for _, v := range r.From {
		st.from = append(st.from, c.operand(where, r, v))
	}
	c.normalize(st, where, r)
	if r.Table != "" {
		table, ok := c.rules.Tables[r.Table]
		if !ok {
			c.add(r.at, "%s: there is no table %q%s", where, r.Table, c.suggest(r.Table, maps.Keys(c.rules.Tables)))
		}
		st.table = foldKeys(table)
	}
	if r.Default != "" {
		st.fallback = []string{r.Default}
	}
	return st
}

func ruleName(kind adsync.Kind, attr string) string { return kind.String() + "." + attr }

// label names the target attribute and what it is made of.
func label(r Rule) string {
	var parts []string
	for _, v := range r.From {
		if v.Attr != "" {
			parts = append(parts, v.Attr)
		}
	}
	if len(parts) == 0 {
		return r.To
	}
	return fmt.Sprintf("%s (from %s)", r.To, strings.Join(parts, ", "))
}

func (c *compiler) operand(where string, r Rule, v Value) operand {
	at := v.at
	if at.line == 0 {
		at = r.at
	}
	set := 0
	for _, s := range []string{v.Attr, v.Expr, v.Constant} {
		if s != "" {
			set++
		}
	}
	switch {
	case set != 1:
		c.add(at, "%s: a value is an attribute, an expression or a constant, and exactly one of them", where)
	case v.Constant != "":
		return operand{constant: []string{v.Constant}}
	case v.Attr != "":
		return operand{slot: c.sourceAttr(at, where, v.Attr)}
	default:
		e, err := c.language.compile(v.Expr, false)
		if err != nil {
			c.add(at, "%s: %v", where, err)
		}
		return operand{expression: e}
	}
	return operand{}
}

func (c *compiler) normalize(st *step, where string, r Rule) {
	names := r.Normalize
	if names == nil {
		names = []string{"text"}
	}
	for _, name := range names {
		n, ok := c.normalizers[name]
		switch {
		case !ok:
			c.add(r.at, "%s: there is no normaliser %q%s", where, name, c.suggest(name, maps.Keys(c.normalizers)))
		case n.List != nil && len(st.values) > 0:
			c.add(r.at, "%s: normaliser %q takes all values at once and stands before those that take one", where, name)
		case n.List != nil:
			st.lists = append(st.lists, n)
		default:
			st.values = append(st.values, n)
			st.raw = st.raw || name == rawName
		}
	}
	st.plain = len(names) == 1 && names[0] == "text"
}
