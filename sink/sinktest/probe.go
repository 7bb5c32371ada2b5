package sinktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsync/sdk/adsync"
)

// probe is what a check works with: the target, and ways to act on it and look
// at it that end the check when they fail.
type probe struct {
	testing.TB
	config  Config
	target  Target
	schema  adsync.Schema
	about   string
	batched bool
	ops     int
	looked  int // what the check offered or judged
	asked   map[adsync.Kind][]adsync.Key
}

func newProbe(t testing.TB, c Config) *probe {
	t.Helper()
	if c.New == nil {
		t.Fatal("Config.New is needed")
	}
	p := &probe{TB: t, config: c, target: c.New(t), asked: map[adsync.Kind][]adsync.Key{}}
	p.open()
	if d, ok := p.target.Sink.(adsync.Describer); ok {
		schema, err := d.Schema(t.Context())
		if err != nil {
			t.Fatalf("Schema: %v", err)
		}
		p.schema = schema
	}
	if len(p.schema.Kinds) == 0 {
		p.schema.Kinds = discover(t, c)
	}
	if r, ok := p.target.Sink.(adsync.RunSink); ok {
		if err := r.Begin(t.Context(), 1); err != nil {
			t.Fatalf("Begin: %v", err)
		}
		t.Cleanup(func() {
			if err := r.End(context.WithoutCancel(t.Context()), 1, true); err != nil {
				t.Errorf("End: %v", err)
			}
		})
	}
	return p
}

// discover finds out, on a target of its own, whether a sink that names no kinds
// deactivates and deletes: the engine asks it for both.
func discover(t testing.TB, c Config) map[adsync.Kind]adsync.KindSchema {
	t.Helper()
	p := &probe{TB: t, config: c, target: c.New(t), asked: map[adsync.Kind][]adsync.Key{}, about: "a create makes an object"}
	p.open()
	out := map[adsync.Kind]adsync.KindSchema{}
	for _, kind := range p.kinds() {
		r := p.must(p.creation(kind, 1))
		offers := func(verb adsync.Verb) bool {
			_, err := p.try(p.Context(), p.op(verb, kind, 1, r.Target))
			return adsync.CodeOf(err) != adsync.CodeUnsupported
		}
		out[kind] = adsync.KindSchema{Deactivate: offers(adsync.Deactivate), Delete: offers(adsync.Delete)}
	}
	return out
}

func (p *probe) open() {
	p.Helper()
	if v, ok := p.target.Sink.(adsync.Validator); ok {
		if err := v.Validate(); err != nil {
			p.Fatalf("Validate: %v", err)
		}
	}
	if o, ok := p.target.Sink.(adsync.Opener); ok {
		if err := o.Open(p.Context()); err != nil {
			p.Fatalf("Open: %v", err)
		}
		p.Cleanup(func() {
			if err := o.Close(); err != nil {
				p.Errorf("Close: %v", err)
			}
		})
	}
}

// fail ends the check with what is promised and what was seen instead.
func (p *probe) fail(format string, args ...any) {
	p.Helper()
	p.Fatalf("%s\n  but: %s", p.about, fmt.Sprintf(format, args...))
}

func (p *probe) kinds() []adsync.Kind {
	if len(p.config.Kinds) > 0 {
		return p.config.Kinds
	}
	var out []adsync.Kind
	for k := range p.schema.Kinds {
		out = append(out, k)
	}
	if len(out) == 0 {
		out = append(out, adsync.User)
	}
	slices.Sort(out)
	return out
}

func (p *probe) takes(kind adsync.Kind) bool { return slices.Contains(p.kinds(), kind) }

// op makes an op on the n-th sample of a kind.
func (p *probe) op(verb adsync.Verb, kind adsync.Kind, n int, target adsync.TargetID) adsync.Op {
	p.ops++
	return adsync.Op{
		Key: fmt.Sprintf("op-%d", p.ops), Verb: verb, Intent: intents[verb], Kind: kind,
		Source: "kit", Anchor: anchor(kind, n), Target: target,
	}
}

var intents = map[adsync.Verb]adsync.Intent{
	adsync.Put: adsync.IntentUpdate, adsync.Deactivate: adsync.IntentLeave,
	adsync.Delete: adsync.IntentDelete, adsync.Members: adsync.IntentMembers,
}

func anchor(kind adsync.Kind, n int) adsync.Anchor {
	return adsync.Anchor(fmt.Sprintf("00000000-0000-4000-8%03d-%012d", kind, n))
}

// creation is the op that makes the n-th sample of a kind.
func (p *probe) creation(kind adsync.Kind, n int) adsync.Op {
	op := p.op(adsync.Put, kind, n, "")
	op.Intent = adsync.IntentCreate
	op.Set = p.sample(kind, n)
	op.Full = op.Set.Clone()
	return op
}

// creationWith is creation with another value of one attribute.
func (p *probe) creationWith(kind adsync.Kind, n int, name, value string) adsync.Op {
	op := p.creation(kind, n)
	op.Set.Set(name, value)
	op.Full.Set(name, value)
	return op
}

// update is an op that changes some attributes of an object.
func (p *probe) update(kind adsync.Kind, n int, target adsync.TargetID, set adsync.Attributes) adsync.Op {
	op := p.op(adsync.Put, kind, n, target)
	op.Before = p.sample(kind, n)
	op.Full = p.sample(kind, n)
	op.Set = set
	for name, values := range set.All() {
		op.Full.Set(name, values...)
	}
	return op
}

// try offers an op, as a batch of one when batches are checked.
func (p *probe) try(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	p.Helper()
	p.looked++
	for name, values := range op.Set.All() {
		for _, v := range values {
			p.asked[op.Kind] = append(p.asked[op.Kind], adsync.Key{Attr: name, Value: v})
		}
	}
	defer p.stays(op)()
	within, cancel := context.WithTimeoutCause(ctx, longest, errLongest)
	defer cancel()
	r, err := p.apply(within, op)
	if err != nil && errors.Is(context.Cause(within), errLongest) {
		p.Fatalf("%s of %s %s had no answer for %s, until its context ended: %v", op.Verb, op.Kind, op.Anchor, longest, err)
	}
	return r, err
}

// longest is how long one op may take before the check gives up.
const longest = 20 * time.Second

var errLongest = errors.New("sinktest: the sink took too long")

// stays gives a check that an op is what it was: the engine sends the same one
// again, and remembers what it holds.
func (p *probe) stays(op adsync.Op) func() {
	set, full, before := op.Set.Clone(), op.Full.Clone(), op.Before.Clone()
	add, remove := slices.Clone(op.Add), slices.Clone(op.Remove)
	return func() {
		p.Helper()
		if !set.Equal(op.Set) || !full.Equal(op.Full) || !before.Equal(op.Before) || !slices.Equal(add, op.Add) || !slices.Equal(remove, op.Remove) {
			p.Errorf("the sink changed the %s that it was given; attributes share storage, so take a Clone of Set, Full or Before to change it", op.Verb)
		}
	}
}

func (p *probe) apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	p.Helper()
	if !p.batched {
		return p.settled(ctx)(p.target.Sink.Apply(ctx, op))
	}
	results, err := p.target.Sink.(adsync.BatchSink).ApplyBatch(ctx, adsync.OpBatch{Run: 1, Key: "batch-of-" + op.Key, Ops: []adsync.Op{op}})
	if err != nil {
		return adsync.Receipt{}, err
	}
	if len(results) != 1 {
		p.fail("a batch of one op was answered by %d results", len(results))
	}
	return p.settled(ctx)(results[0].Receipt, results[0].Err)
}

// settled asks what became of an op that was answered Pending.
func (p *probe) settled(ctx context.Context) func(adsync.Receipt, error) (adsync.Receipt, error) {
	return func(r adsync.Receipt, err error) (adsync.Receipt, error) {
		s, ok := p.target.Sink.(adsync.Settler)
		for range 1000 {
			if err != nil || r.Outcome != adsync.Pending || !ok {
				break
			}
			results, fault := s.Settle(ctx, []adsync.TargetID{r.Target})
			if fault != nil || len(results) != 1 {
				p.fail("Settle answered one target by %d results and error %v", len(results), fault)
			}
			r, err = results[0].Receipt, results[0].Err
		}
		return r, err
	}
}

// must offers an op that has to succeed.
func (p *probe) must(op adsync.Op) adsync.Receipt {
	p.Helper()
	r, err := p.try(p.Context(), op)
	if err != nil {
		p.fail("%s of %s %s failed: %v", op.Verb, op.Kind, op.Anchor, err)
	}
	if r.Outcome == adsync.Conflicted || r.Outcome == adsync.Deferred {
		p.fail("%s of %s %s was answered %s", op.Verb, op.Kind, op.Anchor, r.Outcome)
	}
	return r
}

// make creates the n-th sample of a kind and gives its id.
func (p *probe) make(kind adsync.Kind, n int) adsync.TargetID {
	p.Helper()
	r := p.must(p.creation(kind, n))
	if r.Target == "" {
		p.fail("the receipt of a create names no target")
	}
	return r.Target
}

// refused offers an op that has to fail with one of the codes.
func (p *probe) refused(op adsync.Op, what string, codes ...adsync.Code) error {
	p.Helper()
	r, err := p.try(p.Context(), op)
	if err == nil && r.Outcome == adsync.Conflicted && slices.Contains(codes, adsync.CodeConflict) {
		return nil
	}
	if err == nil {
		p.fail("%s: %s %s was answered %s", what, op.Verb, op.Kind, r.Outcome)
	}
	if !slices.Contains(codes, adsync.CodeOf(err)) {
		p.fail("%s: %s %s failed with code %s, wanted %v: %v", what, op.Verb, op.Kind, adsync.CodeOf(err), codes, err)
	}
	return err
}

// read gives what the target holds, by id.
func (p *probe) read(kind adsync.Kind) map[adsync.TargetID]adsync.Target {
	p.Helper()
	list, err := p.readAll(kind)
	if err != nil {
		p.fail("reading back: %v", err)
	}
	out := make(map[adsync.TargetID]adsync.Target, len(list))
	for _, t := range list {
		out[t.ID] = t
	}
	return out
}

func (p *probe) readAll(kind adsync.Kind) ([]adsync.Target, error) {
	if p.target.Read != nil {
		return p.target.Read(p.Context(), kind)
	}
	if l, ok := p.target.Sink.(adsync.Lister); ok {
		var out []adsync.Target
		for t, err := range l.List(p.Context(), kind) {
			if err != nil {
				return nil, err
			}
			out = append(out, t)
		}
		return out, nil
	}
	if f, ok := p.target.Sink.(adsync.Finder); ok {
		var out []adsync.Target
		for keys := range slices.Chunk(p.asked[kind], 500) {
			found, err := f.Find(p.Context(), kind, keys)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
		return out, nil
	}
	p.Fatalf("nothing can be read back: give Target.Read, or make the sink a Lister or a Finder")
	return nil, nil
}

// get reads one object that has to be there.
func (p *probe) get(kind adsync.Kind, id adsync.TargetID) adsync.Target {
	p.Helper()
	t, ok := p.read(kind)[id]
	if !ok {
		p.fail("%s %s is not there", kind, id)
	}
	return t
}

func (p *probe) difference(t adsync.Target, want adsync.Attributes) string {
	var lines []string
	for name, values := range want.All() {
		got := t.Attrs.Values(name)
		switch {
		case slices.ContainsFunc(p.config.Ignore, func(n string) bool { return strings.EqualFold(n, name) }):
		case strings.EqualFold(name, adsync.AttrActive):
			if wanted := slices.Equal(values, []string{"false"}); t.Inactive != wanted {
				lines = append(lines, fmt.Sprintf("inactive is %v, wanted %v", t.Inactive, wanted))
			}
		case !slices.Equal(withoutBlank(got), withoutBlank(values)):
			lines = append(lines, fmt.Sprintf("%s is %q, wanted %q", name, got, values))
		}
	}
	return strings.Join(lines, "; ")
}

// withoutBlank makes an empty value the same as none: many targets cannot tell
// them apart, and the engine never sends one.
func withoutBlank(values []string) []string {
	if len(values) == 1 && values[0] == "" {
		return nil
	}
	return values
}

// want ends the check unless the object is there with these attributes.
func (p *probe) want(kind adsync.Kind, id adsync.TargetID, want adsync.Attributes) {
	p.Helper()
	if d := p.difference(p.get(kind, id), want); d != "" {
		p.fail("%s %s: %s", kind, id, d)
	}
}

// count ends the check unless the target holds n objects of the kind.
func (p *probe) count(kind adsync.Kind, n int, when string) {
	p.Helper()
	if got := len(p.read(kind)); got != n {
		p.fail("%s the target holds %d objects of kind %s, wanted %d", when, got, kind, n)
	}
}
