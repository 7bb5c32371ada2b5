package adsync

import (
	"context"
	"slices"
)

// What a change left undone or in doubt is written into the link, so that the
// next plan does it again whether or not the next read shows the object.

// dueAgain has a deactivation that failed brought up again by the clock: a read
// of changes will not say once more that somebody left or was disabled. What it
// does say by then, such as that he is back, comes later and wins.
func (a *applier) dueAgain(ctx context.Context, r *Record, w *work, i int) error {
	op := &w.planned[i]
	a.tell.keep(op.Source, op.Anchor) // another op of the object does not end what is wrong
	link, err := a.linkNow(ctx, r, w, i)
	if link == nil || err != nil {
		return err
	}
	due := *link
	due.Due, due.Run = a.info.Started, a.info.ID
	r.Links = append(r.Links, due)
	return nil
}

// linkNow gives the link of an op as it is, with what this record does to it;
// nil when there is none.
func (a *applier) linkNow(ctx context.Context, r *Record, w *work, i int) (*Link, error) {
	op := &w.planned[i]
	for _, l := range slices.Backward(r.Links) {
		if l.Source == op.Source && l.Key == op.Link {
			return &l, nil
		}
	}
	if w.links[i] != nil {
		return w.links[i], nil
	}
	links, err := a.state.Find(ctx, op.Source, []LinkKey{op.Link})
	if err != nil || len(links) == 0 {
		return nil, err
	}
	return &links[0], nil
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
	now, err := a.linkNow(ctx, r, w, i)
	if now == nil || err != nil {
		return err
	}
	link := *now
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
