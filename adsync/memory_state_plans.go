package adsync

import (
	"context"
	"iter"
	"slices"
)

// AddBatches appends to a plan.
func (s *memoryState) AddBatches(ctx context.Context, run int64, batches []PlanBatch) error {
	return s.write(ctx, func(t *memoryTarget) error {
		r, err := t.run(run)
		if err != nil {
			return err
		}
		if r.info.State != RunPlanning {
			return Errorf(CodeInvalid, "adsync: run %d is %s; a plan grows only while its run is planning", run, r.info.State)
		}
		for i, b := range batches {
			if want := len(r.batches) + i; b.N != want {
				return Errorf(CodeInvalid, "adsync: batch %d of run %d comes where batch %d is due", b.N, run, want)
			}
		}
		for _, b := range batches {
			r.batches = append(r.batches, copyBatch(b))
		}
		return nil
	})
}

// Batches gives a plan from a batch on.
func (s *memoryState) Batches(ctx context.Context, run int64, from int) iter.Seq2[PlanBatch, error] {
	return stream(ctx, func() (list []PlanBatch, err error) {
		err = s.read(ctx, func(t *memoryTarget) {
			if r := t.runs[run]; r != nil && from < len(r.batches) {
				list = slices.Clone(r.batches[max(from, 0):])
			}
		})
		return list, err
	}, copyBatch)
}

// Record stores the outcome of one batch. Everything that can be wrong is
// looked at before anything is changed.
func (s *memoryState) Record(ctx context.Context, r Record) error {
	return s.write(ctx, func(t *memoryTarget) error {
		run, err := t.run(r.Run)
		if err != nil {
			return err
		}
		if run.info.State != RunApplying {
			return Errorf(CodeInvalid, "adsync: run %d is %s; outcomes are recorded only while it is applying", r.Run, run.info.State)
		}
		if r.Batch != run.info.Recorded {
			return Errorf(CodeInvalid, "adsync: the outcome of batch %d of run %d comes where that of batch %d is due", r.Batch, r.Run, run.info.Recorded)
		}
		if err := t.checkAnchors(r); err != nil {
			return err
		}
		t.record(r)
		run.info.Recorded++
		run.info.Applied, run.info.Effects = r.Applied, copyEffects(r.Effects)
		return nil
	})
}

// record removes before it writes, so that what one batch does both to stays.
func (t *memoryTarget) record(r Record) {
	for _, ref := range r.Unlinked {
		t.unlink(ref)
	}
	for _, l := range r.Links {
		t.putLink(l)
	}
	for _, m := range r.Parted {
		t.part(m)
	}
	for _, m := range r.Joined {
		t.join(m)
	}
	t.resolve(r.Resolved)
	t.putIssues(r.Issues)
}

// checkAnchors finds keys that would stand for two anchors. Keys of anchors
// that are no UUIDs are hashes, and a collision must not mix up two people.
func (t *memoryTarget) checkAnchors(r Record) error {
	gone := make(map[LinkRef]bool, len(r.Unlinked))
	for _, ref := range r.Unlinked {
		gone[ref] = true
	}
	anchors := make(map[LinkRef]Anchor, len(r.Links))
	for _, l := range r.Links {
		ref := LinkRef{l.Source, l.Key}
		known, ok := anchors[ref]
		if stored, linked := t.links[ref]; !ok && linked && !gone[ref] {
			known, ok = stored.Anchor, true
		}
		if ok && known != l.Anchor {
			return Errorf(CodeConflict, "adsync: the anchors %q and %q of source %s have the same link key %s; nothing was recorded", known, l.Anchor, l.Source, l.Key)
		}
		anchors[ref] = l.Anchor
	}
	return nil
}

func copyBatch(b PlanBatch) PlanBatch {
	b.Ops = slices.Clone(b.Ops)
	for i := range b.Ops {
		op := &b.Ops[i]
		op.Full, op.Old = op.Full.Clone(), op.Old.Clone()
		op.Add, op.Remove = slices.Clone(op.Add), slices.Clone(op.Remove)
		op.RemoveTargets = slices.Clone(op.RemoveTargets)
		op.Due = plainTime(op.Due)
	}
	return b
}
