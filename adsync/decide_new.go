package adsync

import (
	"strings"

	"github.com/adsync/sdk/internal/protection"
)

// decideNew is for objects without a link: adopt what matches, create what
// does not, and ask a person wherever it is not clear.
func (s *settings) decideNew(m *matter, d *decision) {
	if m.duplicate != nil && m.answer.Verdict != AnswerCreate && m.answer.Verdict != AnswerLink {
		issue := *m.duplicate
		issue.Name = m.name()
		d.putAside(issue)
		s.haltAnyway(m, d)
		return
	}
	hit, issue := s.choose(m)
	switch {
	case issue != nil:
		d.putAside(*issue)
		s.haltAnyway(m, d)
	case hit != nil:
		s.adopt(m, d, hit)
	case m.link != nil && m.link.State == LinkSent && s.staysOut(m):
		if s.settleSent(m, d) {
			s.decideLinked(m, d)
		}
	case m.unknown != nil && m.answer.Verdict != AnswerCreate:
		d.putAside(*m.unknown) // it is never sent again by rule
	default:
		s.create(m, d)
	}
}

// haltAnyway lists what an active object in conflict lacks, for a job that halts
// on it: the halt must not wait until the conflict has been decided.
func (s *settings) haltAnyway(m *matter, d *decision) {
	if s.job.OnMissing != Halt || m.r.activity == activityOff || m.r.activity == activityUnknown {
		return
	}
	full := s.merge(m.r.object.Kind, Attributes{}, m.r.object.Attrs, true)
	if lacks := s.missing(m.r.object.Kind, full); len(lacks) > 0 {
		s.incomplete(m, d, lacks)
	}
}

func (d *decision) putAside(issues ...Issue) {
	d.issues = append(d.issues, issues...)
	d.aside = true
}

// choose gives the object to adopt, or why a person has to decide; both nil
// when there is nothing to adopt. The first rung with a hit decides: several
// hits there are a conflict, and no further rung is tried.
func (s *settings) choose(m *matter) (*candidate, *Issue) {
	switch m.answer.Verdict {
	case AnswerCreate:
		return nil, nil
	case AnswerLink:
		return s.answered(m)
	}
	if len(m.candidates) == 0 {
		return nil, nil
	}
	rung := firstRung(m.candidates)
	if len(rung) > 1 && !protection.Ambiguity.Removed() {
		issue := m.issue(IssueTargetAmbiguous, "", "matches %d objects of the target; answer link with the right one, or create", len(rung))
		issue.Candidates = targetsOf(rung)
		return nil, &issue
	}
	hit := &rung[0]
	if issue := s.objection(m, hit); issue != nil {
		issue.Candidates = targetsOf(rung)
		return nil, issue
	}
	if _, owned := m.ownerOf(hit.ID); owned && m.answer.Verdict == AnswerRelease {
		return nil, nil
	}
	return hit, nil
}

// answered gives the target object that a person named, with its attributes
// where matching found it too. What somebody else has, or is to have, stays.
func (s *settings) answered(m *matter) (*candidate, *Issue) {
	id := m.answer.Target
	if owner, owned := m.ownerOf(id); owned && !owner.Left && !m.gone(owner) {
		issue := m.issue(IssueAlreadyLinked, "", "is to be linked to %s, which is linked to %s %s; answer for that one first", id, owner.Source, owner.Anchor)
		return nil, &issue
	}
	if m.promised(id) {
		issue := m.issue(IssueTargetAmbiguous, "", "is to be linked to %s, and so is another object of the directory; change one of the answers", id)
		return nil, &issue
	}
	for i := range m.candidates {
		if m.candidates[i].ID == id {
			return &m.candidates[i], nil
		}
	}
	return &candidate{Target: Target{ID: id, Kind: m.r.object.Kind}}, nil
}

// ownerOf gives the link of another object that holds the target's object.
func (m *matter) ownerOf(id TargetID) (*Link, bool) {
	owner, ok := m.owners[id]
	return &owner, ok && (owner.Source != m.source || owner.Key != m.r.key)
}

// firstRung gives the distinct candidates of the surest rung: the active ones,
// or, where there is none, the inactive ones.
func firstRung(all []candidate) []candidate {
	rung := all[0].rung
	for _, c := range all {
		rung = min(rung, c.rung)
	}
	var active, inactive []candidate
	seen := map[TargetID]bool{}
	for _, c := range all {
		if c.rung != rung || seen[c.ID] {
			continue
		}
		seen[c.ID] = true
		if c.Inactive {
			inactive = append(inactive, c)
		} else {
			active = append(active, c)
		}
	}
	if len(active) > 0 {
		return active
	}
	return inactive
}

func targetsOf(list []candidate) []Target {
	out := make([]Target, 0, min(len(list), namedOthers))
	for _, c := range list[:min(len(list), namedOthers)] {
		out = append(out, c.Target)
	}
	return out
}

// objection gives the reason why the one hit is not adopted by rule.
func (s *settings) objection(m *matter, hit *candidate) *Issue {
	fail := func(code IssueCode, format string, args ...any) *Issue {
		issue := m.issue(code, "", format, args...)
		return &issue
	}
	if hit.Foreign {
		return fail(IssueForeignTarget, "matches an object that belongs to another organisation; it is never taken over")
	}
	if s.isProtected(&hit.Target) {
		return fail(IssueProtectedTarget, "matches %s, which is protected; it is never adopted by rule", hit.ID)
	}
	owner, owned := m.ownerOf(hit.ID)
	if owned && !m.sameIdentity(owner) && (m.answer.Verdict != AnswerRelink || !owner.Left && !m.gone(owner)) {
		return s.ownedBy(m, hit, owner, fail)
	}
	if m.contested(hit.ID) || m.promised(hit.ID) {
		return fail(IssueTargetAmbiguous, "matches %s, and so does another object of the directory; answer link or create for each", hit.ID)
	}
	if hit.Inactive && !owned && !s.job.ReactivateMatched && !s.ownMark(m, hit) && m.r.activity != activityOff {
		return fail(IssueInactiveTarget, "matches %s, which is inactive; answer link to make it active again, or set ReactivateMatched", hit.ID)
	}
	return nil
}

// ownedBy judges a hit that another link holds: the same person made anew in
// the directory, or a clash of two people.
func (s *settings) ownedBy(m *matter, hit *candidate, owner *Link, fail func(IssueCode, string, ...any) *Issue) *Issue {
	if !owner.Left && !m.gone(owner) {
		return fail(IssueAlreadyLinked, "matches %s, which is linked to %s %s", hit.ID, owner.Source, owner.Anchor)
	}
	if m.answer.Verdict == AnswerRelease {
		return nil
	}
	return fail(IssueRecreatedIdentity, "matches %s, which belonged to %s %s, and that is no longer in the directory; answer relink if it is the same person made anew, or release to take its values for a new one",
		hit.ID, owner.Source, owner.Anchor)
}

// sameIdentity tells whether a link is of the same person in another source.
func (m *matter) sameIdentity(l *Link) bool {
	return m.r.identity != (LinkKey{}) && l.Identity == m.r.identity
}

// ownMark tells whether the target says itself that it is a copy of the object.
func (s *settings) ownMark(m *matter, hit *candidate) bool {
	return hit.Attrs.Get(AttrExternalID) == string(m.r.object.Anchor)
}

// adopt links an existing object and makes it agree.
func (s *settings) adopt(m *matter, d *decision, hit *candidate) {
	kind := m.r.object.Kind
	before := s.writable(kind, hit.Attrs)
	full := s.merge(kind, before, m.r.object.Attrs, false)
	if m.unsure {
		full = keepCleared(before, full)
	}
	full, faults := s.fit(kind, before, full)
	if len(faults) > 0 {
		d.addFaults(m, faults)
		d.aside = true
		return
	}
	off := m.r.activity == activityOff
	state := LinkActive
	if hit.Inactive || off && s.canDeactivate(kind) {
		state = LinkInactive
	}
	if hit.Inactive && (m.r.activity == activityOn || m.r.activity == activityUnsaid) && !m.unsure {
		state = LinkActive
		if s.hasActive(m) {
			full = withActive(full, true)
		}
	} else if hit.Inactive && full.Get(AttrActive) == "true" {
		full = withActive(full, false)
	}
	if off && !hit.Inactive && s.canDeactivate(kind) {
		op := m.op(d, PhaseDeactivate, Deactivate, IntentDeactivate)
		op.Target, op.Full, op.State = hit.ID, before, LinkInactive
		if s.hasActive(m) {
			op.Full = withActive(before, false)
		}
		op.Old, before = difference(before, op.Full), op.Full
		d.ops = append(d.ops, op)
	}
	op := m.op(d, phaseOf(kind), Put, IntentAdopt)
	op.Target, op.Full, op.Old, op.State, op.Left, op.Due = hit.ID, full, difference(before, full), state, false, timeOf(m.r.due)
	s.takeOver(m, hit, &op)
	d.ops = append(d.ops, op)
	s.finishOps(m, d, full, op)
}

// takeOver notes in the plan that a link changes hands.
func (s *settings) takeOver(m *matter, hit *candidate, op *PlannedOp) {
	if owner, owned := m.ownerOf(hit.ID); owned {
		op.Replaces = LinkRef{owner.Source, owner.Key}
		op.Note = "takes over from " + string(owner.Anchor)
	}
}

// writable gives those attributes of a target object that the engine compares
// and may write.
func (s *settings) writable(kind Kind, attrs Attributes) Attributes {
	var out Attributes
	for name, values := range attrs.All() {
		a := s.attribute(kind, name)
		if a.Reference || a.ReadOnly || !s.takes(kind, name) || sameName(name, AttrExternalID) || isBlank(values) {
			continue
		}
		out.Set(name, values...)
	}
	return out
}

// create makes a new object, when it is active and complete.
func (s *settings) create(m *matter, d *decision) {
	kind := m.r.object.Kind
	if _, names := s.job.Mapper.(Producer); m.r.activity == activityUnknown || m.r.activity == activityUnsaid && m.lost && !names {
		d.putAside(m.issue(IssueUnmatchedInactive, AttrActive, "it cannot be seen whether the account is active, so nothing is created; check that the sync account may read what tells it (userAccountControl in Active Directory), and that the mapping gives active as true or false"))
		d.skipped = true
		return
	}
	if m.r.activity == activityOff && !s.job.CreateInactive {
		d.skipped, d.aside = true, true
		return
	}
	sent := m.sentRecord()
	full := s.merge(kind, sent, m.r.object.Attrs, true)
	if m.unsure {
		full = keepCleared(settledRecord(sent), full)
	}
	full, faults := s.fit(kind, Attributes{}, full)
	if lacks := s.missing(kind, full); len(lacks) > 0 {
		s.incomplete(m, d, lacks)
		return
	}
	if len(faults) > 0 {
		d.addFaults(m, faults)
		d.aside = true
		return
	}
	s.release(m, d, full)
	op := m.op(d, phaseOf(kind), Put, IntentCreate)
	op.Full, op.Old, op.State, op.Left, op.Due = full, Attributes{}, LinkActive, false, timeOf(m.r.due)
	if sent.Len() > 0 {
		op.Old = difference(sent, full)
	}
	if m.r.activity == activityOff {
		op.State = LinkInactive
	}
	if s.schema.TargetDecides {
		op.Intent, op.Note = IntentSend, "target decides"
	}
	d.ops = append(d.ops, op)
	s.finishOps(m, d, full, op)
}

// incomplete applies the policy for missing required attributes.
func (s *settings) incomplete(m *matter, d *decision, lacks []string) {
	d.aside = true
	if s.job.OnMissing == Skip {
		d.skipped = true
		return
	}
	for _, name := range lacks {
		d.issues = append(d.issues, m.issue(IssueRequiredMissing, name,
			"lacks %s, which is required, so it is not created; fill it in in the directory (all that is missing: %s)", name, strings.Join(lacks, ", ")))
	}
}
