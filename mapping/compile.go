package mapping

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// kindsInOrder is the order in which faults are reported.
var kindsInOrder = []adsync.Kind{adsync.User, adsync.Group, adsync.Contact, adsync.OrganizationalUnit}

// compiler turns rules into steps and collects what is wrong with them.
type compiler struct {
	faults
	rules       Rules
	language    *language
	normalizers map[string]Normalizer
	settings    settings
}

// compile gives a Mapper, with its fault set when the rules cannot be used.
func compile(rules Rules, s settings) *Mapper {
	rules = s.apply(rules)
	c := &compiler{faults: faults{text: rules.text}, rules: rules, settings: s}
	parameters := s.parametersOf(rules, c.add)
	c.checkNames(parameters)
	m := &Mapper{kinds: map[adsync.Kind]*kindSteps{}, layout: newLayout(rules.Source, parameters)}
	c.language = newLanguage(m.layout, parameters, rules.Tables)
	c.collectNormalizers()
	for _, kind := range slices.Sorted(maps.Keys(rules.Kinds)) {
		if k := rules.Kinds[kind]; k != nil {
			m.kinds[kind] = c.kind(kind, k)
		}
	}
	if len(m.kinds) == 0 {
		c.add(position{}, "map: there are no rules, so that every object would be left out; add user, group, contact or organizational-unit")
	}
	c.checkBecomes()
	m.attributes = m.attributesRead()
	m.digest = c.digest(parameters, m)
	if len(c.list) == 0 {
		c.runExamples(m, parameters)
	}
	m.fault = c.error()
	return m
}

var (
	attributeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9;_.-]{0,255}$`)
	parameterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)
)

// checkNames checks what the map declares.
func (c *compiler) checkNames(parameters map[string]string) {
	for _, name := range c.rules.Source {
		at := c.rules.places["source "+name]
		if !attributeName.MatchString(name) {
			c.add(at, "source: %q is no attribute name", name)
		}
		if slices.Contains([]string{"anchor", "kind"}, foldName(name)) {
			c.add(at, "source: %q is always there and stands for the object's own %s; take it out of the list", name, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		at := c.rules.places["parameters "+name]
		if !parameterName.MatchString(name) {
			c.add(at, "parameters: %q is no word of letters, digits and _", name)
		}
		if slices.ContainsFunc(slices.Concat(c.rules.Source, pseudoNames[:]), func(n string) bool { return compareFold(n, name) == 0 }) {
			c.add(at, "parameters: %q is also an attribute; give the parameter another name", name)
		}
	}
}

func (c *compiler) collectNormalizers() {
	c.normalizers = map[string]Normalizer{}
	for _, n := range builtin() {
		c.normalizers[n.Name] = n
	}
	for _, n := range c.settings.normalizers {
		if _, taken := c.normalizers[n.Name]; taken || n.Name == "" {
			c.add(position{}, "normaliser %q: the name is taken or empty", n.Name)
		}
		if (n.Value == nil) == (n.List == nil) {
			c.add(position{}, "normaliser %q: set either Value or List", n.Name)
		}
		c.normalizers[n.Name] = n
	}
}

// targets gives the attributes that the kind's rules may set.
func (c *compiler) targets(kind adsync.Kind) []string {
	known := c.settings.targets[kind]
	if len(c.settings.targets) == 0 {
		known = Vocabulary(kind)
	}
	return slices.Concat(known, c.rules.Target)
}

func (c *compiler) kind(kind adsync.Kind, k *KindRules) *kindSteps {
	out := &kindSteps{}
	if !slices.Contains(kindsInOrder, kind) {
		c.add(k.at, "%s is no kind of object", kind)
		return out
	}
	for _, s := range k.Skip {
		out.skip = append(out.skip, c.condition(s.at, fmt.Sprintf("%s.skip", kind), s.When))
		out.skipRules = append(out.skipRules, s)
	}
	for _, b := range k.Becomes {
		step := becomeStep{kind: b.Kind}
		if b.When != "" {
			step.when = c.condition(b.at, fmt.Sprintf("%s.becomes", kind), b.When)
		}
		out.becomes = append(out.becomes, step)
		out.becomeRules = append(out.becomeRules, b)
	}
	if len(k.Container) > 0 {
		out.container = c.step(kind, Rule{To: "container", From: k.Container, Normalize: []string{"trim"}, at: k.Container[0].at})
	}
	c.attributes(kind, k, out)
	return out
}

// attributes compiles rules and references; no two may have the same target.
func (c *compiler) attributes(kind adsync.Kind, k *KindRules, out *kindSteps) {
	targets, taken := c.targets(kind), map[string]bool{}
	check := func(at position, to string) string {
		if taken[foldName(to)] {
			c.add(at, "%s: there are two rules for this attribute; keep one", ruleName(kind, to))
		}
		taken[foldName(to)] = true
		i := slices.IndexFunc(targets, func(t string) bool { return compareFold(t, to) == 0 })
		if i < 0 {
			c.add(at, "%s: the target has no such attribute%s", ruleName(kind, to), c.hintTarget(to, targets))
			return to
		}
		return targets[i]
	}
	for _, r := range k.Attributes {
		r.To = check(r.at, r.To)
		out.steps = append(out.steps, c.step(kind, r))
	}
	slices.SortFunc(out.steps, func(a, b *step) int { return compareFold(a.to, b.to) })
	for _, r := range k.References {
		to := check(r.at, r.To)
		c.sourceAttr(r.at, ruleName(kind, r.To), r.From)
		out.references = append(out.references, referenceStep{to: to, from: r.From, blank: r.Blank, at: r.at})
	}
	slices.SortFunc(out.references, func(a, b referenceStep) int { return compareFold(a.to, b.to) })
}

func (c *compiler) hintTarget(to string, targets []string) string {
	if hint := c.suggest(to, slices.Values(targets)); hint != "" {
		return hint
	}
	return "; if it has one, add the name to the map's target list"
}

func (c *compiler) condition(at position, where, text string) *expression {
	e, err := c.language.compile(text, true)
	if err != nil {
		c.add(at, "%s: %v", where, err)
		return nil
	}
	return e
}

// checkBecomes refuses a change to a kind without rules: it would leave the
// objects out without saying so.
func (c *compiler) checkBecomes() {
	for _, kind := range kindsInOrder {
		k := c.rules.Kinds[kind]
		if k == nil {
			continue
		}
		for _, b := range k.Becomes {
			if c.rules.Kinds[b.Kind] == nil {
				c.add(b.at, "%s.becomes: there are no rules for kind %s; add them, or leave the objects out with skip", kind, b.Kind)
			}
		}
	}
}
