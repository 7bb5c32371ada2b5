package killtest

import (
	"context"
	"fmt"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// hookedBatch passes the steps of a sink that takes batches.
type hookedBatch struct {
	adsync.BatchSink
	steps *steps
	salt  string // a fault: op keys end in it
	early bool   // a fault: it says that ops were done, and sends them with the next
	owed  []adsync.OpBatch
}

func (s *hookedBatch) ApplyBatch(ctx context.Context, batch adsync.OpBatch) (results []adsync.Result, err error) {
	for i := range batch.Ops {
		batch.Ops[i].Key += s.salt
	}
	if err := s.pay(ctx); err != nil {
		return nil, err
	}
	err = s.steps.send(fmt.Sprint(batch.N), func() error {
		if results = s.promise(batch); results == nil {
			results, err = s.BatchSink.ApplyBatch(ctx, batch)
		}
		return err
	})
	return results, err
}

// promise answers for ops that were not sent.
func (s *hookedBatch) promise(batch adsync.OpBatch) (results []adsync.Result) {
	if !s.early || slices.ContainsFunc(batch.Ops, func(op adsync.Op) bool { return op.Target == "" }) {
		return nil
	}
	s.owed = append(s.owed, batch)
	for _, op := range batch.Ops {
		results = append(results, adsync.Result{Receipt: adsync.Receipt{Target: op.Target}})
	}
	return results
}

func (s *hookedBatch) pay(ctx context.Context) error {
	for _, batch := range s.owed {
		if _, err := s.BatchSink.ApplyBatch(ctx, batch); err != nil {
			return err
		}
	}
	s.owed = nil
	return nil
}

// hookedPlain is hookedBatch for sinks that take one op at a time.
type hookedPlain struct {
	adsync.Sink
	steps *steps
	salt  string
}

func (s *hookedPlain) Apply(ctx context.Context, op adsync.Op) (receipt adsync.Receipt, err error) {
	op.Key += s.salt
	name := fmt.Sprintf("%s %s", op.Intent, op.Anchor[len(op.Anchor)-3:])
	err = s.steps.send(name, func() error {
		receipt, err = s.Sink.Apply(ctx, op)
		return err
	})
	return receipt, err
}

// smallBatches makes the batches of a sink small, so that a plan has many.
type smallBatches struct{ adsync.Describer }

func (d smallBatches) Schema(ctx context.Context) (adsync.Schema, error) {
	schema, err := d.Describer.Schema(ctx)
	schema.MaxBatch = 4
	return schema, err
}

// hooked wraps a sink and passes on what it can do.
func hooked(sink adsync.Sink, st *steps, c *config) adsync.Sink {
	describer, _ := sink.(adsync.Describer)
	finder, finds := sink.(adsync.Finder)
	batches, batched := sink.(adsync.BatchSink)
	if !batched {
		return struct {
			*hookedPlain
			adsync.Describer
			adsync.Finder
		}{&hookedPlain{sink, st, c.salt()}, describer, finder}
	}
	h := &hookedBatch{BatchSink: batches, steps: st, salt: c.salt(), early: c.Fault == faultRecordedFirst}
	c.owing = h
	switch opener, opens := sink.(adsync.Opener); {
	case opens:
		return struct {
			*hookedBatch
			smallBatches
			adsync.Finder
			adsync.Lister
			adsync.Opener
		}{h, smallBatches{describer}, finder, sink.(adsync.Lister), opener}
	case finds:
		return struct {
			*hookedBatch
			adsync.Describer
			adsync.Finder
		}{h, describer, finder}
	}
	return struct {
		*hookedBatch
		adsync.Describer
	}{h, describer}
}
