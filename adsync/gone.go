package adsync

import (
	"context"
	"slices"
	"time"
)

// What is no longer in the target: links are kept as lost, or go.

// isGone tells whether the object that an op is about is not there, as the target
// says. Of an exchange it says so of all, and one of them is meant: then the
// target is asked, and where it cannot be, a comparison finds out; see Verify.
func (a *applier) isGone(ctx context.Context, op *PlannedOp) bool {
	if op.Swap == 0 {
		return true
	}
	if a.parts.finder == nil {
		return false
	}
	found, err := a.parts.finder.Find(ctx, op.Kind, []Key{{Attr: AttrExternalID, Value: string(op.Anchor)}})
	return err == nil && !slices.ContainsFunc(found, func(t Target) bool { return t.ID == op.Target })
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

// unlink leaves of the link of an object that was deleted only that it was there:
// should the object come back, what is made then must not be taken by its key for
// what was made before, and who refers to it has to be given its new id.
func (a *applier) unlink(ctx context.Context, r *Record, w *work, i int) error {
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
