package adsync

import (
	"context"
	"io"
	"iter"
)

// Plan is a stored plan.
type Plan struct {
	engine *Engine
	info   RunInfo
	report *Report
}

// ID is the hash of the plan's canonical JSON Lines: two plans that would do
// the same have the same id.
func (p *Plan) ID() string { return p.info.Plan }

// Report says what the plan would do, what is wrong, and what the guard says.
func (p *Plan) Report() *Report { return p.report }

// Refused says why the guard refuses the plan, in words and with some names; ""
// when it does not.
func (p *Plan) Refused() string { return refusal(p.info.Findings, Finding.String) }

// Ops lists the plan op by op, in the order in which it will be applied.
func (p *Plan) Ops(ctx context.Context) iter.Seq2[PlannedOp, error] {
	return func(yield func(PlannedOp, error) bool) {
		state, err := p.engine.onlyState(ctx)
		if err != nil {
			yield(PlannedOp{}, err)
			return
		}
		for batch, err := range state.Batches(ctx, p.info.ID, 0) {
			if err != nil {
				yield(PlannedOp{}, err)
				return
			}
			for _, op := range batch.Ops {
				if op.Verb != 0 && !yield(op, nil) {
					return
				}
			}
		}
	}
}

// WriteLines writes the plan's canonical form: a header, then one op a line.
func (p *Plan) WriteLines(ctx context.Context, w io.Writer) error {
	if _, err := w.Write(planHeader(p.engine.job.Target)); err != nil {
		return err
	}
	var line []byte
	for op, err := range p.Ops(ctx) {
		if err != nil {
			return err
		}
		line = appendPlanLine(line[:0], &op)
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// HeldPlan gives the plan with this id that waits to be applied.
func (e *Engine) HeldPlan(ctx context.Context, id string) (*Plan, error) {
	still, err := e.reading(ctx)
	if err != nil {
		return nil, err
	}
	info, err := still.findPlan(ctx, id)
	if err != nil {
		return nil, err
	}
	r, err := still.resume(ctx, *info)
	if err != nil {
		return nil, err
	}
	return &Plan{engine: e, info: *info, report: r.report()}, nil
}
