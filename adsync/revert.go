package adsync

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/adsync/sdk/internal/spill"
)

// Revert makes the plan that undoes a run: its before-images, held against what
// links and target have today. The plan becomes the held one, passes the guard,
// and is approved and applied as any other; nothing is written before that. No
// directory is read.
//
// What changed since, in a later run or in the target, is left as it is, and the
// report's findings list it, with whatever cannot be undone: see the decision
// record 0012. An attribute put back, and an account deactivated again, stay so
// until the directory changes the object, or the mapping or a policy changes.
//
// The run must have ended, and its plan must be kept (Job.KeepRuns).
func (e *Engine) Revert(ctx context.Context, run int64) (_ *Plan, err error) {
	ctx, release, err := e.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	defer func() { err = lostLease(ctx, err) }()
	if unfinished, err := e.unfinished(ctx); err != nil {
		return nil, err
	} else if unfinished != nil {
		return nil, unfinishedError(unfinished)
	}
	past, later, err := e.runToRevert(ctx, run)
	if err != nil {
		return nil, err
	}
	r, err := e.makeRevert(ctx, past, later)
	if r == nil {
		return nil, err
	}
	return &Plan{engine: e, info: r.info, report: r.report()}, err
}

// runToRevert gives a run and those that were applied after it, or says why it
// cannot be undone.
func (e *Engine) runToRevert(ctx context.Context, run int64) (past *RunInfo, later []RunInfo, err error) {
	for info, err := range e.state.History(ctx) {
		if err != nil {
			return nil, nil, err
		}
		switch {
		case info.ID == run:
			past = &info
		case past == nil && info.State == RunEnded && info.Recorded > 0:
			later = append(later, info)
		}
	}
	switch {
	case past == nil:
		return nil, nil, Errorf(CodeNotFound, "adsync: there is no run %d; Engine.History lists the runs", run)
	case past.State != RunEnded || past.Recorded == 0:
		return nil, nil, Errorf(CodeInvalid, "adsync: run %d wrote nothing, so there is nothing to revert; Engine.History shows what each run did", run)
	}
	for _, err := range e.state.Batches(ctx, run, 0) {
		return past, later, err
	}
	return nil, nil, fmt.Errorf("%w: that of run %d is not kept any more, so the values before it are not known; the job keeps the plans of %d runs (KeepRuns)", ErrNoPlan, run, e.job.KeepRuns)
}

// makeRevert plans, judges and seals, as makePlan does. A nil run means that
// none began.
func (e *Engine) makeRevert(ctx context.Context, past *RunInfo, later []RunInfo) (*running, error) {
	r, p, err := e.beginPlan(ctx)
	if err != nil {
		return r, err
	}
	p.sources = nil // none is read, and no cursor moves
	defer p.close()
	v := &reverting{planner: p, past: past, note: fmt.Sprintf("reverts run %d", past.ID), numbers: map[string]int{}, notes: newNotes()}
	plan, err := v.plan(ctx, later)
	if err == nil {
		p.extra = v.findings(plan)
		err = e.sealPlan(ctx, r, p, plan)
	}
	if err != nil {
		return r, e.fail(ctx, r, err)
	}
	return r, nil
}

// reverting makes the plan that undoes one run.
type reverting struct {
	*planner
	past    *RunInfo
	note    string
	numbers map[string]int // of sources, for the order of the plan
	images  *spill.Sorter  // what the run, and those after it, did, in order of objects
	notes   *notes
	done    undone
}

// undone counts what the findings warn of.
type undone struct{ back, again, remade, members int }

func (v *reverting) plan(ctx context.Context, later []RunInfo) (*sealed, error) {
	v.ops, v.references, v.candidates = v.newSpill(), v.newSpill(), v.newSpill()
	v.claims = newClaims(v.newSpill())
	v.images = v.newSpill()
	defer v.images.Close()
	if err := v.gather(ctx, v.past); err != nil {
		return nil, err
	}
	for i := range later {
		if err := v.gather(ctx, &later[i]); err != nil {
			return nil, err
		}
	}
	if err := v.undoAll(ctx); err != nil {
		return nil, err
	}
	if err := v.orderClaims(ctx); err != nil {
		return nil, err
	}
	return v.seal(ctx)
}

// gather puts what a run sent in the order of the objects, then of the runs.
func (v *reverting) gather(ctx context.Context, info *RunInfo) error {
	n := uint64(0)
	for batch, err := range v.state.Batches(ctx, info.ID, 0) {
		if err != nil {
			return err
		}
		if batch.N >= info.Recorded {
			return nil // given up before it was sent
		}
		for i := range batch.Ops {
			if batch.Ops[i].Verb == 0 {
				continue
			}
			n++
			if err := v.keep(info.ID, n, &batch.Ops[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *reverting) keep(run int64, n uint64, op *PlannedOp) error {
	number, ok := v.numbers[op.Source]
	if !ok {
		number = len(v.numbers)
		v.numbers[op.Source] = number
	}
	key := objectRef{number, op.Link}.bytes()
	key = binary.BigEndian.AppendUint64(key, uint64(run))
	key = binary.BigEndian.AppendUint64(key, n)
	v.buf = v.codec.appendOp(v.buf[:0], op)
	return v.images.Add(key, v.buf)
}

// imageRun reads the run out of the key that keep made.
func imageRun(key []byte) int64 { return int64(binary.BigEndian.Uint64(key[18:26])) }

// pastOf is what the run, and those after it, did to one object.
type pastOf struct {
	source string
	number int
	key    LinkKey
	mine   []PlannedOp
	later  []laterOp
	link   *Link
}

type laterOp struct {
	run int64
	op  PlannedOp
}

// undoAll goes through the objects that the run wrote, some at a time.
func (v *reverting) undoAll(ctx context.Context) error {
	var chunk []*pastOf
	var now *pastOf
	flush := func(atLeast int) error {
		if now != nil && len(now.mine) > 0 {
			chunk = append(chunk, now)
		}
		now = nil
		if len(chunk) < atLeast || len(chunk) == 0 {
			return nil
		}
		err := v.undoSome(ctx, chunk)
		chunk = nil
		return err
	}
	for record, err := range v.images.Sorted(ctx) {
		if err != nil {
			return err
		}
		op, err := v.codec.op(record.Payload)
		if err != nil {
			return err
		}
		ref := refOf(record.Key[:18])
		if now == nil || now.number != ref.source || now.key != ref.key {
			if err := flush(decideAtOnce); err != nil {
				return err
			}
			now = &pastOf{source: op.Source, number: ref.source, key: ref.key}
		}
		if run := imageRun(record.Key); run == v.past.ID {
			now.mine = append(now.mine, op)
		} else {
			now.later = append(now.later, laterOp{run, op})
		}
	}
	return flush(1)
}
