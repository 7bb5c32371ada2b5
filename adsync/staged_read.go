package adsync

import (
	"context"
	"iter"
)

// stagedOf gives what was staged of a source, in key order. Of an object that
// came several times the last one wins. The record is good until the next one.
func (p *planner) stagedOf(ctx context.Context, s *sourceRead) iter.Seq2[*staged, error] {
	return p.stagedIf(ctx, s, func(*staged) bool { return true })
}

// stagedIf is stagedOf for who wants the object and its origin of some records
// only: unpacking them is most of the work.
func (p *planner) stagedIf(ctx context.Context, s *sourceRead, whole func(*staged) bool) iter.Seq2[*staged, error] {
	codec := p.codec.reader()
	return func(yield func(*staged, error) bool) {
		var last *staged
		var body *unpacker
		give := func() bool {
			if whole(last) {
				body.stagedBody(last)
			}
			return yield(last, body.err)
		}
		for record, err := range s.objects.Sorted(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			r, rest := codec.stagedHead(record.Payload)
			r.source, r.key = s.number, LinkKey(record.Key)
			if last != nil && last.key == r.key && last.presence <= Deleted {
				r.repeats = last.repeats + 1
			}
			if last != nil && last.key != r.key && !give() {
				return
			}
			last, body = &r, rest
		}
		if last != nil {
			give()
		}
	}
}
