package adsync

import (
	"context"
	"errors"

	"github.com/adsync/sdk/internal/protection"
	"github.com/adsync/sdk/internal/spill"
)

// sourceRead is what one run knows of one source.
type sourceRead struct {
	SourceConfig
	number  int
	before  SourceState
	since   Cursor
	index   *index // nil for a delta
	first   uint32 // number of the index's first object
	objects *spill.Sorter
	members *spill.Sorter
	said    uint32                         // changes that spoke of members
	created [OrganizationalUnit + 1]keySet // by kind: objects this plan creates or adopts
	aside   keySet                         // objects seen that get no link in this plan
	anew    keySet                         // of those created: what was gone from the target
	again   map[LinkKey][]string           // by link: references to objects that are made anew

	snapshot bool
	begun    bool // a batch has come
	done     bool
	// unchanged marks objects of the index that were counted as unchanged; taken
	// has those of a delta, with the same mark.
	unchanged bitmap
	taken     map[LinkKey]bool
	config    string  // what decides which objects are wanted, and how they look
	recalled  []Issue // of a delta: what earlier runs found wrong, until it is staged
	changesRead
	next     Cursor
	witness  *Witness
	unsure   string // why its absences are not believed; "" when they are
	lost     bool   // for lack of an attribute
	accepted string // who said that the read is all there is
	err      error
	report   SourceReport
	retried  bool
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
	if err := p.recall(ctx); err != nil {
		return err
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
	s.config = sourceConfig(p.config, s.Scope)
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

// read reads one source to its end. What a source without a complete read gave
// is thrown away.
func (p *planner) read(ctx context.Context, s *sourceRead) error {
	counts := p.tell.counts
	err := p.tryRead(ctx, s)
	if err != nil { // nothing that was read counts
		p.tell.counts.Unchanged, p.tell.counts.Skipped = counts.Unchanged, counts.Skipped
	}
	if err != nil && CodeOf(err) == CodeGone && s.since != "" && !s.retried && !protection.Resync.Removed() {
		s.retried, s.since = true, ""
		s.report.Why = "the cursor is of no use any more: " + err.Error()
		if err := p.prepareAgain(ctx, s); err != nil {
			return err
		}
		if err := p.state.DropNotes(ctx, s.Name, p.run); err != nil {
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
	s.changesRead = newChangesRead()
	s.report.Objects, s.report.Repeated = 0, 0
	if err := p.stageCarried(ctx, s); err != nil {
		return &stateError{err}
	}
	if err := p.takeSample(ctx, s); err != nil {
		return err
	}
	request := ReadRequest{Since: s.since, Kinds: p.job.Kinds, Attributes: p.job.Mapper.Attributes(), Scope: s.Scope, Notes: p.state.Notes(s.Name, p.run)}
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
	if !s.done && !protection.Done.Removed() {
		return ErrIncomplete
	}
	return p.afterChanges(ctx, s)
}

func (p *planner) newSpill() *spill.Sorter { return spill.New(spill.Config{Memory: 4 << 20}) }
