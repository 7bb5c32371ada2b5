package adsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/adsync/sdk/internal/protection"
)

// outcome turns the results of a batch into what is stored of it.
func (a *applier) outcome(ctx context.Context, s *sending) (Record, error) {
	r := Record{Run: a.info.ID, Batch: s.batch.N}
	w := s.work
	sent := map[int]bool{}
	for _, i := range w.sent {
		sent[i] = true
	}
	if err := a.refuseTaken(ctx, w); err != nil {
		return r, err
	}
	latest := map[LinkRef]int{} // where the newest link of an object stands in r.Links
	for i := range w.planned {
		op := &w.planned[i]
		if at, ok := latest[LinkRef{op.Source, op.Link}]; ok {
			l := r.Links[at]
			w.links[i] = &l
		}
		written := len(r.Links)
		a.noteAbsent(&r, w, i)
		switch {
		case w.withheld[i]:
			if err := a.keepWithheld(ctx, w, i); err != nil {
				return r, err
			}
		case op.Verb == 0 && op.Replaces != (LinkRef{}):
			r.Unlinked = append(r.Unlinked, op.Replaces)
		case op.Verb == 0 && len(op.Add)+len(op.Remove) > 0:
			a.noteWaiting(&r, op)
		case !sent[i]:
			r.Links = append(r.Links, a.linkAfter(w, i, Receipt{}))
			a.resolve(&r, op)
		case w.results[i].Err != nil:
			if err := a.failure(ctx, &r, w, i); err != nil {
				return r, err
			}
		default:
			if err := a.success(ctx, &r, w, i, op); err != nil {
				return r, err
			}
		}
		for at := written; at < len(r.Links); at++ {
			latest[LinkRef{r.Links[at].Source, r.Links[at].Key}] = at
		}
	}
	r.Links = lastOfEach(r.Links, latest)
	r.Applied, r.Effects = a.tell.counts, a.effects.stored()
	r.Issues, a.tell.waiting = a.tell.waiting, nil
	return r, nil
}

// keepWithheld remembers references that could not be set, where the next read
// may not show the object again.
func (a *applier) keepWithheld(ctx context.Context, w *work, i int) error {
	if !a.next[w.planned[i].Source] {
		return nil
	}
	switch w.planned[i].Verb {
	case Members:
		if w.links[i] != nil && w.links[i].State != LinkLost { // all its members are absent, and wait
			return nil
		}
		return a.tell.issue(ctx, a.issueOf(w, i, IssueMembersFailed, "the group is not in the target; its members are tried again"))
	case Put:
	default:
		return nil
	}
	return a.tell.issue(ctx, a.issueOf(w, i, IssueReferenceWaits, "what it refers to, or the object itself, is not in the target; it is tried again"))
}

// noteAbsent remembers members that were to be added and are not in the target
// after all, where no later read would name them again.
func (a *applier) noteAbsent(r *Record, w *work, i int) {
	op := &w.planned[i]
	if !a.next[op.Source] {
		return
	}
	for _, key := range w.members[i].absent {
		r.Joined = append(r.Joined, MembershipOf{op.Source, Membership{Group: op.Link, Member: key, Waiting: true}})
	}
}

// noteWaiting stores the memberships that wait, and forgets those that no longer do.
func (a *applier) noteWaiting(r *Record, op *PlannedOp) {
	for _, anchor := range op.Add {
		r.Joined = append(r.Joined, MembershipOf{op.Source, Membership{Group: op.Link, Member: a.hash.linkKey(anchor), Waiting: true}})
	}
	for _, anchor := range op.Remove {
		r.Parted = append(r.Parted, MembershipOf{op.Source, Membership{Group: op.Link, Member: a.hash.linkKey(anchor)}})
	}
}

// lastOfEach keeps the last state of a link that a batch wrote several times.
func lastOfEach(links []Link, latest map[LinkRef]int) []Link {
	out := links[:0]
	for at := range links {
		if latest[LinkRef{links[at].Source, links[at].Key}] == at {
			out = append(out, links[at])
		}
	}
	return out
}

func (a *applier) success(ctx context.Context, r *Record, w *work, i int, op *PlannedOp) error {
	receipt := w.results[i].Receipt
	switch receipt.Outcome {
	case Conflicted:
		w.results[i].Err = &Error{
			Code: CodeConflict, Problem: string(IssueTargetAmbiguous), Candidates: receipt.Candidates,
			Err: errors.New("the target found several objects that match; answer link with the right one, or create"),
		}
		return a.failure(ctx, r, w, i)
	case Deferred:
		return a.tell.issue(ctx, a.issueOf(w, i, IssueReferenceWaits, "the target cannot do this yet; it is offered again in the next run"))
	}
	if receipt.Outcome > Conflicted {
		w.results[i].Err = Errorf(CodeOther, "the sink answered %s, which is no outcome; this is a fault of the sink", receipt.Outcome)
		return a.failure(ctx, r, w, i)
	}
	if op.Verb == Put && cmp.Or(receipt.Target, w.ops[i].Target) == "" {
		w.results[i].Err = Errorf(CodeOther, "the sink gave no id for the object it made; this is a fault of the sink")
		return a.failure(ctx, r, w, i)
	}
	a.countEffects(w, i)
	if receipt.Outcome == Unchanged {
		a.tell.counts.Unchanged++
	} else {
		a.countDone(w, i)
	}
	if op.Verb == Delete {
		r.Unlinked = append(r.Unlinked, LinkRef{op.Source, op.Link})
	} else {
		r.Links = append(r.Links, a.linkAfter(w, i, receipt))
	}
	if op.Replaces != (LinkRef{}) {
		r.Unlinked = append(r.Unlinked, op.Replaces)
	}
	for _, m := range w.members[i].add {
		r.Joined = append(r.Joined, MembershipOf{op.Source, Membership{Group: op.Link, Member: m.key}})
	}
	for _, m := range w.members[i].remove {
		r.Parted = append(r.Parted, MembershipOf{op.Source, Membership{Group: op.Link, Member: m.key}})
	}
	a.resolve(r, op)
	return nil
}

// resolve ends what was wrong with an object that was written, or was found as
// it should be: of references that follow another write, only that they waited.
func (a *applier) resolve(r *Record, op *PlannedOp) {
	if a.tell.stays[answerKey{op.Source, op.Anchor}] {
		return
	}
	ref := IssueRef{Source: op.Source, Anchor: op.Anchor}
	if op.Phase == PhaseReferences {
		switch {
		case op.Verb == Members:
			ref.Code = IssueMembersFailed
		case len(op.Add)+len(op.Remove) > 0:
			return
		case op.Follows:
			ref.Code = IssueReferenceWaits
		}
	}
	r.Resolved = append(r.Resolved, ref)
}

// countDone counts an op by what was done, which for members is what could be
// resolved.
func (a *applier) countDone(w *work, i int) {
	op := w.planned[i]
	if op.Verb == Members {
		a.tell.counts.Members += len(w.ops[i].Add) + len(w.ops[i].Remove)
		return
	}
	a.tell.counts.countOp(&op)
}

// countEffects counts an op for the guard. One that the target found done already
// may be this run's own, from before it was killed or an answer was lost. One
// that failed is planned again, and counts then.
func (a *applier) countEffects(w *work, i int) {
	op := &w.planned[i]
	if op.Verb == Members {
		a.effects.removesMembers(op, len(w.ops[i].Remove))
		return
	}
	a.effects.count(op)
}

// linkAfter gives the link as it is once an op has taken effect. An op that
// follows another builds on what really came of that one: it overlays what it
// changed itself, and carries the digest only when nothing before it failed.
func (a *applier) linkAfter(w *work, i int, receipt Receipt) Link {
	op, now := &w.planned[i], w.links[i]
	link := Link{
		Source: op.Source, Key: op.Link, Anchor: op.Anchor, Container: op.Container, Kind: op.Kind, Target: cmp.Or(receipt.Target, w.ops[i].Target),
		State: op.State, Left: op.Left, Digest: op.Digest, Config: a.info.Config, Generation: op.Generation + 1, Due: op.Due,
		Run: a.info.ID, Identity: op.Identity, Applied: op.Full,
	}
	if op.Verb == 0 {
		link.Target, link.Generation = op.Target, op.Generation
	}
	if receipt.Outcome == Pending && a.parts.settler != nil {
		link.State = LinkPending
	}
	if now == nil {
		return link
	}
	link.Generation = now.Generation + 1
	link.Anchor, link.Config = now.Anchor, a.info.Config
	link.Container = cmp.Or(op.Container, now.Container)
	if op.Verb == Members {
		link.State, link.Left, link.Digest, link.Due, link.Applied = now.State, now.Left, now.Digest, now.Due, now.Applied
		link.Config, link.Kind = now.Config, now.Kind
		return link
	}
	link.Applied = overlay(now.Applied, op)
	if op.Phase == PhaseReferences || op.Intent == IntentPark {
		link.State, link.Left, link.Due = now.State, now.Left, now.Due
	}
	if now.Generation != op.Generation { // what it follows failed
		link.Digest = Digest{}
		if op.Intent != IntentReactivate {
			link.State, link.Left = now.State, now.Left
		}
	}
	return link
}

// overlay puts what an op changes over a record.
func overlay(record Attributes, op *PlannedOp) Attributes {
	out := record.Clone()
	for name := range op.Old.All() {
		setOrDelete(&out, name, op.Full.Values(name))
	}
	return out
}

// failure stores what went wrong with one op.
func (a *applier) failure(ctx context.Context, r *Record, w *work, i int) error {
	op, err := &w.planned[i], w.results[i].Err
	code := CodeOf(err)
	if code == CodeNotFound {
		if op.Verb == Deactivate || op.Verb == Delete {
			return a.goneAlready(r, w, i)
		}
		lost := a.linkAfter(w, i, Receipt{})
		lost.State, lost.Digest = LinkLost, Digest{}
		if lost.Target != "" {
			r.lose(lost)
		}
	}
	if code == CodeUnavailable {
		if err := a.forget(ctx, r, w, i); err != nil {
			return err
		}
	}
	a.tell.keep(op.Source, op.Anchor) // a later op of the object does not end it
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

// keysSkipped is more than the ops that one plan has for an object.
const keysSkipped = 16

// forget is for a change of an object of which it is not known whether it took
// effect. What it would have changed is no longer known, so that the next plan
// writes it whatever the directory says by then; and a sink that recognises
// keys must not take that op, of another content, for a repetition of this one.
func (a *applier) forget(ctx context.Context, r *Record, w *work, i int) error {
	op := &w.planned[i]
	if op.Verb != Put && op.Verb != Deactivate {
		return nil
	}
	if w.links[i] == nil {
		links, err := a.state.Find(ctx, op.Source, []LinkKey{op.Link})
		if err != nil || len(links) == 0 {
			return err
		}
		w.links[i] = &links[0]
	}
	link := *w.links[i]
	link.Digest, link.Run, link.Applied = Digest{}, a.info.ID, link.Applied.Clone()
	for name := range op.Old.All() {
		if !isBlank(op.Full.Values(name)) { // what was to be cleared still counts as there, so that it is cleared again
			link.Applied.Delete(name)
		}
	}
	if a.schema.Replay == ReplayKeyed {
		link.Generation = max(link.Generation, op.Generation) + keysSkipped
	}
	r.Links = append(r.Links, link)
	return nil
}

// goneAlready: what was to be deactivated or deleted is not there. That is
// what was wanted.
func (a *applier) goneAlready(r *Record, w *work, i int) error {
	op := &w.planned[i]
	a.countDone(w, i)
	a.countEffects(w, i)
	if op.Verb == Delete {
		r.Unlinked = append(r.Unlinked, LinkRef{op.Source, op.Link})
		return nil
	}
	link := a.linkAfter(w, i, Receipt{})
	link.State, link.Digest = LinkLost, Digest{}
	r.lose(link)
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
