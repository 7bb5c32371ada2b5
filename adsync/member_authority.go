package adsync

import (
	"context"

	"github.com/adsync/sdk/internal/protection"
)

// removeOthers removes, for a job whose source is the authority on members,
// those that somebody else added. It is done only for a group whose whole list
// the source gave; the wanted members of that group are held as keys meanwhile.
func (p *planner) removeOthers(ctx context.Context, s *sourceRead, g *groupChange) error {
	if !p.job.MembersAuthoritative && !protection.OthersMembers.Removed() || !g.complete() || g.op == nil || g.op.Target == "" || g.protected || s.unsure != "" {
		return nil
	}
	chunk := make([]TargetID, 0, 1000)
	for id, err := range p.parts.members.ListMembers(ctx, g.op.Target) {
		if err != nil {
			return p.targetError("list the members of", err)
		}
		if chunk = append(chunk, id); len(chunk) == cap(chunk) {
			if err := p.removeStrangers(ctx, s, g, chunk); err != nil {
				return err
			}
			chunk = chunk[:0]
		}
	}
	return p.removeStrangers(ctx, s, g, chunk)
}

func (p *planner) removeStrangers(ctx context.Context, s *sourceRead, g *groupChange, ids []TargetID) error {
	owners, err := findOwners(ctx, p.state, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		owner, linked := owners[id]
		ours := linked && owner.Source == s.Name
		if ours && (g.wanted.has(owner.Key) || g.removed.has(owner.Key)) {
			continue
		}
		g.op.RemoveTargets = append(g.op.RemoveTargets, id)
		if err := p.emitMembers(s, g, false); err != nil {
			return err
		}
	}
	return nil
}
