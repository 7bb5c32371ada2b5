package adsync

import (
	"context"
	"time"
)

// teller counts and collects what a run has to say, and passes it on.
type teller struct {
	job      Job
	state    State
	run      int64
	counts   Counts
	issues   []Issue // the first reportedIssues of the run
	waiting  []Issue // not stored yet
	last     issueObject
	failures int // ops that the target did not carry out, conflicts and refused values apart
	lastTold time.Time
	// stays holds the objects that are written in this run although something is
	// wrong with them: the write does not resolve it.
	stays map[answerKey]bool
	// unlisted has the issues of groups of which members may be missing: of all that
	// is wrong with them, this one outlasts a write.
	unlisted map[answerKey]Issue
}

const (
	reportedIssues = 1000
	issuesAtOnce   = 500
)

type issueObject struct {
	source string
	anchor Anchor
	class  IssueClass
}

// keep lets the issues of an object outlast a write of this run.
func (t *teller) keep(source string, anchor Anchor) {
	if t.stays == nil {
		t.stays = map[answerKey]bool{}
	}
	t.stays[answerKey{source, anchor}] = true
}

// keepUnlisted lets an issue of members outlast a write of its group.
func (t *teller) keepUnlisted(i Issue) {
	if t.unlisted == nil {
		t.unlisted = map[answerKey]Issue{}
	}
	i.Run = t.run
	t.unlisted[answerKey{i.Source, i.Anchor}] = i
}

// issue counts an issue and stores it with the next batch. Several issues of
// one class that follow each other for one object count once.
func (t *teller) issue(ctx context.Context, i Issue) error {
	i.Run = t.run
	t.count(&i)
	if len(t.issues) < reportedIssues {
		t.issues = append(t.issues, i)
	}
	t.waiting = append(t.waiting, i)
	if len(t.waiting) >= issuesAtOnce {
		return t.flush(ctx)
	}
	return nil
}

func (t *teller) count(i *Issue) {
	object := issueObject{i.Source, i.Anchor, i.Code.Class()}
	if object == t.last {
		return
	}
	t.last = object
	switch object.class {
	case ClassConflict:
		t.counts.Conflicts++
	case ClassQuarantined:
		t.counts.Quarantined++
	case ClassIssue:
		t.counts.Issues++
	}
}

func (t *teller) flush(ctx context.Context) error {
	if len(t.waiting) == 0 {
		return nil
	}
	err := t.state.PutIssues(ctx, t.waiting)
	t.waiting = nil
	return err
}

const progressEvery = 200 * time.Millisecond

func (t *teller) progress(p Progress) {
	if t.job.Progress == nil {
		return
	}
	if now := time.Now(); now.Sub(t.lastTold) >= progressEvery {
		t.lastTold = now
		t.job.Progress(p)
	}
}

func (p *planner) issue(ctx context.Context, i Issue) error {
	if err := p.tell.issue(ctx, i); err != nil {
		return &stateError{err}
	}
	return nil
}
