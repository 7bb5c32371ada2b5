package adsync

import "context"

// healed is what a read of changes found in order of which earlier runs had
// issues: objects, and groups with the members they should have. A run that ends
// with its plan applied resolves them; a plan alone resolves nothing, since what
// it found wrong must be found again by the next one.
type healed struct{ objects, groups map[answerKey]bool }

// healed collects it from the reads.
func (p *planner) healed() healed {
	h := healed{map[answerKey]bool{}, map[answerKey]bool{}}
	for _, s := range p.sources {
		for anchor := range s.healed {
			h.objects[answerKey{s.Name, anchor}] = true
		}
		for anchor := range s.agreed {
			h.groups[answerKey{s.Name, anchor}] = true
		}
	}
	return h
}

// isOver tells whether what an issue says is in order now. What may be in the
// target, a person has to look for.
func (h *healed) isOver(issue *Issue) bool {
	at := answerKey{issue.Source, issue.Anchor}
	if issue.Code == IssueMembersFailed {
		return h.groups[at]
	}
	return h.objects[at] && issue.Code != IssueUnknown
}

// resolveHealed removes the issues that are over and that this run has not found
// again. A snapshot does so for all objects at once.
func (a *applier) resolveHealed(ctx context.Context) error {
	if len(a.healed.objects)+len(a.healed.groups) == 0 {
		return nil
	}
	var refs []IssueRef
	for issue, err := range a.state.ListIssues(ctx) {
		if err != nil {
			return err
		}
		if issue.Run < a.info.ID && a.healed.isOver(&issue) {
			refs = append(refs, IssueRef{Source: issue.Source, Anchor: issue.Anchor, Code: issue.Code})
		}
	}
	if len(refs) == 0 {
		return nil
	}
	return a.state.Resolve(ctx, refs)
}
