package adsync

import (
	"cmp"
	"context"
	"errors"
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
		case op.Intent == IntentResolve:
			r.Resolved = append(r.Resolved, op.resolved())
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

// keepWithheld lists references and members that could not be set, and remembers
// them where the next read may not show the object again.
func (a *applier) keepWithheld(ctx context.Context, w *work, i int) error {
	switch w.planned[i].Verb {
	case Members:
		if w.links[i] != nil && !w.links[i].State.detached() { // all its members are absent, and wait
			return nil
		}
		return a.tell.issue(ctx, a.issueOf(w, i, IssueMembersFailed, "the group is not in the target; its members are tried again"))
	case Put:
		if w.planned[i].Note == noteAnew && (w.links[i] == nil || w.links[i].Left) {
			return nil
		}
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
	for _, key := range w.members[i].gone { // who waited waits no longer
		r.Parted = append(r.Parted, MembershipOf{op.Source, Membership{Group: op.Link, Member: key}})
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
		if err := a.unlink(ctx, r, w, i); err != nil {
			return err
		}
	} else {
		link := a.linkAfter(w, i, receipt)
		if err := a.madeOfOther(ctx, op, &link); err != nil {
			return err
		}
		r.Links = append(r.Links, link)
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
	unlisted, waits := a.tell.unlisted[answerKey{op.Source, op.Anchor}]
	if op.Phase == PhaseReferences {
		switch {
		case op.Verb == Members && waits:
			return
		case op.Verb == Members:
			ref.Code = IssueMembersFailed
		case len(op.Add)+len(op.Remove) > 0:
			return
		case op.Follows:
			ref.Code = IssueReferenceWaits
		}
	}
	r.Resolved = append(r.Resolved, ref)
	if waits && ref.Code == "" && op.Verb != Delete && !op.Left {
		a.tell.waiting = append(a.tell.waiting, unlisted) // it was listed when the plan was made
	}
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
