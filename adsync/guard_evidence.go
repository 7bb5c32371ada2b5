package adsync

import "context"

// judgePlan gathers what the judgement of a plan rests on, and judges.
func (p *planner) judgePlan(ctx context.Context, plan *sealed, past *past) ([]Finding, error) {
	guard := p.job.Guard
	e := &evidence{plan: plan.id, would: plan.effects, was: past.was, past: past, links: p.links, free: p.emptyFirst, why: "the target is empty"}
	if p.parts.lister == nil {
		e.why = "the target cannot be listed"
	}
	var err error
	if suspects := guard.suspectUnits(e.would, e.was); len(suspects) > 0 {
		if e.units, err = unitSizes(ctx, p.state, suspects); err != nil {
			return nil, err
		}
	}
	if suspects := guard.suspectGroups(e.would, e.was); len(suspects) > 0 {
		if e.groups, err = p.groupSizes(ctx, suspects); err != nil {
			return nil, err
		}
	}
	return guard.judge(e), nil
}
