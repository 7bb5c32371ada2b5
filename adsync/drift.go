package adsync

import (
	"context"
	"fmt"
)

// driftNamed is how many changed objects a DriftError names.
const driftNamed = 20

// checkDrift holds a plan that was made earlier against the links, the
// configuration and, where the sink can look objects up, the target as they are
// now. Anything that no longer fits refuses the whole plan.
func (e *Engine) checkDrift(ctx context.Context, r *running) error {
	d := &driftCheck{engine: e, found: &DriftError{Plan: r.info.Plan}}
	if r.info.Config != e.settings.config {
		d.add(Drift{What: "configuration", Detail: "mapping, schema or policies are not those the plan was made with"})
	}
	secret, err := e.state.Secret(ctx)
	if err != nil {
		return err
	}
	d.hash = newHasher(secret)
	for batch, err := range e.state.Batches(ctx, r.info.ID, 0) {
		if err != nil {
			return err
		}
		if err := d.batch(ctx, batch.Ops); err != nil {
			return err
		}
	}
	if len(d.found.Objects) == 0 {
		return nil
	}
	return d.found
}

type driftCheck struct {
	engine *Engine
	hash   *hasher
	found  *DriftError
}

func (d *driftCheck) add(drift Drift) {
	if len(d.found.Objects) < driftNamed {
		d.found.Objects = append(d.found.Objects, drift)
	} else {
		d.found.More++
	}
}

func (d *driftCheck) batch(ctx context.Context, ops []PlannedOp) error {
	keys := map[string][]LinkKey{}
	for i := range ops {
		if !ops[i].Follows {
			keys[ops[i].Source] = append(keys[ops[i].Source], ops[i].Link)
		}
	}
	links := map[LinkRef]Link{}
	for _, source := range sortedNames(keys) {
		found, err := findLinks(ctx, d.engine.state, source, keys[source])
		if err != nil {
			return err
		}
		for _, l := range found {
			links[LinkRef{source, l.Key}] = l
		}
	}
	for i := range ops {
		if !ops[i].Follows {
			d.link(&ops[i], links)
		}
	}
	return d.targets(ctx, ops)
}

// link compares the link that an op was planned against.
func (d *driftCheck) link(op *PlannedOp, links map[LinkRef]Link) {
	drift := Drift{Kind: op.Kind, Source: op.Source, Anchor: op.Anchor}
	l, linked := links[LinkRef{op.Source, op.Link}]
	planned := !op.Base.IsZero() || op.Intent == IntentPark
	linked = linked && (planned || !l.deleted())
	switch {
	case linked != planned:
		drift.What, drift.Detail = "link", "the object was linked or unlinked since"
	case !linked:
		return
	case l.Generation != op.Generation:
		drift.What, drift.Detail = "link", fmt.Sprintf("%d operation(s) were applied to it since", l.Generation-op.Generation)
	case op.Intent != IntentPark && d.hash.record(l.Applied) != op.Base:
		drift.What, drift.Detail = "last-applied", "what was last applied is not what the plan was made from"
	default:
		return
	}
	d.add(drift)
}

// targets compares the values that the plan would change with those that the
// target has now, as far as the sink can look the objects up.
func (d *driftCheck) targets(ctx context.Context, ops []PlannedOp) error {
	if d.engine.parts.finder == nil {
		return nil
	}
	byKind := map[Kind][]Key{}
	changed := map[string]*PlannedOp{}
	for i := range ops {
		if op := &ops[i]; op.Verb == Put && !op.Follows && op.Target != "" && op.Phase != PhaseReferences {
			byKind[op.Kind] = append(byKind[op.Kind], Key{Attr: AttrExternalID, Value: string(op.Anchor)})
			changed[string(op.Target)] = op
		}
	}
	for kind, keys := range byKind {
		found, err := d.engine.parts.finder.Find(ctx, kind, keys)
		if err != nil {
			return fmt.Errorf("adsync: the target could not be compared with the plan: %w", err)
		}
		for _, t := range found {
			if op := changed[string(t.ID)]; op != nil {
				d.target(op, &t)
			}
		}
	}
	return nil
}

func (d *driftCheck) target(op *PlannedOp, t *Target) {
	for name, old := range op.Old.All() {
		if d.engine.settings.attribute(op.Kind, name).Reference || !t.Attrs.Has(name) || doubtful(old) {
			continue
		}
		if now := t.Attrs.Values(name); !sameValues(now, old) && !(isBlank(now) && isBlank(old)) {
			d.add(Drift{Kind: op.Kind, Source: op.Source, Anchor: op.Anchor, What: "target", Detail: name + " was changed in the target"})
		}
	}
}
