package adsync

import (
	"slices"

	"github.com/adsync/sdk/internal/protection"
)

// decideLinked compares what the object should be with what was last applied.
func (s *settings) decideLinked(m *matter, d *decision) {
	link, kind := m.link, m.r.object.Kind
	if s.linkProtected(m, d, "changed in the directory") {
		return
	}
	full := s.merge(kind, link.Applied, m.r.object.Attrs, false)
	if m.unsure {
		full = keepCleared(link.Applied, full)
	}
	base, off := link.Applied, m.r.activity == activityOff && link.State == LinkActive
	full, faults := s.fit(kind, link.Applied, full)
	if len(faults) > 0 {
		d.addFaults(m, faults)
		if off && !m.unsure { // whatever else is wrong
			s.deactivate(m, d, IntentDeactivate)
		}
		return
	}
	full = s.keepRequired(m, d, full)
	s.release(m, d, full)
	if off && !m.unsure {
		base = s.deactivate(m, d, IntentDeactivate)
	} else if off {
		setOrDelete(&full, AttrActive, link.Applied.Values(AttrActive))
	}
	s.change(m, d, base, full)
}

// linkProtected tells whether the linked object is protected, and lists it then.
func (s *settings) linkProtected(m *matter, d *decision, why string) bool {
	if !s.isProtected(&Target{ID: m.link.Target, Kind: m.link.Kind, Attrs: m.link.Applied}) {
		return false
	}
	d.issues = append(d.issues, m.issue(IssueProtectedTarget, "", "%s, and is linked to %s, which is protected, so it stays as it is", why, m.link.Target))
	return true
}

// keepCleared puts back what full clears: nothing is cleared on the word of a
// read that may not have seen everything.
func keepCleared(applied, full Attributes) Attributes {
	for name, values := range applied.All() {
		if isBlank(full.Values(name)) && !isBlank(values) {
			full = full.Clone()
			full.Set(name, values...)
		}
	}
	return full
}

// keepRequired keeps the old value of a required attribute that would be cleared.
func (s *settings) keepRequired(m *matter, d *decision, full Attributes) Attributes {
	for _, name := range s.missing(m.r.object.Kind, full) {
		old := m.link.Applied.Values(name)
		if isBlank(old) {
			continue
		}
		full = full.Clone()
		full.Set(name, old...)
		d.issues = append(d.issues, m.issue(IssueRequiredMissing, name, "%s is required and is blank in the directory now; the value in the target is kept", name))
	}
	return full
}

// deactivate adds the op and gives the record as it is after it. The op does
// not carry the digest when more follows.
func (s *settings) deactivate(m *matter, d *decision, intent Intent) Attributes {
	if !s.canDeactivate(m.kind()) {
		d.issues = append(d.issues, m.issue(IssueLeaverKept, "", "is inactive in the directory, and the target cannot deactivate a %s, so it stays", m.kind()))
		return m.link.Applied
	}
	op := m.op(d, PhaseDeactivate, Deactivate, intent)
	op.Full = s.inactive(m)
	op.Old = difference(m.link.Applied, op.Full)
	op.State = LinkInactive
	d.ops = append(d.ops, op)
	return op.Full
}

// inactive gives the last applied record as that of an inactive object, where
// the target or the record has the attribute for it.
func (s *settings) inactive(m *matter) Attributes {
	if !s.hasActive(m) {
		return m.link.Applied
	}
	return withActive(m.link.Applied, false)
}

func (s *settings) hasActive(m *matter) bool {
	if m.link != nil && m.link.Applied.Has(AttrActive) {
		return true
	}
	return s.knows(m.kind(), AttrActive) || s.takes(m.kind(), AttrActive) && m.r.object.Attrs.Has(AttrActive)
}

// change adds what makes base into full, and the state of being active.
func (s *settings) change(m *matter, d *decision, base, full Attributes) {
	link := m.link
	wants := m.r.activity == activityOn || m.r.activity == activityUnsaid && s.unsaidIsActive(link)
	reactivate := link.State == LinkInactive && wants && !m.unsure
	switch {
	case reactivate && s.hasActive(m):
		full = withActive(full, true)
	case link.State == LinkInactive && !reactivate && full.Get(AttrActive) == "true":
		full = withActive(full, false)
	}
	old := difference(base, full)
	op := m.op(d, phaseOf(m.kind()), Put, s.intentOf(m.kind(), old))
	op.Full, op.Old, op.Due, op.Left = full, old, timeOf(m.r.due), false
	if len(d.ops) > 0 {
		op.State = LinkInactive
	}
	if reactivate {
		op.Intent, op.State = IntentReactivate, LinkActive
	}
	if m.unsure && link.Left {
		op.Left = true // it came back on the word of a read that is not believed
	}
	if old.Len() > 0 || reactivate || protection.Differences.Removed() {
		d.ops = append(d.ops, op)
	}
	s.finishOps(m, d, full, op)
}

// unsaidIsActive tells whether an object of which nothing is said is active for
// being there. A mapper that does not name what it gives may have said so once
// and have lost the attribute since; only who had left is back then.
func (s *settings) unsaidIsActive(link *Link) bool {
	_, names := s.job.Mapper.(Producer)
	return names || link.Left || !link.Applied.Has(AttrActive)
}

// references gives the op for references that differ from what was last
// applied, with all that are wanted; nil when none differs.
func (s *settings) references(m *matter, d *decision, full Attributes, last PlannedOp) *PlannedOp {
	kind := m.r.object.Kind
	var old Attributes
	with := full.Clone()
	for _, name := range sortedNames(m.r.object.Refs) {
		if !s.takes(kind, name) || s.attribute(kind, name).ReadOnly {
			continue
		}
		values := make([]string, len(m.r.object.Refs[name]))
		for i, a := range m.r.object.Refs[name] {
			values[i] = string(a)
		}
		next, ok := mergeValues(s.mergeMode(name, s.attribute(kind, name)), full.Values(name), values, m.link == nil)
		if !ok || slices.Equal(next, full.Values(name)) || m.unsure && isBlank(next) {
			continue
		}
		old.Set(name, full.Values(name)...)
		setOrDelete(&with, name, next)
	}
	if old.Len() == 0 {
		return nil
	}
	op := last
	op.Phase, op.Verb, op.Intent = PhaseReferences, Put, IntentUpdate
	if n := len(d.ops); n > 0 {
		op.Generation, op.Ahead, op.Intent, op.State = d.ops[n-1].Generation, d.ops[n-1].Ahead, IntentReference, d.ops[n-1].State
		op.comesAfter(1)
	}
	op.Full, op.Old = with, old
	return &op
}
