package adsync

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
)

// A read of changes says less than a full one: groups do not say that a member
// of theirs was deleted, and what could not be read before does not come again
// by itself. This file makes good for it, so that both end the same.

// changesRead is what a read keeps of a source beyond what a snapshot needs.
type changesRead struct {
	left    map[LinkKey]Presence // those of which it said that they left
	deleted map[LinkKey]bool     // those of which it said that they were deleted, whatever it said later
	listed  map[LinkKey]bool     // groups of which it gave the whole list
	arrived []Anchor             // groups that were not known, had left, or had something wrong

	// troubled are objects of which an earlier run found something wrong.
	// standing is what, where nothing is tried again; unread could not be read;
	// leftBefore had left, and what was due to them could not be done; healed
	// are in order now, and agreed are groups with the members they
	// should have.
	// unlisted are of groups to which an op for members failed: members may be
	// missing until a read has given the whole list.
	troubled   map[LinkKey]Anchor
	unlisted   []Issue
	standing   []Issue
	unread     []Anchor
	leftBefore []Anchor
	healed     map[Anchor]bool
	agreed     map[Anchor]bool

	// roll, of a sweep, has whom it named; rolled counts them, and batches what
	// came so far.
	roll    *index
	rolled  int
	batches int

	sample []sampled // what the audit found
	missed Anchor    // one of which the read should have told
}

func newChangesRead() changesRead {
	return changesRead{
		left: map[LinkKey]Presence{}, deleted: map[LinkKey]bool{}, listed: map[LinkKey]bool{},
		troubled: map[LinkKey]Anchor{}, healed: map[Anchor]bool{}, agreed: map[Anchor]bool{},
	}
}

// noteList notes groups that are new to the engine. Of one that comes without
// its whole list only the differences would be known.
func (s *sourceRead) noteList(key LinkKey, c *Change, isNew bool) {
	if s.index == nil && isNew && c.Object.Kind == Group && c.Presence == Present && c.Problem == nil {
		s.arrived = append(s.arrived, c.Object.Anchor)
	}
}

// afterChanges completes a read of changes.
func (p *planner) afterChanges(ctx context.Context, s *sourceRead) error {
	if s.index != nil {
		return nil
	}
	if err := p.readAgain(ctx, s); err != nil {
		return err
	}
	return p.partDeleted(ctx, s)
}

// partDeleted takes objects that were deleted out of their groups. A directory
// does so by itself, and reports nothing of it on the group. Of those who came
// back in the same read, what the read says of a group counts for more.
func (p *planner) partDeleted(ctx context.Context, s *sourceRead) error {
	var gone, back []LinkKey
	for key := range s.deleted {
		if s.left[key] == Deleted {
			gone = append(gone, key)
		} else {
			back = append(back, key)
		}
	}
	if err := p.stageParted(ctx, s, back, 0); err != nil {
		return err
	}
	return p.stageParted(ctx, s, gone, s.said+1)
}

// atOnce bounds how many objects one question to state or source names.
const atOnce = 500

// readAgain reads by themselves the objects that an earlier read saw and could
// not read, groups of which something is still to do, and groups that are new
// and came without their members. A source that cannot do that is asked for
// everything.
func (p *planner) readAgain(ctx context.Context, s *sourceRead) error {
	anchors := p.notSaid(s, s.unread, s.arrived)
	err := p.takeOnly(ctx, s, anchors)
	if CodeOf(err) == CodeUnsupported {
		return Errorf(CodeGone, "%d object(s) have to be read by themselves, which this source cannot do", len(anchors))
	}
	if err != nil {
		return err
	}
	// Who is to leave because an earlier read did not show him is looked for once
	// more, where the source can: he may have come back, or never have left.
	if err := p.takeOnly(ctx, s, p.notSaid(s, s.leftBefore, nil)); CodeOf(err) != CodeUnsupported {
		return err
	}
	return nil
}

// takeOnly reads some objects by themselves and takes what is shown of them.
func (p *planner) takeOnly(ctx context.Context, s *sourceRead, anchors []Anchor) error {
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
		if err != nil {
			return err
		}
	}
	return nil
}

// notSaid lists what has to be read again, objects and groups' lists, as far as
// the read has not shown it.
func (p *planner) notSaid(s *sourceRead, objects, lists []Anchor) (anchors []Anchor) {
	for _, a := range objects {
		if _, taken := s.taken[p.hash.linkKey(a)]; !taken {
			anchors = append(anchors, a)
		}
	}
	for _, a := range lists {
		if !s.listed[p.hash.linkKey(a)] {
			anchors = append(anchors, a)
		}
	}
	slices.Sort(anchors)
	anchors = slices.Compact(anchors)
	return slices.DeleteFunc(anchors, func(a Anchor) bool { _, left := s.left[p.hash.linkKey(a)]; return left })
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

// seenAfterAll voids that an object left: later in the same read it was seen,
// though it could not be read.
func (p *planner) seenAfterAll(s *sourceRead, key LinkKey, c *Change) error {
	if _, left := s.left[key]; !left {
		return nil
	}
	delete(s.left, key)
	return p.stage(s, &staged{key: key, presence: passedOver, object: Object{Kind: c.Object.Kind, Anchor: c.Object.Anchor}})
}

// inOrder notes that a decision found nothing wrong with an object and nothing
// to do: what an earlier run found wrong is over.
func (p *planner) inOrder(s *sourceRead, key LinkKey, presence Presence) {
	if anchor, ok := s.troubled[key]; ok && (presence <= Deleted || presence == passedOver) {
		s.healed[anchor] = true
	}
}

// keepStanding lists again what was wrong with objects that this read of changes
// did not show: it is so still.
func (p *planner) keepStanding(ctx context.Context) error {
	for _, s := range p.sources {
		if s.err != nil || s.index != nil {
			continue
		}
		for _, issue := range s.standing {
			if _, taken := s.taken[p.hash.linkKey(issue.Anchor)]; taken || p.hasLeft(s, issue.Anchor) {
				continue
			}
			p.tell.keep(issue.Source, issue.Anchor) // what the clock alone brings up does not end it
			if err := p.issue(ctx, issue); err != nil {
				return err
			}
		}
		if err := p.issueUnlisted(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) hasLeft(s *sourceRead, anchor Anchor) bool {
	_, left := s.left[p.hash.linkKey(anchor)]
	return left
}

// issueUnlisted lists again that members of a group may be missing, unless its
// whole list was read.
func (p *planner) issueUnlisted(ctx context.Context, s *sourceRead) error {
	for _, issue := range s.unlisted {
		if s.listed[p.hash.linkKey(issue.Anchor)] || p.hasLeft(s, issue.Anchor) {
			continue
		}
		p.tell.keepUnlisted(issue)
		if err := p.issue(ctx, issue); err != nil {
			return err
		}
	}
	return nil
}

// keepUnknown lists again those that may have been made in the target, and of
// which this read shows nothing: what may be there, a person has to look for,
// also when the object has left since. An answer ends it.
func (p *planner) keepUnknown(ctx context.Context) error {
	for _, at := range slices.SortedFunc(maps.Keys(p.unknown), compareAnswerKeys) {
		if p.answer[at].Verdict != "" {
			continue
		}
		if err := p.issue(ctx, p.unknown[at]); err != nil {
			return err
		}
	}
	return nil
}

func compareAnswerKeys(a, b answerKey) int {
	return cmp.Or(strings.Compare(a.source, b.source), strings.Compare(string(a.anchor), string(b.anchor)))
}
