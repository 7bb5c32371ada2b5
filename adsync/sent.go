package adsync

import (
	"context"
	"fmt"
)

// sought is what became of an object that was sent to be made and has left
// before anything came of it.
type sought struct {
	target TargetID
	found  bool
	err    error // it cannot be told
}

// seek looks in the target for the objects of a chunk that were sent to be made
// and were not linked, and that have left, or are inactive, so that they are not
// sent again: if they are there, the same is done to them there.
func (p *planner) seek(ctx context.Context, matters []*matter) error {
	for _, m := range matters {
		if m.link == nil || m.link.State != LinkSent || !m.r.leaves() && !p.staysOut(m) {
			continue
		}
		m.sought = p.parts.seek(ctx, p.job.Matcher, m.link)
		if err := context.Cause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// seek looks for what was sent to be made.
func (p *parts) seek(ctx context.Context, matcher Matcher, l *Link) *sought {
	made := Object{Kind: l.Kind, Anchor: l.Anchor, Attrs: settledRecord(l.Applied)}
	target, found, err := p.readBack(ctx, matcher, made)
	return &sought{target, found, err}
}

// staysOut tells whether an object is not made because it is inactive.
func (s *settings) staysOut(m *matter) bool {
	return m.r.presence == Present && m.r.activity == activityOff && !s.job.CreateInactive
}

// settleSent takes up what was found of an object that was sent to be made, and
// tells whether it is there and has to leave. What a person says of it goes first.
func (s *settings) settleSent(m *matter, d *decision) bool {
	link := *m.link
	switch {
	case m.answer.Verdict == AnswerLink:
		link.Target = m.answer.Target
	case m.answer.Verdict != AnswerCreate && m.sought.err != nil:
		d.issues = append(d.issues, m.issue(IssueUnknown, "", "it has left the directory, or is inactive there, since it was sent: %v (link has the same done to it; create says that it is not there)", m.sought.err))
		return false
	case m.answer.Verdict != AnswerCreate && m.sought.found:
		link.Target = m.sought.target
	default:
		d.ops = append(d.ops, m.neverMade(d))
		return false
	}
	link.State = LinkActive
	m.link = &link
	return true
}

// sentRecord is what an earlier run sent to be made, of an object of which it is
// not known whether it was; empty for others. What is sent now builds on it, as
// it would had the answer come.
func (m *matter) sentRecord() Attributes {
	if m.link == nil || m.link.State != LinkSent {
		return Attributes{}
	}
	return m.link.Applied
}

// neverMade remembers that an object was not made after all. Its generation is
// kept; see applier.unlink.
func (m *matter) neverMade(d *decision) PlannedOp {
	op := m.op(d, PhaseDeactivate, 0, 0)
	op.Full, op.State, op.Left = Attributes{}, LinkLost, true
	return op
}

// readBack looks for the object that a create may have made: found by our own
// mark, or, where there is none, it cannot be told.
func (p *parts) readBack(ctx context.Context, matcher Matcher, o Object) (TargetID, bool, error) {
	if p.finder == nil {
		return "", false, fmt.Errorf("the create of %s %s may have taken effect and the sink cannot look it up; check by hand and answer link or create", o.Kind, o.Anchor)
	}
	keys := []Key{{Attr: AttrExternalID, Value: string(o.Anchor)}}
	if matcher != nil {
		keys = append(keys, matcher.Keys(o)...)
	}
	targets, err := p.finder.Find(ctx, o.Kind, keys)
	if err != nil {
		return "", false, fmt.Errorf("the create of %s %s may have taken effect and could not be looked up; check by hand and answer link or create: %w", o.Kind, o.Anchor, err)
	}
	for _, t := range targets {
		if t.Attrs.Get(AttrExternalID) == string(o.Anchor) {
			return t.ID, true, nil
		}
	}
	if len(targets) > 0 {
		return "", false, fmt.Errorf("the create of %s %s may have taken effect: %d object(s) of the target look like it; check by hand and answer link or create", o.Kind, o.Anchor, len(targets))
	}
	return "", false, nil
}

func createdBy(op *Op) Object { return Object{Kind: op.Kind, Anchor: op.Anchor, Attrs: op.Full} }
