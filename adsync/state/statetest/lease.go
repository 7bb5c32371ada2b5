package statetest

import (
	"time"

	"github.com/adsync/sdk/adsync"
)

var leaseChecks = []Check{
	{Name: "lease/busy while held", run: func(s *subject) {
		a, b := s.held(), s.handle()
		s.is(b.Acquire(s.Context(), "second", minute), adsync.ErrBusy, "taking a lease that another holds")
		s.is(b.Acquire(s.Context(), "first", minute), adsync.ErrBusy, "taking it from another handle under the holder's name")
		s.must(a.Renew(s.Context(), minute), "renew the lease after another asked for it")
	}},
	{Name: "lease/taken again by its holder", run: func(s *subject) {
		a := s.held()
		s.must(a.Acquire(s.Context(), "first", minute), "take a lease that this handle holds already")
		s.begin(a)
	}},
	{Name: "lease/runs out", run: func(s *subject) {
		s.shortly()
		s.begin(s.takeOver())
	}},
	{Name: "lease/good until another takes it", run: func(s *subject) {
		a := s.shortly()
		time.Sleep(2 * time.Millisecond) // longer than the lease
		s.begin(a)
		s.must(a.Renew(s.Context(), minute), "renew a lease that ran out and that nobody took")
		s.is(s.handle().Acquire(s.Context(), "second", minute), adsync.ErrBusy, "taking a lease that was renewed")
	}},
	{Name: "lease/renew extends", run: func(s *subject) {
		a := s.shortly()
		s.must(a.Renew(s.Context(), minute), "renew the lease")
		s.is(s.handle().Acquire(s.Context(), "second", minute), adsync.ErrBusy, "taking a lease that was renewed")
	}},
	{Name: "lease/release frees it", run: func(s *subject) {
		a, b := s.held(), s.handle()
		s.must(a.Release(s.Context()), "release the lease")
		s.must(b.Acquire(s.Context(), "second", minute), "take a lease that was released")
		_, err := a.Begin(s.Context(), instant(1))
		s.is(err, adsync.ErrFenced, "writing after release")
	}},
	{Name: "lease/release by a former holder does nothing", run: func(s *subject) {
		a := s.shortly()
		b := s.takeOver()
		s.must(a.Release(s.Context()), "release a lease that was lost")
		s.must(b.Renew(s.Context(), minute), "renew after a former holder's release")
		s.is(s.handle().Acquire(s.Context(), "third", minute), adsync.ErrBusy, "taking the lease after a former holder's release")
	}},
	{Name: "lease/release without it does nothing", run: func(s *subject) {
		s.must(s.handle().Release(s.Context()), "release a lease that was never taken")
	}},
	{Name: "lease/close releases", run: func(s *subject) {
		a, b := s.held(), s.handle()
		s.must(a.Close(), "close the handle")
		s.must(b.Acquire(s.Context(), "second", minute), "take the lease of a closed handle")
	}},
	{Name: "lease/writing needs it", run: func(s *subject) {
		_, err := s.handle().Begin(s.Context(), instant(1))
		s.is(err, adsync.ErrFenced, "writing without a lease")
	}},
}

// fenceChecks has one check for every method that writes: after the lease was
// lost it fails with ErrFenced and changes nothing.
func fenceChecks() []Check {
	var checks []Check
	for i, w := range writes(nil, 0) {
		checks = append(checks, Check{Name: "fence/" + w.name, run: func(s *subject) {
			a := s.shortly()
			s.populate(a)
			run := s.applying(a)
			if w.name == "AddBatches" {
				s.finish(a, run)
				run = s.begin(a)
			}
			b := s.takeOver()
			s.unchanged(b, w.name+" by a former holder", func() {
				s.is(writes(a, run)[i].call(s.Context()), adsync.ErrFenced, w.name+" after the lease was lost")
			})
			s.must(b.Renew(s.Context(), minute), "renew after a former holder's write")
		}})
	}
	return checks
}
