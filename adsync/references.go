package adsync

import (
	"cmp"
	"context"
)

// presence of a referred-to object in the target once the plan is applied.
type standing uint8

const (
	standingUnknown standing = iota // never seen
	standingAside                   // seen, without a link: quarantined, in conflict, skipped
	standingThere                   // linked, or created by this plan
)

// standings tells, for objects of one source, whether they are or will be in
// the target.
func (p *planner) standings(ctx context.Context, s *sourceRead, keys []LinkKey) (map[LinkKey]kindThere, error) {
	out := make(map[LinkKey]kindThere, len(keys))
	var ask []LinkKey
	for _, key := range keys {
		if kind := s.createdKind(key); kind != 0 {
			out[key] = kindThere{standingThere, kind}
		} else if s.index == nil {
			ask = append(ask, key)
		} else {
			out[key] = s.indexed(key)
		}
	}
	links, err := findLinks(ctx, p.state, s.Name, ask)
	for i := range links {
		if links[i].Target != "" && links[i].State != LinkLost {
			out[links[i].Key] = kindThere{standingThere, links[i].Kind}
		}
	}
	return out, err
}

// kindThere is an object's standing, and its kind when it is there.
type kindThere struct {
	standing
	kind Kind
}

func (s *sourceRead) createdKind(key LinkKey) Kind {
	for kind := range s.created {
		if s.created[kind].has(key) {
			return Kind(kind)
		}
	}
	return 0
}

func (s *sourceRead) indexed(key LinkKey) kindThere {
	if i, ok := s.index.find(key); ok && !s.index.state(i).detached() {
		return kindThere{standingThere, s.index.kind(i)}
	}
	if s.aside.has(key) {
		return kindThere{standing: standingAside}
	}
	return kindThere{}
}

// resolveReferences completes the ops for references: an object that will not
// be there is not referred to, the old value stays, and the op does not carry
// the digest, so that the object is looked at again next time.
func (p *planner) resolveReferences(ctx context.Context) error {
	if err := p.referAgain(ctx); err != nil {
		return err
	}
	for record, err := range p.references.Sorted(ctx) {
		if err != nil {
			return err
		}
		op, wanted, err := p.codec.references(record.Payload)
		if err != nil {
			return err
		}
		s := p.sources[refOf(record.Key).source]
		s.addAgain(&op)
		if err := p.resolveReference(ctx, s, &op, wanted); err != nil {
			return err
		}
	}
	return p.emitAgain(ctx)
}

func (p *planner) resolveReference(ctx context.Context, s *sourceRead, op *PlannedOp, wanted *Object) error {
	complete, original := true, *op
	op.Old = op.Old.Clone()
	for name, old := range op.Old.Clone().All() {
		wanted := op.Full.Values(name)
		keys := make([]LinkKey, len(wanted))
		for i, a := range wanted {
			keys[i] = p.hash.linkKey(Anchor(a))
		}
		there, err := p.standings(ctx, s, keys)
		if err != nil {
			return err
		}
		var values []string
		for i, key := range keys {
			if there[key].standing == standingThere {
				values = append(values, wanted[i])
			}
		}
		if len(values) < len(wanted) {
			complete = false
			if len(values) == 0 {
				values = old
			}
		}
		op.Full = op.Full.Clone()
		setOrDelete(&op.Full, name, values)
		if sameValues(values, old) || isBlank(values) && isBlank(old) {
			op.Old.Delete(name)
		}
	}
	if !complete && op.Note != noteAnew { // that one is found again by making the other object
		p.tell.keep(op.Source, op.Anchor) // an op that writes the rest does not end it
		if err := p.issue(ctx, p.referenceWaits(s, &original, wanted)); err != nil {
			return err
		}
	}
	return p.emitReference(s, op, complete)
}

// referenceWaits makes the issue of an op of which a part has to wait. wanted is
// the whole object, nil where only what the op sets is known.
func (p *planner) referenceWaits(s *sourceRead, op *PlannedOp, wanted *Object) Issue {
	issue := Issue{
		Source: op.Source, Anchor: op.Anchor, Kind: op.Kind, Name: calledBy(op.Full), Code: IssueReferenceWaits,
		Detail: "refers to an object that is not in the target; the reference is set once it is there",
	}
	if p.movesOn(s) {
		issue.Wanted = cmp.Or(wanted, p.wantedBy(op))
	}
	return issue
}

func (p *planner) emitReference(s *sourceRead, op *PlannedOp, complete bool) error {
	if !complete {
		op.Digest = Digest{}
	}
	if op.Old.Len() == 0 {
		if op.Intent == IntentUpdate {
			p.tell.counts.Unchanged++
		}
		if !complete {
			return nil
		}
		op.Verb, op.Intent = 0, 0 // only the digest is brought up to date
	}
	return p.emit(s.number, op, nil)
}
