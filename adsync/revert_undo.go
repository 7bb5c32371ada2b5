package adsync

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// undoSome undoes what the run did to some objects.
func (v *reverting) undoSome(ctx context.Context, objects []*pastOf) error {
	if err := v.findLinks(ctx, objects); err != nil {
		return err
	}
	decisions := make([]*decision, len(objects))
	for i, o := range objects {
		d, err := v.undo(ctx, o)
		if err != nil {
			return err
		}
		decisions[i] = d
	}
	if err := v.presentValues(ctx, decisions); err != nil {
		return err
	}
	for i, o := range objects {
		v.leaveWhatTheTargetChanged(o, decisions[i])
		if err := v.emitAll(o, decisions[i]); err != nil {
			return err
		}
		if err := v.undoMembers(ctx, o, decisions[i]); err != nil {
			return err
		}
	}
	return nil
}

func (v *reverting) findLinks(ctx context.Context, objects []*pastOf) error {
	keys := map[string][]LinkKey{}
	for _, o := range objects {
		keys[o.source] = append(keys[o.source], o.key)
	}
	for _, source := range sortedNames(keys) {
		links, err := findLinks(ctx, v.state, source, keys[source])
		if err != nil {
			return err
		}
		for _, o := range objects {
			if o.source == source {
				if o.link = linkOf(links, o.key); o.link != nil && o.link.deleted() {
					o.link = nil
				}
			}
		}
	}
	return nil
}

func (v *reverting) emitAll(o *pastOf, d *decision) error {
	for i := range d.ops {
		if d.ops[i].Note = v.note; d.ops[i].Verb == 0 {
			continue
		}
		if err := v.emit(o.number, &d.ops[i], nil); err != nil {
			return err
		}
	}
	return nil
}

// name is what people call the object.
func (o *pastOf) name() string {
	if o.link != nil {
		if name := calledBy(o.link.Applied); name != "" {
			return name
		}
	}
	for i := len(o.mine) - 1; i >= 0; i-- {
		if name := cmp.Or(calledBy(o.mine[i].Full), calledBy(o.mine[i].Old)); name != "" {
			return name
		}
	}
	return string(o.mine[0].Anchor)
}

// took tells which of the run's operations took effect. A link counts those
// that were committed for it: when fewer were than the run planned, what an
// operation would have changed has to show in the link.
func (o *pastOf) took() (ops []PlannedOp) {
	base := o.mine[0].Generation
	for i := range o.mine {
		base = min(base, o.mine[i].Generation)
	}
	made := uint64(len(o.mine))
	switch {
	case len(o.later) > 0:
		made = o.later[0].op.Generation - min(base, o.later[0].op.Generation)
	case o.link != nil:
		made = o.link.Generation - min(base, o.link.Generation)
	case !slices.ContainsFunc(o.mine, func(op PlannedOp) bool { return op.Verb == Delete }):
		made = 0 // it was to be made, and never was
	}
	for i := range o.mine {
		p := pastOp{op: o.mine[i]}
		if made >= uint64(len(o.mine)) || made > 0 && p.shows(o.link) {
			ops = append(ops, o.mine[i])
		}
	}
	return ops
}

// change is what all operations of the run did to one object's record.
type change struct{ before, after, refsBefore, refsAfter Attributes }

func (s *settings) changeOf(ops []PlannedOp) (c change) {
	for i := range ops {
		op := &ops[i]
		if op.Verb == Members || op.Verb == Delete {
			continue
		}
		for name, old := range op.Old.All() {
			before, after := &c.before, &c.after
			if op.Phase == PhaseReferences || s.attribute(op.Kind, name).Reference {
				before, after = &c.refsBefore, &c.refsAfter
			}
			if !before.Has(name) {
				before.Set(name, confirmed(old)...)
			}
			after.Set(name, op.Full.Values(name)...)
		}
	}
	return c
}

// undo decides what undoes the run for one object. What it leaves is noted.
func (v *reverting) undo(ctx context.Context, o *pastOf) (*decision, error) {
	d := &decision{}
	ops := o.took()
	has := func(is func(*PlannedOp) bool) *PlannedOp {
		if i := slices.IndexFunc(ops, func(op PlannedOp) bool { return is(&op) }); i >= 0 {
			return &ops[i]
		}
		return nil
	}
	removed := has(func(op *PlannedOp) bool { return op.Verb == Delete })
	switch {
	case len(ops) == 0:
	case removed != nil:
		return d, v.remake(ctx, o, d, removed)
	case v.answer[answerKey{o.source, o.mine[0].Anchor}].Verdict == AnswerIgnore:
		v.notes.add(noteIgnored, o.name())
	case o.link == nil || o.link.State == LinkLost:
		v.notes.add(noteGone, o.name())
	case o.link.State == LinkPending || o.link.State == LinkShared:
		v.notes.add(noteBusy, o.name())
	case v.isProtected(&Target{ID: o.link.Target, Kind: o.link.Kind, Attrs: o.link.Applied}):
		v.notes.add(noteProtected, o.name())
	case has(func(op *PlannedOp) bool { return op.Replaces != LinkRef{} }) != nil:
		v.notes.add(noteTakenOver, o.name())
	case has(func(op *PlannedOp) bool { return op.Intent == IntentSend }) != nil:
		v.notes.add(noteSent, o.name())
	case has(func(op *PlannedOp) bool { return op.Intent == IntentCreate }) != nil:
		v.withdraw(o, d)
	default:
		if has(func(op *PlannedOp) bool { return op.Intent == IntentAdopt }) != nil {
			v.notes.add(noteAdopted, o.name())
		}
		return d, v.putBack(ctx, o, d, ops)
	}
	return d, nil
}

func (v *reverting) matter(o *pastOf) *matter {
	r := &staged{key: o.key, object: Object{Kind: o.mine[0].Kind, Anchor: o.mine[0].Anchor}, linked: o.link != nil}
	m := &matter{source: o.source, r: r, link: o.link, now: v.now}
	if o.link != nil {
		r.object.Kind, r.digest = o.link.Kind, o.link.Digest
		m.base = v.hash.record(o.link.Applied)
	}
	return m
}

// withdraw takes an object out of use that the run made: deleted where the job
// says by name that leavers are, else deactivated.
func (v *reverting) withdraw(o *pastOf, d *decision) {
	m := v.matter(o)
	switch kind := o.link.Kind; {
	case v.leaver(kind, Deleted, false) == LeaverDelete && v.canDelete(kind):
		d.ops = append(d.ops, v.remove(m, d))
		v.done.again++
	case o.link.State == LinkInactive:
	case v.canDeactivate(kind):
		v.deactivateAgain(m, d)
	default:
		v.notes.add(noteMade, o.name())
	}
}

func (v *reverting) deactivateAgain(m *matter, d *decision) {
	op := m.op(d, PhaseDeactivate, Deactivate, IntentDeactivate)
	op.Full = v.inactive(m)
	op.Old = difference(m.link.Applied, op.Full)
	op.State, op.Left = LinkInactive, false
	d.ops = append(d.ops, op)
}

// putBack gives an object the values, and the state, that it had before.
func (v *reverting) putBack(ctx context.Context, o *pastOf, d *decision, ops []PlannedOp) error {
	m, c := v.matter(o), v.changeOf(ops)
	want := v.stillSo(o, c.before, c.after, o.link.Applied)
	on, off := v.stateBefore(o, ops)
	record := o.link.Applied
	if off {
		v.deactivateAgain(m, d)
		record = d.ops[0].Full
		setOrDelete(&want, AttrActive, record.Values(AttrActive))
	}
	if on && v.hasActive(m) {
		want = withActive(want, true)
	}
	old := difference(record, want)
	op := m.op(d, phaseOf(o.link.Kind), Put, v.intentOf(o.link.Kind, old))
	op.Full, op.Old = want, old
	if off {
		op.State = LinkInactive
	}
	if on {
		if op.Intent, op.State = IntentReactivate, LinkActive; o.link.Left {
			v.done.back++
			op.Left, op.Due = false, time.Time{}
		}
	}
	if on || old.Len() > 0 {
		d.ops = append(d.ops, op)
	}
	return v.refer(ctx, o, d, c, op)
}

// stillSo gives the record with those values put back that are still as the run
// wrote them.
func (v *reverting) stillSo(o *pastOf, before, after, applied Attributes) Attributes {
	want := applied.Clone()
	for name, old := range before.All() {
		wrote := after.Values(name)
		if sameName(name, AttrActive) && o.wasState() {
			continue // goes with the state
		}
		if run := o.touched(name); run != 0 || !sameValues(applied.Values(name), wrote) {
			v.notes.changed(run, name, o.name())
			continue
		}
		setOrDelete(&want, name, old)
	}
	return want
}

func (o *pastOf) wasState() bool {
	return slices.ContainsFunc(o.mine, func(op PlannedOp) bool { return op.Verb == Deactivate || op.Intent == IntentReactivate })
}

// touched gives the last run that wrote the attribute afterwards; 0 for none.
func (o *pastOf) touched(name string) (run int64) {
	for _, l := range o.later {
		if l.op.Verb != Members && (l.op.Old.Has(name) || l.op.Intent == IntentCreate) {
			run = l.run
		}
	}
	return run
}

// remake makes an object anew that the run deleted, from what was last applied.
func (v *reverting) remake(ctx context.Context, o *pastOf, d *decision, removed *PlannedOp) error {
	record := removed.Old
	switch {
	case o.link != nil:
		v.notes.add(noteMadeSince, o.name())
		return nil
	case record.Len() == 0 || len(v.missing(removed.Kind, record)) > 0:
		v.notes.add(noteNoRecord, o.name())
		return nil
	}
	plain, refs := record.Clone(), Attributes{}
	for name, values := range record.All() {
		if v.attribute(removed.Kind, name).Reference {
			plain.Delete(name)
			refs.Set(name, values...)
		}
	}
	m := v.matter(o)
	op := m.op(d, phaseOf(removed.Kind), Put, IntentCreate)
	op.Full, op.Generation, op.Identity = plain, removed.Generation+1, removed.Identity
	if op.State = LinkActive; plain.Get(AttrActive) == "false" {
		op.State = LinkInactive
	}
	d.ops = append(d.ops, op)
	v.done.remade++
	return v.refer(ctx, o, d, change{refsBefore: refs}, op)
}

// leaveWhatTheTargetChanged leaves out what somebody changed in the target since
// the run wrote it.
func (v *reverting) leaveWhatTheTargetChanged(o *pastOf, d *decision) {
	if o.link == nil {
		return
	}
	for i := range d.ops {
		op := &d.ops[i]
		if op.Verb != Put || op.Follows || op.Phase == PhaseReferences {
			continue
		}
		for name, present := range op.Old.Clone().All() {
			applied := o.link.Applied.Values(name)
			if sameValues(present, applied) || isBlank(present) && isBlank(applied) || sameName(name, AttrActive) {
				continue
			}
			v.notes.add(noteTarget, name+" of "+o.name())
			op.Old.Delete(name)
			op.Full = op.Full.Clone()
			setOrDelete(&op.Full, name, applied)
		}
	}
	o.closeUp(d, v.notes)
}

// closeUp takes out operations with nothing left to do, and lets the others
// follow each other; the last one carries the digest.
func (o *pastOf) closeUp(d *decision, n *notes) {
	d.ops = slices.DeleteFunc(d.ops, func(op PlannedOp) bool {
		return op.Verb == Put && op.Old.Len() == 0 && op.Intent != IntentReactivate && op.Intent != IntentCreate
	})
	if len(d.ops) > 0 && o.link.Digest.IsZero() && !o.link.Left && d.ops[0].Verb != Delete {
		n.add(noteLooked, o.name())
	}
	for i := range d.ops {
		op := &d.ops[i]
		op.Generation, op.Ahead, op.Follows, op.Digest = o.link.Generation, 0, false, Digest{}
		op.comesAfter(i)
		if i == len(d.ops)-1 && op.Verb != Delete {
			op.Digest = o.link.Digest
		}
	}
}
