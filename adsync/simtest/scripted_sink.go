package simtest

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/adsync/sdk/adsync"
)

// scriptedSink is the kit's own sink: it calls the System without a server
// between, in the shape that the line that makes the world asks for.
type scriptedSink struct {
	system *System
	// pending: what it makes is only accepted, and settled an hour later.
	pending bool
	since   *sync.Map // of TargetID to time.Time: programs and late answers write it at once
}

func (w *World) scriptedSink() adsync.Sink {
	s := scriptedSink{w.System, w.line.get("pending", "no") == "yes", &w.pendingSince}
	var sink adsync.Sink = single{s}
	if w.line.get("sink", "batch") == "batch" {
		sink = batched{single{s}}
	}
	return shaped(sink, w.line.get("see", "both"))
}

type single struct{ scriptedSink }

func (s single) Schema(context.Context) (adsync.Schema, error) {
	schema := s.system.Schema
	return schema, nil
}

func (s single) Apply(_ context.Context, op adsync.Op) (adsync.Receipt, error) {
	receipt, err := s.system.Do(op)
	return s.accept(receipt), err
}

// accept answers a create with Pending where the sink is slow to provision.
func (s scriptedSink) accept(r adsync.Receipt) adsync.Receipt {
	if s.pending && r.Outcome == adsync.Created {
		r.Outcome = adsync.Pending
		s.since.LoadOrStore(r.Target, time.Now())
	}
	return r
}

func (s single) Settle(_ context.Context, ids []adsync.TargetID) ([]adsync.Result, error) {
	out := make([]adsync.Result, len(ids))
	for i, id := range ids {
		out[i].Receipt = adsync.Receipt{Target: id, Outcome: adsync.Created}
		if at, ok := s.since.Load(id); ok && time.Since(at.(time.Time)) < time.Hour {
			out[i].Receipt.Outcome = adsync.Pending
		}
	}
	return out, nil
}

// ListMembers is an ability of every shape; it is asked of those only whose job
// makes the source the authority on members.
func (s single) ListMembers(_ context.Context, group adsync.TargetID) iter.Seq2[adsync.TargetID, error] {
	return func(yield func(adsync.TargetID, error) bool) {
		for _, id := range s.system.Members(group) {
			if !yield(id, nil) {
				return
			}
		}
	}
}

type batched struct{ single }

func (s batched) ApplyBatch(_ context.Context, batch adsync.OpBatch) ([]adsync.Result, error) {
	results := s.system.DoAll(batch.Ops)
	for i := range results {
		results[i].Receipt = s.accept(results[i].Receipt)
	}
	return results, nil
}

type (
	seer   struct{ system *System }
	lister struct{ seer }
	finder struct{ seer }
)

func (s finder) Find(_ context.Context, kind adsync.Kind, keys []adsync.Key) ([]adsync.Target, error) {
	return s.system.Find(kind, keys), nil
}

func (s lister) List(ctx context.Context, kind adsync.Kind) iter.Seq2[adsync.Target, error] {
	return func(yield func(adsync.Target, error) bool) {
		for _, t := range s.system.List(kind) {
			if !yield(t, ctx.Err()) || ctx.Err() != nil {
				return
			}
		}
	}
}

// shaped gives a scripted sink the ability to look.
func shaped(sink adsync.Sink, see string) adsync.Sink {
	b, batch := sink.(batched)
	if batch {
		s := seer{b.system}
		switch see {
		case "both":
			return struct {
				batched
				finder
				lister
			}{b, finder{s}, lister{s}}
		case "find":
			return struct {
				batched
				finder
			}{b, finder{s}}
		case "list":
			return struct {
				batched
				lister
			}{b, lister{s}}
		}
		return b
	}
	one := sink.(single)
	s := seer{one.system}
	switch see {
	case "both":
		return struct {
			single
			finder
			lister
		}{one, finder{s}, lister{s}}
	case "find":
		return struct {
			single
			finder
		}{one, finder{s}}
	case "list":
		return struct {
			single
			lister
		}{one, lister{s}}
	}
	return one
}
