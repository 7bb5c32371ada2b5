package adsync

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Explain says why an object is in the target as it is, or why it is not. It
// asks the directory and the target about that object only, writes nothing,
// needs no lease and works while a run is under way. Who has the value asked for
// several times gets a list. What cannot be asked now is said so; the error is
// of the state store, or of a subject that names nothing.
func (e *Engine) Explain(ctx context.Context, of Subject) (*Explanation, error) {
	if of.Anchor == "" && of.Target == "" && of.Value == "" {
		return nil, Errorf(CodeInvalid, "adsync: explain whom? name an anchor, an id of the target, or a value such as an address")
	}
	still, err := e.reading(ctx)
	if err != nil {
		return nil, err
	}
	x, err := still.newExplainer(ctx)
	if err != nil {
		return nil, err
	}
	found, err := x.find(ctx, of)
	if err != nil {
		return nil, err
	}
	switch len(found) {
	case 0:
		return x.nobody(of), nil
	case 1:
		return x.explain(ctx, found[0])
	}
	out := &Explanation{Standing: StandingAmbiguous, Why: []string{fmt.Sprintf("%d objects come into question; ask for one of them by its source and anchor, or by its id in the target", len(found))}}
	for _, f := range found {
		out.Found = append(out.Found, x.match(f))
	}
	return out, nil
}

// explainer answers one question. It holds one object.
type explainer struct {
	*settings
	engine   *Engine
	parts    *parts
	state    State
	hash     *hasher
	now      time.Time
	troubles []string // what could not be asked
}

func (e *Engine) newExplainer(ctx context.Context) (*explainer, error) {
	secret, err := e.state.Secret(ctx)
	if err != nil {
		return nil, err
	}
	return &explainer{settings: e.settings, engine: e, parts: e.parts, state: e.state, hash: newHasher(secret), now: time.Now()}, nil
}

// nobody is for a subject that neither state, sources nor target know.
func (x *explainer) nobody(of Subject) *Explanation {
	out := &Explanation{
		Source: of.Source, Anchor: of.Anchor, Target: of.Target, Name: of.Value, Standing: StandingUnknown,
		Why: []string{"it was never synchronised, nothing is remembered of it, and no source or target that could be asked shows it; check the spelling, and the rights of the sync account"},
	}
	out.Why = append(out.Why, x.troubles...)
	return out
}

func (x *explainer) match(f candidateObject) Match {
	m := Match{Source: f.source, Anchor: f.anchor, Kind: f.kind, Name: f.name, Target: f.target, Standing: StandingWaiting}
	switch {
	case f.link != nil:
		m.Standing = standingOf(f.link)
	case f.anchor == "":
		m.Standing = StandingForeign
	case f.sighting != nil && f.sighting.Change.Presence != Present:
		m.Standing = StandingOutOfScope
	case f.issue != nil:
		m.Standing = standingOfIssue(f.issue.Code)
	}
	return m
}

func standingOf(l *Link) Standing {
	switch {
	case l.State == LinkInactive && l.Left:
		return StandingLeft
	case l.State == LinkInactive:
		return StandingInactive
	case l.State == LinkPending:
		return StandingPending
	case l.State == LinkShared:
		return StandingShared
	case l.State == LinkLost:
		return StandingLost
	case l.State == LinkIgnored:
		return StandingIgnored
	}
	return StandingActive
}

func standingOfIssue(code IssueCode) Standing {
	switch {
	case code == IssueUnmatchedInactive:
		return StandingOff
	case code == IssueUnreadable || code == IssueMapping:
		return StandingUnreadable
	case code.Class() == ClassConflict:
		return StandingConflict
	case code.Class() == ClassQuarantined:
		return StandingQuarantined
	}
	return StandingFailed
}

// subject is all that was found out about the one object.
type subject struct {
	candidateObject
	out      *Explanation
	history  history
	issues   []Issue
	answer   Answer
	mapped   *staged    // nil: nothing to map
	made     Attributes // as the mapping made them, what speaks to the engine included
	trace    Trace
	mapErr   error
	decision *decision // what the next run would decide; nil where that is not known
	present  *Target
	asked    bool // the target was asked for the object
}

func (x *explainer) explain(ctx context.Context, f candidateObject) (*Explanation, error) {
	s := &subject{candidateObject: f, out: &Explanation{Source: f.source, Anchor: f.anchor, Kind: f.kind, Name: f.name, Target: f.target}}
	if f.anchor == "" {
		return x.unlinked(s), nil
	}
	for _, step := range []func(context.Context, *subject) error{x.remembered, x.directory, x.history, x.target, x.wouldDecide} {
		if err := step(ctx, s); err != nil {
			return nil, err
		}
	}
	x.standing(s)
	x.attributes(s)
	if err := x.explainReferences(ctx, s); err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.out.Attributes, func(a, b AttributeExplanation) int { return compareNames(a.Attr, b.Attr) })
	if s.out.Kind == Group {
		if err := x.explainMembers(ctx, s); err != nil {
			return nil, err
		}
	}
	s.out.Why = append(s.out.Why, x.troubles...)
	return s.out, nil
}

// unlinked is for an object of the target that no source object stands for.
func (x *explainer) unlinked(s *subject) *Explanation {
	s.out.Standing = StandingForeign
	s.out.Why = []string{"the target has it, and no object of a source is linked to it: somebody else made it, or its link was given up"}
	if s.onTarget != nil {
		if x.isProtected(s.onTarget) {
			s.out.Why = append(s.out.Why, "it is protected: it is never adopted, changed or removed by rule")
		}
		for name, values := range s.onTarget.Attrs.All() {
			s.out.Attributes = append(s.out.Attributes, AttributeExplanation{Attr: name, Present: values, AskedNow: true, Reason: ReasonObject})
		}
	}
	s.out.Why = append(s.out.Why, x.troubles...)
	return s.out
}

// remembered reads what the state has of the object besides its link.
func (x *explainer) remembered(ctx context.Context, s *subject) error {
	for a, err := range x.state.ListAnswers(ctx) {
		if err != nil {
			return err
		}
		if a.Source == s.source && a.Anchor == s.anchor {
			s.answer = a
			s.out.Answer = &a
		}
	}
	for issue, err := range x.state.ListIssues(ctx) {
		if err != nil {
			return err
		}
		if issue.Source == s.source && issue.Anchor == s.anchor {
			s.issues = append(s.issues, issue)
		}
	}
	s.out.Issues = s.issues
	return nil
}
