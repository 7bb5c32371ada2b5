package adsync

import (
	"context"
	"slices"

	"github.com/adsync/sdk/internal/spill"
)

// With Job.Identity objects of several sources that agree on an immutable
// attribute are one person: one of their links holds the target object, the
// others share it. Every source is read in full, and what the sources say of
// one person is joined before it is decided upon.

// joinIdentities puts the joined record in place of what each source staged.
func (p *planner) joinIdentities(ctx context.Context) error {
	if p.job.Identity == "" {
		return nil
	}
	unknown, err := p.unknownIdentities(ctx)
	if err != nil {
		return err
	}
	sorted := p.newSpill()
	defer sorted.Close()
	if err := p.sortByIdentity(ctx, sorted); err != nil {
		return err
	}
	var group []*staged
	for record, err := range sorted.Sorted(ctx) {
		if err != nil {
			return err
		}
		r, err := p.codec.staged(record.Payload)
		if err != nil {
			return err
		}
		ref := refOf(record.Key[16:])
		r.source, r.key = ref.source, ref.key
		if len(group) > 0 && group[0].identity != r.identity {
			if err := p.joinGroup(group, unknown); err != nil {
				return err
			}
			group = nil
		}
		group = append(group, &r)
	}
	return p.joinGroup(group, unknown)
}

// sortByIdentity gathers what was staged of everyone who has an identity. What
// is absent has it in its link.
func (p *planner) sortByIdentity(ctx context.Context, out *spill.Sorter) error {
	for _, s := range p.sources {
		if s.err != nil {
			continue
		}
		var chunk []*staged
		for r, err := range p.stagedOf(ctx, s) {
			if err != nil {
				return err
			}
			if chunk = append(chunk, r); len(chunk) < decideAtOnce {
				continue
			}
			if err := p.identify(ctx, s, chunk, out); err != nil {
				return err
			}
			chunk = nil
		}
		if err := p.identify(ctx, s, chunk, out); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) identify(ctx context.Context, s *sourceRead, chunk []*staged, out *spill.Sorter) error {
	var keys []LinkKey
	for _, r := range chunk {
		if r.linked {
			keys = append(keys, r.key)
		}
	}
	links, err := findLinks(ctx, p.state, s.Name, keys)
	if err != nil {
		return err
	}
	for _, r := range chunk {
		if link := linkOf(links, r.key); link != nil {
			r.shares = link.State == LinkShared
			if r.presence != Present {
				r.identity = link.Identity
			}
		}
		if r.identity == (LinkKey{}) {
			continue
		}
		key := append(append(make([]byte, 0, 34), r.identity[:]...), objectRef{s.number, r.key}.bytes()...)
		p.buf = p.codec.appendStaged(p.buf[:0], r)
		if err := out.Add(key, p.buf); err != nil {
			return err
		}
	}
	return nil
}

// unknownIdentities are those that a source which failed, or is not believed,
// may still have: of them nothing is decided.
func (p *planner) unknownIdentities(ctx context.Context) (*keySet, error) {
	out := &keySet{}
	for _, s := range p.sources {
		if s.err == nil && s.unsure == "" {
			continue
		}
		for link, err := range p.state.Scan(ctx, s.Name, false) {
			if err != nil {
				return nil, err
			}
			if link.Identity != (LinkKey{}) && (s.err != nil || !s.sees(link.Key)) {
				out.add(link.Identity)
			}
		}
	}
	return out, nil
}

// sees tells whether the read showed the object of a link.
func (s *sourceRead) sees(key LinkKey) bool {
	if s.index == nil {
		return false
	}
	i, ok := s.index.find(key)
	return ok && s.index.seen.has(i)
}

// joinGroup stages anew what several sources say of one person.
func (p *planner) joinGroup(group []*staged, unknown *keySet) error {
	if len(group) == 0 {
		return nil
	}
	present := slices.DeleteFunc(slices.Clone(group), func(r *staged) bool { return r.presence != Present })
	if unknown.has(group[0].identity) {
		return p.leaveAsIs(group)
	}
	if len(present) == 0 {
		return p.leaveTogether(group)
	}
	holder := holderOf(present, group)
	primary := present[0]
	if holder != nil && holder.presence == Present {
		primary = holder
	}
	joined := join(present, primary)
	if holder != nil && holder != primary {
		joined.takes = objectRef{holder.source, holder.key}
		joined.taking = true
	}
	for _, r := range group {
		if r == primary {
			continue
		}
		if err := p.stageFollower(r, primary, holder); err != nil {
			return err
		}
	}
	return p.stageJoined(joined)
}

// holderOf gives the one whose link holds the target object, nil when nobody does.
func holderOf(present, group []*staged) *staged {
	for _, list := range [][]*staged{present, group} {
		for _, r := range list {
			if r.linked && !r.shares {
				return r
			}
		}
	}
	return nil
}

// join lets the first-named source own each attribute that it has.
// References are those of the primary's own source, since anchors mean
// something there only.
func join(present []*staged, primary *staged) *staged {
	out := *primary
	var attrs Attributes
	for _, r := range present {
		for name, values := range r.object.Attrs.All() {
			if isBlank(attrs.Values(name)) && !(attrs.Has(name) && isBlank(values)) {
				attrs.Set(name, values...)
			}
		}
	}
	out.object.Attrs = attrs
	for _, r := range present {
		if r.activity != activityUnsaid {
			out.activity, out.due = r.activity, r.due
			break
		}
	}
	return &out
}

func (p *planner) stageJoined(r *staged) error {
	s := p.sources[r.source]
	r.digest = p.hash.object(p.config, &r.object, r.activity, r.due)
	if err := p.noteKeys(s, r); err != nil {
		return err
	}
	if i, ok := s.index.find(r.key); ok && !r.taking {
		state := s.index.state(i)
		r.same = s.index.digests[i] == r.digest && state.stands()
	}
	return p.stage(s, r)
}

// stageFollower stages the others of a group: they share the target object,
// or, when they are gone, are forgotten. The holder that hands over is dropped
// by the op that takes over.
func (p *planner) stageFollower(r, primary, holder *staged) error {
	out := staged{source: r.source, key: r.key, linked: r.linked, identity: r.identity, object: Object{Kind: r.object.Kind, Anchor: r.object.Anchor}}
	out.takes, out.taking = objectRef{primary.source, primary.key}, true
	switch {
	case r.presence == Present && r.shares:
		out.presence, out.same = sharedOnly, true
	case r.presence == Present:
		out.presence = sharedOnly
	case r == holder:
		out.presence, out.same = sharedOnly, true
	default:
		out.presence = forgetOnly
	}
	return p.stage(p.sources[r.source], &out)
}

// leaveTogether is for a person who is gone from all sources: the holder
// leaves, the others are forgotten.
func (p *planner) leaveTogether(group []*staged) error {
	for _, r := range group {
		if !r.shares {
			continue // stays staged as the leaver it is
		}
		out := *r
		out.presence = forgetOnly
		if err := p.stage(p.sources[r.source], &out); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) leaveAsIs(group []*staged) error {
	for _, r := range group {
		out := *r
		out.presence, out.same = sharedOnly, true
		if err := p.stage(p.sources[r.source], &out); err != nil {
			return err
		}
	}
	return nil
}

// decideShared is for the links that share another's target object.
func (s *settings) decideShared(m *matter, d *decision) {
	switch {
	case m.r.same:
		d.unchanged = false
	case m.r.presence == forgetOnly && m.link != nil:
		op := m.op(d, PhaseReferences, 0, 0)
		op.Replaces = LinkRef{m.source, m.r.key}
		d.ops = append(d.ops, op)
	case m.r.presence == sharedOnly:
		op := m.op(d, PhaseGroups, 0, 0) // behind the people, and before memberships
		op.State, op.Identity, op.Shares = LinkShared, m.r.identity, m.with
		op.Full, op.Target = Attributes{}, ""
		d.ops = append(d.ops, op)
	}
}

// inherit gives an object that takes over from another source's what was last
// applied to that one.
func (p *planner) inherit(ctx context.Context, m *matter) error {
	if m.r.presence != Present || !m.r.taking {
		return nil
	}
	held, err := p.state.Find(ctx, m.with.Source, []LinkKey{m.with.Key})
	if err != nil || len(held) == 0 {
		return err
	}
	link := held[0]
	link.Source, link.Key, link.Anchor, link.Generation = m.source, m.r.key, m.r.object.Anchor, 0
	if m.link != nil {
		link.Generation = m.link.Generation
	}
	m.link = &link
	return nil
}
