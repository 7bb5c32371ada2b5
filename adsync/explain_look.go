package adsync

import (
	"context"
	"errors"
	"time"
)

// looked is what came of asking a source for one object.
type looked struct {
	sighting *Sighting
	err      error
}

// request is what a read of the source would ask for.
func (x *explainer) request(ctx context.Context, s SourceConfig) (ReadRequest, error) {
	r := ReadRequest{Kinds: x.job.Kinds, Attributes: x.job.Mapper.Attributes(), Scope: s.Scope}
	if x.parts.scoper == nil {
		return r, nil
	}
	theirs, err := x.parts.scoper.Scope(ctx)
	if err == nil {
		r.Scope, err = narrow(s.Scope, theirs)
	}
	if err != nil {
		x.trouble("the target cannot tell its side of the selection, so scope was not judged: %v", err)
	}
	return r, err
}

var errNotAlone = errors.New("this source cannot be asked for single objects")

// look asks a source for one object. One that explains scopes shows it whatever
// the selection says; another is read for it alone, unless a run is under way.
func (x *explainer) look(ctx context.Context, s SourceConfig, anchor Anchor) looked {
	r, err := x.request(ctx, s)
	if err != nil {
		return looked{err: err}
	}
	r.Only = []Anchor{anchor}
	if scoper, ok := s.Source.(ScopeExplainer); ok {
		sightings, err := x.explainScope(ctx, scoper, r, "")
		for i := range sightings {
			if sightings[i].Change.Object.Anchor == anchor {
				return looked{sighting: &sightings[i]}
			}
		}
		return looked{err: err}
	}
	return x.lookAlone(ctx, s, r)
}

func (x *explainer) explainScope(ctx context.Context, s ScopeExplainer, r ReadRequest, value string) (found []Sighting, err error) {
	defer caught("the source", CodeOther, &err)
	return s.ExplainScope(ctx, r, value)
}

// lookAlone reads an object by itself from a source that is read by one call at
// a time.
func (x *explainer) lookAlone(ctx context.Context, s SourceConfig, r ReadRequest) (out looked) {
	select {
	case x.engine.working <- struct{}{}:
		defer func() { <-x.engine.working }()
	default:
		return looked{err: errors.New("a run is under way, and this source is read by one at a time; ask again when it is over")}
	}
	defer caught("source "+s.Name, CodeOther, &out.err)
	for batch, err := range s.Source.Read(ctx, r) {
		if CodeOf(err) == CodeUnsupported || err == nil && batch.Snapshot {
			return looked{err: errNotAlone}
		}
		if err != nil {
			return looked{err: err}
		}
		for i := range batch.Changes {
			if c := &batch.Changes[i]; c.Object.Anchor == r.Only[0] && !c.MembersOnly && c.Presence != Deleted {
				one := *c
				one.Members = nil
				out.sighting = &Sighting{Change: one}
				if c.Presence == OutOfScope {
					out.sighting.Left = []string{"the source says that the selection leaves it out"}
				}
			}
		}
	}
	return out
}

// directory asks the source for the object and maps it.
func (x *explainer) directory(ctx context.Context, s *subject) error {
	for _, source := range x.job.Sources {
		if source.Name != s.source {
			continue
		}
		found := looked{sighting: s.sighting}
		if s.sighting == nil {
			found = x.look(ctx, source, s.anchor)
		}
		x.seen(s, found)
		return nil
	}
	s.out.Directory.Error = "the job has no source of that name any more"
	return nil
}

func (x *explainer) seen(s *subject, found looked) {
	now := &s.out.Directory
	if now.Asked = found.err == nil; !now.Asked {
		now.Error = found.err.Error()
		return
	}
	now.At = time.Now()
	s.sighting = found.sighting
	if s.sighting == nil {
		return
	}
	now.Shown, now.Name, now.Origin = true, s.sighting.Name, s.sighting.Change.Origin
	now.OutOfScope, now.Covered = s.sighting.Left, s.sighting.Covered
	o := s.sighting.Change.Object
	if name := calledBy(o.Attrs); s.out.Name == "" {
		s.out.Name = name
	}
	if s.out.Kind == 0 {
		s.out.Kind = o.Kind
	}
	if s.sighting.Change.Problem == nil {
		x.mapIt(s, o)
	}
}

// mapIt runs the mapping on what the directory shows.
func (x *explainer) mapIt(s *subject, o Object) {
	var mapped Object
	mapped, s.mapErr = x.mapObject(o)
	if tracer, ok := x.job.Mapper.(Tracer); ok {
		s.trace = x.traceOf(tracer, o)
		s.out.Directory.Rule = s.trace.Decided
	}
	if s.mapErr != nil {
		return
	}
	mapped.Anchor, s.made = o.Anchor, mapped.Attrs
	r := &staged{key: s.key, linked: s.link != nil, object: mapped, origin: s.sighting.Change.Origin, lost: s.link != nil && s.link.State.detached()}
	activity, due := judgeActivity(&r.object, x.speaks[r.object.Kind], x.now)
	r.activity, r.due = activity, unixOf(due)
	r.digest = x.hash.object(x.config, &r.object, r.activity, r.due)
	s.mapped = r
	if s.out.Name == "" {
		s.out.Name = calledBy(mapped.Attrs)
	}
}

func (x *explainer) traceOf(t Tracer, o Object) (trace Trace) {
	var err error
	defer func() {
		if err != nil {
			trace = Trace{}
		}
	}()
	defer caught("the mapping", CodeOther, &err)
	return t.Trace(o)
}
