package adsync

import (
	"context"
	"iter"
)

// stagedOf gives what was staged of a source, in key order. Of an object that
// came several times the last one wins. The record is good until the next one.
func (p *planner) stagedOf(ctx context.Context, s *sourceRead) iter.Seq2[*staged, error] {
	return func(yield func(*staged, error) bool) {
		var last *staged
		for record, err := range s.objects.Sorted(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			r, err := p.codec.staged(record.Payload)
			if err != nil {
				yield(nil, err)
				return
			}
			r.source, r.key = s.number, LinkKey(record.Key)
			if last != nil && last.key != r.key && !yield(last, nil) {
				return
			}
			last = &r
		}
		if last != nil {
			yield(last, nil)
		}
	}
}
