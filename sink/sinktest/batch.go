package sinktest

import (
	"fmt"

	"github.com/adsync/sdk/adsync"
)

func batchChecks() []Check {
	return []Check{
		{Name: "batch-order", About: "a batch is answered by one result per op, in their order", single: true, run: checkBatchOrder},
		{Name: "batch-bad-op", About: "an op that fails in a batch does not stop the others", single: true, run: checkBatchBadOp},
		{Name: "batch-repeat", About: "a batch that comes again unchanged has no second effect", single: true, run: checkBatchRepeat},
		{Name: "swap", About: "two objects of one batch exchange a unique value, or neither changes", single: true, run: checkSwap},
	}
}

func (p *probe) batch(key string, ops ...adsync.Op) []adsync.Result {
	p.Helper()
	b, ok := p.target.Sink.(adsync.BatchSink)
	if !ok {
		p.Skip("the sink takes no batches")
	}
	p.looked++
	results, err := b.ApplyBatch(p.Context(), adsync.OpBatch{Run: 1, Key: key, Ops: ops})
	if err != nil {
		p.fail("a batch of %d ops failed: %v", len(ops), err)
	}
	if len(results) != len(ops) {
		p.fail("%d ops were answered by %d results", len(ops), len(results))
	}
	return results
}

// creations gives creates for samples 1 to n: a stretch of each kind, as in a plan.
func (p *probe) creations(n int) []adsync.Op {
	var ops []adsync.Op
	kinds := p.kinds()
	for i := range n {
		ops = append(ops, p.creation(kinds[i*len(kinds)/n], i+1))
	}
	return ops
}

func (p *probe) size(n int) int {
	if p.schema.MaxBatch > 0 {
		return min(n, p.schema.MaxBatch)
	}
	return n
}

func checkBatchOrder(p *probe) {
	ops := p.creations(p.size(40))
	for i, r := range p.batch("order", ops...) {
		if r.Err != nil {
			p.fail("op %d failed: %v", i, r.Err)
		}
		p.want(ops[i].Kind, r.Receipt.Target, ops[i].Set)
	}
}

func checkBatchBadOp(p *probe) {
	if p.size(3) < 3 {
		p.Skip("batches are too small")
	}
	for _, kind := range p.kinds() {
		name := p.text(kind, anyAttribute)
		if name == "" {
			continue
		}
		bad := p.update(kind, 9, p.missing(kind), one(name, "Changed"))
		p.neighbours(kind, "missing", 10, bad, adsync.CodeNotFound)
		for i, attr := range p.unique(kind) {
			n := 20 + 10*i
			p.make(kind, n+3)
			bad := p.creationWith(kind, n+4, attr, p.sample(kind, n+3).Get(attr))
			p.neighbours(kind, "taken-"+attr, n, bad, adsync.CodeConflict)
		}
	}
}

// neighbours sends a bad op between two good ones, whose effects have to be there.
func (p *probe) neighbours(kind adsync.Kind, key string, n int, bad adsync.Op, code adsync.Code) {
	p.Helper()
	first, last := p.creation(kind, n+1), p.creation(kind, n+2)
	results := p.batch(fmt.Sprintf("%s-%s", key, kind), first, bad, last)
	conflicted := code == adsync.CodeConflict && results[1].Receipt.Outcome == adsync.Conflicted
	if err := results[1].Err; !conflicted && (err == nil || adsync.CodeOf(err) != code) {
		p.fail("the bad op (%s) was answered %v, wanted code %s", key, err, code)
	}
	for i, op := range map[int]adsync.Op{0: first, 2: last} {
		if results[i].Err != nil {
			p.fail("op %d next to the bad one (%s) failed: %v", i, key, results[i].Err)
		}
		p.want(kind, results[i].Receipt.Target, op.Set)
	}
}

func checkBatchRepeat(p *probe) {
	if p.schema.Replay == adsync.ReplayNone {
		p.Skip("the sink does not claim to recognise repeats")
	}
	ops := p.creations(p.size(12))
	first := p.batch("repeat", ops...)
	for i, r := range p.batch("repeat", ops...) {
		if r.Err != nil {
			p.fail("op %d failed the second time: %v", i, r.Err)
		}
		if r.Receipt.Target != "" && r.Receipt.Target != first[i].Receipt.Target {
			p.fail("op %d was answered %s, and %s the second time", i, first[i].Receipt.Target, r.Receipt.Target)
		}
	}
	total := 0
	for _, kind := range p.kinds() {
		total += len(p.read(kind))
	}
	if total != len(ops) {
		p.fail("%d creates sent twice made %d objects", len(ops), total)
	}
}

func checkSwap(p *probe) {
	if p.schema.Swap != adsync.SwapAtomic {
		p.Skip("the sink does not claim to exchange values at once")
	}
	for _, kind := range p.kinds() {
		for i, name := range p.unique(kind) {
			n := 10 * (i + 1)
			one, two := p.make(kind, n+1), p.make(kind, n+2)
			p.exchange(kind, name, n, one, two)
			p.halfExchange(kind, name, n, one)
		}
	}
}

func (p *probe) exchange(kind adsync.Kind, name string, n int, one, two adsync.TargetID) {
	p.Helper()
	for i, r := range p.batch("swap-"+name, p.swapOp(kind, name, n+1, one, n+2), p.swapOp(kind, name, n+2, two, n+1)) {
		if r.Err != nil {
			p.fail("op %d of the exchange of %s failed: %v", i, name, r.Err)
		}
	}
	p.want(kind, one, oneOf(p.sample(kind, n+2), name))
	p.want(kind, two, oneOf(p.sample(kind, n+1), name))
}

// halfExchange tries an exchange with an object that is not there: the other
// one keeps what it has.
func (p *probe) halfExchange(kind adsync.Kind, name string, n int, id adsync.TargetID) {
	p.Helper()
	before := oneOf(p.get(kind, id).Attrs, name)
	results := p.batch("half-swap-"+name, p.swapOp(kind, name, n+1, id, n+3), p.swapOp(kind, name, n+3, "999999999", n+1))
	if results[0].Err == nil || results[1].Err == nil {
		p.fail("half of an exchange of %s succeeded", name)
	}
	p.want(kind, id, before)
}

func (p *probe) swapOp(kind adsync.Kind, name string, n int, id adsync.TargetID, of int) adsync.Op {
	op := p.update(kind, n, id, oneOf(p.sample(kind, of), name))
	op.Swap = 1
	return op
}

func oneOf(a adsync.Attributes, name string) adsync.Attributes { return one(name, a.Values(name)...) }
