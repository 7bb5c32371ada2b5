package adsync

import (
	"context"
	"slices"
)

// An object that was gone from the target and is made anew has another id there.
// Who refers to it still holds the old one, and nothing in the directory says so.

// referAgain finds, among the links of sources with such objects, those that
// refer to one. It is a walk over all links, in runs that make somebody anew.
func (p *planner) referAgain(ctx context.Context) error {
	for _, s := range p.sources {
		if s.err != nil || len(s.anew.keys) == 0 {
			continue
		}
		for link, err := range p.state.Scan(ctx, s.Name, false) {
			if err != nil {
				return err
			}
			if link.Target == "" || link.State != LinkActive && link.State != LinkInactive {
				continue
			}
			if names := p.refersTo(s, &link); len(names) > 0 {
				s.again[link.Key] = names
			}
		}
	}
	return nil
}

// refersTo names the references of a link to objects that are made anew.
func (p *planner) refersTo(s *sourceRead, link *Link) (names []string) {
	for name, values := range link.Applied.All() {
		if p.kinds[link.Kind] != nil && !p.attribute(link.Kind, name).Reference || sameName(name, AttrExternalID) {
			continue
		}
		if slices.ContainsFunc(values, func(v string) bool { return s.anew.has(p.hash.linkKey(Anchor(v))) }) {
			names = append(names, name)
		}
	}
	return names
}

// addAgain has an op for references write those too that refer to objects made
// anew.
func (s *sourceRead) addAgain(op *PlannedOp) {
	for _, name := range s.again[op.Link] {
		if !op.Old.Has(name) && op.Full.Has(name) {
			op.Old.Set(name)
		}
	}
	delete(s.again, op.Link)
}

// emitAgain writes the references of objects that have no op for references of
// their own. Where they have another op, the object is looked at once more.
func (p *planner) emitAgain(ctx context.Context) error {
	for _, s := range p.sources {
		keys := sortedLinkKeys(s.again)
		for part := range slices.Chunk(keys, atOnce) {
			links, err := findLinks(ctx, p.state, s.Name, part)
			if err != nil {
				return err
			}
			for i := range links {
				op := p.againOp(s, &links[i])
				if err := p.resolveReference(ctx, s, &op, nil); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// noteAnew marks the op of an object of which the source said nothing: its record
// is the link's when the plan was made, and another op of the plan may change that.
const noteAnew = "refers to an object that is made anew"

// wantedAnew gives what is wanted of such an object when its op has to wait: that
// it stays as it is now, but for the reference. Who has left by now wants nothing;
// making the other object is what finds him again.
func (a *applier) wantedAnew(op *PlannedOp, now *Link) *Object {
	if now == nil || now.Left {
		return nil
	}
	as := *op
	as.Full = overlay(now.Applied, op)
	return a.wantedBy(&as)
}

func (p *planner) againOp(s *sourceRead, l *Link) PlannedOp {
	op := PlannedOp{
		Phase: PhaseReferences, Verb: Put, Intent: IntentUpdate, Kind: l.Kind, Source: l.Source, Anchor: l.Anchor, Container: l.Container,
		Link: l.Key, Generation: l.Generation, Target: l.Target, Base: p.hash.record(l.Applied), Digest: l.Digest, Full: l.Applied,
		Follows: true, State: l.State, Left: l.Left, Due: l.Due, Identity: l.Identity, Note: noteAnew,
	}
	s.addAgain(&op)
	return op
}

func sortedLinkKeys[V any](m map[LinkKey]V) []LinkKey {
	keys := make([]LinkKey, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}
