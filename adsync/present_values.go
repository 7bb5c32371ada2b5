package adsync

import "context"

// presentValues puts, into ops that change linked objects, the values that the
// target has now in the place of those that were last applied, as far as the
// sink can look objects up. So the plan shows what is really overwritten, and
// what the target has already is not sent.
func (p *planner) presentValues(ctx context.Context, decisions []*decision) error {
	if p.parts.finder == nil {
		return nil
	}
	changing := map[TargetID]*PlannedOp{}
	keys := map[Kind][]Key{}
	for _, d := range decisions {
		for i := range d.ops {
			op := &d.ops[i]
			if op.Verb == Put && !op.Follows && op.Target != "" && op.Old.Len() > 0 && op.Intent != IntentAdopt {
				changing[op.Target] = op
				keys[op.Kind] = append(keys[op.Kind], Key{Attr: AttrExternalID, Value: string(op.Anchor)})
			}
		}
	}
	for _, kind := range p.listedKinds() {
		if len(keys[kind]) == 0 {
			continue
		}
		targets, err := p.parts.finder.Find(ctx, kind, keys[kind])
		if err != nil {
			return p.targetError("look up", err)
		}
		for i := range targets {
			if op := changing[targets[i].ID]; op != nil {
				p.putPresent(op, &targets[i])
			}
		}
	}
	return nil
}

func (p *planner) putPresent(op *PlannedOp, t *Target) {
	old := op.Old.Clone()
	for name := range op.Old.All() {
		if p.attribute(op.Kind, name).Reference || !t.Attrs.Has(name) {
			continue
		}
		now := t.Attrs.Values(name)
		if isBlank(now) {
			now = nil
		}
		old.Set(name, now...)
	}
	op.Old = old
}
