package mapping

import (
	"fmt"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// Trace says how Map makes an object, rule by rule, with the values after each
// step. It runs the same compiled rules as Map does.
func (m *Mapper) Trace(o adsync.Object) adsync.Trace {
	if m.fault != nil {
		return adsync.Trace{Decided: m.fault.Error()}
	}
	s := m.layout.pool.Get().(*scratch)
	defer m.layout.pool.Put(s)
	k := m.kinds[o.Kind]
	if k == nil {
		return adsync.Trace{Kind: o.Kind, Decided: fmt.Sprintf("the map has no rules for kind %s", o.Kind)}
	}
	s.fill(m.layout, o)
	kind, decided, out := k.decided(s, o.Kind)
	t := adsync.Trace{Kind: kind, Decided: decided}
	if out {
		return t
	}
	if k = m.kinds[kind]; k == nil {
		t.Decided = fmt.Sprintf("the map has no rules for kind %s", kind)
		return t
	}
	for _, st := range k.steps {
		t.Rules = append(t.Rules, m.traceStep(s, st))
	}
	for _, r := range k.references {
		t.Rules = append(t.Rules, r.trace(o.Refs))
	}
	slices.SortStableFunc(t.Rules, func(a, b adsync.RuleTrace) int { return compareFold(a.Attr, b.Attr) })
	return t
}

// decided gives the kind, the condition that decided about it, and whether the
// object is left out, by the same conditions as kindOf.
func (k *kindSteps) decided(s *scratch, kind adsync.Kind) (to adsync.Kind, rule string, out bool) {
	for i, c := range k.skip {
		rule := fmt.Sprintf("%s.skip: %s%s", kind, k.skipRules[i].When, placed(k.skipRules[i].at))
		if yes, err := c.holds(s); err != nil {
			return kind, rule + " fails: " + err.Error(), true
		} else if yes {
			return kind, rule, true
		}
	}
	for i, b := range k.becomes {
		rule := fmt.Sprintf("%s.becomes %s: %s%s", kind, b.kind, k.becomeRules[i].When, placed(k.becomeRules[i].at))
		if b.when == nil {
			return b.kind, rule, false
		}
		if yes, err := b.when.holds(s); err != nil {
			return kind, rule + " fails: " + err.Error(), true
		} else if yes {
			return b.kind, rule, false
		}
	}
	return kind, "", false
}

func (m *Mapper) traceStep(s *scratch, st *step) adsync.RuleTrace {
	t := tracing{s: s, st: st, out: adsync.RuleTrace{Attr: st.to, Rule: st.rule.text(), Place: st.rule.at.text()}}
	for i := range st.from {
		t.reads(m.layout, &st.from[i])
	}
	t.run()
	return t.out
}

// tracing follows one rule.
type tracing struct {
	s   *scratch
	st  *step
	out adsync.RuleTrace
}

func (t *tracing) note(step string, values []string) {
	t.out.Steps = append(t.out.Steps, adsync.TraceStep{Step: step, Values: slices.Clone(values)})
}

func (t *tracing) reads(l *layout, o *operand) {
	var slots []int
	switch {
	case o.expression != nil:
		for _, in := range o.expression.inputs {
			slots = append(slots, in.slot)
		}
	case o.constant == nil:
		slots = append(slots, o.slot)
	}
	for _, slot := range slots {
		read := adsync.TraceRead{Attr: l.names[slot], Values: slices.Clone(t.s.slots[slot].values)}
		if !slices.ContainsFunc(t.out.Reads, func(a adsync.TraceRead) bool { return a.Attr == read.Attr }) {
			t.out.Reads = append(t.out.Reads, read)
		}
	}
}

// run takes the steps of step.run, one by one.
func (t *tracing) run() {
	values := t.take()
	if t.out.Error == "" && len(values) > 0 {
		values = t.shape(values)
	}
	switch {
	case t.out.Error != "" || len(values) > 0:
	case len(t.st.fallback) > 0:
		t.note("default", t.st.fallback)
	case t.st.blank == Clear:
		t.note("blank: clear", nil)
	}
}

func (t *tracing) take() []string {
	for i := range t.st.from {
		o := &t.st.from[i]
		found, _, err := o.read(t.s, t.st)
		if err != nil {
			t.out.Error = t.st.refuse(err).Error()
			return nil
		}
		if found = notBlank(found, t.st.raw); len(found) > 0 {
			t.note("take "+t.st.rule.From[i].text(), found)
			return found
		}
	}
	return nil
}

// shape runs the whole of step.shape for its result, and its parts for what
// stands in between.
func (t *tracing) shape(values []string) []string {
	done, err := t.st.shape(slices.Clone(values))
	if err != nil {
		t.out.Error = t.st.refuse(err).Error()
		return nil
	}
	for _, n := range t.st.lists {
		if values, err = n.List(values); err != nil {
			return done // cannot be: shape ran it
		}
		t.note("normalise "+n.Name, values)
	}
	if len(values) > 1 && t.st.multi == First {
		values = values[:1:1]
		t.note("the first", values)
	}
	for _, n := range t.st.values {
		after, err := each(values, n.Value)
		if err == nil && !slices.Equal(after, values) {
			t.note("normalise "+n.Name, after)
			values = after
		}
	}
	if last := t.out.Steps[len(t.out.Steps)-1].Values; !slices.Equal(last, done) {
		t.note(t.st.finish(), done)
	}
	return done
}

// finish names what is left to do once the normalisers ran.
func (st *step) finish() string {
	if st.table != nil {
		return "table " + st.rule.Table
	}
	return "sorted, each once"
}

func each(values []string, f func(string) (string, error)) ([]string, error) {
	out := make([]string, len(values))
	for i, v := range values {
		var err error
		if out[i], err = f(v); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(out, func(v string) bool { return v == "" }), nil
}

func (r *referenceStep) trace(have map[string][]adsync.Anchor) adsync.RuleTrace {
	anchors, ok := have[r.from]
	if !ok {
		anchors, _ = foldedRef(have, r.from)
	}
	read := adsync.TraceRead{Attr: r.from}
	for _, a := range anchors {
		read.Values = append(read.Values, string(a))
	}
	return adsync.RuleTrace{Attr: r.to, Rule: "reference to " + r.from, Place: r.at.text(), Reads: []adsync.TraceRead{read}}
}
