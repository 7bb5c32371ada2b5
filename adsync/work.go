package adsync

import (
	"context"
	"fmt"
)

// work is a batch made ready for the sink: ops with the ids of the target
// filled in, and room for their results.
type work struct {
	n       int
	key     string
	planned []PlannedOp
	ops     []Op
	links   []*Link      // the link as it is now, for ops that follow another
	members []membership // resolved members, for the verb Members
	results []Result
	// sent lists the ops to send; the others need no sink, or cannot be done.
	sent     []int
	withheld []bool // cannot be done: what it builds on is not there
	doubtful bool   // it may have been sent before a crash
	perhaps  []bool // it is not known of an attempt whether it took effect
}

type membership struct {
	add, remove []memberTarget
	absent      []LinkKey // to be added, and not in the target after all
	gone        []LinkKey // to be removed, and not in the target either
}

type memberTarget struct {
	key    LinkKey
	target TargetID
}

// prepare resolves a batch against the links as they are now.
func (a *applier) prepare(ctx context.Context, batch PlanBatch) (*work, error) {
	n := len(batch.Ops)
	w := &work{
		n: batch.N, key: fmt.Sprintf("%d-%d", a.info.ID, batch.N), planned: batch.Ops, ops: make([]Op, n), links: make([]*Link, n),
		members: make([]membership, n), results: make([]Result, n), withheld: make([]bool, n), perhaps: make([]bool, n),
	}
	found, err := a.linksFor(ctx, batch.Ops)
	if err != nil {
		return nil, err
	}
	for i := range batch.Ops {
		op := &batch.Ops[i]
		if op.Follows {
			w.links[i] = found[LinkRef{op.Source, op.Link}]
		}
		w.ops[i] = a.opFor(op, w.links[i])
		if op.Shares != (LinkRef{}) {
			holder := found[op.Shares]
			w.withheld[i] = holder == nil || holder.Target == ""
			if !w.withheld[i] {
				op.Target = holder.Target
			}
		}
		if op.Verb == Members {
			w.members[i] = a.resolveMembers(op, found)
			w.ops[i].Add, w.ops[i].Remove = idsOf(w.members[i].add), append(idsOf(w.members[i].remove), op.RemoveTargets...)
		}
		if !a.resolveRefs(op, &w.ops[i], found) {
			w.withheld[i] = true
		}
		a.decideSending(w, i)
	}
	return w, nil
}

func (a *applier) decideSending(w *work, i int) {
	op := &w.planned[i]
	waits := op.Verb == 0 && len(op.Add)+len(op.Remove) > 0
	gone := op.Follows && !waits && (w.links[i] == nil || w.links[i].Target == "" || w.links[i].State == LinkLost)
	switch {
	case gone || w.withheld[i]:
		w.withheld[i] = true
	case op.Verb == 0:
	case op.Verb == Members && len(w.ops[i].Add)+len(w.ops[i].Remove) == 0:
		w.withheld[i] = true
	default:
		w.sent = append(w.sent, i)
	}
}

// linksFor asks for all links that a batch builds on, source by source.
func (a *applier) linksFor(ctx context.Context, ops []PlannedOp) (map[LinkRef]*Link, error) {
	keys := map[string][]LinkKey{}
	for i := range ops {
		op := &ops[i]
		if op.Follows {
			keys[op.Source] = append(keys[op.Source], op.Link)
		}
		if op.Shares != (LinkRef{}) {
			keys[op.Shares.Source] = append(keys[op.Shares.Source], op.Shares.Key)
		}
		for _, anchor := range append(append([]Anchor(nil), op.Add...), op.Remove...) {
			keys[op.Source] = append(keys[op.Source], a.hash.linkKey(anchor))
		}
		for name, values := range op.Full.All() {
			if op.Phase != PhaseReferences || !op.Old.Has(name) {
				continue
			}
			for _, v := range values {
				keys[op.Source] = append(keys[op.Source], a.hash.linkKey(Anchor(v)))
			}
		}
	}
	found := map[LinkRef]*Link{}
	for _, source := range sortedNames(keys) {
		links, err := findLinks(ctx, a.state, source, keys[source])
		if err != nil {
			return nil, err
		}
		for i := range links {
			found[LinkRef{source, links[i].Key}] = &links[i]
		}
	}
	return found, nil
}

// opFor makes the op that the sink sees. References stand in Full and Before
// as anchors; in Set they are the target's ids.
func (a *applier) opFor(op *PlannedOp, link *Link) Op {
	full := settledRecord(op.Full)
	out := Op{
		Key: opKey(a.job.Target, op), Verb: op.Verb, Intent: op.Intent, Kind: op.Kind, Source: op.Source, Anchor: op.Anchor,
		Target: op.Target, Full: full, Swap: op.Swap,
	}
	if link != nil {
		out.Target = link.Target
	}
	if op.Verb == Delete {
		out.Before = settledRecord(op.Old)
		return out
	}
	if op.Intent == IntentCreate || op.Intent == IntentSend {
		out.Set = full
		return out
	}
	out.Before = settledRecord(beforeOf(full, op.Old))
	out.Set = changesOf(full, op.Old)
	return out
}

// resolveRefs puts the target's ids in place of anchors; false when one of them
// is not there, so that the op waits for the next run.
func (a *applier) resolveRefs(planned *PlannedOp, op *Op, found map[LinkRef]*Link) bool {
	if planned.Phase != PhaseReferences || planned.Verb != Put {
		return true
	}
	op.Set = op.Set.Clone()
	for name, values := range op.Set.Clone().All() {
		ids := make([]string, 0, len(values))
		for _, v := range values {
			link := found[LinkRef{planned.Source, a.hash.linkKey(Anchor(v))}]
			if link == nil || link.Target == "" || link.State == LinkLost {
				return false
			}
			ids = append(ids, string(link.Target))
		}
		op.Set.Set(name, ids...)
	}
	return true
}

// resolveMembers gives the members that are in the target. The others are not
// recorded, so that the next snapshot finds them missing again; for a source
// that is read by its changes it is recorded that they wait.
func (a *applier) resolveMembers(op *PlannedOp, found map[LinkRef]*Link) (m membership) {
	resolve := func(anchors []Anchor) (out []memberTarget, absent []LinkKey) {
		for _, anchor := range anchors {
			key := a.hash.linkKey(anchor)
			if link := found[LinkRef{op.Source, key}]; link != nil && link.Target != "" && link.State != LinkLost {
				out = append(out, memberTarget{key, link.Target})
			} else {
				absent = append(absent, key)
			}
		}
		return out, absent
	}
	m.add, m.absent = resolve(op.Add)
	m.remove, m.gone = resolve(op.Remove)
	return m
}

func idsOf(members []memberTarget) []TargetID {
	out := make([]TargetID, len(members))
	for i, m := range members {
		out[i] = m.target
	}
	return out
}
