package adsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/adsync/sdk/internal/protection"
)

// failure stores what went wrong with one op.
func (a *applier) failure(ctx context.Context, r *Record, w *work, i int) error {
	op, err := &w.planned[i], w.results[i].Err
	code := CodeOf(err)
	if code == CodeNotFound {
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

// inDoubt tells whether an op that failed may have taken effect after all: at an
// earlier attempt, or at one that was not answered for what it is. A target that
// judged the values has looked at what it did before.
func (w *work) inDoubt(i int) bool {
	err := w.results[i].Err
	switch code := CodeOf(err); code {
	case CodeNotFound, CodeInvalid:
		return false
	case CodeConflict:
		return issueCodeOf(err, code) == IssueUnknown
	default:
		return w.perhaps[i] || code == CodeOther
	}
}

// keysSkipped is more than the ops that one plan has for an object.
const keysSkipped = 16

// forget is for a change of an object of which it is not known whether it took
// effect. What it would have changed is in doubt, so that the next plan writes it
// whatever the directory says by then; and a sink that recognises keys must not
// take that op, of another content, for a repetition of this one.
func (a *applier) forget(ctx context.Context, r *Record, w *work, i int) error {
	op := &w.planned[i]
	if op.Verb == Members {
		for _, m := range w.members[i].add { // they are added again, or removed should they go
			r.Joined = append(r.Joined, MembershipOf{op.Source, Membership{Group: op.Link, Member: m.key, Waiting: true}})
		}
	}
	if op.Verb == Delete {
		return nil
	}
	if w.links[i] == nil {
		links, err := a.state.Find(ctx, op.Source, []LinkKey{op.Link})
		if err != nil {
			return err
		}
		w.links[i] = linkOf(links, op.Link)
	}
	link := a.sentLink(w, i)
	if now := w.links[i]; now != nil && op.Verb == Members {
		link = *now
	} else if now != nil && !isCreate(&w.ops[i]) {
		mark := inDoubt
		if op.Phase == PhaseReferences {
			mark = referenceInDoubt
		}
		link = *now
		link.Digest, link.Run, link.Applied = Digest{}, a.info.ID, doubting(overlay(link.Applied, op), op.Old, mark)
	}
	if a.schema.Replay == ReplayKeyed && !isCreate(&w.ops[i]) {
		link.Generation = max(link.Generation, op.Generation) + keysSkipped
	}
	r.Links = append(r.Links, link)
	return nil
}

// sentLink remembers a create of which it is not known whether it took effect, or
// an adoption, which is matched anew. A create keeps its generation: it is sent
// again with its key, as two keys would make two objects, although what is sent
// may have changed by then.
func (a *applier) sentLink(w *work, i int) Link {
	op, before := &w.planned[i], Attributes{}
	if now := w.links[i]; now != nil && now.State == LinkSent {
		before = now.Applied
	}
	link := a.linkAfter(w, i, Receipt{})
	link.State, link.Left, link.Target, link.Digest, link.Due = LinkSent, false, "", Digest{}, time.Time{}
	link.Generation, link.Applied = op.Generation, a.eitherOf(op, before)
	return link
}

// eitherOf gives the record of an object that a create made, or an earlier one
// with other values did. What only a create may set stays as it is.
func (a *applier) eitherOf(op *PlannedOp, before Attributes) Attributes {
	old := difference(before, op.Full)
	if before.Len() == 0 {
		old = Attributes{}
	}
	for name := range old.Clone().All() {
		if a.attribute(op.Kind, name).CreateOnly {
			old.Delete(name)
		}
	}
	return doubting(op.Full, old, inDoubt)
}

// goneAlready: what was to be deactivated or deleted is not there. That is
// what was wanted.
func (a *applier) goneAlready(ctx context.Context, r *Record, w *work, i int) error {
	op := &w.planned[i]
	a.countDone(w, i)
	a.countEffects(w, i)
	if op.Verb == Delete {
		return a.unlink(ctx, r, w, i)
	}
	link := a.linkAfter(w, i, Receipt{})
	link.State, link.Digest = LinkLost, Digest{}
	return a.lose(ctx, r, link)
}

// unlink removes the link of an object that was deleted. For a target that knows
// ops by their keys its generation is kept: should the object come back, what is
// made then must not be taken for what was made before.
func (a *applier) unlink(ctx context.Context, r *Record, w *work, i int) error {
	op := &w.planned[i]
	if a.schema.Replay != ReplayKeyed {
		r.Unlinked = append(r.Unlinked, LinkRef{op.Source, op.Link})
		return a.letWait(ctx, r, LinkRef{op.Source, op.Link})
	}
	link := a.linkAfter(w, i, Receipt{})
	link.State, link.Left, link.Target, link.Digest, link.Due = LinkLost, true, "", Digest{}, time.Time{}
	link.Applied, link.Container, link.Identity = Attributes{}, "", LinkKey{}
	return a.lose(ctx, r, link)
}

// deleted tells whether a link is left of an object that was deleted; see unlink.
func (l *Link) deleted() bool { return l.State == LinkLost && l.Left && l.Target == "" }

// lose stores a link whose object is gone from the target.
func (a *applier) lose(ctx context.Context, r *Record, link Link) error {
	r.lose(link)
	return a.letWait(ctx, r, LinkRef{link.Source, link.Key})
}

// letWait keeps the memberships of an object that is gone from the target as
// wanted, for a source whose next read does not show the groups again: should
// the object be made anew, it becomes a member anew. Who left the directory for
// good is no member there any more by then.
func (a *applier) letWait(ctx context.Context, r *Record, member LinkRef) error {
	if !a.next[member.Source] {
		return nil
	}
	for m, err := range a.state.MembershipsOf(ctx, member.Source, []LinkKey{member.Key}) {
		if err != nil {
			return err
		}
		m.Waiting = true
		r.Joined = append(r.Joined, MembershipOf{member.Source, m})
	}
	return nil
}

// lose stores a link whose object is gone from the target. Its memberships went
// with the object.
func (r *Record) lose(link Link) {
	r.Unlinked = append(r.Unlinked, LinkRef{link.Source, link.Key})
	r.Links = append(r.Links, link)
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
	case op.Verb == Put || op.Verb == Deactivate:
		issue.Wanted = a.wantedBy(op)
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
