package simtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/adsync/sdk/adsync"
)

// System is the other side of a sink: the target as it really is. The scripted
// sink calls it directly; a vendor's sink reaches it through whatever server
// the vendor puts in front of it. It judges unique values, recognises repeats
// as its schema says, and writes every effect down.
type System struct {
	Schema adsync.Schema

	mu      sync.Mutex
	objects map[adsync.TargetID]*held
	answers map[string]adsync.Receipt
	last    int
	effect  func(Effect)
	// sent are the ops that the engine sent last, one of each directory object.
	sent []adsync.Op
	// marks: it shows the anchors that ops carried.
	marks bool
}

// held is an object of the target. Its source and anchor are those of the op
// that made or adopted it, whether the target shows them or not.
type held struct {
	adsync.Target
	source  string
	anchor  adsync.Anchor
	members map[adsync.TargetID]bool
	byHand  map[adsync.TargetID]bool // members that somebody else added
	seeded  bool                     // made by somebody else
}

func (h *held) copy() *held {
	c := *h
	c.Attrs, c.members, c.byHand = h.Attrs.Clone(), maps.Clone(h.members), maps.Clone(h.byHand)
	return &c
}

// Effect is one change of the target that an op had.
type Effect struct {
	Op adsync.Op
	// Before is nil for an object that was made, After for one that was removed.
	Before, After *held
}

func newSystem() *System {
	return &System{objects: map[adsync.TargetID]*held{}, answers: map[string]adsync.Receipt{}, effect: func(Effect) {}, marks: true}
}

// Do carries one op out. A server needs to pass on no more than Verb, Kind,
// Target, Set, Add and Remove: what else an op has is known from the engine's
// side. A sink may also take several calls for one op, each with a part of it.
func (s *System) Do(op adsync.Op) (adsync.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := s.together([]adsync.Op{s.complete(op)})
	return results[0].Receipt, results[0].Err
}

// DoAll carries the ops of a batch out. Those with the same Swap take effect
// together or not at all, where the schema says that swaps are atomic.
func (s *System) DoAll(ops []adsync.Op) []adsync.Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []adsync.Result
	ops = slices.Clone(ops)
	for i := range ops {
		ops[i] = s.complete(ops[i])
	}
	for i := 0; i < len(ops); {
		n := i + 1
		for s.Schema.Swap == adsync.SwapAtomic && ops[i].Swap != 0 && n < len(ops) && ops[n].Swap == ops[i].Swap {
			n++
		}
		out = append(out, s.together(ops[i:n])...)
		i = n
	}
	return out
}

// together carries ops out so that all take effect or none: unique values are
// judged when all are done.
func (s *System) together(ops []adsync.Op) []adsync.Result {
	before := maps.Clone(s.objects)
	results, effects := make([]adsync.Result, len(ops)), []Effect(nil)
	var failed error
	for i, op := range ops {
		if r, ok := s.answers[op.Key]; ok && s.Schema.Replay == adsync.ReplayKeyed {
			results[i].Receipt = r
			continue
		}
		var was, is *held
		results[i].Receipt, was, is, results[i].Err = s.do(op)
		if failed = results[i].Err; failed != nil {
			break
		}
		effects = append(effects, Effect{op, was, is})
	}
	if failed == nil {
		failed = s.clash(effects)
	}
	if failed != nil {
		s.objects = before
		for i := range results {
			results[i] = adsync.Result{Err: failed}
		}
		return results
	}
	for i, op := range ops {
		s.answers[op.Key] = results[i].Receipt
	}
	for _, e := range effects {
		if e.changed() {
			s.effect(e)
		}
	}
	return results
}

func (s *System) do(op adsync.Op) (adsync.Receipt, *held, *held, error) {
	if op.Verb == adsync.Put && op.Target == "" {
		if known := s.known(op); known != nil {
			return s.put(known, op, adsync.Linked)
		}
		s.last++
		made := &held{
			Target: adsync.Target{ID: adsync.TargetID(fmt.Sprintf("%s-%d", op.Kind, s.last)), Kind: op.Kind},
			source: op.Source, anchor: op.Anchor, members: map[adsync.TargetID]bool{}, byHand: map[adsync.TargetID]bool{},
		}
		r, _, is, err := s.put(made, op, adsync.Created)
		return r, nil, is, err
	}
	o := s.objects[op.Target]
	if o == nil || o.Kind != op.Kind {
		return adsync.Receipt{}, nil, nil, adsync.Errorf(adsync.CodeNotFound, "there is no %s %q", op.Kind, op.Target)
	}
	switch op.Verb {
	case adsync.Put:
		return s.put(o, op, adsync.Updated)
	case adsync.Deactivate:
		is := o.copy()
		is.Inactive = true
		is.Attrs.Set(adsync.AttrActive, "false")
		return s.keep(o, is, adsync.Updated)
	case adsync.Delete:
		s.drop(o.ID)
		return adsync.Receipt{Target: o.ID}, o, nil, nil
	case adsync.Members:
		return s.members(o, op)
	}
	return adsync.Receipt{}, nil, nil, adsync.Errorf(adsync.CodeUnsupported, "%s is no verb", op.Verb)
}

// known gives the object that a repeated create made.
func (s *System) known(op adsync.Op) *held {
	if s.Schema.Replay != adsync.ReplayByExternalID {
		return nil
	}
	for _, o := range s.objects {
		if o.Kind == op.Kind && o.anchor == op.Anchor && o.source == op.Source {
			return o
		}
	}
	return nil
}

func (s *System) put(o *held, op adsync.Op, outcome adsync.Outcome) (adsync.Receipt, *held, *held, error) {
	is := o.copy()
	for name, values := range op.Set.All() {
		if len(values) == 0 {
			is.Attrs.Delete(name)
			continue
		}
		if name == "manager" && s.objects[adsync.TargetID(values[0])] == nil {
			return adsync.Receipt{}, nil, nil, adsync.Errorf(adsync.CodeInvalid, "the manager %q is not there", values[0])
		}
		is.Attrs.Set(name, values...)
	}
	is.source, is.anchor = op.Source, op.Anchor
	is.Inactive = is.Attrs.Get(adsync.AttrActive) == "false"
	return s.keep(o, is, outcome)
}

func (s *System) members(o *held, op adsync.Op) (adsync.Receipt, *held, *held, error) {
	is := o.copy()
	for _, id := range op.Add {
		if s.objects[id] == nil {
			return adsync.Receipt{}, nil, nil, adsync.Errorf(adsync.CodeInvalid, "the member %q is not there", id)
		}
		is.members[id] = true
	}
	for _, id := range op.Remove {
		delete(is.members, id)
	}
	return s.keep(o, is, adsync.Updated)
}

func (s *System) keep(was, is *held, outcome adsync.Outcome) (adsync.Receipt, *held, *held, error) {
	s.objects[is.ID] = is
	if outcome == adsync.Updated && !(Effect{Before: was, After: is}).changed() {
		outcome = adsync.Unchanged
	}
	return adsync.Receipt{Target: is.ID, Outcome: outcome}, was, is, nil
}

func (s *System) drop(id adsync.TargetID) {
	delete(s.objects, id)
	for other, o := range s.objects {
		if o.members[id] || o.Attrs.Get("manager") == string(id) {
			o = o.copy()
			delete(o.members, id)
			delete(o.byHand, id)
			if o.Attrs.Get("manager") == string(id) {
				o.Attrs.Delete("manager")
			}
			s.objects[other] = o
		}
	}
}

// changed tells whether an op did anything.
func (e Effect) changed() bool {
	if e.Before == nil || e.After == nil {
		return e.Before != e.After
	}
	return e.Before.Inactive != e.After.Inactive || !e.Before.Attrs.Equal(e.After.Attrs) ||
		!maps.Equal(e.Before.members, e.After.members) || e.Before.anchor != e.After.anchor
}

// clash gives the error of a unique value that two objects would have.
func (s *System) clash(effects []Effect) error {
	for _, e := range effects {
		if e.After == nil {
			continue
		}
		for name, a := range s.Schema.Kinds[e.After.Kind].Attributes {
			value := e.After.Attrs.Get(name)
			if !a.Unique || value == "" || e.Before != nil && e.Before.Attrs.Get(name) == value {
				continue
			}
			for _, id := range slices.Sorted(maps.Keys(s.objects)) {
				o := s.objects[id]
				if o.ID != e.After.ID && o.Kind == e.After.Kind && strings.EqualFold(o.Attrs.Get(name), value) {
					return &adsync.Error{
						Code: adsync.CodeConflict, Problem: "value-in-use", Attr: name, Candidates: []adsync.Target{s.show(o)},
						Err: fmt.Errorf("%s is taken by %s", name, o.ID),
					}
				}
			}
		}
	}
	return nil
}

func (s *System) show(o *held) adsync.Target {
	t := o.copy().Target
	if s.marks && o.anchor != "" {
		t.Attrs.Set(adsync.AttrExternalID, string(o.anchor))
	}
	return t
}

// List gives the objects of a kind, in order of ids.
func (s *System) List(kind adsync.Kind) []adsync.Target {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []adsync.Target
	for _, id := range slices.Sorted(maps.Keys(s.objects)) {
		if o := s.objects[id]; o.Kind == kind {
			out = append(out, s.show(o))
		}
	}
	return out
}

// Find gives the objects of a kind that have any of the keys, each once.
func (s *System) Find(kind adsync.Kind, keys []adsync.Key) []adsync.Target {
	return slices.DeleteFunc(s.List(kind), func(t adsync.Target) bool {
		return !slices.ContainsFunc(keys, func(k adsync.Key) bool {
			return k.Value != "" && strings.EqualFold(t.Attrs.Get(k.Attr), k.Value)
		})
	})
}

// Members gives the members of a group, in order.
func (s *System) Members(group adsync.TargetID) []adsync.TargetID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.objects[group]; g != nil {
		return slices.Sorted(maps.Keys(g.members))
	}
	return nil
}

func (s *System) isEmpty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.objects) == 0
}

// anchorOf gives the directory object for which an object was made or adopted.
func (s *System) anchorOf(id adsync.TargetID) adsync.Anchor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.objects[id]; o != nil {
		return o.anchor
	}
	return ""
}
