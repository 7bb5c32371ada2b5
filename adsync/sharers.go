package adsync

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// A full read finds objects that share a value among all that it shows. A read
// of changes shows the newcomer only, so the target is asked who has the value.

// findSharers finds the newcomers of a chunk whose values somebody else has who
// is as he was. Who changed in the same read may be about to let go of them.
func (p *planner) findSharers(ctx context.Context, s *sourceRead, matters []*matter) error {
	if s.index != nil || p.parts.finder == nil {
		return nil
	}
	newcomers := map[Kind][]*matter{}
	for _, m := range matters {
		isNew := m.link == nil || m.link.State.detached()
		if isNew && m.r.presence == Present && m.duplicate == nil && len(m.candidates) == 0 && m.answer.Verdict == "" {
			newcomers[m.r.object.Kind] = append(newcomers[m.r.object.Kind], m)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(newcomers)) {
		if err := p.findSharersOf(ctx, s, kind, newcomers[kind]); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) findSharersOf(ctx context.Context, s *sourceRead, kind Kind, newcomers []*matter) error {
	who := map[string][]*matter{}
	var keys []Key
	for _, m := range newcomers {
		for _, k := range p.identifying(&m.r.object) {
			name := duplicateKey(kind, k)
			if who[name] == nil {
				keys = append(keys, k)
			}
			who[name] = append(who[name], m)
		}
	}
	for part := range slices.Chunk(keys, atOnce) {
		targets, err := p.parts.finder.Find(ctx, kind, part)
		if CodeOf(err) == CodeUnsupported {
			return nil // it finds by some attributes only; it will refuse what is taken
		}
		if err != nil {
			return p.targetError("look up", err)
		}
		if err := p.noteSharers(ctx, s, kind, targets, who); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) noteSharers(ctx context.Context, s *sourceRead, kind Kind, targets []Target, who map[string][]*matter) error {
	ids := make([]TargetID, len(targets))
	for i := range targets {
		ids[i] = targets[i].ID
	}
	owners, err := findOwners(ctx, p.state, ids)
	if err != nil {
		return err
	}
	for i := range targets {
		owner, owned := owners[targets[i].ID]
		if !owned || owner.Left || p.shows(s, &owner) {
			continue
		}
		for _, k := range p.identifying(&Object{Kind: kind, Attrs: targets[i].Attrs}) {
			for _, m := range who[duplicateKey(kind, k)] {
				m.shares(k.Attr, &owner)
			}
		}
	}
	return nil
}

// shows tells whether this read spoke of a link's object.
func (p *planner) shows(s *sourceRead, l *Link) bool {
	_, taken := s.taken[l.Key]
	_, left := s.left[l.Key]
	return l.Source == s.Name && (taken || left)
}

func (m *matter) shares(attr string, owner *Link) {
	if m.duplicate != nil || owner.Source == m.source && owner.Key == m.r.key {
		return
	}
	m.duplicate = &Issue{
		Source: m.source, Anchor: m.r.object.Anchor, Kind: m.r.object.Kind, Code: IssueSourceDuplicate, Attr: attr, Others: []Anchor{owner.Anchor},
		Detail: fmt.Sprintf("has the same %s as %s of the directory, who has it in the target; it is not written until they differ, or someone answers create", attr, owner.Anchor),
	}
}
