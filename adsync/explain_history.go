package adsync

import (
	"context"
	"math"
	"slices"
)

// pastOp is an operation on the object in a kept plan.
type pastOp struct {
	run  *RunInfo
	op   PlannedOp
	sent bool // its batch was recorded
	// done: it took effect, as far as can be told.
	done bool
}

// history is what kept plans and runs have of one object.
type history struct {
	ops  []pastOp // newest first
	held []PlannedOp
	// plan holds what is to be done: held, or begun and not finished.
	plan *RunInfo
	// last is the newest run that ended; left the one in which the object left.
	last *RunInfo
}

// emptyPlans in a row, of runs that had one, say that older plans are not kept.
const emptyPlans = 3

// history reads the kept plans for what they have of the object.
func (x *explainer) history(ctx context.Context, s *subject) error {
	h := &s.history
	empty := 0
	for info, err := range x.state.History(ctx) {
		if err != nil {
			return err
		}
		open := info.State == RunSealed || info.State == RunApplying
		if open {
			h.plan = &info
		}
		if info.State == RunEnded && h.last == nil {
			h.last = &info
		}
		if info.State == RunPlanning || info.State == RunSuperseded || info.Batches == 0 || empty >= emptyPlans {
			continue
		}
		batches, err := x.opsIn(ctx, s, &info)
		if err != nil {
			return err
		}
		if empty++; batches > 0 {
			empty = 0
		}
	}
	s.history.judge(s.link)
	return nil
}

// opsIn collects the object's operations of one plan, and counts its batches.
func (x *explainer) opsIn(ctx context.Context, s *subject, info *RunInfo) (batches int, err error) {
	var ops []pastOp
	for batch, err := range x.state.Batches(ctx, info.ID, 0) {
		if err != nil {
			return 0, err
		}
		batches++
		for _, op := range batch.Ops {
			if op.Source != s.source || op.Link != s.key || op.Verb == 0 {
				continue
			}
			if sent := batch.N < info.Recorded; sent {
				ops = append(ops, pastOp{run: info, op: op, sent: true})
			} else if info.State != RunEnded {
				s.history.held = append(s.history.held, op)
			}
		}
	}
	slices.Reverse(ops)
	s.history.ops = append(s.history.ops, ops...)
	return batches, nil
}

// judge tells which operations took effect. A link counts the operations that
// were committed for it, so a plan whose first operation was made at the count
// that a later plan, or the link, still had changed nothing.
func (h *history) judge(link *Link) {
	limit := uint64(math.MaxUint64)
	if link != nil {
		limit = link.Generation
	}
	for from := 0; from < len(h.ops); {
		to := from + 1
		for to < len(h.ops) && h.ops[to].run == h.ops[from].run {
			to++
		}
		first := &h.ops[to-1].op
		made := limit - min(first.Generation, limit)
		for i := from; i < to; i++ {
			h.ops[i].done = made >= uint64(to-from) || made > 0 && h.ops[i].shows(link)
		}
		limit = min(limit, first.Generation)
		from = to
	}
}

// shows tells whether what the operation changed is what the link has.
func (p *pastOp) shows(link *Link) bool {
	for name := range p.op.Old.All() {
		if link == nil || !sameValues(p.op.Full.Values(name), link.Applied.Values(name)) {
			return false
		}
	}
	return true
}

// finding gives what the last run found by a rule, of a source where one is
// named; nil when it did not.
func (h *history) finding(rule, source string) *Finding {
	if h.last == nil {
		return nil
	}
	i := slices.IndexFunc(h.last.Findings, func(f Finding) bool { return f.Rule == rule && (source == "" || f.Source == source) })
	if i < 0 {
		return nil
	}
	return &h.last.Findings[i]
}

func (p *pastOp) written() *Written {
	at := p.run.Ended
	if at.IsZero() {
		at = p.run.Sealed
	}
	return &Written{Run: p.run.ID, Plan: p.run.Plan, At: at, Intent: p.op.Intent.String(), Origin: p.op.Origin, Note: p.op.Note}
}

// lastDone is the newest operation that took effect; nil when none is kept.
func (h *history) lastDone(is func(*PlannedOp) bool) *pastOp {
	for i := range h.ops {
		if h.ops[i].done && is(&h.ops[i].op) {
			return &h.ops[i]
		}
	}
	return nil
}

// wrote gives the operation that gave the attribute the values that the link
// has; nil where no kept plan has it.
func (h *history) wrote(name string, applied []string) *pastOp {
	return h.lastDone(func(op *PlannedOp) bool {
		if op.Verb == Delete || op.Verb == Members || !sameValues(op.Full.Values(name), applied) {
			return false
		}
		return op.Old.Has(name) || (op.Intent == IntentCreate || op.Intent == IntentSend) && op.Full.Has(name)
	})
}

// holds gives the operation of the plan to be done that changes the attribute.
func (h *history) holds(name string) bool {
	return slices.ContainsFunc(h.held, func(op PlannedOp) bool {
		return op.Old.Has(name) || (op.Intent == IntentCreate || op.Intent == IntentSend) && op.Full.Has(name)
	})
}
