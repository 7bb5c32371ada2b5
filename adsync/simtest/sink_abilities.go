package simtest

import (
	"cmp"
	"context"
	"iter"

	"github.com/adsync/sdk/adsync"
)

// plain passes on those abilities whose absence means the same as their doing
// nothing.
type plain struct{ *tap }

func (t plain) Schema(ctx context.Context) (schema adsync.Schema, err error) {
	if d, ok := t.sink.(adsync.Describer); ok {
		schema, err = d.Schema(ctx)
	}
	t.process.world.inFlight.Store(int64(max(1, schema.InFlight)))
	t.process.world.maxBatch.Store(int64(cmp.Or(schema.MaxBatch, 500)))
	return schema, err
}

func (t plain) Begin(ctx context.Context, run int64) error {
	if r, ok := t.sink.(adsync.RunSink); ok {
		return t.process.call(func() error { return r.Begin(ctx, run) })
	}
	return nil
}

func (t plain) End(ctx context.Context, run int64, completed bool) error {
	if r, ok := t.sink.(adsync.RunSink); ok {
		return t.process.call(func() error { return r.End(ctx, run, completed) })
	}
	return nil
}

func (t plain) Scope(ctx context.Context) (*adsync.Scope, error) {
	if s, ok := t.sink.(adsync.Scoper); ok {
		return s.Scope(ctx)
	}
	return nil, nil
}

func (t plain) Validate() error {
	if v, ok := t.sink.(adsync.Validator); ok {
		return v.Validate()
	}
	return nil
}

func (t plain) Open(ctx context.Context) error {
	if o, ok := t.sink.(adsync.Opener); ok {
		return o.Open(ctx)
	}
	return nil
}

func (t plain) Close() error {
	if o, ok := t.sink.(adsync.Opener); ok {
		return o.Close()
	}
	return nil
}

// Settle and ListMembers are asked of those only who said Pending, or whose job
// makes the source the authority on members.
func (t plain) Settle(ctx context.Context, ids []adsync.TargetID) ([]adsync.Result, error) {
	if s, ok := t.sink.(adsync.Settler); ok {
		return s.Settle(ctx, ids)
	}
	return make([]adsync.Result, len(ids)), nil
}

func (t plain) ListMembers(ctx context.Context, group adsync.TargetID) iter.Seq2[adsync.TargetID, error] {
	if m, ok := t.sink.(adsync.MemberLister); ok {
		return m.ListMembers(ctx, group)
	}
	return func(yield func(adsync.TargetID, error) bool) {
		yield("", adsync.Errorf(adsync.CodeUnsupported, "the sink does not list members"))
	}
}

// The abilities that mean something by being there.
type (
	batching struct{ *tap }
	finding  struct{ *tap }
	listing  struct{ *tap }

	batches interface {
		ApplyBatch(context.Context, adsync.OpBatch) ([]adsync.Result, error)
	}
	finds = adsync.Finder
	lists = adsync.Lister
)

func (t batching) ApplyBatch(ctx context.Context, batch adsync.OpBatch) ([]adsync.Result, error) {
	t.process.world.tell(Asked{t.process.number, "the sink for ops in a batch", len(batch.Ops), int(t.process.world.maxBatch.Load())})
	return t.through(ctx, batch.Ops, true, func(ctx context.Context, ops []adsync.Op) ([]adsync.Result, error) {
		sent := batch
		sent.Ops = ops
		return t.sink.(adsync.BatchSink).ApplyBatch(ctx, sent)
	})
}

func (t finding) Find(ctx context.Context, kind adsync.Kind, keys []adsync.Key) ([]adsync.Target, error) {
	t.process.world.tell(Asked{t.process.number, "the sink for keys", len(keys), 500})
	return t.sink.(adsync.Finder).Find(ctx, kind, keys)
}

func (t listing) List(ctx context.Context, kind adsync.Kind) iter.Seq2[adsync.Target, error] {
	return t.sink.(adsync.Lister).List(ctx, kind)
}

// wrapped gives the tap with those abilities that the sink has, and no others:
// the engine looks them up by type.
func wrapped(t *tap) adsync.Sink {
	p, b, f, l := plain{t}, batching{t}, finding{t}, listing{t}
	_, batch := t.sink.(adsync.BatchSink)
	_, find := t.sink.(adsync.Finder)
	_, list := t.sink.(adsync.Lister)
	switch [3]bool{batch, find, list} {
	case [3]bool{true, true, true}:
		return struct {
			plain
			batches
			finds
			lists
		}{p, b, f, l}
	case [3]bool{true, true, false}:
		return struct {
			plain
			batches
			finds
		}{p, b, f}
	case [3]bool{true, false, true}:
		return struct {
			plain
			batches
			lists
		}{p, b, l}
	case [3]bool{true, false, false}:
		return struct {
			plain
			batches
		}{p, b}
	case [3]bool{false, true, true}:
		return struct {
			plain
			finds
			lists
		}{p, f, l}
	case [3]bool{false, true, false}:
		return struct {
			plain
			finds
		}{p, f}
	case [3]bool{false, false, true}:
		return struct {
			plain
			lists
		}{p, l}
	}
	return p
}
