package sourcetest

import (
	"context"
	"errors"
)

var cancelChecks = []Check{
	{Name: "cancel/before the first batch", run: func(s *subject) {
		ctx, cancel := context.WithCancel(s.Context())
		cancel()
		s.cutShort(s.read(ctx, s.request(), nil), 0)
	}},
	{Name: "cancel/between Read and the loop", run: func(s *subject) {
		ctx, cancel := context.WithCancel(s.Context())
		sequence := s.source.Read(ctx, s.request())
		cancel()
		var a answer
		for b, err := range sequence {
			if a.err = err; err == nil {
				a.batches = append(a.batches, b)
			}
		}
		s.cutShort(a, 0)
	}},
	{Name: "cancel/at the first batch", run: func(s *subject) { s.cancelAt(1) }},
	{Name: "cancel/at the second batch", run: func(s *subject) { s.cancelAt(2) }},
	{Name: "cancel/an error is the last thing", run: func(s *subject) {
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		a := s.read(ctx, s.request(), func(int) { cancel() })
		if a.err != nil && a.late > 0 {
			s.Errorf("%d batches or errors came after the error", a.late)
		}
	}},
	{Name: "cancel/an expired deadline", run: func(s *subject) {
		ctx, cancel := context.WithTimeout(s.Context(), -1)
		defer cancel()
		a := s.read(ctx, s.request(), nil)
		s.cutShort(a, 0)
		if a.err != nil && errors.Is(a.err, context.Canceled) {
			s.Errorf("a deadline that passed was reported as a cancellation: %v", a.err)
		}
	}},
}

// cancelAt cancels while the n-th batch is looked at. A read that is over by
// then has nothing to be cancelled.
func (s *subject) cancelAt(n int) {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	a := s.read(ctx, s.request(), func(i int) {
		if i == n {
			cancel()
		}
	})
	if len(a.batches) >= n && !a.batches[n-1].Done {
		s.cutShort(a, n)
	}
}

// cutShort complains unless the read ended with an error after n batches. A
// source that had the next page at hand may give a few more, but never Done.
func (s *subject) cutShort(a answer, n int) {
	s.Helper()
	if a.done() {
		s.Errorf("a read cancelled after %d batches said that it was complete", n)
	}
	if a.err == nil {
		s.Errorf("a read cancelled after %d batches ended without an error", n)
	}
}
