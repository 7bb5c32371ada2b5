package statetest

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
)

// What the checks call things.
const (
	target = "panel"
	src    = "ad"
	other  = "hr"
	minute = time.Minute
)

// subject is the store under test together with short ways to use it. Steps
// that only prepare end the check when they fail.
type subject struct {
	T
	store  adsync.StateStore
	reopen func(adsync.StateStore) adsync.StateStore
}

// handle opens the target without taking its lease.
func (s *subject) handle() adsync.State {
	s.Helper()
	st, err := s.store.Open(s.Context(), target)
	s.must(err, "open the target")
	return st
}

// held opens the target and takes its lease.
func (s *subject) held() adsync.State {
	s.Helper()
	st := s.handle()
	s.must(st.Acquire(s.Context(), "first", minute), "take the lease")
	return st
}

// takeOver opens the target and takes the lease from a holder whose time is
// up or nearly so.
func (s *subject) takeOver() adsync.State {
	s.Helper()
	st := s.handle()
	var err error
	for give := time.Now().Add(10 * time.Second); ; {
		err = st.Acquire(s.Context(), "second", minute)
		if !errors.Is(err, adsync.ErrBusy) || time.Now().After(give) {
			break
		}
		time.Sleep(time.Millisecond) // the lease runs out by the clock alone
	}
	s.must(err, "take a lease that has run out")
	return st
}

// shortly opens the target and takes its lease for next to no time.
func (s *subject) shortly() adsync.State {
	s.Helper()
	st := s.handle()
	s.must(st.Acquire(s.Context(), "first", time.Nanosecond), "take the lease")
	return st
}

func (s *subject) must(err error, what string) {
	s.Helper()
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
}

func (s *subject) equal(got, want any, what string) {
	s.Helper()
	if g, w := render(got), render(want); g != w {
		s.Errorf("%s:%s", what, difference(g, w))
	}
}

func (s *subject) refused(err error, what string) {
	s.Helper()
	if err == nil {
		s.Errorf("%s was accepted; it has to be refused", what)
	}
}

func (s *subject) is(err, want error, what string) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("%s: got the error %v, want %v", what, err, want)
	}
}

// all reads a stream to its end.
func all[T any](s *subject, stream iter.Seq2[T, error], what string) []T {
	s.Helper()
	var list []T
	for item, err := range stream {
		s.must(err, what)
		list = append(list, item)
	}
	return list
}

// begin makes a run in state planning.
func (s *subject) begin(st adsync.State) int64 {
	s.Helper()
	id, err := st.Begin(s.Context(), instant(1))
	s.must(err, "begin a run")
	return id
}

func (s *subject) save(st adsync.State, id int64, to adsync.RunState) {
	s.Helper()
	s.must(st.Save(s.Context(), adsync.RunInfo{ID: id, State: to, Started: instant(1)}), "save a run as "+string(to))
}

// applying makes a run whose outcomes can be recorded.
func (s *subject) applying(st adsync.State) int64 {
	s.Helper()
	id := s.begin(st)
	s.save(st, id, adsync.RunApplying)
	return id
}

// record makes a run and records one outcome in it.
func (s *subject) record(st adsync.State, r adsync.Record) {
	s.Helper()
	r.Run = s.applying(st)
	s.must(st.Record(s.Context(), r), "record an outcome")
	s.finish(st, r.Run)
}

func (s *subject) finish(st adsync.State, id int64, sources ...adsync.SourceState) {
	s.Helper()
	info := adsync.RunInfo{ID: id, State: adsync.RunEnded, Outcome: adsync.OutcomeCompleted, Started: instant(1), Ended: instant(2)}
	s.must(st.Finish(s.Context(), info, sources, 10), "finish a run")
}

// run gives what is stored of a run.
func (s *subject) run(st adsync.State, id int64) adsync.RunInfo {
	s.Helper()
	for _, info := range all(s, st.History(s.Context()), "history") {
		if info.ID == id {
			return info
		}
	}
	s.Fatalf("run %d is not in the history", id)
	return adsync.RunInfo{}
}

func (s *subject) note(st adsync.State, source string, run int64, name string) string {
	s.Helper()
	value, ok, err := st.Notes(source, run).Get(s.Context(), name)
	s.must(err, "get a note")
	if !ok {
		return "-"
	}
	return value
}

// dump renders everything that can be seen of a target.
func (s *subject) dump(st adsync.State) string {
	s.Helper()
	ctx := s.Context()
	var b strings.Builder
	add := func(what string, v any) { b.WriteString(what + " " + render(v) + "\n") }
	for _, source := range []string{src, other} {
		add("links", all(s, st.Scan(ctx, source, false), "scan"))
		add("members", all(s, st.ScanMembers(ctx, source), "scan members"))
		add("notes", all(s, st.Notes(source, 0).Scan(ctx, ""), "scan notes"))
	}
	runs := all(s, st.History(ctx), "history")
	add("runs", runs)
	for _, r := range runs {
		add("plan", all(s, st.Batches(ctx, r.ID, 0), "batches"))
		add("pending", all(s, st.Notes(src, r.ID).Scan(ctx, ""), "scan notes"))
	}
	add("issues", all(s, st.ListIssues(ctx), "issues"))
	add("answers", all(s, st.ListAnswers(ctx), "answers"))
	sources, err := st.Sources(ctx)
	s.must(err, "sources")
	add("sources", sources)
	return b.String()
}

// unchanged runs f and looks whether anything stored became different.
func (s *subject) unchanged(st adsync.State, what string, f func()) {
	s.Helper()
	before := s.dump(st)
	f()
	if after := s.dump(st); after != before {
		s.Errorf("%s has changed the state:%s", what, difference(after, before))
	}
}

func cancelled(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}
