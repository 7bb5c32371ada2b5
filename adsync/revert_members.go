package adsync

import (
	"context"
	"slices"
)

// memberUndo is what a run did to the members of one group, and may be undone.
type memberUndo struct {
	added, removed map[LinkKey]Anchor
}

// undoMembers takes out the members that the run added, and puts back those
// that it removed, as far as no later run spoke of them and they are still so.
func (v *reverting) undoMembers(ctx context.Context, o *pastOf, d *decision) error {
	if o.link == nil || o.link.Target == "" || slices.ContainsFunc(d.ops, func(op PlannedOp) bool { return op.Verb == Delete }) {
		return nil
	}
	if v.answer[answerKey{o.source, o.link.Anchor}].Verdict == AnswerIgnore || v.isProtected(&Target{ID: o.link.Target, Kind: o.link.Kind, Attrs: o.link.Applied}) {
		return nil // noted already
	}
	u := v.membersOf(o)
	if len(u.added)+len(u.removed) == 0 {
		return nil
	}
	if err := v.membersNow(ctx, o, u); err != nil {
		return err
	}
	return v.emitUndone(o, u)
}

func (v *reverting) membersOf(o *pastOf) *memberUndo {
	u := &memberUndo{map[LinkKey]Anchor{}, map[LinkKey]Anchor{}}
	for _, op := range o.took() {
		if op.Verb != Members {
			continue
		}
		for _, a := range op.Add {
			u.added[v.hash.linkKey(a)] = a
		}
		for _, a := range op.Remove {
			u.removed[v.hash.linkKey(a)] = a
		}
		for range op.RemoveTargets {
			v.notes.add(noteMembers, o.name())
		}
	}
	for _, l := range o.later {
		for _, a := range slices.Concat(l.op.Add, l.op.Remove) {
			key := v.hash.linkKey(a)
			_, added := u.added[key]
			if _, removed := u.removed[key]; added || removed {
				v.notes.changed(l.run, "member "+string(a), o.name())
			}
			delete(u.added, key)
			delete(u.removed, key)
		}
	}
	return u
}

// membersNow leaves out who is no member any more, who is one again, and who is
// not in the target.
func (v *reverting) membersNow(ctx context.Context, o *pastOf, u *memberUndo) error {
	still := map[LinkKey]bool{}
	for m, err := range v.state.FindMembers(ctx, o.source, []LinkKey{o.key}) {
		if err != nil {
			return err
		}
		if _, added := u.added[m.Member]; added && !m.Waiting {
			still[m.Member] = true
		}
		if _, removed := u.removed[m.Member]; removed && !m.Waiting {
			delete(u.removed, m.Member)
		}
	}
	for _, key := range sortedLinkKeys(u.added) {
		if !still[key] {
			v.notes.changed(0, "member "+string(u.added[key]), o.name())
			delete(u.added, key)
		}
	}
	there, err := v.allLinked(ctx, o.source, sortedLinkKeys(u.removed))
	if err != nil {
		return err
	}
	for _, key := range sortedLinkKeys(u.removed) {
		if !there[key] {
			v.notes.add(noteReference, "member "+string(u.removed[key])+" of "+o.name())
			delete(u.removed, key)
		}
	}
	return nil
}

func (v *reverting) allLinked(ctx context.Context, source string, keys []LinkKey) (map[LinkKey]bool, error) {
	links, err := findLinks(ctx, v.state, source, keys)
	there := make(map[LinkKey]bool, len(links))
	for i := range links {
		there[links[i].Key] = links[i].Target != "" && links[i].State != LinkLost
	}
	return there, err
}

// emitUndone writes the operations: those put back first, in parts.
func (v *reverting) emitUndone(o *pastOf, u *memberUndo) error {
	op := PlannedOp{
		Phase: PhaseReferences, Verb: Members, Intent: IntentMembers, Kind: o.link.Kind, Source: o.source, Anchor: o.link.Anchor, Link: o.key,
		Generation: o.link.Generation, Target: o.link.Target, Full: o.link.Applied, Follows: true, Note: v.note,
	}
	emit := func(atLeast int) error {
		if n := len(op.Add) + len(op.Remove); n == 0 || n < atLeast {
			return nil
		}
		v.done.members += len(op.Add) + len(op.Remove)
		one := op
		op.Add, op.Remove = nil, nil
		op.Part++
		return v.emit(o.number, &one, nil)
	}
	for _, key := range sortedLinkKeys(u.removed) {
		op.Add = append(op.Add, u.removed[key])
		if err := emit(membersAtOnce); err != nil {
			return err
		}
	}
	for _, key := range sortedLinkKeys(u.added) {
		op.Remove = append(op.Remove, u.added[key])
		if err := emit(membersAtOnce); err != nil {
			return err
		}
	}
	return emit(1)
}
