package adsync

import (
	"context"
	"fmt"
	"slices"
)

// The audit checks that a read of changes tells of every change. Some objects
// are read by themselves first; who looks different from what is known of him
// must then come in the read. The order matters: whatever the audit saw had
// happened before the read began.

// sampled is an object that the audit found changed, or did not find.
type sampled struct {
	key     LinkKey
	anchor  Anchor
	missing bool // it was not there, or not in scope
}

// takeSample reads a random sample. Sources that cannot read single objects,
// and reads of them that fail, say nothing of the changes: the read itself will
// say what is wrong.
func (p *planner) takeSample(ctx context.Context, s *sourceRead) error {
	s.sample, s.report.Sampled = nil, 0
	if s.since == "" || p.job.Audit <= 0 {
		return nil
	}
	links, err := p.state.Sample(ctx, s.Name, p.job.Audit)
	if err != nil {
		return &stateError{err}
	}
	expected := map[LinkKey]*Link{}
	var anchors []Anchor
	for i := range links {
		if l := &links[i]; p.auditable(s, l) {
			expected[l.Key] = l
			anchors = append(anchors, l.Anchor)
		}
	}
	if len(anchors) == 0 {
		return nil
	}
	err = p.readOnly(ctx, s, anchors, func(batch *Batch) error {
		for i := range batch.Changes {
			p.auditChange(s, &batch.Changes[i], expected)
		}
		return nil
	})
	if err != nil {
		s.sample = nil
		return ctx.Err()
	}
	for _, l := range expected {
		s.sample = append(s.sample, sampled{l.Key, l.Anchor, true})
	}
	s.report.Sampled = len(anchors)
	return nil
}

// auditable tells whether what is remembered of a link is what the directory
// showed last. Of who left, waits or has something wrong it is not.
func (p *planner) auditable(s *sourceRead, l *Link) bool {
	_, troubled := s.troubled[l.Key]
	due := !l.Due.IsZero() && !l.Due.After(p.now)
	inUse := l.State == LinkActive || l.State == LinkInactive
	return inUse && !l.Left && !due && !troubled && !l.Digest.IsZero() && l.Config == p.config
}

// auditChange takes an object that looks as it is remembered off the list of
// those expected, and puts one that does not on the list of those to come.
func (p *planner) auditChange(s *sourceRead, c *Change, expected map[LinkKey]*Link) {
	key := p.hash.linkKey(c.Object.Anchor)
	link := expected[key]
	if link == nil || c.MembersOnly {
		return
	}
	delete(expected, key)
	if c.Problem == nil && (c.Presence != Present || !p.looksAs(s, link, &c.Object)) {
		s.sample = append(s.sample, sampled{key, c.Object.Anchor, c.Presence != Present})
	}
}

// looksAs tells whether an object has the digest of its link, or differs in
// nothing that would be written: a directory clears a reference to somebody who
// was deleted and reports nothing of it, and the job may keep what is blank.
func (p *planner) looksAs(s *sourceRead, link *Link, o *Object) bool {
	mapped, err := p.mapObject(*o)
	if err != nil {
		return true // the read will say so
	}
	mapped.Anchor = o.Anchor
	r := staged{key: link.Key, linked: true, object: mapped}
	p.fingerprint(&r)
	if r.digest == link.Digest {
		return true
	}
	nobody := func(TargetID) bool { return false }
	d := p.decide(&matter{source: s.Name, r: &r, link: link, now: p.now, gone: func(*Link) bool { return false }, contested: nobody, promised: nobody})
	return d.reference == nil && !slices.ContainsFunc(d.ops, func(op PlannedOp) bool { return op.Verb != 0 })
}

// judgeSamples holds what the audits found against what the reads then told.
// A source that keeps changes to itself is not
// believed, and is read whole next time.
func (p *planner) judgeSamples() {
	for _, s := range p.sources {
		if s.err != nil || s.index != nil {
			continue
		}
		blind := s.report.Method != nil && !s.report.Method.RemovalsAsOf.IsZero()
		for _, one := range s.sample {
			_, taken := s.taken[one.key]
			_, left := s.left[one.key]
			if taken || left || one.missing && (blind || s.roll != nil) {
				continue
			}
			s.report.Missed++
			if s.missed == "" {
				s.missed = one.anchor
			}
		}
		if s.report.Missed > 0 {
			s.unsure = fmt.Sprintf("%d of %d objects that were read by themselves as a check look different from what is known of them, and the read of changes had not told of it (%s is one); check the account's rights", s.report.Missed, s.report.Sampled, s.missed)
		}
	}
}
