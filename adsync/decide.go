package adsync

import (
	"fmt"
	"time"
)

// matter is all that one decision rests on. Deciding reads nothing else and
// writes nothing: the same matter gives the same decision.
type matter struct {
	source string
	r      *staged
	link   *Link // nil: none
	base   Digest
	// candidates are what the target has that matches, surest rung first.
	candidates []candidate
	// owners are the links that hold the candidates.
	owners    map[TargetID]Link
	gone      func(*Link) bool    // the owner's object is no longer in the directory
	contested func(TargetID) bool // several objects match it
	with      LinkRef             // the link it takes over from, or shares with; see staged.taking
	// promised: a person said that another object shall have it.
	promised func(TargetID) bool
	answer   Answer // zero: none
	// holders are objects of the target that held a value it needed when it was
	// last written.
	holders []TargetID
	// unknown: an earlier run may have created it, and could not tell.
	unknown   *Issue
	settled   *Result // what became of a pending op; nil: nothing yet
	sought    *sought // of an object that was sent to be made and has left; see LinkSent
	duplicate *Issue  // shares a key with another object
	unsure    bool    // the read is not to be trusted for what it lacks
	lost      bool    // an attribute is missing that most objects had
	movesOn   bool    // the next read will not show it again
	now       time.Time
}

type candidate struct {
	rung int
	Target
}

// decision is what to do about one object.
type decision struct {
	ops    []PlannedOp
	issues []Issue
	// parks are ops of other objects, which let go of values that this one needs.
	parks []PlannedOp
	// reference is the op for references, to be completed once it is known
	// which of the objects referred to will be there.
	reference *PlannedOp
	skipped   bool
	unchanged bool
	keeps     bool // what an earlier run found wrong stays, although there are ops
	// aside: the object has no link after this plan.
	aside bool
}

// Links that are staged for another reason than what a read showed.
const (
	dueOnly     Presence = 255 - iota // the clock alone brings it up
	settledOnly                       // the target said what became of it
	sharedOnly                        // another link holds its target object
	forgetOnly                        // it shared, and is gone
	passedOver                        // the mapping leaves it out, or cannot map it; what was staged before is void
)

func (s *settings) decide(m *matter) *decision {
	d := &decision{}
	switch {
	case m.answer.Verdict == AnswerIgnore:
		d.skipped, d.aside = true, m.link == nil
	case m.r.presence == sharedOnly || m.r.presence == forgetOnly:
		s.decideShared(m, d)
	case m.r.same:
		d.unchanged = true
	case m.link != nil && m.link.State == LinkPending && !m.settle(d):
		m.waitForTarget(d)
	case m.r.presence == passedOver:
	case m.r.presence == settledOnly:
		s.noteSettled(m, d)
	case m.r.presence == dueOnly:
		s.decideDue(m, d)
	case m.r.presence != Present:
		s.decideLeaver(m, d)
	case m.link == nil || m.link.State.detached():
		s.decideNew(m, d)
	case m.link.Kind != m.r.object.Kind:
		s.decideOtherKind(m, d)
	default:
		s.decideLinked(m, d)
	}
	s.takeLinkOver(m, d)
	return d
}

func (m *matter) issue(code IssueCode, attr, format string, args ...any) Issue {
	return Issue{Source: m.source, Anchor: m.anchor(), Kind: m.kind(), Name: m.name(), Code: code, Attr: attr, Detail: fmt.Sprintf(format, args...)}
}

func (m *matter) anchor() Anchor {
	if m.r.object.Anchor == "" && m.link != nil {
		return m.link.Anchor
	}
	return m.r.object.Anchor
}

func (m *matter) kind() Kind {
	if m.link != nil && m.r.presence != Present {
		return m.link.Kind
	}
	return m.r.object.Kind
}

// name is what people call the object, for lists.
func (m *matter) name() string {
	attrs := m.r.object.Attrs
	if attrs.Len() == 0 && m.link != nil {
		attrs = m.link.Applied
	}
	return calledBy(attrs)
}

// op starts an op of this object, the one after those already decided.
func (m *matter) op(d *decision, phase Phase, verb Verb, intent Intent) PlannedOp {
	op := PlannedOp{Phase: phase, Verb: verb, Intent: intent, Kind: m.kind(), Source: m.source, Anchor: m.anchor(), Link: m.r.key, Base: m.base}
	if m.link != nil {
		op.Generation, op.Target, op.State, op.Left = m.link.Generation, m.link.Target, m.link.State, m.link.Left
		op.Full, op.Due, op.Identity = m.link.Applied, m.link.Due, m.link.Identity
		op.Container = m.link.Container
		if m.link.State.detached() {
			op.Target, op.State = "", LinkActive
		}
	}
	if m.r.identity != (LinkKey{}) {
		op.Identity = m.r.identity
	}
	if m.r.presence == Present {
		op.Container = m.r.object.Container
	}
	op.Origin = m.r.said()
	op.comesAfter(len(d.ops))
	return op
}

// comesAfter puts n more ops of the same object ahead of this one.
func (op *PlannedOp) comesAfter(n int) {
	op.Generation, op.Ahead = op.Generation+uint64(n), op.Ahead+n
	op.Follows = op.Follows || n > 0
}

func phaseOf(kind Kind) Phase {
	switch kind {
	case OrganizationalUnit:
		return PhaseUnits
	case Group:
		return PhaseGroups
	}
	return PhasePeople
}

// finishOps decides about references and lets the last op carry the digest. An
// object of which something is held back, or found wrong, is left without one,
// so that the next read is looked at again.
func (s *settings) finishOps(m *matter, d *decision, full Attributes, last PlannedOp) {
	digest := m.r.digest
	if m.unsure || len(d.issues) > 0 {
		digest = Digest{}
	}
	d.reference = s.references(m, d, full, last)
	if d.reference != nil {
		d.reference.Digest = digest
		return
	}
	if n := len(d.ops); n > 0 {
		d.ops[n-1].Digest = digest
		d.ops[n-1].Due = timeOf(m.r.due)
		return
	}
	d.unchanged = true
	if digest.IsZero() && m.link.Digest != m.r.digest && !m.link.Left {
		return // what is remembered differs from what was read, and shall
	}
	last.Verb, last.Intent, last.Old, last.Digest = 0, 0, Attributes{}, digest
	d.ops = append(d.ops, last)
}

func (s *settings) intentOf(kind Kind, old Attributes) Intent {
	for name := range old.All() {
		if s.naming(kind, name) {
			return IntentRename
		}
	}
	return IntentUpdate
}

func (d *decision) addFaults(m *matter, faults []fault) {
	for _, f := range faults {
		d.issues = append(d.issues, m.issue(f.code, f.attr, "%s", f.detail))
	}
}

// takeLinkOver lets the first op of an object that takes over another link's
// target object say so.
func (s *settings) takeLinkOver(m *matter, d *decision) {
	if m.r.presence != Present || !m.r.taking {
		return
	}
	for i := range d.ops {
		if d.ops[i].Target != "" && d.ops[i].Link == m.r.key {
			d.ops[i].Replaces = m.with
			return
		}
	}
}
