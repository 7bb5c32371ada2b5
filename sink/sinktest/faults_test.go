package sinktest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// bad is a good sink with one fault.
type bad struct {
	*memory.Sink
	op     func(s *memory.Sink, op adsync.Op) adsync.Op
	answer func(s *memory.Sink, op adsync.Op, r adsync.Receipt, err error) (adsync.Receipt, error)
	batch  func(s bad, ctx context.Context, b adsync.OpBatch) ([]adsync.Result, error)
	find   func(found []adsync.Target, keys []adsync.Key) ([]adsync.Target, error)
	list   func(ctx context.Context, list iter.Seq2[adsync.Target, error]) iter.Seq2[adsync.Target, error]
	claims func(*adsync.Schema)
	check  error
	apply  func(s *memory.Sink, ctx context.Context, op adsync.Op) (adsync.Receipt, error)
}

// Schema is the default one, whatever the sink holds to.
func (b bad) Schema(context.Context) (adsync.Schema, error) {
	s := memory.DefaultSchema()
	if b.claims != nil {
		b.claims(&s)
	}
	return s, nil
}

func (b bad) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	if b.apply != nil {
		return b.apply(b.Sink, ctx, op)
	}
	if b.op != nil {
		op = b.op(b.Sink, op)
	}
	r, err := b.Sink.Apply(ctx, op)
	if b.answer != nil {
		r, err = b.answer(b.Sink, op, r, err)
	}
	return r, err
}

func (b bad) ApplyBatch(ctx context.Context, batch adsync.OpBatch) ([]adsync.Result, error) {
	if b.batch != nil {
		return b.batch(b, ctx, batch)
	}
	if slices.ContainsFunc(batch.Ops, func(op adsync.Op) bool { return op.Swap != 0 }) {
		return b.Sink.ApplyBatch(ctx, batch)
	}
	var results []adsync.Result
	for _, op := range batch.Ops {
		r, err := b.Apply(ctx, op)
		results = append(results, adsync.Result{Receipt: r, Err: err})
	}
	return results, nil
}

func (b bad) Find(ctx context.Context, kind adsync.Kind, keys []adsync.Key) ([]adsync.Target, error) {
	found, err := b.Sink.Find(ctx, kind, keys)
	if b.find != nil && err == nil {
		return b.find(found, keys)
	}
	return found, err
}

func (b bad) List(ctx context.Context, kind adsync.Kind) iter.Seq2[adsync.Target, error] {
	if b.list != nil {
		return b.list(ctx, b.Sink.List(ctx, kind))
	}
	return b.Sink.List(ctx, kind)
}

func (b bad) Check(context.Context) error { return b.check }

// leaked tells that a list was broken off.
var leaked atomic.Bool

// faults are bad sinks, and the checks that each of them fails.
var faults = map[string]struct {
	bad    bad
	rules  func(*adsync.Schema) // what the sink holds to
	claims func(*adsync.Schema) // what it says
	fails  []string
}{
	"writes no last name": {
		bad: bad{op: func(_ *memory.Sink, op adsync.Op) adsync.Op {
			op.Set = op.Set.Clone()
			op.Set.Delete("lastName")
			return op
		}},
		fails: []string{
			"create", "receipt", "absent-keeps", "blank-clears", "awkward-values", "deactivate", "delete",
			"batch-order", "batch-bad-op", "unique", "length", "find", "list",
		},
	},
	"names another object in the receipt of an update": {
		bad: bad{answer: func(_ *memory.Sink, op adsync.Op, r adsync.Receipt, err error) (adsync.Receipt, error) {
			if op.Target != "" {
				r.Target += "0"
			}
			return r, err
		}},
		fails: []string{"receipt"},
	},
	"knows a repeat by its key alone": {
		rules: func(s *adsync.Schema) { s.Replay = adsync.ReplayKeyed },
		fails: []string{"repeat-new-key"},
	},
	"refuses its own repeated create": {
		rules: func(s *adsync.Schema) { s.Replay = adsync.ReplayNone },
		fails: []string{"repeat-same-key", "repeat-new-key", "batch-repeat"},
	},
	"makes a second object on a repeat": {
		rules:  func(s *adsync.Schema) { s.Replay = adsync.ReplayNone; dropUnique(s) },
		claims: dropUnique,
		fails:  []string{"repeat-same-key", "repeat-new-key", "batch-repeat"},
	},
	"fails on a repeated deactivation": {
		bad: bad{answer: func(_ *memory.Sink, op adsync.Op, r adsync.Receipt, err error) (adsync.Receipt, error) {
			if op.Verb == adsync.Deactivate && r.Outcome == adsync.Unchanged {
				return r, adsync.Errorf(adsync.CodeInvalid, "it is inactive already")
			}
			return r, err
		}},
		fails: []string{"repeat-others"},
	},
	"ignores updates": {
		bad: bad{op: func(_ *memory.Sink, op adsync.Op) adsync.Op {
			if op.Verb == adsync.Put && op.Target != "" && !op.Set.Has("active") && op.Set.Get("description") == "Changed" {
				op.Set = adsync.Attributes{}
			}
			return op
		}},
		fails: []string{"repeat-others", "update"},
	},
	"replaces the whole record": {
		bad: bad{op: func(s *memory.Sink, op adsync.Op) adsync.Op {
			o, ok := s.Object(op.Target)
			if op.Verb != adsync.Put || !ok {
				return op
			}
			op.Set = op.Set.Clone()
			for name := range o.Attrs.All() {
				if name == "firstName" && !op.Set.Has(name) {
					op.Set.Set(name)
				}
			}
			return op
		}},
		fails: []string{"absent-keeps", "blank-clears"},
	},
	"keeps on blank": {
		bad: bad{op: func(_ *memory.Sink, op adsync.Op) adsync.Op {
			var set adsync.Attributes
			for name, values := range op.Set.All() {
				if len(values) > 0 {
					set.Set(name, values...)
				}
			}
			op.Set = set
			return op
		}},
		fails: []string{"blank-clears"},
	},
	"composes what was decomposed": {
		bad: bad{op: func(_ *memory.Sink, op adsync.Op) adsync.Op {
			for _, name := range []string{"title", "name", "description"} {
				if v := op.Set.Get(name); strings.Contains(v, "Zoe\u0308") {
					op.Set = op.Set.Clone()
					op.Set.Set(name, "Zo\u00eb")
				}
			}
			return op
		}},
		fails: []string{"awkward-values"},
	},
	"deletes in place of deactivating": {
		bad: bad{op: func(_ *memory.Sink, op adsync.Op) adsync.Op {
			if op.Verb == adsync.Deactivate && op.Kind == adsync.Contact {
				op.Verb = adsync.Delete
			}
			return op
		}},
		fails: []string{"repeat-others", "deactivate", "reactivate"},
	},
	"stays inactive": {
		bad: bad{op: func(_ *memory.Sink, op adsync.Op) adsync.Op {
			if op.Target != "" && op.Set.Get("active") == "true" {
				op.Set = op.Set.Clone()
				op.Set.Delete("active")
			}
			return op
		}},
		fails: []string{"reactivate"},
	},
	"makes what it should change": {
		bad: bad{apply: func(s *memory.Sink, ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
			if _, ok := s.Object(op.Target); op.Verb == adsync.Put && op.Target != "" && !ok {
				op.Target, op.Set = "", op.Full
			}
			return s.Apply(ctx, op)
		}},
		fails: []string{"missing-target", "batch-bad-op"},
	},
	"gives ids of the dead to the living": {
		bad: bad{apply: func(s *memory.Sink, ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
			if op.Verb == adsync.Put && op.Target == "" && len(s.Objects()) == 0 {
				for _, c := range s.Calls() {
					if c.Op.Verb == adsync.Delete {
						s.Add(adsync.Target{ID: c.Op.Target, Kind: op.Kind, Attrs: op.Set})
						return adsync.Receipt{Target: c.Op.Target}, nil
					}
				}
			}
			return s.Apply(ctx, op)
		}},
		fails: []string{"id-not-reused", "batch-bad-op"},
	},
	"never removes members": {
		bad: bad{op: func(_ *memory.Sink, op adsync.Op) adsync.Op {
			op.Remove = nil
			return op
		}},
		fails: []string{"members"},
	},
	"says the group is gone when the member is": {
		bad: bad{answer: func(_ *memory.Sink, op adsync.Op, r adsync.Receipt, err error) (adsync.Receipt, error) {
			if op.Verb == adsync.Members && adsync.CodeOf(err) == adsync.CodeInvalid {
				err = adsync.Errorf(adsync.CodeNotFound, "404")
			}
			return r, err
		}},
		fails: []string{"unknown-member"},
	},
	"answers a batch in any order": {
		bad: bad{batch: func(s bad, ctx context.Context, b adsync.OpBatch) ([]adsync.Result, error) {
			results, err := s.Sink.ApplyBatch(ctx, b)
			if len(b.Ops) > 20 {
				slices.Reverse(results)
			}
			return results, err
		}},
		fails: []string{"batch-order"},
	},
	"stops a batch at the first error": {
		bad: bad{batch: func(s bad, ctx context.Context, b adsync.OpBatch) ([]adsync.Result, error) {
			if slices.ContainsFunc(b.Ops, func(op adsync.Op) bool { return op.Swap != 0 }) {
				return s.Sink.ApplyBatch(ctx, b)
			}
			results := make([]adsync.Result, len(b.Ops))
			for i, op := range b.Ops {
				results[i].Receipt, results[i].Err = s.Apply(ctx, op)
				if results[i].Err != nil {
					for j := i + 1; j < len(results); j++ {
						results[j].Err = errors.New("not tried")
					}
					break
				}
			}
			return results, nil
		}},
		fails: []string{"batch-bad-op"},
	},
	"exchanges one at a time": {
		bad: bad{batch: func(s bad, ctx context.Context, b adsync.OpBatch) ([]adsync.Result, error) {
			for i := range b.Ops {
				b.Ops[i].Swap = 0
			}
			return s.Sink.ApplyBatch(ctx, b)
		}},
		fails: []string{"swap"},
	},
	"does half an exchange": {
		bad: bad{batch: func(s bad, ctx context.Context, b adsync.OpBatch) ([]adsync.Result, error) {
			for i := range b.Ops {
				if b.Ops[i].Target == "999999999" {
					b.Ops[i].Swap = 0
				}
			}
			return s.Sink.ApplyBatch(ctx, b)
		}},
		fails: []string{"swap"},
	},
	"has an attribute that is required and never written": {
		claims: func(s *adsync.Schema) {
			s.Kinds[adsync.User].Attributes["externalId"] = adsync.AttributeSchema{ReadOnly: true, Required: true, CaseExact: true}
		},
		fails: []string{"schema"},
	},
	"takes what is taken": {
		rules: dropUnique,
		fails: []string{"batch-bad-op", "unique"},
	},
	"folds no case": {
		rules: func(s *adsync.Schema) { forEach(s, func(a *adsync.AttributeSchema) { a.CaseExact = true }) },
		fails: []string{"unique", "find-folds-case"},
	},
	"requires nothing": {
		rules: func(s *adsync.Schema) { forEach(s, func(a *adsync.AttributeSchema) { a.Required = false }) },
		fails: []string{"required"},
	},
	"has no greatest length": {
		rules: func(s *adsync.Schema) { forEach(s, func(a *adsync.AttributeSchema) { a.MaxLength = 0 }) },
		fails: []string{"length"},
	},
	"counts bytes": {
		rules: func(s *adsync.Schema) { forEach(s, func(a *adsync.AttributeSchema) { a.Unit = adsync.Bytes }) },
		fails: []string{"length", "awkward-values"},
	},
	"writes what is read-only": {
		rules: func(s *adsync.Schema) { forEach(s, func(a *adsync.AttributeSchema) { a.ReadOnly = false }) },
		fails: []string{"read-only"},
	},
	"finds without attributes": {
		bad: bad{find: func(found []adsync.Target, _ []adsync.Key) ([]adsync.Target, error) {
			for i := range found {
				found[i].Attrs = adsync.Attributes{}
			}
			return found, nil
		}},
		fails: []string{"find"},
	},
	"finds once per key": {
		bad: bad{find: func(found []adsync.Target, keys []adsync.Key) ([]adsync.Target, error) {
			if len(keys) > 1 && len(keys) < 20 && len(found) == 1 && keys[0].Value != "" && strings.HasPrefix(keys[0].Value, "person") {
				found = append(found, found...)
			}
			return found, nil
		}},
		fails: []string{"find"},
	},
	"finds everything for a wildcard": {
		bad: bad{find: func(found []adsync.Target, keys []adsync.Key) ([]adsync.Target, error) {
			if slices.ContainsFunc(keys, func(k adsync.Key) bool { return k.Value == "%" }) {
				found = append(found, adsync.Target{ID: "x"})
			}
			return found, nil
		}},
		fails: []string{"find-hostile"},
	},
	"cannot look for NUL": {
		bad: bad{find: func(found []adsync.Target, keys []adsync.Key) ([]adsync.Target, error) {
			if slices.ContainsFunc(keys, func(k adsync.Key) bool { return strings.Contains(k.Value, "\x00") }) {
				return nil, errors.New("invalid byte sequence")
			}
			return found, nil
		}},
		fails: []string{"find-hostile"},
	},
	"looks at 100 keys": {
		bad: bad{find: func(found []adsync.Target, keys []adsync.Key) ([]adsync.Target, error) {
			if len(keys) > 100 {
				return nil, errors.New("too many terms")
			}
			return found, nil
		}},
		fails: []string{"find-many"},
	},
	"gives somebody for nobody": {
		bad: bad{find: func(found []adsync.Target, keys []adsync.Key) ([]adsync.Target, error) {
			if len(keys) == 1 && strings.HasPrefix(keys[0].Value, "nobody") {
				found = append(found, adsync.Target{ID: "x"})
			}
			return found, nil
		}},
		fails: []string{"find-nothing"},
	},
	"lists the first page": {
		bad: bad{list: func(_ context.Context, list iter.Seq2[adsync.Target, error]) iter.Seq2[adsync.Target, error] {
			return func(yield func(adsync.Target, error) bool) {
				n := 0
				for t, err := range list {
					if n++; n > 25 || !yield(t, err) {
						return
					}
				}
			}
		}},
		fails: []string{"list"},
	},
	"takes a cancelled list for a complete one": {
		bad: bad{list: func(_ context.Context, list iter.Seq2[adsync.Target, error]) iter.Seq2[adsync.Target, error] {
			return func(yield func(adsync.Target, error) bool) {
				for t, err := range list {
					if err != nil || !yield(t, nil) {
						return
					}
				}
			}
		}},
		fails: []string{"list-cancelled"},
	},
	"keeps a list open that was broken off": {
		bad: bad{
			list: func(_ context.Context, list iter.Seq2[adsync.Target, error]) iter.Seq2[adsync.Target, error] {
				return func(yield func(adsync.Target, error) bool) {
					for t, err := range list {
						if !yield(t, err) {
							leaked.Store(true)
							return
						}
					}
				}
			},
			answer: func(_ *memory.Sink, _ adsync.Op, r adsync.Receipt, err error) (adsync.Receipt, error) {
				if leaked.Swap(false) {
					return r, errors.New("no free connection")
				}
				return r, err
			},
		},
		fails: []string{"list-stops"},
	},
	"is never reachable": {
		bad:   bad{check: errors.New("connection refused")},
		fails: []string{"check"},
	},
	"does not look at the context": {
		bad: bad{apply: func(s *memory.Sink, _ context.Context, op adsync.Op) (adsync.Receipt, error) {
			return s.Apply(context.Background(), op)
		}},
		fails: []string{"cancelled"},
	},
}

func forEach(s *adsync.Schema, change func(*adsync.AttributeSchema)) {
	for _, k := range s.Kinds {
		for name, a := range k.Attributes {
			change(&a)
			k.Attributes[name] = a
		}
	}
}

func dropUnique(s *adsync.Schema) {
	forEach(s, func(a *adsync.AttributeSchema) { a.Unique = false })
}
