package memory

import (
	"context"

	"github.com/adsync/sdk/adsync"
)

// PlainSink hides every ability of a sink but Apply.
type PlainSink struct{ S adsync.Sink }

var _ adsync.Sink = PlainSink{}

// Apply passes the op on.
func (p PlainSink) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	return p.S.Apply(ctx, op)
}

// SingleSink shows everything but ApplyBatch.
type SingleSink struct {
	PlainSink
	adsync.Describer
	adsync.Finder
	adsync.Lister
	adsync.Checker
}

// Single hides the batches of s.
func Single(s *Sink) SingleSink { return SingleSink{PlainSink{s}, s, s, s, s} }

// BlindSink takes batches and describes itself, and shows nothing of what it holds.
type BlindSink struct {
	adsync.BatchSink
	adsync.Describer
	adsync.Checker
}

// Blind hides Find and List of s.
func Blind(s *Sink) BlindSink { return BlindSink{s, s, s} }
