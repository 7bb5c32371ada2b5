package adsync

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"iter"
	"maps"
	"slices"

	"github.com/adsync/sdk/internal/protection"
	"github.com/adsync/sdk/internal/spill"
)

// sealed is a stored plan with what the guard needs to judge it.
type sealed struct {
	id       string
	batches  int
	ops      int
	planned  Counts
	effects  *effects
	withheld int
}

// Limits of a stored batch. Those of the sink's schema hold when smaller.
const (
	batchOps      = 500
	batchBytes    = 256 << 10
	plainOps      = 100 // for a sink that takes one op at a time
	batchesAtOnce = 8
)

func (s *settings) batchSize() int {
	if s.schema.MaxBatch > 0 {
		return min(batchOps, s.schema.MaxBatch)
	}
	return batchOps
}

// planWriter cuts the ops into batches, stores them, and counts.
type planWriter struct {
	p       *planner
	sealed  *sealed
	id      hash.Hash
	line    []byte
	batch   PlanBatch
	bytes   int
	waiting []PlanBatch
	most    int
	swaps   map[int]int // ops of each swap
}

// usualOps is how many ops a batch has room for at first.
const usualOps = 500

func (p *planner) newPlanWriter() *planWriter {
	w := &planWriter{p: p, sealed: &sealed{effects: newEffects()}, id: sha256.New(), most: p.batchSize()}
	if p.parts.batch == nil {
		w.most = min(w.most, plainOps)
	}
	w.swaps = map[int]int{}
	for _, m := range p.claims.moves {
		w.swaps[m.swap]++
	}
	w.id.Write(planHeader(p.job.Target))
	return w
}

// seal writes the plan in its final order. It is not yet the held plan: the
// guard judges it first.
func (p *planner) seal(ctx context.Context) (*sealed, error) {
	moved, err := p.moved(ctx)
	if err != nil {
		return nil, err
	}
	defer moved.Close()
	w, parked := p.newPlanWriter(), p.parked()
	lost := map[objectRef]*Issue{} // of objects whose op was dropped
	for placed, err := range inBackground(p.placed(mergeSorted(p.ops.Sorted(ctx), moved.Sorted(ctx)))) {
		if err != nil {
			return nil, err
		}
		op := placed.op
		if p.replaced[LinkRef{op.Source, op.Link}] {
			continue // another link has its object now
		}
		if p.withheld(placed.order) || p.halt != nil && op.Intent == IntentPark && !op.Base.IsZero() {
			w.sealed.withheld += visible(&op)
			continue
		}
		if op.Note == droppedNote {
			lost[refOfOrder(placed.order)] = p.swapIssue(&op)
			continue
		}
		if len(parked) > 0 && op.Verb == Put && op.Phase == PhaseReferences && parked[refOfOrder(placed.order)] {
			op.comesAfter(1) // one more than when it was decided
		}
		if issue := issueOf(lost, placed.order); issue != nil {
			op.Digest = Digest{} // not all of the object is written, so it is looked at again
			if op.Verb == Put {
				issue.Wanted = joinWanted(issue.Wanted, p.wantedBy(&op))
			}
		}
		if err := w.add(ctx, &op); err != nil {
			return nil, err
		}
	}
	if err := p.issueSwaps(ctx, lost); err != nil {
		return nil, err
	}
	return w.end(ctx)
}

// placedOp is an op with its place in the plan.
type placedOp struct {
	order []byte
	op    PlannedOp
}

// placed unpacks ops, but for those that have another place.
func (p *planner) placed(records iter.Seq2[spill.Record, error]) iter.Seq2[placedOp, error] {
	codec := p.codec.reader()
	return func(yield func(placedOp, error) bool) {
		for record, err := range records {
			if _, elsewhere := p.claims.moves[string(record.Key)]; elsewhere && err == nil {
				continue
			}
			next := placedOp{order: bytes.Clone(record.Key)}
			if err == nil {
				next.op, err = codec.op(record.Payload)
			}
			if !yield(next, err) || err != nil {
				return
			}
		}
	}
}

// issueOf gives the issue of an op's object. There are none as a rule, and then
// no op is looked up.
func issueOf(lost map[objectRef]*Issue, order []byte) *Issue {
	if len(lost) == 0 {
		return nil
	}
	return lost[refOfOrder(order)]
}

// parked gives the objects that set a value aside before their own op.
func (p *planner) parked() map[objectRef]bool {
	out := map[objectRef]bool{}
	for key, m := range p.claims.moves {
		if m.park {
			out[refOfOrder([]byte(key))] = true
		}
	}
	return out
}

func visible(op *PlannedOp) int {
	if op.Verb == 0 {
		return 0
	}
	return 1
}

// droppedNote marks an op that cannot be done, on its way through seal.
const droppedNote = "\x00dropped"

// moved gives the ops that do not stand in their own place, in their new one.
func (p *planner) moved(ctx context.Context) (*spill.Sorter, error) {
	out := p.newSpill()
	if len(p.claims.moves) == 0 {
		return out, nil
	}
	for record, err := range p.ops.Sorted(ctx) {
		if err != nil {
			return out, err
		}
		m, ok := p.claims.moves[string(record.Key)]
		if !ok {
			continue
		}
		op, err := p.codec.op(record.Payload)
		if err != nil {
			return out, err
		}
		if err := p.move(out, &op, m, refOfOrder(record.Key)); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (p *planner) move(out *spill.Sorter, op *PlannedOp, m move, ref objectRef) error {
	add := func(op *PlannedOp, rank uint32) error {
		p.buf = p.codec.appendOp(p.buf[:0], op)
		return out.Add(opOrder(op, rank, ref.source), p.buf)
	}
	if m.park {
		parking := p.parkFirst(op)
		if err := add(&parking, 0); err != nil {
			return err
		}
	}
	op.Phase, op.Swap = m.phase, m.swap
	if m.drop {
		op.Note = droppedNote
	}
	return add(op, m.rank)
}

// parkFirst gives the op that sets the values aside which op gives up, and
// changes op to follow it.
func (p *planner) parkFirst(op *PlannedOp) PlannedOp {
	before := beforeOf(op.Full, op.Old)
	parking := *op
	parking.Phase, parking.Verb, parking.Intent = PhasePark, Put, IntentPark
	parking.Digest, parking.Note = Digest{}, "set aside so that another can take it"
	parking.Full, parking.Old = before.Clone(), Attributes{}
	op.Old = op.Old.Clone()
	for _, name := range p.unique[op.Kind] {
		old := op.Old.Get(name)
		if old == "" {
			continue
		}
		parked := parkedValue(op.Link, old, p.kinds[op.Kind][name].MaxLength)
		parking.Old.Set(name, old)
		parking.Full.Set(name, parked)
		op.Old.Set(name, parked)
	}
	op.comesAfter(1)
	return parking
}

// withheld tells whether an op comes after the object at which the run halts.
// Values are not set aside for an exchange either, which comes after it always.
func (p *planner) withheld(order []byte) bool {
	if p.halt == nil || Phase(order[0]) < PhasePeople {
		return false
	}
	at := opOrder(&PlannedOp{Phase: PhasePeople, Link: p.halt.key}, 0, p.halt.source)
	return bytes.Compare(order, at) >= 0
}

// swapIssue is for an object whose op was dropped. A read of changes will not
// show it again, so that all that is wanted of it is kept.
func (p *planner) swapIssue(op *PlannedOp) *Issue {
	return &Issue{
		Source: op.Source, Anchor: op.Anchor, Kind: op.Kind, Code: IssueSwapUnsupported, Name: calledBy(op.Full), Wanted: p.wantedBy(op),
		Detail: "exchanges a unique value with another object, and the target can neither do that at once nor set a value aside; change one of them by hand in the target, or in two steps in the directory",
	}
}

// issueSwaps lists the objects whose ops were dropped, in the plan's order of
// objects. Another op of such an object, when it is carried out, leaves the issue.
func (p *planner) issueSwaps(ctx context.Context, dropped map[objectRef]*Issue) error {
	for _, ref := range slices.SortedFunc(maps.Keys(dropped), func(a, b objectRef) int { return bytes.Compare(a.bytes(), b.bytes()) }) {
		issue := dropped[ref]
		p.tell.keep(issue.Source, issue.Anchor)
		if err := p.issue(ctx, *issue); err != nil {
			return err
		}
	}
	return nil
}

// mergeSorted gives two ordered sequences as one.
func mergeSorted(a, b iter.Seq2[spill.Record, error]) iter.Seq2[spill.Record, error] {
	return func(yield func(spill.Record, error) bool) {
		next, stop := iter.Pull2(b)
		defer stop()
		other, err, ok := next()
		for record, fault := range a {
			for ok && err == nil && fault == nil && bytes.Compare(other.Key, record.Key) < 0 {
				if !yield(other, nil) {
					return
				}
				other, err, ok = next()
			}
			if !yield(record, fault) || fault != nil {
				return
			}
		}
		for ok {
			if !yield(other, err) || err != nil {
				return
			}
			other, err, ok = next()
		}
	}
}

func (w *planWriter) add(ctx context.Context, op *PlannedOp) error {
	if w.full(op) {
		if err := w.cut(ctx); err != nil {
			return err
		}
	}
	if w.batch.Ops == nil {
		w.batch.Ops = make([]PlannedOp, 0, min(w.most, usualOps))
	}
	w.batch.Ops = append(w.batch.Ops, *op)
	w.bytes += sizeOf(op)
	w.sealed.ops += visible(op)
	if op.Verb != 0 {
		w.line = appendPlanLine(w.line[:0], op)
		w.id.Write(w.line)
	}
	w.sealed.planned.countOp(op)
	w.sealed.effects.count(op)
	return nil
}

// full tells whether op starts a new batch: batches never span phases, and
// never tear a swap apart.
func (w *planWriter) full(op *PlannedOp) bool {
	n := len(w.batch.Ops)
	if n == 0 || protection.Batches.Removed() {
		return false
	}
	last := &w.batch.Ops[n-1]
	if last.Phase != op.Phase {
		return true
	}
	if last.Swap != 0 && last.Swap == op.Swap {
		return false
	}
	starts := op.Swap != 0 && n+w.swaps[op.Swap] > w.most // no room for the whole swap
	return n >= w.most || starts || w.bytes+sizeOf(op) > w.maxBytes()
}

func (w *planWriter) maxBytes() int {
	if limit := w.p.schema.MaxBytes; limit > 0 {
		return min(limit, batchBytes)
	}
	return batchBytes
}

func sizeOf(op *PlannedOp) int {
	n := 64 + len(op.Anchor) + len(op.Target)
	for _, a := range []Attributes{op.Full, op.Old} {
		for name, values := range a.All() {
			n += len(name) + 2
			for _, v := range values {
				n += len(v) + 2
			}
		}
	}
	for _, list := range [][]Anchor{op.Add, op.Remove} {
		for _, a := range list {
			n += len(a) + 2
		}
	}
	for _, id := range op.RemoveTargets {
		n += len(id) + 2
	}
	return n
}

func (w *planWriter) cut(ctx context.Context) error {
	if len(w.batch.Ops) == 0 {
		return nil
	}
	w.waiting = append(w.waiting, w.batch)
	w.batch = PlanBatch{N: w.batch.N + 1}
	w.bytes = 0
	w.sealed.batches++
	if len(w.waiting) < batchesAtOnce {
		return nil
	}
	return w.flush(ctx)
}

func (w *planWriter) flush(ctx context.Context) error {
	if len(w.waiting) == 0 {
		return nil
	}
	err := w.p.state.AddBatches(ctx, w.p.run, w.waiting)
	w.waiting = nil
	return err
}

func (w *planWriter) end(ctx context.Context) (*sealed, error) {
	if err := w.cut(ctx); err != nil {
		return nil, err
	}
	if err := w.flush(ctx); err != nil {
		return nil, err
	}
	w.sealed.id = hex.EncodeToString(w.id.Sum(nil)[:8])
	return w.sealed, nil
}
