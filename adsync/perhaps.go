package adsync

import (
	"context"
	"time"
)

// An op can take effect and its answer be lost. Within a run it is sent again, or
// looked for; here is what is remembered of it when that settled nothing. See
// docs/decisions/0018.

// notePerhaps notes the ops of which an attempt may have taken effect, whatever a
// later one says of itself.
func (w *work) notePerhaps(which []int) {
	for _, i := range which {
		err := w.results[i].Err
		silent := err != nil && (CodeOf(err) == CodeUnavailable || CodeOf(err) == CodeOther)
		w.perhaps[i] = w.perhaps[i] || w.doubtful || silent
	}
}

// inDoubt tells whether an op that failed may have taken effect after all: at an
// earlier attempt, or at one that was not answered for what it is. A target that
// finds a value taken has looked at what it did before.
func (w *work) inDoubt(i int) bool {
	err := w.results[i].Err
	switch code := CodeOf(err); code {
	case CodeNotFound:
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
	link := a.perhapsLink(w, i)
	if a.schema.Replay == ReplayKeyed && !isCreate(&w.ops[i]) {
		link.Generation = max(link.Generation, op.Generation) + keysSkipped
	}
	r.Links = append(r.Links, link)
	return nil
}

// perhapsLink gives the link as it is after an op that may have taken effect.
func (a *applier) perhapsLink(w *work, i int) Link {
	op, now := &w.planned[i], w.links[i]
	switch {
	case now == nil || isCreate(&w.ops[i]):
		return a.sentLink(w, i)
	case op.Verb == Members:
		return *now
	}
	mark := inDoubt
	if op.Phase == PhaseReferences {
		mark = referenceInDoubt
	}
	link := *now
	link.Digest, link.Run, link.Applied = Digest{}, a.info.ID, doubting(overlay(link.Applied, op), op.Old, mark)
	return link
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

// madeOfOther is for a create that an earlier run may have sent with other
// values: whether those or these were made of it is not known, so that a later
// run writes them.
func (a *applier) madeOfOther(ctx context.Context, op *PlannedOp, link *Link) error {
	if op.Intent != IntentCreate && op.Intent != IntentSend || op.Old.Len() == 0 {
		return nil
	}
	link.Digest, link.Applied = Digest{}, a.eitherOf(op, beforeOf(op.Full, op.Old))
	a.tell.keep(op.Source, op.Anchor)
	issue := Issue{
		Source: op.Source, Anchor: op.Anchor, Kind: op.Kind, Code: IssueSentBefore, Name: calledBy(op.Full),
		Detail: "an earlier run sent it to be made with other values, and its answer was lost; the next run writes what differs",
	}
	if a.next[op.Source] {
		issue.Wanted = a.wantedBy(op)
	}
	return a.tell.issue(ctx, issue)
}
