package adsync

import (
	"context"
	"slices"
)

// What earlier runs found wrong, and a read of changes finds in order, is over
// once its plan is applied: not before, since a plan that is not applied leaves
// it to the next one to find it again, and not without the plan's journal, since
// whoever takes the plan up after a crash has not seen the read. So it stands in
// the plan, as ops that send nothing. A snapshot resolves for all objects at once.

// isOver tells whether what an issue says is in order now. What may be in the
// target, a person has to look for.
func (s *sourceRead) isOver(issue *Issue) bool {
	if issue.Code == IssueMembersFailed {
		return s.agreed[issue.Anchor]
	}
	return s.healed[issue.Anchor] && issue.Code != IssueUnknown
}

// planHealed plans to resolve the issues that are over and that this run has not
// found again.
func (p *planner) planHealed(ctx context.Context) error {
	if !slices.ContainsFunc(p.sources, func(s *sourceRead) bool { return len(s.healed)+len(s.agreed) > 0 }) {
		return nil
	}
	if err := p.tell.flush(ctx); err != nil {
		return err
	}
	for issue, err := range p.state.ListIssues(ctx) {
		if err != nil {
			return err
		}
		s := p.sourceNamed(issue.Source)
		if s == nil || issue.Run >= p.run || !s.isOver(&issue) {
			continue
		}
		if err := p.emit(s.number, p.resolving(&issue), nil); err != nil {
			return err
		}
	}
	return nil
}

// resolving gives the op that ends an issue. Its Note is the issue's code.
func (p *planner) resolving(issue *Issue) *PlannedOp {
	return &PlannedOp{
		Phase: PhaseDeactivate, Intent: IntentResolve, Kind: issue.Kind, Source: issue.Source, Anchor: issue.Anchor,
		Link: p.hash.linkKey(issue.Anchor), Note: string(issue.Code), Follows: true,
	}
}

// resolved gives what such an op resolves.
func (op *PlannedOp) resolved() IssueRef {
	return IssueRef{Source: op.Source, Anchor: op.Anchor, Code: IssueCode(op.Note)}
}
