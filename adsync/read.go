package adsync

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/adsync/sdk/internal/spill"
)

// sourceRead is what one run knows of one source.
type sourceRead struct {
	SourceConfig
	number  int
	before  SourceState
	known   bool // there is a before
	since   Cursor
	index   *index // nil for a delta
	first   uint32 // number of the index's first object
	objects *spill.Sorter
	members *spill.Sorter
	said    uint32                         // changes that spoke of members
	created [OrganizationalUnit + 1]keySet // by kind: objects this plan creates or adopts
	aside   keySet                         // objects seen that get no link in this plan

	snapshot bool
	begun    bool // a batch has come
	done     bool
	// unchanged marks objects of the index that were counted as unchanged; taken
	// has those of a delta, with the same mark.
	unchanged bitmap
	taken     map[LinkKey]bool
	next      Cursor
	witness   *Witness
	unsure    string // why its absences are not believed; "" when they are
	lost      bool   // for lack of an attribute
	accepted  string // who said that the read is all there is
	err       error
	report    SourceReport
	notes     Notes
	retried   bool
}

func (s *sourceRead) close() {
	for _, f := range []*spill.Sorter{s.objects, s.members} {
		if f != nil {
			f.Close()
		}
	}
}

// readAll reads every source. A source that fails does not stop the others.
// The error is of the state store, or the run's cancellation.
func (p *planner) readAll(ctx context.Context) error {
	total := 0
	for _, c := range p.links {
		total += c.Active + c.Inactive + c.Lost + c.Ignored + c.Pending
	}
	for _, s := range p.sources {
		if err := p.prepare(ctx, s, total); err != nil {
			return err
		}
	}
	p.firstFree = p.numbers
	for _, s := range p.sources {
		if err := p.read(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) prepare(ctx context.Context, s *sourceRead, size int) (err error) {
	s.report.Name = s.Name
	s.since, s.report.Why = p.startOf(s)
	s.first = p.numbers
	if s.since != "" {
		return nil
	}
	if s.index, err = loadIndex(ctx, p.state, s.Name, size); err != nil {
		return err
	}
	s.unchanged = newBitmap(len(s.index.keys))
	p.numbers += uint32(len(s.index.keys))
	return nil
}

// startOf gives the cursor to read from, and why it is a snapshot where a
// cursor is there.
func (p *planner) startOf(s *sourceRead) (Cursor, string) {
	switch {
	case s.before.Cursor == "":
		return "", ""
	case p.job.Snapshot:
		return "", "the job asks for a full read"
	case p.job.Identity != "":
		return "", "objects of several sources are joined, which needs all of them"
	case s.before.Config != p.config.text():
		return "", "mapping, schema or policies changed"
	}
	return s.before.Cursor, ""
}

// read reads one source to its end. What a source without a complete read gave
// is thrown away.
func (p *planner) read(ctx context.Context, s *sourceRead) error {
	counts := p.tell.counts
	err := p.tryRead(ctx, s)
	if err != nil { // nothing that was read counts
		p.tell.counts.Unchanged, p.tell.counts.Skipped = counts.Unchanged, counts.Skipped
	}
	if err != nil && CodeOf(err) == CodeGone && s.since != "" && !s.retried {
		s.retried, s.since = true, ""
		s.report.Why = "the source no longer knows the cursor"
		if err := p.prepareAgain(ctx, s); err != nil {
			return err
		}
		err = p.tryRead(ctx, s)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if internal, ok := errors.AsType[*stateError](err); ok {
		return internal.err
	}
	if err != nil {
		s.err = err
		s.report.Error = err.Error()
		s.close()
		s.objects, s.members = nil, nil
	}
	return nil
}

func (p *planner) prepareAgain(ctx context.Context, s *sourceRead) (err error) {
	if s.index, err = loadIndex(ctx, p.state, s.Name, 0); err != nil {
		return err
	}
	// Numbers of objects already read stay used, so that none is given twice.
	s.first = p.numbers
	s.unchanged = newBitmap(len(s.index.keys))
	p.numbers += uint32(len(s.index.keys))
	p.unlinked = append(p.unlinked, make([]shortRef, len(s.index.keys))...)
	return nil
}

// stateError marks an error that is not the source's.
type stateError struct{ err error }

func (e *stateError) Error() string { return e.err.Error() }
func (e *stateError) Unwrap() error { return e.err }

func (p *planner) tryRead(ctx context.Context, s *sourceRead) (err error) {
	defer caught("source "+s.Name, CodeOther, &err)
	s.close()
	s.objects, s.members = p.newSpill(), p.newSpill()
	s.said = 0
	s.begun, s.done, s.aside, s.taken = false, false, keySet{}, map[LinkKey]bool{}
	s.report.Objects, s.report.Repeated = 0, 0
	if err := p.stageCarried(ctx, s); err != nil {
		return &stateError{err}
	}
	request := ReadRequest{Since: s.since, Kinds: p.job.Kinds, Attributes: p.job.Mapper.Attributes(), Scope: s.Scope, Notes: s.notes}
	for batch, err := range s.Source.Read(ctx, request) {
		if err != nil {
			return err
		}
		if s.done {
			return Errorf(CodeIncomplete, "source %s went on after it had said that it was done; this is a fault of the source", s.Name)
		}
		if err := p.take(ctx, s, &batch); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !s.done {
		return ErrIncomplete
	}
	return nil
}

func (p *planner) newSpill() *spill.Sorter { return spill.New(spill.Config{Memory: 4 << 20}) }

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
	if batch.Done {
		s.done, s.next, s.witness = true, batch.Next, batch.Witness
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
	position int // in the index, or -1
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
		found[links[i].Key] = known{-1, links[i].Digest, links[i].State}
	}
	return found, nil
}

// findLinks asks for any number of keys, in any order and repeated.
func findLinks(ctx context.Context, state Links, source string, keys []LinkKey) ([]Link, error) {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, compareKeys)
	keys = slices.Compact(keys)
	var links []Link
	for part := range slices.Chunk(keys, 1000) {
		some, err := state.Find(ctx, source, part)
		if err != nil {
			return nil, err
		}
		links = append(links, some...)
	}
	return links, nil
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
	return known{i, s.index.digests[i], s.index.state(i)}, true
}

func (p *planner) takeChange(ctx context.Context, s *sourceRead, c *Change, found map[LinkKey]known) error {
	if c.Object.Anchor == "" {
		return Errorf(CodeInvalid, "source %s gave an object without an anchor (%s in %q); this is a fault of the source", s.Name, c.Object.Kind, c.Object.Container)
	}
	if c.Presence > Deleted {
		return Errorf(CodeInvalid, "source %s gave %s the presence %d, which is none; this is a fault of the source", s.Name, c.Object.Anchor, c.Presence)
	}
	key := p.hash.linkKey(c.Object.Anchor)
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
	again := p.seenAgain(s, key, k, linked)
	if again {
		s.report.Repeated++
	} else {
		s.report.Objects++
	}
	switch {
	case c.Problem != nil:
		s.aside.add(key)
		return p.issue(ctx, Issue{Source: s.Name, Anchor: c.Object.Anchor, Kind: c.Object.Kind, Code: IssueUnreadable, Detail: c.Problem.Error()})
	case c.Presence != Present:
		return p.stageLeaver(s, key, c, linked)
	}
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
	return p.stage(s, &staged{key: key, linked: linked, presence: c.Presence, fact: true, object: Object{Kind: c.Object.Kind, Anchor: c.Object.Anchor}})
}

func (p *planner) takeObject(ctx context.Context, s *sourceRead, key LinkKey, c *Change, k known, linked, again bool) error {
	mapped, err := p.mapObject(c.Object)
	if err == nil && !mapped.Kind.valid() {
		err = Errorf(CodeInvalid, "it has no kind after the mapping, and %s before; the source has to set Object.Kind and the mapping to keep it", c.Object.Kind)
	}
	if errors.Is(err, ErrSkip) || (err == nil && !p.takesKind(mapped.Kind)) {
		p.tell.counts.Skipped++
		s.aside.add(key)
		return nil
	}
	if err != nil {
		s.aside.add(key)
		return p.issue(ctx, mappingIssue(s.Name, &c.Object, err))
	}
	mapped.Anchor = c.Object.Anchor
	record := staged{key: key, linked: linked, lost: linked && k.state == LinkLost, object: mapped}
	activity, due := judgeActivity(&record.object, p.speaks[mapped.Kind], p.now)
	record.activity, record.due = activity, unixOf(due)
	record.digest = p.hash.object(p.config, &record.object, activity, record.due)
	record.number = p.numberOf(s, key, k, linked)
	if id := record.object.Attrs.Get(p.job.Identity); p.job.Identity != "" && id != "" {
		p.identified = true
		record.identity = p.hash.identityKey(id)
		return p.stage(s, &record) // joined with what other sources say
	}
	if p.answer[answerKey{s.Name, mapped.Anchor}].Verdict != AnswerIgnore {
		if err := p.noteKeys(&record); err != nil {
			return err
		}
	}
	if linked && !again && k.digest == record.digest && (k.state == LinkActive || k.state == LinkInactive && activity == activityOff) {
		p.countUnchanged(s, key, k)
		return nil
	}
	return p.stage(s, &record)
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
	if linked && s.index != nil && k.state != LinkLost {
		return s.first + uint32(k.position)
	}
	n := p.numbers
	p.numbers++
	p.unlinked = append(p.unlinked, objectRef{s.number, key}.short())
	return n
}

func (p *planner) stage(s *sourceRead, r *staged) error {
	p.buf = p.codec.appendStaged(p.buf[:0], r)
	if err := s.objects.Add(r.key[:], p.buf); err != nil {
		return &stateError{err}
	}
	return nil
}

// stageAbsent stages the links that a complete snapshot did not show.
func (p *planner) stageAbsent(ctx context.Context) error {
	for _, s := range p.sources {
		if s.err != nil || s.index == nil || !s.snapshot || s.unsure != "" {
			continue
		}
		for i, key := range s.index.keys {
			if s.index.seen.has(i) || s.index.state(i) == LinkIgnored || s.index.state(i) == LinkLost || s.index.left(i) {
				continue
			}
			if err := p.stage(s, &staged{key: key, linked: true, presence: Deleted, object: Object{Kind: s.index.kind(i)}}); err != nil {
				return err
			}
		}
	}
	return nil
}
