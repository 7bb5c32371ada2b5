package adsync

import (
	"context"
	"slices"
)

// A read of changes says less than a full one: groups do not say that a member
// of theirs was deleted, and what could not be read before does not come again
// by itself. This file makes good for it, so that both end the same.

// afterChanges completes a read of changes.
func (p *planner) afterChanges(ctx context.Context, s *sourceRead) error {
	if s.index != nil {
		return nil
	}
	if err := p.readAgain(ctx, s); err != nil {
		return err
	}
	var deleted []LinkKey
	for key, presence := range s.left {
		if presence == Deleted {
			deleted = append(deleted, key)
		}
	}
	return p.stageParted(ctx, s, deleted)
}

// atOnce bounds how many objects one question to state or source names.
const atOnce = 500

// stageParted takes objects that were deleted out of their groups. A directory
// does so by itself, and reports nothing of it on the group.
func (p *planner) stageParted(ctx context.Context, s *sourceRead, gone []LinkKey) error {
	slices.SortFunc(gone, compareKeys)
	s.said++ // later than all that the source said
	for part := range slices.Chunk(gone, atOnce) {
		for m, err := range p.state.MembershipsOf(ctx, s.Name, part) {
			if err != nil {
				return &stateError{err}
			}
			if err := s.stageMember(m.Group, m.Member, memberRemove, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// readAgain reads by themselves the objects that an earlier read saw and could
// not read. A source that cannot do that is asked for everything.
func (p *planner) readAgain(ctx context.Context, s *sourceRead) error {
	var anchors []Anchor
	for _, a := range s.unread {
		key := p.hash.linkKey(a)
		_, taken := s.taken[key]
		if _, left := s.left[key]; !taken && !left {
			anchors = append(anchors, a)
		}
	}
	for part := range slices.Chunk(anchors, atOnce) {
		err := p.readOnly(ctx, s, part, func(batch *Batch) error {
			found, err := p.lookUp(ctx, s, batch)
			for i := range batch.Changes {
				if err == nil {
					err = p.takeChange(ctx, s, &batch.Changes[i], found)
				}
			}
			return err
		})
		if CodeOf(err) == CodeUnsupported {
			return Errorf(CodeGone, "%d object(s) could not be read last time and have to be read again, which this source can do only with all others", len(anchors))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readOnly reads some objects by themselves, beside the read of the run.
func (p *planner) readOnly(ctx context.Context, s *sourceRead, anchors []Anchor, use func(*Batch) error) error {
	done := false
	request := ReadRequest{Kinds: p.job.Kinds, Attributes: p.job.Mapper.Attributes(), Scope: s.Scope, Only: anchors}
	for batch, err := range s.Source.Read(ctx, request) {
		if err == nil && (batch.Snapshot || batch.Sweep || batch.Next != "") {
			err = Errorf(CodeUnsupported, "source %s was asked for %d objects and reads everything; it should refuse ReadRequest.Only", s.Name, len(anchors))
		}
		if err == nil {
			err = use(&batch)
		}
		if err != nil {
			return err
		}
		done = batch.Done
	}
	if !done {
		return ErrIncomplete
	}
	return ctx.Err()
}

// passOver voids what was staged of an object before the read: what the read
// showed of it is not for the target.
func (p *planner) passOver(s *sourceRead, key LinkKey, o *Object) error {
	if _, ok := s.troubled[key]; !ok {
		return nil
	}
	return p.stage(s, &staged{key: key, presence: passedOver, object: Object{Kind: o.Kind, Anchor: o.Anchor}})
}

// inOrder notes that a decision found nothing wrong with an object and nothing
// to do: what an earlier run found wrong is over.
func (p *planner) inOrder(s *sourceRead, key LinkKey, presence Presence) {
	if anchor, ok := s.troubled[key]; ok && (presence <= Deleted || presence == passedOver) {
		s.healed = append(s.healed, anchor)
	}
}

// resolveHealed removes the issues of objects that are in order now. A snapshot
// does so for all objects at once, when its run ends.
func (p *planner) resolveHealed(ctx context.Context) error {
	if err := p.tell.flush(ctx); err != nil {
		return err
	}
	for _, s := range p.sources {
		refs, err := p.stillOlder(ctx, s)
		if err == nil && len(refs) > 0 {
			err = p.state.Resolve(ctx, refs)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stillOlder gives the issues of healed objects that this run has not found again.
func (p *planner) stillOlder(ctx context.Context, s *sourceRead) (refs []IssueRef, err error) {
	if len(s.healed) == 0 {
		return nil, nil
	}
	healed := map[Anchor]bool{}
	for _, a := range s.healed {
		healed[a] = true
	}
	for issue, err := range p.state.ListIssues(ctx) {
		if err != nil {
			return nil, err
		}
		if issue.Source == s.Name && issue.Run < p.run && healed[issue.Anchor] {
			refs = append(refs, IssueRef{Source: s.Name, Anchor: issue.Anchor, Code: issue.Code})
		}
	}
	return refs, nil
}
