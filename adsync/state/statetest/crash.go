package statetest

import "github.com/adsync/sdk/adsync"

// The crash checks leave a handle as a killed process would: not closed, its
// lease running out, its run where it was. A second one goes on from there.
var crashChecks = []Check{
	{Name: "crash/while planning", run: func(s *subject) {
		s.planning(s.shortly())
		s.afterPlanning(s.takeOver())
	}},
	{Name: "crash/sealed", run: func(s *subject) {
		id := s.sealed(s.shortly())
		s.afterSealing(s.takeOver(), id)
	}},
	{Name: "crash/between target and record", run: func(s *subject) {
		id := s.halfway(s.shortly())
		s.afterHalf(s.takeOver(), id)
	}},
	{Name: "crash/recorded and not finished", run: func(s *subject) {
		id := s.recorded(s.shortly())
		s.afterRecording(s.takeOver(), id)
	}},
}

// The durable checks close the store at each of these points instead and open
// it again.
var durableChecks = []Check{
	{Name: "durable/everything is there after reopening", Durable: true, run: func(s *subject) {
		st := s.held()
		s.populate(st)
		s.planning(st)
		before, secret := s.dump(st), s.secret(st)
		st = s.again(st)
		s.equal(s.dump(st), before, "the state after reopening")
		s.equal(s.secret(st), secret, "the secret after reopening")
		s.equal(s.owners(st, "t1"), map[adsync.TargetID]adsync.Link{"t1": link(1)}, "an owner after reopening")
	}},
	{Name: "durable/numbers are not given twice", Durable: true, run: func(s *subject) {
		st := s.held()
		first := s.begin(st)
		if st = s.again(st); s.begin(st) <= first {
			s.Errorf("a run number was given twice")
		}
	}},
	{Name: "durable/closed while planning", Durable: true, run: func(s *subject) {
		st := s.held()
		s.planning(st)
		s.afterPlanning(s.again(st))
	}},
	{Name: "durable/closed when sealed", Durable: true, run: func(s *subject) {
		st := s.held()
		id := s.sealed(st)
		s.afterSealing(s.again(st), id)
	}},
	{Name: "durable/closed between target and record", Durable: true, run: func(s *subject) {
		st := s.held()
		id := s.halfway(st)
		s.afterHalf(s.again(st), id)
	}},
	{Name: "durable/closed when recorded", Durable: true, run: func(s *subject) {
		st := s.held()
		id := s.recorded(st)
		s.afterRecording(s.again(st), id)
	}},
}

var crashPlan = []adsync.PlanBatch{batch(0, 1), batch(1, 2)}

// again closes the store and takes the lease in one opened anew.
func (s *subject) again(st adsync.State) adsync.State {
	s.Helper()
	s.must(st.Close(), "close the handle")
	s.must(s.store.Close(), "close the store")
	s.store = s.reopen(s.store)
	return s.takeOver()
}

func (s *subject) planning(st adsync.State) int64 {
	s.Helper()
	id := s.begin(st)
	s.must(st.AddBatches(s.Context(), id, crashPlan), "add batches")
	s.must(st.Notes(src, id).Put(s.Context(), "n", "v"), "put a note")
	return id
}

func (s *subject) sealed(st adsync.State) int64 {
	s.Helper()
	id := s.planning(st)
	s.must(st.Save(s.Context(), sealedRun(id, adsync.RunSealed)), "seal")
	return id
}

func (s *subject) halfway(st adsync.State) int64 {
	s.Helper()
	id := s.sealed(st)
	s.must(st.Save(s.Context(), sealedRun(id, adsync.RunApplying)), "begin to apply")
	s.must(st.Record(s.Context(), adsync.Record{Run: id, Links: links(1)}), "record")
	return id
}

func (s *subject) recorded(st adsync.State) int64 {
	s.Helper()
	id := s.halfway(st)
	s.must(st.Record(s.Context(), adsync.Record{Run: id, Batch: 1, Links: links(2)}), "record")
	return id
}

func sealedRun(id int64, state adsync.RunState) adsync.RunInfo {
	return adsync.RunInfo{
		ID: id, State: state, Plan: "plan-1", Sealed: instant(2), Batches: 2, Ops: 2,
		Sources: []adsync.SourceState{{Name: src, Cursor: "next"}},
	}
}

// afterPlanning: the run is dropped by the next, with what it held.
func (s *subject) afterPlanning(st adsync.State) {
	s.Helper()
	next := s.begin(st)
	s.equal(s.ids(st), []int64{next}, "the runs that are left")
	s.equal(s.note(st, src, next, "n"), "-", "a note of the run that was dropped")
	s.equal(s.sources(st), []adsync.SourceState{}, "the cursors")
}

// afterSealing: the plan is held, and can be applied.
func (s *subject) afterSealing(st adsync.State, id int64) {
	s.Helper()
	s.equal(s.run(st, id), sealedRun(id, adsync.RunSealed), "the held run")
	s.equal(all(s, st.Batches(s.Context(), id, 0), "batches"), crashPlan, "the held plan")
	s.begin(st)
	s.equal(s.run(st, id), sealedRun(id, adsync.RunSealed), "the held run after another began")
	s.must(st.Save(s.Context(), sealedRun(id, adsync.RunApplying)), "begin to apply")
	s.must(st.Record(s.Context(), adsync.Record{Run: id}), "record")
}

// afterHalf: what was recorded is known, and the rest of the plan is there.
func (s *subject) afterHalf(st adsync.State, id int64) {
	s.Helper()
	info := s.run(st, id)
	s.equal([]any{info.State, info.Recorded}, []any{adsync.RunApplying, 1}, "state and progress of the run")
	s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), links(1), "the links recorded so far")
	s.equal(all(s, st.Batches(s.Context(), id, info.Recorded), "batches"), crashPlan[1:], "what is left to do")
	s.equal(s.sources(st), []adsync.SourceState{}, "the cursors before the run was finished")
	s.refused(st.Record(s.Context(), adsync.Record{Run: id, Links: links(3)}), "recording a batch again")
	s.must(st.Record(s.Context(), adsync.Record{Run: id, Batch: 1, Links: links(2)}), "record the rest")
}

// afterRecording: only Finish is left, and moves cursor and notes.
func (s *subject) afterRecording(st adsync.State, id int64) {
	s.Helper()
	s.equal(s.run(st, id).Recorded, 2, "the progress of the run")
	s.equal(s.note(st, src, id, "n"), "v", "the pending note")
	s.equal(s.sources(st), []adsync.SourceState{}, "the cursors before the run was finished")
	s.finish(st, id, adsync.SourceState{Name: src, Cursor: "next"})
	s.equal(s.sources(st), []adsync.SourceState{{Name: src, Cursor: "next"}}, "the cursors")
	s.equal(s.note(st, src, 0, "n"), "v", "the note")
}
