package adsync

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
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
	settled   Result // what became of a pending op; the zero Result: nothing yet
	duplicate *Issue // shares a key with another object
	unsure    bool   // the read is not to be trusted for what it lacks
	lost      bool   // an attribute is missing that most objects had
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
	// aside: the object has no link after this plan.
	aside bool
}

// Links that are staged for another reason than what a read showed.
const (
	dueOnly     Presence = 255 - iota // the clock alone brings it up
	settledOnly                       // the target said what became of it
	sharedOnly                        // another link holds its target object
	forgetOnly                        // it shared, and is gone
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
		d.unchanged = m.r.presence == Present
	case m.r.presence == settledOnly:
		s.noteSettled(m, d)
	case m.r.presence == dueOnly:
		s.decideDue(m, d)
	case m.r.presence != Present:
		s.decideLeaver(m, d)
	case m.link == nil || m.link.State == LinkLost:
		s.decideNew(m, d)
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
		if m.link.State == LinkLost {
			op.Target, op.State = "", LinkActive
		}
	}
	if m.r.identity != (LinkKey{}) {
		op.Identity = m.r.identity
	}
	op.Generation += uint64(len(d.ops))
	op.Follows = len(d.ops) > 0
	return op
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
			s.deactivate(m, d, IntentDeactivate, full)
		}
		return
	}
	full = s.keepRequired(m, d, full)
	s.release(m, d, full)
	if off && !m.unsure {
		base = s.deactivate(m, d, IntentDeactivate, full)
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
func (s *settings) deactivate(m *matter, d *decision, intent Intent, full Attributes) Attributes {
	if !s.canDeactivate(m.kind()) {
		d.issues = append(d.issues, m.issue(IssueLeaverKept, "", "is inactive in the directory, and the target cannot deactivate a %s, so it stays", m.kind()))
		return m.link.Applied
	}
	op := m.op(d, PhaseDeactivate, Deactivate, intent)
	op.Full = s.withActive(m, false)
	op.Old = difference(m.link.Applied, op.Full)
	op.State = LinkInactive
	d.ops = append(d.ops, op)
	return op.Full
}

// withActive gives the last applied record with the attribute for being active
// set, where the target or the record has it.
func (s *settings) withActive(m *matter, on bool) Attributes {
	if !s.hasActive(m) {
		return m.link.Applied
	}
	o := Object{Attrs: m.link.Applied}
	setActive(&o, on)
	return o.Attrs
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
		o := Object{Attrs: full}
		setActive(&o, true)
		full = o.Attrs
	case link.State == LinkInactive && !reactivate && full.Get(AttrActive) == "true":
		full = full.Clone()
		full.Set(AttrActive, "false")
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
	if old.Len() > 0 || reactivate {
		d.ops = append(d.ops, op)
	}
	s.finishOps(m, d, full, op)
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

// unsaidIsActive tells whether an object of which nothing is said is active for
// being there. A mapper that does not name what it gives may have said so once
// and have lost the attribute since; only who had left is back then.
func (s *settings) unsaidIsActive(link *Link) bool {
	_, names := s.job.Mapper.(Producer)
	return names || link.Left || !link.Applied.Has(AttrActive)
}

func (s *settings) intentOf(kind Kind, old Attributes) Intent {
	for name := range old.All() {
		if s.naming(kind, name) {
			return IntentRename
		}
	}
	return IntentUpdate
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
	op.Generation, op.Follows = last.Generation, len(d.ops) > 0
	if n := len(d.ops); n > 0 {
		op.Generation, op.Intent, op.State = d.ops[n-1].Generation+1, IntentReference, d.ops[n-1].State
	}
	op.Full, op.Old = with, old
	return &op
}

func (d *decision) addFaults(m *matter, faults []fault) {
	for _, f := range faults {
		d.issues = append(d.issues, m.issue(f.code, f.attr, "%s", f.detail))
	}
}

// decideLeaver applies the policy for an object that left.
func (s *settings) decideLeaver(m *matter, d *decision) {
	if m.link == nil || m.unsure || m.link.State == LinkLost {
		return
	}
	kind := m.link.Kind
	if m.link.State == LinkInactive && m.link.Left && !(m.r.fact && s.leaver(kind, m.r.presence, true) == LeaverDelete && s.canDelete(kind)) {
		return // done already; only a fact that says more goes further
	}
	if s.linkProtected(m, d, "left the directory") {
		return
	}
	action := s.leaver(kind, m.r.presence, m.r.fact)
	if action == LeaverDelete && !s.canDelete(kind) {
		action = LeaverDeactivate
	}
	switch {
	case action == LeaverDelete:
		d.ops = append(d.ops, s.remove(m, d))
	case action == LeaverKeep:
		d.issues = append(d.issues, m.issue(IssueLeaverKept, "", "left the directory; the job keeps every %s that leaves", kind))
	case m.link.State == LinkInactive:
		d.ops = append(d.ops, s.noteLeft(m, d))
	default:
		s.deactivate(m, d, IntentLeave, m.link.Applied)
		if n := len(d.ops); n > 0 {
			d.ops[n-1].Left, d.ops[n-1].Due = true, s.deleteAt(m)
		}
	}
}

func (s *settings) remove(m *matter, d *decision) PlannedOp {
	op := m.op(d, PhaseDelete, Delete, IntentDelete)
	op.Full, op.Old = Attributes{}, m.link.Applied
	return op
}

// noteLeft remembers that an object which was inactive already has left.
func (s *settings) noteLeft(m *matter, d *decision) PlannedOp {
	op := m.op(d, PhaseDeactivate, 0, 0)
	op.Left, op.Due = true, s.deleteAt(m)
	return op
}

func (s *settings) deleteAt(m *matter) time.Time {
	if days := s.job.Leavers[m.link.Kind].DeleteAfterDays; days > 0 && s.canDelete(m.link.Kind) {
		return m.now.AddDate(0, 0, days)
	}
	return time.Time{}
}

// decideDue is for links that the clock alone brings up: accounts that expire,
// and leavers whose days are over.
func (s *settings) decideDue(m *matter, d *decision) {
	switch {
	case m.link == nil || m.unsure || m.link.State == LinkLost:
	case !m.link.Left && m.link.State != LinkActive:
	case s.linkProtected(m, d, "its time has come"):
	case m.link.Left && s.job.Leavers[m.link.Kind].DeleteAfterDays > 0 && s.canDelete(m.link.Kind):
		d.ops = append(d.ops, s.remove(m, d))
	case !m.link.Left && m.link.State == LinkActive:
		s.deactivate(m, d, IntentDeactivate, m.link.Applied)
		if n := len(d.ops); n > 0 {
			d.ops[n-1].Due = time.Time{}
		}
	}
}

// parkedValue is what a unique value becomes while it is set aside: still of
// its own form, and recognisable. All of the key goes into it, since the keys of
// two holders may well begin or end alike.
func parkedValue(key LinkKey, value string, limit int) string {
	var mark uint32
	for i := range 4 {
		mark = mark*31 + binary.BigEndian.Uint32(key[4*i:])
	}
	prefix := fmt.Sprintf("parked-%08x", mark)
	parked := prefix + "-" + value
	if _, domain, ok := strings.Cut(value, "@"); ok && limit > 0 && len(parked) > limit {
		parked = prefix + "@" + domain
	}
	if limit > 0 {
		parked = truncate(parked, limit, Runes)
	}
	return parked
}

// settle takes up what became of a pending object, and tells whether it may
// take further ops.
func (m *matter) settle(d *decision) bool {
	link := *m.link
	switch {
	case m.settled.Err != nil:
		link.State, link.Target, link.Digest = LinkLost, "", Digest{}
		d.issues = append(d.issues, m.issue(issueCodeOf(m.settled.Err, CodeOf(m.settled.Err)), "", "the target gave it up: %v", m.settled.Err))
	case m.settled.Receipt.Outcome == Applied || m.settled.Receipt.Outcome == Pending:
		return false
	default:
		link.State = LinkActive
	}
	m.link = &link
	return true
}

// noteSettled brings the link of a pending object up to date when the read did
// not show the object.
func (s *settings) noteSettled(m *matter, d *decision) {
	op := m.op(d, phaseOf(m.kind()), 0, 0)
	op.State, op.Digest = m.link.State, m.link.Digest
	d.ops = append(d.ops, op)
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
