package mapping

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// runExamples runs the examples of all rules. They use the rules' parameters
// as they are in the map, so that a program's own do not make them fail.
func (c *compiler) runExamples(m *Mapper, parameters map[string]string) {
	for _, kind := range kindsInOrder {
		rules := c.rules.Kinds[kind]
		if rules == nil {
			continue
		}
		for _, r := range rules.Attributes {
			for _, e := range r.Examples {
				c.runExample(m, kind, r.To, e, parameters)
			}
		}
		for _, e := range rules.Examples {
			c.runObjectExample(m, kind, e, parameters)
		}
	}
}

func (c *compiler) runExample(m *Mapper, kind adsync.Kind, to string, e Example, parameters map[string]string) {
	where := ruleName(kind, to)
	s, o, ok := c.prepare(m, kind, where, e.at, e.Give, e.With, parameters)
	if !ok {
		return
	}
	s.fill(m.layout, o)
	i := slices.IndexFunc(m.kinds[kind].steps, func(st *step) bool { return compareFold(st.to, to) == 0 })
	values, present, err := m.kinds[kind].steps[i].run(s)
	got := show(values, present)
	if c.judgeError(where, e.at, err, e.Error, got) {
		return
	}
	if want := show(e.Want, e.Want != nil); want != got {
		c.add(e.at, "%s: the example wants %s and got %s", where, want, got)
	}
}

// judgeError tells whether the error settles the example.
func (c *compiler) judgeError(where string, at position, err error, want, got string) bool {
	switch {
	case err == nil && want == "":
		return false
	case err == nil:
		c.add(at, "%s: the example wants an error with %q and got %s", where, want, got)
	case want == "":
		c.add(at, "%s: the example gives an error: %v", where, err)
	case !strings.Contains(err.Error(), want):
		c.add(at, "%s: the example wants an error with %q and got the error: %v", where, want, err)
	}
	return true
}

func (c *compiler) runObjectExample(m *Mapper, kind adsync.Kind, e ObjectExample, parameters map[string]string) {
	where := fmt.Sprintf("%s.examples", kind)
	s, o, ok := c.prepare(m, kind, where, e.at, e.Give, e.With, parameters)
	if !ok {
		return
	}
	out, err := m.mapWith(s, o)
	if skipped := errors.Is(err, adsync.ErrSkip); skipped || e.Skip {
		if skipped != e.Skip {
			c.add(e.at, "%s: the example wants skip: %t and got %t", where, e.Skip, skipped)
		}
		return
	}
	if c.judgeError(where, e.at, err, e.Error, "none") {
		return
	}
	if e.Kind != 0 && e.Kind != out.Kind {
		c.add(e.at, "%s: the example wants kind %s and got %s", where, e.Kind, out.Kind)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Want)) {
		want, got := show(e.Want[name], e.Want[name] != nil), show(out.Attrs.Values(name), out.Attrs.Has(name))
		if !slices.ContainsFunc(m.Produces(out.Kind), func(p string) bool { return compareFold(p, name) == 0 }) {
			c.add(e.at, "%s: no rule sets %q%s", where, name, c.suggest(name, slices.Values(m.Produces(out.Kind))))
		} else if want != got {
			c.add(e.at, "%s: the example wants %s to be %s and got %s", where, name, want, got)
		}
	}
}

// prepare makes the object of an example and the scratch to map it with.
func (c *compiler) prepare(m *Mapper, kind adsync.Kind, where string, at position, give map[string][]string, with, parameters map[string]string) (*scratch, adsync.Object, bool) {
	before := len(c.list)
	mixed := maps.Clone(parameters)
	for _, name := range slices.Sorted(maps.Keys(c.rules.Parameters)) {
		mixed[name] = c.rules.Parameters[name]
	}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		if _, ok := mixed[name]; !ok {
			c.add(at, "%s: the example sets a parameter %q that the map does not have%s", where, name, c.suggest(name, maps.Keys(mixed)))
		}
		mixed[name] = with[name]
	}
	o := adsync.Object{Kind: kind}
	for _, name := range slices.Sorted(maps.Keys(give)) {
		c.giveOne(&o, where, at, name, give[name])
	}
	return newScratch(len(m.layout.names), mixed), o, len(c.list) == before
}

func (c *compiler) giveOne(o *adsync.Object, where string, at position, name string, values []string) {
	first := strings.Join(values, "")
	switch foldName(name) {
	case pseudoNames[pseudoAnchor]:
		o.Anchor = adsync.Anchor(first)
	case pseudoNames[pseudoContainer]:
		o.Container = first
	case pseudoNames[pseudoKind]:
		kind, err := adsync.ParseKind(first)
		if err != nil {
			c.add(at, "%s: %v", where, err)
		}
		o.Kind = kind
	default:
		if !slices.ContainsFunc(c.rules.Source, func(n string) bool { return compareFold(n, name) == 0 }) {
			c.add(at, "%s: the example gives %q, which is not in the source list%s", where, name, c.suggest(name, slices.Values(c.rules.Source)))
		}
		o.Attrs.Set(name, values...)
	}
}

// show writes values for a person, and tells absent from empty.
func show(values []string, present bool) string {
	switch {
	case !present:
		return "nothing (absent)"
	case len(values) == 0:
		return "[] (clear)"
	case len(values) == 1:
		return fmt.Sprintf("%q", values[0])
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = fmt.Sprintf("%q", v)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
