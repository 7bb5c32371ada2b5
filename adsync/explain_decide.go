package adsync

import (
	"context"
	"slices"
)

// target asks the target for the object that the link holds.
func (x *explainer) target(ctx context.Context, s *subject) error {
	if s.link == nil || s.link.Target == "" || s.link.State == LinkLost {
		return nil
	}
	var err error
	if x.parts.finder != nil {
		var targets []Target
		targets, err = x.parts.finder.Find(ctx, s.link.Kind, []Key{{Attr: AttrExternalID, Value: string(s.anchor)}})
		s.asked = err == nil
		if i := slices.IndexFunc(targets, func(t Target) bool { return t.ID == s.link.Target }); i >= 0 {
			s.present = &targets[i]
		}
	}
	if s.present == nil && err == nil && x.parts.lister != nil {
		s.present, err = x.targetByID(ctx, s.link.Target)
		s.asked = err == nil
	}
	if err != nil {
		x.trouble("the target could not be asked what it has now: %v", err)
	}
	return nil
}

// wouldDecide asks the engine's own rules what they would decide about the
// object as it is now. What only a look at all objects shows, such as two that
// share an address, is left to the issues remembered.
func (x *explainer) wouldDecide(ctx context.Context, s *subject) error {
	if s.mapped == nil || !x.takesKind(s.mapped.object.Kind) || s.sighting.Change.Presence != Present {
		return nil
	}
	m := &matter{
		source: s.source, r: s.mapped, link: s.link, answer: s.answer, now: x.now,
		gone: func(*Link) bool { return false }, contested: func(TargetID) bool { return false }, promised: func(TargetID) bool { return false },
	}
	if s.link != nil {
		if s.link.State == LinkShared || s.link.State == LinkPending {
			return nil
		}
		m.base = x.hash.record(s.link.Applied)
		if s.link.State == LinkSent {
			m.sought = x.parts.seek(ctx, x.job.Matcher, s.link)
		}
		s.mapped.same = s.mapped.digest == s.link.Digest && s.link.State.stands()
	}
	if err := x.candidates(ctx, s, m); err != nil {
		return err
	}
	for i := range s.issues {
		if s.issues[i].Code == IssueUnknown {
			m.unknown = &s.issues[i]
		}
	}
	s.decision = x.decide(m)
	return nil
}

// candidates looks for what an object without a link matches.
func (x *explainer) candidates(ctx context.Context, s *subject, m *matter) error {
	if !s.mapped.matched() || x.job.Matcher == nil || x.parts.finder == nil {
		return nil
	}
	var keys []Key
	for _, k := range x.job.Matcher.Keys(s.mapped.object) {
		if k.Value != "" {
			keys = append(keys, k)
		}
	}
	targets, err := x.parts.finder.Find(ctx, s.mapped.object.Kind, keys[:min(len(keys), 500)])
	if err != nil {
		x.trouble("the target could not be asked whom it matches: %v", err)
		return nil
	}
	var ids []TargetID
	for i := range targets {
		for _, k := range x.job.Matcher.Keys(Object{Kind: targets[i].Kind, Attrs: targets[i].Attrs}) {
			if slices.Contains(keys, k) {
				m.candidates = append(m.candidates, candidate{k.Rung, targets[i]})
				ids = append(ids, targets[i].ID)
			}
		}
	}
	if s.answer.Target != "" {
		ids = append(ids, s.answer.Target)
	}
	m.owners, err = findOwners(ctx, x.state, ids)
	return err
}
