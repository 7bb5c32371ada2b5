package statetest

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/adsync/sdk/adsync"
)

var streamChecks = []Check{
	{Name: "streams/a consumer may stop", run: func(s *subject) {
		st := s.held()
		s.populate(st)
		ctx := s.Context()
		for range 50 { // what a stream holds must be given back
			stop(st.Scan(ctx, src, false))
			stop(st.ScanMembers(ctx, src))
			stop(st.MembershipsOf(ctx, src, []adsync.LinkKey{key(1)}))
			stop(st.WaitingMembers(ctx, src))
			stop(st.History(ctx))
			stop(st.Batches(ctx, 1, 0))
			stop(st.ListIssues(ctx))
			stop(st.ListAnswers(ctx))
			stop(st.Notes(src, 0).Scan(ctx, ""))
		}
		s.record(st, adsync.Record{Links: links(4)})
	}},
	{Name: "streams/can be walked again", run: func(s *subject) {
		st := s.held()
		s.populate(st)
		stream := st.Scan(s.Context(), src, false)
		s.equal(all(s, stream, "scan"), links(1, 2, 3), "the first walk")
		s.equal(all(s, stream, "scan again"), links(1, 2, 3), "the second walk")
	}},
	{Name: "streams/others may write meanwhile", run: func(s *subject) {
		st := s.held()
		var ns []int
		for n := range 9_000 {
			ns = append(ns, 2*n)
		}
		s.record(st, adsync.Record{Links: links(ns...)})
		run := s.applying(st)
		seen, batches := 0, 0
		for l, err := range st.Scan(s.Context(), src, false) {
			s.must(err, "scan")
			if l.Key[15] == 0x2a && l.Key[1]%2 == 0 {
				seen++
			}
			if seen%1_500 == 0 {
				again := l
				again.Generation = 2
				s.must(st.Record(s.Context(), adsync.Record{Run: run, Batch: batches, Links: []adsync.Link{again}}), "record while a stream is open")
				batches++
			}
		}
		s.equal(seen, len(ns), "the number of links seen")
	}},
	{Name: "streams/cancelled on the way", run: func(s *subject) {
		st := s.held()
		var ns []int
		for n := range 9_000 {
			ns = append(ns, n)
		}
		s.record(st, adsync.Record{Links: links(ns...)})
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		var last error
		seen := 0
		for _, err := range st.Scan(ctx, src, false) {
			if last != nil {
				s.Fatalf("a stream went on after an error")
			}
			if last = err; err == nil {
				seen++
			}
			cancel()
		}
		if !errors.Is(last, context.Canceled) || seen >= len(ns) {
			s.Errorf("a cancelled stream gave %d of %d links and the error %v", seen, len(ns), last)
		}
	}},
	{Name: "streams/used from several goroutines", run: func(s *subject) {
		st := s.held()
		s.populate(st)
		run := s.applying(st)
		ctx := s.Context()
		calls := reads(st)
		failed := make([]error, len(calls))
		var wg sync.WaitGroup
		for i, c := range calls {
			wg.Go(func() {
				for range 5 {
					failed[i] = errors.Join(failed[i], c.call(ctx))
				}
			})
		}
		var written error
		for n := range 10 {
			written = errors.Join(written, st.Record(ctx, adsync.Record{Run: run, Batch: n, Links: links(n)}), st.Renew(ctx, minute))
		}
		wg.Wait()
		s.must(written, "write while others read")
		for i, c := range calls {
			s.must(failed[i], c.name+" while others write")
		}
	}},
}

func drain[T any](stream iter.Seq2[T, error]) error {
	for _, err := range stream {
		if err != nil {
			return err
		}
	}
	return nil
}

func stop[T any](stream iter.Seq2[T, error]) {
	for range stream {
		return
	}
}
