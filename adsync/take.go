package adsync

import (
	"cmp"
	"context"
	"errors"

	"github.com/adsync/sdk/internal/protection"
)

func (p *planner) take(ctx context.Context, s *sourceRead, batch *Batch) error {
	if s.begun && s.snapshot != batch.Snapshot {
		return Errorf(CodeIncomplete, "source %s: %w; its batches disagree about being a snapshot, which is a fault of the source", s.Name, ErrIncomplete)
	}
	s.begun, s.snapshot, s.report.Snapshot = true, batch.Snapshot, batch.Snapshot
	if s.snapshot && s.index == nil { // asked for changes, it answers with everything
		if err := p.prepareAgain(ctx, s); err != nil {
			return &stateError{err}
		}
	}
	if err := p.takeSeen(ctx, s, batch); err != nil {
		return err
	}
	if batch.Done {
		s.done, s.next, s.witness, s.report.Method = true, batch.Next, batch.Witness, batch.Method
	}
	found, err := p.lookUp(ctx, s, batch)
	if err != nil {
		return &stateError{err}
	}
	for i := range batch.Changes {
		if err := p.takeChange(ctx, s, &batch.Changes[i], found); err != nil {
			return err
		}
	}
	p.tell.progress(Progress{Stage: "read", Source: s.Name, Done: s.report.Objects, Total: s.before.Objects})
	return nil
}

// known is what the state has of an object that a batch shows.
type known struct {
	position int  // in the index, or -1
	away     bool // of a delta: it had left, or its link is lost
	digest   Digest
	state    LinkState
}

// lookUp asks for the links of a whole batch at once. A snapshot has its index
// and asks nothing.
func (p *planner) lookUp(ctx context.Context, s *sourceRead, batch *Batch) (map[LinkKey]known, error) {
	if s.index != nil || len(batch.Changes) == 0 {
		return nil, nil
	}
	keys := make([]LinkKey, 0, len(batch.Changes))
	for i := range batch.Changes {
		keys = append(keys, p.hash.linkKey(batch.Changes[i].Object.Anchor))
	}
	links, err := findLinks(ctx, p.state, s.Name, keys)
	if err != nil {
		return nil, err
	}
	found := make(map[LinkKey]known, len(links))
	for i := range links {
		found[links[i].Key] = known{-1, links[i].Left || links[i].State.detached(), links[i].Digest, links[i].State}
	}
	return found, nil
}

func (s *sourceRead) find(key LinkKey, found map[LinkKey]known) (known, bool) {
	if s.index == nil {
		k, ok := found[key]
		return k, ok
	}
	i, ok := s.index.find(key)
	if !ok {
		return known{}, false
	}
	return known{i, false, s.index.digests[i], s.index.state(i)}, true
}

func (p *planner) takeChange(ctx context.Context, s *sourceRead, c *Change, found map[LinkKey]known) error {
	if c.Object.Anchor == "" {
		return Errorf(CodeInvalid, "source %s gave an object without an anchor (%s in %q); this is a fault of the source", s.Name, c.Object.Kind, c.Object.Container)
	}
	if c.Presence > Deleted {
		return Errorf(CodeInvalid, "source %s gave %s the presence %d, which is none; this is a fault of the source", s.Name, c.Object.Anchor, c.Presence)
	}
	key := p.hash.linkKey(c.Object.Anchor)
	if s.index == nil && c.Members != nil && c.Members.Reset {
		s.listed[key] = true
	}
	if c.Members != nil || c.Problem != nil && (c.MembersOnly || c.Object.Kind == Group) {
		if err := p.takeMembers(s, key, c); err != nil {
			return err
		}
	}
	if c.MembersOnly {
		if c.Problem == nil {
			return nil
		}
		return p.issue(ctx, Issue{Source: s.Name, Anchor: c.Object.Anchor, Kind: c.Object.Kind, Code: IssueUnreadable, Attr: "members", Detail: c.Problem.Error()})
	}
	k, linked := s.find(key, found)
	s.mark(key)
	s.noteList(key, c, !linked || k.away)
	again := p.seenAgain(s, key, k, linked)
	if again {
		s.report.Repeated++
	} else {
		s.report.Objects++
	}
	switch {
	case c.Problem != nil:
		s.aside.add(key)
		p.tell.keep(s.Name, c.Object.Anchor)
		if err := p.passOver(s, key, &c.Object); err != nil { // it is read by itself until it can be read
			return err
		}
		if err := p.seenAfterAll(s, key, c); err != nil {
			return err
		}
		return p.issue(ctx, Issue{Source: s.Name, Anchor: c.Object.Anchor, Kind: c.Object.Kind, Code: IssueUnreadable, Detail: c.Problem.Error()})
	case c.Presence != Present:
		s.left[key] = c.Presence
		if c.Presence == Deleted {
			s.deleted[key] = true
		}
		return p.stageLeaver(s, key, c, linked)
	}
	delete(s.left, key)
	return p.takeObject(ctx, s, key, c, k, linked, again)
}

// seenAgain notes that a read showed an object, and tells whether it had done so
// before. New objects of a snapshot are told apart later, when they are sorted.
func (p *planner) seenAgain(s *sourceRead, key LinkKey, k known, linked bool) (again bool) {
	var counted bool
	switch {
	case s.index == nil:
		counted, again = s.taken[key]
		s.taken[key] = false
	case linked:
		again, counted = s.index.seen.has(k.position), s.unchanged.has(k.position)
		s.index.seen.set(k.position)
		s.unchanged.clear(k.position)
	}
	if counted {
		p.tell.counts.Unchanged-- // what comes now counts
	}
	return again
}

func (p *planner) countUnchanged(s *sourceRead, key LinkKey, k known) {
	p.tell.counts.Unchanged++
	if s.index == nil {
		s.taken[key] = true
	} else {
		s.unchanged.set(k.position)
	}
}

// stageLeaver stages what the source said had gone, linked or not: it may have
// been shown as present earlier in the same read.
func (p *planner) stageLeaver(s *sourceRead, key LinkKey, c *Change, linked bool) error {
	return p.stage(s, &staged{key: key, linked: linked, presence: c.Presence, fact: true, object: Object{Kind: c.Object.Kind, Anchor: c.Object.Anchor}, origin: c.Origin})
}

func (p *planner) takeObject(ctx context.Context, s *sourceRead, key LinkKey, c *Change, k known, linked, again bool) error {
	mapped, err := p.mapObject(c.Object)
	if err == nil && !mapped.Kind.valid() {
		err = Errorf(CodeInvalid, "it has no kind after the mapping, and %s before; the source has to set Object.Kind and the mapping to keep it", c.Object.Kind)
	}
	if errors.Is(err, ErrSkip) || (err == nil && !p.takesKind(mapped.Kind)) {
		p.tell.counts.Skipped++
		s.aside.add(key)
		return p.passOver(s, key, &c.Object)
	}
	if err != nil && protection.OneObject.Removed() {
		return err
	}
	if err != nil {
		s.aside.add(key)
		if err := p.passOver(s, key, &c.Object); err != nil {
			return err
		}
		p.tell.keep(s.Name, c.Object.Anchor)
		return p.issue(ctx, mappingIssue(s.Name, &c.Object, err))
	}
	mapped.Anchor = c.Object.Anchor
	record := staged{key: key, linked: linked, lost: linked && k.state.detached(), object: mapped, origin: c.Origin}
	p.fingerprint(&record)
	record.number = p.numberOf(s, key, k, linked)
	if id := record.object.Attrs.Get(p.job.Identity); p.job.Identity != "" && id != "" {
		p.identified = true
		record.identity = p.hash.identityKey(id)
		return p.stage(s, &record) // joined with what other sources say
	}
	if err := p.noteKeys(s, &record); err != nil {
		return err
	}
	_, troubled := s.troubled[key]
	if linked && !again && !troubled && !protection.Differences.Removed() && k.digest == record.digest && k.state.stands() {
		p.countUnchanged(s, key, k)
		return nil
	}
	return p.stage(s, &record)
}

// fingerprint judges a mapped object's activity at the run's instant and takes
// its digest.
func (p *planner) fingerprint(r *staged) {
	activity, due := judgeActivity(&r.object, p.speaks[r.object.Kind], p.now)
	r.activity, r.due = activity, unixOf(due)
	r.digest = p.hash.object(p.config, &r.object, activity, r.due)
}

func mappingIssue(source string, o *Object, err error) Issue {
	issue := Issue{Source: source, Anchor: o.Anchor, Kind: o.Kind, Code: IssueMapping, Name: calledBy(o.Attrs), Detail: err.Error()}
	if coded, ok := errors.AsType[*Error](err); ok && coded != nil {
		issue.Attr = coded.Attr
		issue.Code = cmp.Or(IssueCode(coded.Problem), IssueMapping)
	}
	return issue
}

func (p *planner) numberOf(s *sourceRead, key LinkKey, k known, linked bool) uint32 {
	if linked && s.index != nil && !k.state.detached() {
		return s.first + uint32(k.position)
	}
	n := p.numbers
	p.numbers++
	p.unlinked = append(p.unlinked, objectRef{s.number, key}.short())
	return n
}

func (p *planner) stage(s *sourceRead, r *staged) error {
	if r.matched() {
		p.toMatch++
	}
	p.buf = p.codec.appendStaged(p.buf[:0], r)
	if err := s.objects.Add(r.key[:], p.buf); err != nil {
		return &stateError{err}
	}
	return nil
}
