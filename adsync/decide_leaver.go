package adsync

import (
	"time"
)

// decideLeaver applies the policy for an object that left.
func (s *settings) decideLeaver(m *matter, d *decision) {
	if m.link == nil || m.unsure || m.link.State == LinkLost {
		return
	}
	if m.link.State == LinkSent && !s.settleSent(m, d) {
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
		s.deactivate(m, d, IntentLeave)
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
	case m.link == nil || m.unsure || m.link.State.detached():
	case !m.link.Left && m.link.State != LinkActive:
	case s.linkProtected(m, d, "its time has come"):
	case m.link.Left && s.job.Leavers[m.link.Kind].DeleteAfterDays > 0 && s.canDelete(m.link.Kind):
		d.ops = append(d.ops, s.remove(m, d))
	case !m.link.Left && m.link.State == LinkActive:
		s.deactivate(m, d, IntentDeactivate)
		if n := len(d.ops); n > 0 {
			d.ops[n-1].Due = time.Time{}
		}
	}
}

// decideOtherKind is for an object that the mapping now makes another kind of:
// a person who becomes a contact. What stands for it in the target leaves by the
// policy of its kind; once it has, or where it is kept, the object is made anew.
func (s *settings) decideOtherKind(m *matter, d *decision) {
	if m.link.Left || s.leaver(m.link.Kind, OutOfScope, true) == LeaverKeep {
		anew, link := *m, *m.link
		link.State, link.Target, link.Applied = LinkLost, "", Attributes{}
		anew.link = &link
		s.decideNew(&anew, d)
		return
	}
	leaves, r := *m, *m.r
	r.presence, r.fact = OutOfScope, true
	leaves.r = &r
	s.decideLeaver(&leaves, d)
	d.issues = append(d.issues, m.issue(IssueOtherKind, "", "was a %s and is a %s now; what it was leaves in this run, and what it is is made in the next", m.link.Kind, m.r.object.Kind))
}
