package sinktest

import (
	"context"
	"sync"
	"time"

	"github.com/adsync/sdk/adsync"
)

func contextChecks() []Check {
	return []Check{
		{Name: "cancelled", About: "an op under a cancelled context fails at once, and writes all or nothing", run: checkCancelled},
		{Name: "concurrent", About: "ops on different objects may be under way at once", run: checkConcurrent},
	}
}

// patience is how long anything may take that should be immediate.
const patience = 10 * time.Second

// soon fails when do takes longer than patience. The check ends then, and do
// is left behind.
func (p *probe) soon(what string, do func()) {
	p.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
		if p.Failed() {
			p.FailNow()
		}
	case <-timer.C:
		p.fail("%s took longer than %s", what, patience)
	}
}

func checkCancelled(p *probe) {
	for _, kind := range p.kinds() {
		ctx, cancel := context.WithCancel(p.Context())
		cancel()
		op := p.creation(kind, 1)
		var err error
		p.soon("an op under a cancelled context", func() { _, err = p.try(ctx, op) })
		if err == nil {
			p.fail("the op on a %s succeeded", kind)
		}
		there := p.read(kind)
		for id := range there {
			p.want(kind, id, op.Set)
		}
		if len(there) == 0 || p.schema.Replay != adsync.ReplayNone {
			p.must(op)
		}
		p.count(kind, 1, "after a cancelled create that was tried again")
	}
}

func checkConcurrent(p *probe) {
	workers := p.schema.InFlight
	if p.config.Concurrency > 0 {
		workers = p.config.Concurrency
	}
	if workers < 2 {
		p.Skip("the sink takes one op at a time")
	}
	p.looked++
	kind := p.kinds()[0]
	const each = 8
	ops := make([][]adsync.Op, workers)
	for w := range ops {
		for i := range each {
			ops[w] = append(ops[w], p.creation(kind, w*each+i+1))
		}
	}
	var wg sync.WaitGroup
	for _, mine := range ops {
		wg.Go(func() { p.each(mine) })
	}
	wg.Wait()
	if p.Failed() {
		p.FailNow()
	}
	p.count(kind, workers*each, "after concurrent creates")
}

// each applies ops from a goroutine of its own, so that it must not end the check.
func (p *probe) each(ops []adsync.Op) {
	for _, op := range ops {
		var err error
		if b, ok := p.target.Sink.(adsync.BatchSink); ok && p.batched {
			var results []adsync.Result
			results, err = b.ApplyBatch(p.Context(), adsync.OpBatch{Run: 1, Key: "batch-of-" + op.Key, Ops: []adsync.Op{op}})
			if err == nil && len(results) == 1 {
				err = results[0].Err
			}
		} else {
			_, err = p.target.Sink.Apply(p.Context(), op)
		}
		if err != nil {
			p.Errorf("%s\n  but: create of %s failed: %v", p.about, op.Anchor, err)
		}
	}
}
