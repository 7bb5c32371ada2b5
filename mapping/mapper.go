package mapping

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

var (
	_ adsync.Mapper    = (*Mapper)(nil)
	_ adsync.Producer  = (*Mapper)(nil)
	_ adsync.Tracer    = (*Mapper)(nil)
	_ adsync.Validator = (*Mapper)(nil)
)

// Mapper maps objects by rules. Make one with New, Load, ActiveDirectory or
// OpenLDAP; it does not change afterwards, and several goroutines may use it.
type Mapper struct {
	kinds      map[adsync.Kind]*kindSteps
	layout     *layout
	attributes []string
	digest     string
	fault      error
}

// kindSteps are the compiled rules of a kind. Steps are in the order of their
// folded target names, the order in which Attributes keeps them.
type kindSteps struct {
	skip    []*expression
	becomes []becomeStep
	// The same as they were written, for traces.
	skipRules   []Condition
	becomeRules []Become
	container   *step
	references  []referenceStep
	steps       []*step
}

type becomeStep struct {
	kind adsync.Kind
	when *expression // nil always holds
}

type referenceStep struct {
	to, from string
	blank    Blank
	at       position
}

// New compiles rules. The error joins every fault that it finds.
func New(rules Rules, options ...Option) (*Mapper, error) {
	m := compile(rules, collect(options))
	if m.fault != nil {
		return nil, m.fault
	}
	return m, nil
}

// Attributes names the source attributes that the rules read, in order.
func (m *Mapper) Attributes() []string { return slices.Clone(m.attributes) }

// Digest changes when the rules, the parameters or the normalisers change what
// they do; white space, comments, examples and the order of rules do not count.
func (m *Mapper) Digest() string { return m.digest }

// Validate tells what is wrong with a ready map's parameters, or that there is
// no map. Maps made by New and Load have no faults.
func (m *Mapper) Validate() error {
	if m == nil || m.layout == nil {
		return errNoMap
	}
	return m.fault
}

var errNoMap = errors.New("mapping: the map is nil or empty; make it with New, Load or a ready map, and look at the error that they give")

// Produces names the target attributes and references that an object of the
// kind may get, in order.
func (m *Mapper) Produces(kind adsync.Kind) []string {
	if m == nil {
		return nil // Validate tells
	}
	k := m.kinds[kind]
	if k == nil {
		return nil
	}
	var names []string
	for _, s := range k.steps {
		names = append(names, s.to)
	}
	for _, r := range k.references {
		names = append(names, r.to)
	}
	slices.Sort(names)
	return names
}

// Map gives the object in the target's shape. Kinds without rules and objects
// that a condition leaves out give adsync.ErrSkip; see the package comment for
// the other errors.
func (m *Mapper) Map(o adsync.Object) (adsync.Object, error) {
	if m.fault != nil {
		return adsync.Object{}, m.fault
	}
	s := m.layout.pool.Get().(*scratch)
	defer m.layout.pool.Put(s)
	return m.mapWith(s, o)
}

func (m *Mapper) mapWith(s *scratch, o adsync.Object) (adsync.Object, error) {
	k := m.kinds[o.Kind]
	if k == nil {
		return adsync.Object{}, adsync.ErrSkip
	}
	s.fill(m.layout, o)
	kind, err := k.kindOf(s, o.Kind)
	if err != nil {
		return adsync.Object{}, err
	}
	if k = m.kinds[kind]; k == nil {
		return adsync.Object{}, adsync.ErrSkip
	}
	return k.build(s, o, kind)
}

// kindOf judges the conditions of the kind as read.
func (k *kindSteps) kindOf(s *scratch, kind adsync.Kind) (adsync.Kind, error) {
	for _, c := range k.skip {
		if yes, err := c.holds(s); err != nil {
			return 0, refuse("", "skip", err)
		} else if yes {
			return 0, adsync.ErrSkip
		}
	}
	for _, b := range k.becomes {
		if b.when == nil {
			return b.kind, nil
		}
		if yes, err := b.when.holds(s); err != nil {
			return 0, refuse("", "becomes", err)
		} else if yes {
			return b.kind, nil
		}
	}
	return kind, nil
}

func (k *kindSteps) build(s *scratch, o adsync.Object, kind adsync.Kind) (adsync.Object, error) {
	out := adsync.Object{Kind: kind, Anchor: o.Anchor, Container: o.Container}
	list := make([]adsync.Attribute, 0, len(k.steps))
	for _, st := range k.steps {
		values, present, err := st.run(s)
		if err != nil {
			return adsync.Object{}, err
		}
		if present {
			list = append(list, adsync.Attribute{Name: st.to, Values: values})
		}
	}
	out.Attrs = adsync.MakeAttributes(list...)
	if k.container != nil {
		values, _, err := k.container.run(s)
		if err != nil {
			return adsync.Object{}, err
		}
		if len(values) > 0 {
			out.Container = values[0]
		}
	}
	out.Refs = k.refs(o.Refs)
	return out, nil
}

// refs copies the references; names fold ASCII case as those of attributes do.
func (k *kindSteps) refs(have map[string][]adsync.Anchor) map[string][]adsync.Anchor {
	var out map[string][]adsync.Anchor
	for _, r := range k.references {
		anchors, ok := have[r.from]
		if !ok {
			anchors, ok = foldedRef(have, r.from)
		}
		if !ok && r.blank != Clear {
			continue
		}
		if out == nil {
			out = make(map[string][]adsync.Anchor, len(k.references))
		}
		out[r.to] = anchors
	}
	return out
}

func foldedRef(have map[string][]adsync.Anchor, name string) ([]adsync.Anchor, bool) {
	for _, n := range slices.Sorted(maps.Keys(have)) {
		if strings.EqualFold(n, name) {
			return have[n], true
		}
	}
	return nil, false
}
