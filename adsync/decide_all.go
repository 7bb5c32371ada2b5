package adsync

import (
	"context"
	"encoding/binary"
	"iter"
	"slices"
	"strings"
)

// decideAtOnce is the number of objects that are decided about together, so
// that links and owners are asked for in batches.
const decideAtOnce = 500

// decideAll joins what was staged with links and candidates, all three in the
// order of keys, and decides object by object.
func (p *planner) decideAll(ctx context.Context) error {
	p.ops, p.references = p.newSpill(), p.newSpill()
	p.claims = newClaims(p.newSpill())
	p.notePromises()
	p.unlinked = nil // nobody asks any more, and it is large in a first run
	next, stop := iter.Pull2(p.candidates.Sorted(ctx))
	defer stop()
	join := &candidateJoin{next: next, codec: p.codec}
	for _, s := range p.sources {
		if s.err != nil {
			continue
		}
		if err := p.decideSource(ctx, s, join); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) decideSource(ctx context.Context, s *sourceRead, join *candidateJoin) error {
	links := p.newLinkJoin(ctx, s)
	defer links.close()
	chunk := make([]*staged, 0, decideAtOnce)
	total := s.objects.Len()
	for r, err := range inBackground(p.stagedOf(ctx, s)) {
		if err != nil {
			return err
		}
		if s.index != nil && !r.linked {
			s.report.Repeated += r.repeats
			s.report.Objects -= r.repeats
		}
		if chunk = append(chunk, r); len(chunk) < decideAtOnce {
			continue
		}
		if err := p.decideChunk(ctx, s, chunk, links, join); err != nil {
			return err
		}
		p.tell.progress(Progress{Stage: "plan", Source: s.Name, Done: p.ops.Len(), Total: total})
		chunk = chunk[:0]
	}
	return p.decideChunk(ctx, s, chunk, links, join)
}

func (p *planner) decideChunk(ctx context.Context, s *sourceRead, chunk []*staged, links *linkJoin, join *candidateJoin) error {
	if len(chunk) == 0 {
		return nil
	}
	found, err := links.of(ctx, chunk)
	if err != nil {
		return err
	}
	matters := make([]*matter, len(chunk))
	var targets []TargetID
	for i, r := range chunk {
		m, err := p.matterOf(s, r, found[r.key], join)
		if err != nil {
			return err
		}
		if err := p.inherit(ctx, m); err != nil {
			return err
		}
		matters[i] = m
		for _, c := range m.candidates {
			targets = append(targets, c.ID)
		}
		targets = append(targets, m.holders...)
		if m.answer.Target != "" {
			targets = append(targets, m.answer.Target)
		}
	}
	owners, err := findOwners(ctx, p.state, targets)
	if err != nil {
		return err
	}
	if err := p.findSharers(ctx, s, matters); err != nil {
		return err
	}
	if err := p.seek(ctx, matters); err != nil {
		return err
	}
	decisions := make([]*decision, len(matters))
	for i, m := range matters {
		m.owners = owners
		decisions[i] = p.decide(m)
	}
	if err := p.presentValues(ctx, decisions); err != nil {
		return err
	}
	for i, m := range matters {
		if err := p.carryOut(ctx, s, m, decisions[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) matterOf(s *sourceRead, r *staged, link *Link, join *candidateJoin) (*matter, error) {
	m := &matter{
		source: s.Name, r: r, link: link, settled: p.settled[objectRef{s.number, r.key}], unsure: s.unsure != "", lost: s.lost, movesOn: p.movesOn(s), now: p.now, gone: p.gone,
		contested: func(id TargetID) bool { return p.hits[targetHash(id)] > 1 },
	}
	if link != nil {
		m.base = p.hash.record(link.Applied)
	}
	m.duplicate = p.duplicates.issue(s.Name, r)
	if r.taking {
		m.with = LinkRef{p.sources[r.takes.source].Name, r.takes.key}
	}
	m.answer = p.answer[answerKey{s.Name, m.anchor()}]
	m.holders = p.held[answerKey{s.Name, m.anchor()}]
	if issue, ok := p.unknown[answerKey{s.Name, m.anchor()}]; ok {
		m.unknown = &issue
		if r.presence == Present {
			delete(p.unknown, answerKey{s.Name, m.anchor()})
		}
	}
	m.promised = func(id TargetID) bool {
		return slices.ContainsFunc(p.promised[id], func(r objectRef) bool { return r != objectRef{s.number, m.r.key} })
	}
	var err error
	m.candidates, err = join.of(objectRef{s.number, r.key})
	return m, err
}

// gone tells whether a link's object is no longer in the directory, as far as
// this run's reads show it.
func (p *planner) gone(l *Link) bool {
	for _, s := range p.sources {
		if s.Name != l.Source || s.err != nil || s.unsure != "" {
			continue
		}
		shown := s.shown()
		if shown == nil {
			return s.left[l.Key] == Deleted
		}
		i, ok := shown.find(l.Key)
		return ok && (!shown.seen.has(i) || s.left[l.Key] == Deleted)
	}
	return false
}

// carryOut passes a decision on to the stages that follow.
func (p *planner) carryOut(ctx context.Context, s *sourceRead, m *matter, d *decision) error {
	if d.keeps || len(d.issues) > 0 && len(d.ops) > 0 {
		p.tell.keep(s.Name, m.anchor())
	}
	for _, issue := range d.issues {
		if p.movesOn(s) && m.r.presence == Present {
			issue.Wanted = wantedAgain(m.r) // the next read will not show the object again
		} else if p.movesOn(s) && m.r.leaves() {
			issue.Left = m.leftAgain(p.settings)
		}
		if err := p.issue(ctx, issue); err != nil {
			return err
		}
		if issue.Code == IssueRequiredMissing && m.link == nil && p.job.OnMissing == Halt && p.halt == nil {
			p.halt = &objectRef{s.number, m.r.key}
		}
	}
	switch {
	case d.skipped:
		p.tell.counts.Skipped++
	case d.unchanged:
		p.tell.counts.Unchanged++
	}
	if d.aside {
		s.aside.add(m.r.key)
	}
	if len(d.ops) == 0 && len(d.issues) == 0 && d.reference == nil && m.answer.Verdict != AnswerIgnore {
		p.inOrder(s, m.r.key, m.r.presence)
	}
	for i := range d.ops {
		if err := p.emit(s.number, &d.ops[i], m); err != nil {
			return err
		}
		if d.ops[i].Replaces != (LinkRef{}) {
			p.replaced[d.ops[i].Replaces] = true
		}
	}
	for i := range d.parks {
		if err := p.emit(p.numberOfSource(d.parks[i].Source, s), &d.parks[i], nil); err != nil {
			return err
		}
	}
	if d.reference != nil {
		var wanted *Object
		if p.movesOn(s) && m.r.presence == Present {
			wanted = wantedAgain(m.r)
		}
		p.buf = p.codec.appendReferences(p.buf[:0], d.reference, wanted)
		if err := p.references.Add(objectRef{s.number, m.r.key}.bytes(), p.buf); err != nil {
			return err
		}
	}
	if len(d.ops) > 0 && m.r.presence != forgetOnly && (!m.r.linked || m.link.State.detached()) {
		s.created[m.r.object.Kind].add(m.r.key)
		if m.link != nil {
			s.anew.add(m.r.key)
		}
	}
	return nil
}

// numberOfSource gives the place of a source in the job; that of s for a source
// of another job.
func (p *planner) numberOfSource(name string, s *sourceRead) int {
	for _, other := range p.sources {
		if other.Name == name {
			return other.number
		}
	}
	return s.number
}

// notePromises finds out which objects of the target a person has promised to
// objects of this read that have no link yet.
func (p *planner) notePromises() {
	wanted := map[objectRef]TargetID{}
	for key, a := range p.answer {
		for _, s := range p.sources {
			if a.Verdict == AnswerLink && s.Name == key.source {
				wanted[objectRef{s.number, p.hash.linkKey(key.anchor)}] = a.Target
			}
		}
	}
	if len(wanted) == 0 {
		return
	}
	for _, short := range p.unlinked {
		ref := short.ref()
		if id, ok := wanted[ref]; ok && !slices.Contains(p.promised[id], ref) {
			p.promised[id] = append(p.promised[id], ref)
		}
	}
}

// wantedAgain gives a staged object back as the mapper gave it.
func wantedAgain(r *staged) *Object {
	o := r.object
	setExpires(&o, timeOf(r.due))
	return &o
}

// emit adds an op to the plan, in its place.
func (p *planner) emit(source int, op *PlannedOp, m *matter) error {
	var rank uint32
	if op.Phase == PhaseUnits && m != nil {
		rank = uint32(min(strings.Count(m.r.object.Container, ",")+1, 1000)) // parents first
	}
	key := opOrder(op, rank, source)
	if err := p.claims.note(p.settings, op, key); err != nil {
		return err
	}
	p.buf = p.codec.appendOp(p.buf[:0], op)
	return p.ops.Add(key, p.buf)
}

// opOrder gives the place of an op: phase, rank within it, number of the swap,
// source, key, part.
func opOrder(op *PlannedOp, rank uint32, source int) []byte {
	b := make([]byte, 0, 31)
	b = append(b, byte(op.Phase))
	b = binary.BigEndian.AppendUint32(b, rank)
	b = binary.BigEndian.AppendUint32(b, uint32(op.Swap))
	b = binary.BigEndian.AppendUint16(b, uint16(source))
	b = append(b, op.Link[:]...)
	return binary.BigEndian.AppendUint32(b, uint32(op.Part))
}

// refOfOrder gives back the object from the place of an op.
func refOfOrder(order []byte) objectRef {
	return refOf(order[9:27])
}
