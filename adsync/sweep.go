package adsync

import (
	"context"
)

// takeSeen notes whom a sweep names. Its index is loaded with the first batch,
// and serves for nothing but to tell afterwards who was not named.
func (p *planner) takeSeen(ctx context.Context, s *sourceRead, batch *Batch) (err error) {
	if batch.Sweep && batch.Snapshot {
		return Errorf(CodeInvalid, "source %s says of a batch that it belongs to a snapshot and to a sweep; this is a fault of the source", s.Name)
	}
	if s.batches > 0 && (s.roll != nil) != batch.Sweep {
		return Errorf(CodeIncomplete, "source %s: %w; its batches disagree about being a sweep, which is a fault of the source", s.Name, ErrIncomplete)
	}
	if batch.Sweep && s.roll == nil {
		if s.roll, err = loadIndex(ctx, p.state, s.Name, 0); err != nil {
			return &stateError{err}
		}
	}
	s.batches++
	for _, anchor := range batch.Seen {
		s.mark(p.hash.linkKey(anchor))
	}
	return nil
}

// mark notes that a sweep has named an object.
func (s *sourceRead) mark(key LinkKey) {
	if s.roll == nil {
		return
	}
	s.rolled++
	if i, ok := s.roll.find(key); ok {
		s.roll.seen.set(i)
	}
}

// shown gives the index in which a read that named everything has marked whom
// it named; nil for a read of changes alone.
func (s *sourceRead) shown() *index {
	if s.roll != nil {
		return s.roll
	}
	return s.index
}

// stageAbsent stages the links that a complete snapshot or sweep did not show.
func (p *planner) stageAbsent(ctx context.Context) error {
	for _, s := range p.sources {
		if s.err != nil || s.unsure != "" || s.roll == nil && (s.index == nil || !s.snapshot) {
			continue
		}
		if err := p.stageAbsentOf(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) stageAbsentOf(ctx context.Context, s *sourceRead) error {
	var gone []LinkKey
	shown := s.shown()
	for i, key := range shown.keys {
		if shown.seen.has(i) || shown.state(i) == LinkIgnored || shown.state(i) == LinkLost || shown.left(i) {
			continue
		}
		if err := p.stage(s, &staged{key: key, linked: true, presence: Deleted, object: Object{Kind: shown.kind(i)}}); err != nil {
			return err
		}
		if s.roll != nil {
			gone = append(gone, key)
		}
	}
	return p.stageParted(ctx, s, gone)
}
