package adsync

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/adsync/sdk/internal/protection"
)

// failure stores what went wrong with one op.
func (a *applier) failure(ctx context.Context, r *Record, w *work, i int) error {
	op, err := &w.planned[i], w.results[i].Err
	code := CodeOf(err)
	if code == CodeNotFound && a.isGone(ctx, op) {
		if op.Verb == Deactivate || op.Verb == Delete {
			return a.goneAlready(ctx, r, w, i)
		}
		lost := a.linkAfter(w, i, Receipt{})
		lost.State, lost.Digest = LinkLost, Digest{}
		if lost.Target != "" {
			if err := a.lose(ctx, r, lost); err != nil {
				return err
			}
		}
	}
	if w.inDoubt(i) {
		if err := a.forget(ctx, r, w, i); err != nil {
			return err
		}
	}
	a.tell.keep(op.Source, op.Anchor) // a later op of the object does not end it
	if op.Intent == IntentPark && a.next[op.Source] {
		// What was to be set aside is nobody's wish, to be tried again. The op that
		// needs the value fails after it, and its issue keeps what is.
		a.tell.failures++
		a.logPark(ctx, code)
		return nil
	}
	issue := a.issueOf(w, i, issueCodeOf(err, code), err.Error())
	if op.Verb == Members && a.next[op.Source] {
		issue.Code = IssueMembersFailed
	}
	if coded, ok := errors.AsType[*Error](err); ok && coded != nil {
		issue.Attr, issue.Candidates = coded.Attr, coded.Candidates
	}
	if err := a.heldByLeaver(ctx, &issue); err != nil {
		return err
	}
	if issue.Code == IssueUnknown { // an answer speaks of the attempt before it, not of this one
		if err := a.state.DropAnswer(ctx, op.Source, op.Anchor); err != nil {
			return err
		}
	}
	if issue.Code.Class() == ClassIssue && code != CodeInvalid {
		a.tell.failures++
	}
	return a.tell.issue(ctx, issue)
}

func issueCodeOf(err error, code Code) IssueCode {
	if coded, ok := errors.AsType[*Error](err); ok && coded != nil && coded.Problem != "" {
		return IssueCode(coded.Problem)
	}
	switch code {
	case CodeInvalid, CodeTooLarge:
		return IssueValueInvalid
	case CodeConflict:
		return "value-in-use"
	case CodeDenied:
		return IssueDenied
	case CodeUnavailable:
		return IssueUnavailable
	case CodeNotFound:
		return IssueTargetGone
	}
	return IssueFailed
}

// issueOf makes the issue of an op. For a source that is read by cursor it
// keeps what is wanted, since the next read may not show the object again.
func (a *applier) issueOf(w *work, i int, code IssueCode, detail string) Issue {
	op := &w.planned[i]
	issue := Issue{Source: op.Source, Anchor: op.Anchor, Kind: op.Kind, Code: code, Detail: fmt.Sprintf("%s: %s", op.Intent, detail), Name: calledBy(op.Full)}
	switch {
	case !a.next[op.Source]:
	case op.Intent == IntentLeave || op.Intent == IntentDelete:
		issue.Left = a.leftAs(op)
	case protection.Wanted.Removed():
	case op.Note == noteAnew:
		issue.Wanted = a.wantedAnew(op, w.links[i])
	case op.Verb == Put || op.Verb == Deactivate:
		issue.Wanted = a.wantedBy(op)
		a.wantCleared(issue.Wanted, op, w.links[i])
	}
	return issue
}

// heldByLeaver says so when the value that is taken belongs to an inactive
// link whose object has left: there is an answer for that.
func (a *applier) heldByLeaver(ctx context.Context, issue *Issue) error {
	if issue.Code.Class() != ClassConflict || len(issue.Candidates) == 0 {
		return nil
	}
	var ids []TargetID
	for _, t := range issue.Candidates {
		ids = append(ids, t.ID)
	}
	owners, err := findOwners(ctx, a.state, ids)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(ids, func(id TargetID) bool { return owners[id].Left }) {
		issue.Code = IssueHeldByLeaver
		issue.Detail += "; it is held by someone who has left: answer release to take it"
	}
	return nil
}
