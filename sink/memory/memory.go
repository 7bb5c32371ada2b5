// Package memory is a target that lives in memory, for tests and
// demonstrations. It does what a well-behaved target does: it checks values
// against its schema, refuses taken values, recognises repeated ops, and
// exchanges unique values at once. Tests can seed it, look into it, make it
// fail and make it slow.
//
// It is no store: nothing outlives the process, and every op and its answer is
// kept until the sink is dropped.
package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/adsync/sdk/adsync"
)

// Sink is a target in memory. New makes one; the exported fields may be set
// before first use and are not changed afterwards.
//
// Attribute names are the canonical ones. The external id of an object, the
// anchor of the op that made or adopted it, stands in the attribute externalId.
type Sink struct {
	// Rules is the schema that the sink describes and holds to. Its Replay
	// decides how repeats are recognised: by key, by external id, or not at all.
	Rules adsync.Schema
	// Intercept sees every op before it takes effect. When it gives true, its
	// receipt and error are the answer and the op has no effect. Nil: none.
	Intercept func(adsync.Op) (adsync.Receipt, error, bool)
	// Lose sees every op after it took effect. An error takes the place of the
	// answer, as when a connection breaks before the reply. Nil: none.
	Lose func(adsync.Op) error
	// InterceptBatch sees every batch before it takes effect. An error is the
	// answer to the batch, which has no effect. Nil: none.
	InterceptBatch func(adsync.OpBatch) error
	// Unreachable is the answer of Check; nil: all is well.
	Unreachable error
	// Latency is how long each call of Apply, ApplyBatch and Find takes.
	Latency time.Duration

	mu      sync.Mutex
	last    int
	objects map[adsync.TargetID]*object
	values  map[valueKey][]adsync.TargetID
	answers map[string]adsync.Receipt
	calls   []Call
}

var (
	_ adsync.BatchSink    = (*Sink)(nil)
	_ adsync.Describer    = (*Sink)(nil)
	_ adsync.Finder       = (*Sink)(nil)
	_ adsync.Lister       = (*Sink)(nil)
	_ adsync.MemberLister = (*Sink)(nil)
	_ adsync.Checker      = (*Sink)(nil)
)

// object is what the target holds. Members are kept apart from attributes, as
// no schema gives them.
type object struct {
	target  adsync.Target
	source  string
	members map[adsync.TargetID]bool
}

// Call is one op that was offered, with the answer.
type Call struct {
	Op      adsync.Op
	Receipt adsync.Receipt
	Err     error
	// Effect says that the op changed something.
	Effect bool
}

// New gives an empty sink with DefaultSchema.
func New() *Sink {
	return &Sink{
		Rules:   DefaultSchema(),
		objects: map[adsync.TargetID]*object{},
		values:  map[valueKey][]adsync.TargetID{},
		answers: map[string]adsync.Receipt{},
	}
}

// Schema gives Rules.
func (s *Sink) Schema(ctx context.Context) (adsync.Schema, error) { return s.Rules, ctx.Err() }

// Check gives Unreachable.
func (s *Sink) Check(ctx context.Context) error { return cmp.Or(ctx.Err(), s.Unreachable) }

// Add puts an object there as if somebody had made it by hand, without judging
// it: it may break the schema. It gives the object's id, a new one when
// t.ID is empty. An object with the same id is replaced.
func (s *Sink) Add(t adsync.Target) adsync.TargetID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.ID == "" {
		t.ID = s.newID(t.Kind)
	}
	if old := s.objects[t.ID]; old != nil {
		s.unindex(old)
	}
	t.Attrs = t.Attrs.Clone()
	switch {
	case t.Attrs.Get(adsync.AttrActive) == "false":
		t.Inactive = true
	case t.Inactive:
		t.Attrs.Set(adsync.AttrActive, "false")
	}
	s.keep(&object{target: t, members: map[adsync.TargetID]bool{}})
	return t.ID
}

// AddMember makes an object a member of a group, as if by hand.
func (s *Sink) AddMember(group, member adsync.TargetID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.objects[group]; g != nil {
		g.members[member] = true
	}
}

// Remove takes an object away, as if by hand.
func (s *Sink) Remove(id adsync.TargetID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.objects[id]; o != nil {
		s.drop(o)
	}
}

// Objects gives what the target holds, in order of kinds and ids. Changing it
// changes nothing in the sink.
func (s *Sink) Objects() []adsync.Target {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]adsync.Target, 0, len(s.objects))
	for _, o := range s.objects {
		out = append(out, o.shown())
	}
	slices.SortFunc(out, compareTargets)
	return out
}

// Object gives one object, and false when there is none with the id.
func (s *Sink) Object(id adsync.TargetID) (adsync.Target, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.objects[id]; o != nil {
		return o.shown(), true
	}
	return adsync.Target{}, false
}

// Members gives the members of a group, sorted; none when there is no group.
func (s *Sink) Members(group adsync.TargetID) []adsync.TargetID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []adsync.TargetID
	if g := s.objects[group]; g != nil {
		for m := range g.members {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, compareIDs)
	return out
}

// ListMembers gives what Members gives, as the engine asks for it.
func (s *Sink) ListMembers(ctx context.Context, group adsync.TargetID) iter.Seq2[adsync.TargetID, error] {
	return func(yield func(adsync.TargetID, error) bool) {
		for _, id := range s.Members(group) {
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			if !yield(id, nil) {
				return
			}
		}
	}
}

// Calls gives every op that was offered, in order, with its answer.
func (s *Sink) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Effects gives the keys of the ops that changed something, in order.
func (s *Sink) Effects() []string {
	var keys []string
	for _, c := range s.Calls() {
		if c.Effect {
			keys = append(keys, c.Op.Key)
		}
	}
	return keys
}

func (s *Sink) newID(kind adsync.Kind) adsync.TargetID {
	for {
		s.last++
		id := adsync.TargetID(fmt.Sprintf("%s-%d", kind, s.last))
		if s.objects[id] == nil {
			return id
		}
	}
}

func (s *Sink) keep(o *object) {
	s.objects[o.target.ID] = o
	s.index(o)
}

func (s *Sink) drop(o *object) {
	s.unindex(o)
	delete(s.objects, o.target.ID)
	for _, g := range s.objects {
		delete(g.members, o.target.ID)
	}
}

func (o *object) shown() adsync.Target {
	t := o.target
	t.Attrs = t.Attrs.Clone()
	return t
}

func compareTargets(a, b adsync.Target) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), compareIDs(a.ID, b.ID))
}

// compareIDs orders ids by length first, so that user-10 follows user-9.
func compareIDs(a, b adsync.TargetID) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
