package adsync

import (
	"context"
	"slices"
)

// takeSeen notes whom a sweep names. Its index is loaded with the first batch,
// and serves for nothing but to tell afterwards who was not named.
func (p *planner) takeSeen(ctx context.Context, s *sourceRead, batch *Batch) (err error) {
	if batch.Sweep && batch.Snapshot {
		return Errorf(CodeInvalid, "source %s says of a batch that it belongs to a snapshot and to a sweep; this is a fault of the source", s.Name)
	}
	if s.batches > 0 && (s.roll != nil) != batch.Sweep {
		return Errorf(CodeIncomplete, "source %s: %w; its batches disagree about being a sweep, which is a fault of the source", s.Name, ErrIncomplete)
	}
	if batch.Sweep && s.roll == nil {
		if s.roll, err = loadIndex(ctx, p.state, s.Name, 0); err != nil {
			return &stateError{err}
		}
	}
	s.batches++
	for _, anchor := range batch.Seen {
		s.mark(p.hash.linkKey(anchor))
	}
	return nil
}

// mark notes that a sweep has named an object.
func (s *sourceRead) mark(key LinkKey) {
	if s.roll == nil {
		return
	}
	s.rolled++
	if i, ok := s.roll.find(key); ok {
		s.roll.seen.set(i)
	}
}

// shown gives the index in which a read that named everything has marked whom
// it named; nil for a read of changes alone.
func (s *sourceRead) shown() *index {
	if s.roll != nil {
		return s.roll
	}
	return s.index
}

// stageAbsent stages the links that a complete snapshot or sweep did not show.
func (p *planner) stageAbsent(ctx context.Context) error {
	for _, s := range p.sources {
		if s.err != nil || s.unsure != "" || s.roll == nil && (s.index == nil || !s.snapshot) {
			continue
		}
		if err := p.stageAbsentOf(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) stageAbsentOf(ctx context.Context, s *sourceRead) error {
	var absent, before []LinkKey
	shown := s.shown()
	for i, key := range shown.keys {
		if shown.seen.has(i) || shown.state(i) == LinkIgnored || shown.state(i) == LinkLost {
			continue
		}
		if shown.left(i) {
			before = append(before, key)
			continue
		}
		if s.roll != nil && len(absent) < confirmAtMost {
			absent = append(absent, key)
			continue
		}
		if err := p.stage(s, &staged{key: key, linked: true, presence: Deleted, object: Object{Kind: shown.kind(i)}}); err != nil {
			return err
		}
	}
	if s.roll == nil {
		return nil
	}
	before, err := p.stillMembers(ctx, s, before)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(append(absent, before...), atOnce) {
		if err := p.confirmAbsent(ctx, s, part); err != nil {
			return err
		}
	}
	return nil
}

// stillMembers gives those who left earlier and are still in a group: out of
// scope then, they may have been deleted since.
func (p *planner) stillMembers(ctx context.Context, s *sourceRead, left []LinkKey) (members []LinkKey, err error) {
	for part := range slices.Chunk(left, atOnce) {
		for m, err := range p.state.MembershipsOf(ctx, s.Name, part) {
			if err != nil {
				return nil, err
			}
			if n := len(members); (n == 0 || members[n-1] != m.Member) && n < confirmAtMost {
				members = append(members, m.Member)
			}
		}
	}
	return members, nil
}

// confirmAtMost bounds how many absentees are asked for once more. So many are
// a matter for the guard.
const confirmAtMost = 5000

// confirmAbsent asks for those whom a sweep did not name: who is out of scope
// only stays a member of his groups, and may have a policy of his own.
func (p *planner) confirmAbsent(ctx context.Context, s *sourceRead, absent []LinkKey) error {
	links, err := findLinks(ctx, p.state, s.Name, absent)
	if err != nil {
		return err
	}
	anchors := make([]Anchor, len(links))
	facts := map[LinkKey]*staged{}
	for i := range links {
		l := &links[i]
		anchors[i] = l.Anchor
		facts[l.Key] = &staged{key: l.Key, linked: true, presence: Deleted, object: Object{Kind: l.Kind, Anchor: l.Anchor}}
	}
	err = p.readOnly(ctx, s, anchors, func(batch *Batch) error {
		for i := range batch.Changes {
			c := &batch.Changes[i]
			r := facts[p.hash.linkKey(c.Object.Anchor)]
			switch {
			case r == nil || c.MembersOnly:
			case c.Presence == Present || c.Problem != nil:
				delete(facts, r.key) // it came back in between, or cannot be read: it is there
			default:
				r.presence, r.fact = c.Presence, true
			}
		}
		return nil
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	confirmed := err == nil // else nothing more is known than that the sweep did not name them
	var parted []LinkKey
	for _, key := range absent {
		r := facts[key]
		if r == nil {
			continue
		}
		if err := p.stage(s, r); err != nil {
			return err
		}
		if confirmed && r.presence == Deleted {
			parted = append(parted, key)
		}
	}
	return p.stageParted(ctx, s, parted, s.said+1)
}
