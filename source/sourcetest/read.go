package sourcetest

import (
	"context"
	"sync"
	"time"
)

var readChecks = []Check{
	{Name: "read/has something to check", run: func(s *subject) {
		a := s.full(s.request())
		if len(a.objects()) == 0 {
			s.Fatalf("the source gave no object; nothing can be learnt from that")
		}
		for _, c := range a.objects() {
			if c.Object.Attrs.Len() > 0 {
				return
			}
		}
		s.Errorf("no object had any of the attributes %q; see sourcetest.Attributes", s.options.attributes)
	}},
	{Name: "read/done once and last", run: func(s *subject) {
		a := s.full(s.request())
		if !a.done() {
			s.Errorf("the read ended without Done; the engine takes that for cut short")
		}
		if a.late > 0 {
			s.Errorf("%d batches came after the one with Done", a.late)
		}
	}},
	{Name: "read/next and witness on the last batch only", run: func(s *subject) {
		for i, b := range s.full(s.request()).batches {
			if !b.Done && (b.Next != "" || b.Witness != nil) {
				s.Errorf("batch %d has Next or Witness and is not the last", i)
			}
		}
	}},
	{Name: "read/batches agree on snapshot", run: func(s *subject) {
		a := s.full(s.request())
		for i, b := range a.batches {
			if b.Snapshot != a.batches[0].Snapshot {
				s.Errorf("batch %d disagrees with the first one about being part of a snapshot", i)
			}
		}
	}},
	{Name: "read/nothing is asked before the loop", run: func(s *subject) {
		asked := s.options.asked
		if asked == nil {
			return
		}
		before := asked(s.source)
		s.source.Read(s.Context(), s.request())
		if n := asked(s.source) - before; n != 0 {
			s.Errorf("Read made %d requests before anything was asked for", n)
		}
	}},
	{Name: "read/values stay when the next batch is asked for", run: func(s *subject) {
		var seen []string
		var kept answer
		for b, err := range s.source.Read(s.Context(), s.request()) {
			s.must(err, "a read failed")
			for _, c := range b.Changes {
				seen = append(seen, textOf(c))
			}
			kept.batches = append(kept.batches, b)
			kept.batches[len(kept.batches)-1].Changes = append(b.Changes[:0:0], b.Changes...)
		}
		for i, c := range kept.changes() {
			if now := textOf(c); now != seen[i] {
				s.Fatalf("an object changed after the batch had been given: %s\nwas %s", now, seen[i])
			}
		}
	}},
	{Name: "read/two at once", run: func(s *subject) {
		var wait sync.WaitGroup
		var answers [2]answer
		for i := range answers {
			wait.Go(func() { answers[i] = s.read(s.Context(), s.request(), nil) })
		}
		wait.Wait()
		for _, a := range answers {
			s.must(a.err, "a read failed while another was under way")
		}
		s.same(answers[1], answers[0], "what two reads at once gave")
	}},
}

// stillWaits is how long a source has to ask nothing more.
const stillWaits = 50 * time.Millisecond

var stopChecks = []Check{
	{Name: "stop/nothing comes after the consumer stopped", run: func(s *subject) {
		defer func() {
			// Go makes a panic of a sequence that goes on.
			if p := recover(); p != nil {
				s.Errorf("the loop was left and the sequence went on: %v", p)
			}
		}()
		for range s.source.Read(s.Context(), s.request()) {
			break
		}
	}},
	{Name: "stop/nothing is asked after the consumer stopped", run: func(s *subject) {
		asked := s.options.asked
		if asked == nil {
			return
		}
		atStop := 0
		s.leave(func() { atStop = asked(s.source) })
		time.Sleep(stillWaits)
		if n := asked(s.source) - atStop; n > 1 { // one may have been on its way, of a source that reads ahead
			s.Errorf("%d requests were made after the loop was left", n)
		}
	}},
	{Name: "stop/released", run: func(s *subject) {
		s.leave(func() {})
		s.released("after an early stop")
		s.full(s.request())
		s.released("after a full read")
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		s.read(ctx, s.request(), func(int) { cancel() })
		s.released("after a cancelled read")
	}},
	{Name: "stop/a new read begins anew", run: func(s *subject) {
		first := s.full(s.request())
		s.leave(func() {})
		s.same(s.full(s.request()), first, "a read after one that was stopped early")
	}},
}

// leave leaves the loop at the first batch. A sequence that goes on all the
// same has a check of its own.
func (s *subject) leave(at func()) {
	defer func() { _ = recover() }()
	for range s.source.Read(s.Context(), s.request()) {
		at()
		break
	}
}
