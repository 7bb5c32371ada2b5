package adsync

import (
	"context"
	"slices"
)

// stateBefore tells whether the object has to be made active, or inactive, to be
// as it was before the run.
func (v *reverting) stateBefore(o *pastOf, ops []PlannedOp) (on, off bool) {
	for i := range ops {
		switch {
		case ops[i].Verb == Deactivate:
			on, off = true, false
		case ops[i].Intent == IntentReactivate:
			on, off = false, true
		}
	}
	now := LinkActive
	if on {
		now = LinkInactive
	}
	if (on || off) && (o.link.State != now || o.touchedState()) {
		v.notes.changed(o.laterRun(), "state", o.name())
		return false, false
	}
	return on, off && v.canDeactivate(o.link.Kind)
}

func (o *pastOf) touchedState() bool {
	return slices.ContainsFunc(o.later, func(l laterOp) bool {
		return l.op.Verb == Deactivate || l.op.Intent == IntentReactivate
	})
}

func (o *pastOf) laterRun() int64 {
	if len(o.later) == 0 {
		return 0
	}
	return o.later[len(o.later)-1].run
}

// refer puts references back, as far as those referred to are in the target.
func (v *reverting) refer(ctx context.Context, o *pastOf, d *decision, c change, last PlannedOp) error {
	want := v.stillSo(o, c.refsBefore, c.refsAfter, last.Full)
	old := difference(last.Full, want)
	for name := range old.Clone().All() {
		there, err := v.allThere(ctx, o.source, want.Values(name))
		if err != nil {
			return err
		}
		if !there {
			v.notes.add(noteReference, name+" of "+o.name())
			old.Delete(name)
			setOrDelete(&want, name, last.Full.Values(name))
		}
	}
	if old.Len() == 0 {
		return nil
	}
	op := last
	op.Phase, op.Verb, op.Intent, op.Full, op.Old = PhaseReferences, Put, IntentUpdate, want, old
	if n := len(d.ops); n > 0 {
		before := &d.ops[n-1]
		op.Generation, op.Ahead, op.Intent, op.State, op.Left = before.Generation, before.Ahead, IntentReference, before.State, before.Left
		op.comesAfter(1)
	}
	d.ops = append(d.ops, op)
	return nil
}

func (v *reverting) allThere(ctx context.Context, source string, anchors []string) (bool, error) {
	for _, a := range anchors {
		links, err := v.state.Find(ctx, source, []LinkKey{v.hash.linkKey(Anchor(a))})
		if err != nil {
			return false, err
		}
		if len(links) == 0 || links[0].Target == "" || links[0].State == LinkLost {
			return false, nil
		}
	}
	return true, nil
}
