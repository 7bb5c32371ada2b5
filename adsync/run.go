package adsync

import (
	"cmp"
	"context"
	"fmt"
)

// Plan reads the sources, decides what to write and stores that as the held
// plan, in place of an earlier one. Nothing is written to the target. A plan
// that was begun must be finished first: *UnfinishedError.
func (e *Engine) Plan(ctx context.Context) (_ *Plan, err error) {
	ctx, release, err := e.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	defer func() { err = lostLease(ctx, err) }()
	if unfinished, err := e.unfinished(ctx); err != nil || unfinished != nil {
		return nil, cmp.Or(err, unfinishedError(unfinished))
	}
	r, err := e.makePlan(ctx)
	if r == nil {
		return nil, err
	}
	return &Plan{engine: e, info: r.info, report: r.report()}, err
}

func unfinishedError(info *RunInfo) error {
	if info == nil {
		return nil
	}
	return &UnfinishedError{info.Plan}
}

// Run finishes a plan that was begun, reads the sources, plans, and applies the
// plan unless the guard refuses it. The report is there whenever a run began;
// the error is set when the run could not be carried through: outcomes
// unreachable, failed and cancelled, and unsure where no source could be read
// whole.
func (e *Engine) Run(ctx context.Context) (_ *Report, err error) {
	ctx, release, err := e.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	defer func() { err = lostLease(ctx, err) }()
	if unfinished, err := e.unfinished(ctx); err != nil {
		return nil, err
	} else if unfinished != nil {
		r, err := e.resume(ctx, *unfinished)
		if err != nil {
			return nil, err
		}
		if err := e.carryOut(ctx, r); err != nil {
			return r.report(), err
		}
	}
	r, err := e.makePlan(ctx)
	if r == nil {
		return nil, err
	}
	if err != nil || refuses(r.info.Findings) && r.info.Approved == "" {
		return r.report(), err
	}
	if err = e.carryOut(ctx, r); err == nil {
		e.verifyDue(ctx, r)
	}
	return r.report(), err
}

// Apply applies the held plan with this id. It refuses a plan that the guard
// refused and nobody approved (ErrNotApproved), one that a newer plan has
// superseded (*SupersededError), and one that no longer fits (*DriftError);
// nothing is written then. A plan that was begun is finished.
func (e *Engine) Apply(ctx context.Context, id string) (_ *Report, err error) {
	ctx, release, err := e.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	defer func() { err = lostLease(ctx, err) }()
	info, err := e.findPlan(ctx, id)
	if err != nil {
		return nil, err
	}
	if refuses(info.Findings) && info.Approved == "" {
		return nil, fmt.Errorf("plan %s: %w: %s", id, ErrNotApproved, refusal(info.Findings, func(f Finding) string { return f.Text }))
	}
	r, err := e.resume(ctx, *info)
	if err != nil {
		return nil, err
	}
	if info.State == RunSealed {
		if err := e.checkDrift(ctx, r); err != nil {
			return nil, err
		}
	}
	err = e.carryOut(ctx, r)
	return r.report(), err
}

// Approve lets a plan be applied that the guard refused: this plan and no
// other. by names the person.
func (e *Engine) Approve(ctx context.Context, id, by string) error {
	if by == "" {
		return Errorf(CodeInvalid, "adsync: an approval needs the name of the person who gives it")
	}
	return e.withPlan(ctx, id, func(ctx context.Context, info *RunInfo) error {
		info.Approved = by
		return e.state.Save(ctx, *info)
	})
}

// withPlan does something about a held or begun plan while nobody else can.
func (e *Engine) withPlan(ctx context.Context, id string, do func(context.Context, *RunInfo) error) error {
	ctx, release, err := e.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	info, err := e.findPlan(ctx, id)
	if err != nil {
		return err
	}
	return do(ctx, info)
}

// findPlan gives the held or begun plan with this id, or says what became of it.
func (e *Engine) findPlan(ctx context.Context, id string) (*RunInfo, error) {
	if id == "" { // runs that came to no plan have none
		return nil, fmt.Errorf("%w: no id was given", ErrNoPlan)
	}
	var newer string
	for info, err := range e.state.History(ctx) {
		if err != nil {
			return nil, err
		}
		held := info.State == RunSealed || info.State == RunApplying
		switch {
		case info.Plan == id && held:
			return &info, nil
		case held:
			newer = info.Plan
		case info.Plan == id && newer != "":
			return nil, &SupersededError{Plan: id, Newer: newer}
		case info.Plan == id && info.State == RunEnded && info.Outcome == OutcomeCancelled:
			return nil, fmt.Errorf("%w: %s was abandoned (run %d)", ErrNoPlan, id, info.ID)
		case info.Plan == id && info.State == RunEnded:
			return nil, fmt.Errorf("%w: %s was applied already (run %d, %s)", ErrNoPlan, id, info.ID, info.Outcome)
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrNoPlan, id)
}

func (e *Engine) unfinished(ctx context.Context) (*RunInfo, error) {
	held, err := e.state.Held(ctx)
	for i := range held {
		if held[i].State == RunApplying {
			return &held[i], nil
		}
	}
	return nil, err
}
