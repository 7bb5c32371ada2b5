package statetest

import (
	"slices"

	"github.com/adsync/sdk/adsync"
)

var runChecks = []Check{
	{Name: "runs/begin", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		s.equal(s.run(st, id), adsync.RunInfo{ID: id, State: adsync.RunPlanning, Started: instant(1)}, "a run that has just begun")
	}},
	{Name: "runs/numbers grow", run: func(s *subject) {
		st := s.held()
		last := int64(0)
		for range 5 { // each drops the one before
			id := s.begin(st)
			if id <= last {
				s.Errorf("run %d comes after run %d", id, last)
			}
			last = id
		}
	}},
	{Name: "runs/begin drops what was left in planning", run: func(s *subject) {
		st := s.held()
		kept := s.begin(st)
		s.must(st.AddBatches(s.Context(), kept, []adsync.PlanBatch{batch(0, 1)}), "add a batch")
		s.save(st, kept, adsync.RunApplying)
		gone := s.begin(st)
		s.must(st.AddBatches(s.Context(), gone, []adsync.PlanBatch{batch(0, 2)}), "add a batch")
		s.must(st.Notes(src, gone).Put(s.Context(), "n", "pending"), "put a note")
		next := s.begin(st)
		s.equal(s.ids(st), []int64{next, kept}, "the runs that are left")
		s.equal(all(s, st.Batches(s.Context(), gone, 0), "batches"), []adsync.PlanBatch{}, "the plan of a dropped run")
		s.equal(all(s, st.Batches(s.Context(), kept, 0), "batches"), []adsync.PlanBatch{batch(0, 1)}, "the plan of a run that goes on")
		s.equal(s.note(st, src, gone, "n"), "-", "a note of a dropped run")
		s.refused(st.AddBatches(s.Context(), gone, []adsync.PlanBatch{batch(0, 2)}), "adding to a dropped run")
	}},
	{Name: "runs/round trip", run: func(s *subject) {
		st := s.held()
		want := filled[adsync.RunInfo](1)
		want.ID, want.State, want.Recorded = s.begin(st), adsync.RunSealed, 0
		s.must(st.Save(s.Context(), want), "save a run")
		s.equal(s.run(st, want.ID), want, "a saved run")
		want = adsync.RunInfo{ID: want.ID, State: adsync.RunApplying}
		s.must(st.Save(s.Context(), want), "save a run")
		s.equal(s.run(st, want.ID), want, "a run saved over another state of it")
	}},
	{Name: "runs/save leaves the progress alone", run: func(s *subject) {
		st := s.held()
		id := s.applying(st)
		s.must(st.Record(s.Context(), adsync.Record{Run: id}), "record")
		s.must(st.Save(s.Context(), adsync.RunInfo{ID: id, State: adsync.RunApplying, Recorded: 7}), "save")
		s.equal(s.run(st, id).Recorded, 1, "the number of recorded batches")
	}},
	{Name: "runs/unknown ones are refused", run: func(s *subject) {
		st := s.held()
		info := adsync.RunInfo{ID: 99, State: adsync.RunEnded}
		s.unchanged(st, "a run that was never begun", func() {
			s.refused(st.Save(s.Context(), info), "Save")
			s.refused(st.Finish(s.Context(), info, []adsync.SourceState{{Name: src, Cursor: "c"}}, 1), "Finish")
			s.refused(st.AddBatches(s.Context(), 99, []adsync.PlanBatch{batch(0, 1)}), "AddBatches")
			s.refused(st.Record(s.Context(), adsync.Record{Run: 99, Links: links(1)}), "Record")
			s.refused(st.Notes(src, 99).Put(s.Context(), "n", "v"), "Notes.Put")
		})
	}},
	{Name: "runs/sealing supersedes", run: func(s *subject) {
		st := s.held()
		ended, old, busy := s.begin(st), int64(0), int64(0)
		s.finish(st, ended)
		old = s.begin(st)
		s.save(st, old, adsync.RunSealed)
		busy = s.applying(st)
		held := s.begin(st)
		s.save(st, held, adsync.RunSealed)
		s.save(st, held, adsync.RunSealed) // as when a person approves it
		s.equal(s.states(st), []adsync.RunState{adsync.RunSealed, adsync.RunApplying, adsync.RunSuperseded, adsync.RunEnded}, "the states of all runs")
		_ = busy
	}},
	{Name: "runs/held", run: func(s *subject) {
		st := s.held()
		s.equal(s.heldRuns(st), []adsync.RunInfo{}, "the held runs of a new target")
		s.finish(st, s.begin(st))
		busy := filled[adsync.RunInfo](1)
		busy.ID, busy.State, busy.Recorded = s.begin(st), adsync.RunApplying, 0
		s.must(st.Save(s.Context(), busy), "save a run")
		s.save(st, s.begin(st), adsync.RunEnded)
		s.save(st, s.begin(st), adsync.RunSealed) // superseded by the next
		plan := sealedRun(s.begin(st), adsync.RunSealed)
		s.must(st.Save(s.Context(), plan), "save a run")
		s.begin(st)
		s.equal(s.heldRuns(st), []adsync.RunInfo{plan, busy}, "the run with the held plan and the one that was begun")
		s.finish(st, busy.ID)
		s.equal(s.heldRuns(st), []adsync.RunInfo{plan}, "what is held when the other has ended")
	}},
	{Name: "runs/newest first", run: func(s *subject) {
		st := s.held()
		var want []int64
		for range 12 {
			id := s.begin(st)
			s.save(st, id, adsync.RunEnded)
			want = append([]int64{id}, want...)
		}
		s.equal(s.ids(st), want, "the history")
	}},
}

var finishChecks = []Check{
	{Name: "finish/round trip", run: func(s *subject) {
		st := s.held()
		id := s.applying(st)
		s.must(st.Record(s.Context(), adsync.Record{Run: id}), "record")
		info := filled[adsync.RunInfo](1)
		info.ID, info.State, info.Recorded = id, adsync.RunEnded, 1
		a, b := filled[adsync.SourceState](50), filled[adsync.SourceState](80)
		a.Name, b.Name = src, other
		s.must(st.Finish(s.Context(), info, []adsync.SourceState{b, a}, 10), "finish")
		s.equal(s.run(st, id), info, "the ended run")
		s.equal(s.sources(st), []adsync.SourceState{a, b}, "the sources, in order of names")
	}},
	{Name: "finish/only ended runs", run: func(s *subject) {
		st := s.held()
		id := s.applying(st)
		s.unchanged(st, "finishing a run that goes on", func() {
			info := adsync.RunInfo{ID: id, State: adsync.RunApplying}
			s.refused(st.Finish(s.Context(), info, []adsync.SourceState{{Name: src, Cursor: "c"}}, 10), "finishing a run that goes on")
		})
	}},
	{Name: "finish/cursors of the sources it lists", run: func(s *subject) {
		st := s.held()
		first := []adsync.SourceState{{Name: src, Cursor: "a1", Run: 1}, {Name: other, Cursor: "b1", Run: 1, Witness: &adsync.Witness{Server: "dc1.example.com"}}}
		s.finish(st, s.begin(st), first...)
		moved := adsync.SourceState{Name: src, Cursor: "a2", Run: 2}
		s.finish(st, s.begin(st), moved)
		s.equal(s.sources(st), []adsync.SourceState{moved, first[1]}, "the sources after one of them failed")
	}},
	{Name: "finish/notes move with the cursor", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		s.must(st.Notes(src, id).Put(s.Context(), "n", "good"), "put a note")
		s.must(st.Notes(other, id).Put(s.Context(), "n", "failed"), "put a note")
		s.save(st, id, adsync.RunApplying)
		s.equal(s.note(st, src, 0, "n"), "-", "a pending note, seen by another run")
		s.finish(st, id, adsync.SourceState{Name: src, Cursor: "c"})
		later := s.begin(st)
		s.equal(s.note(st, src, later, "n"), "good", "the note of a source that succeeded")
		s.equal(s.note(st, other, later, "n"), "-", "the note of a source that failed")
		s.equal(s.note(st, other, id, "n"), "-", "the same, asked for by the run that put it")
	}},
	{Name: "finish/removed notes go with the cursor", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		s.must(st.Notes(src, id).Put(s.Context(), "n", "v"), "put a note")
		s.finish(st, id, adsync.SourceState{Name: src})
		id = s.begin(st)
		s.must(st.Notes(src, id).Put(s.Context(), "n", ""), "remove a note")
		s.equal(s.note(st, src, 0, "n"), "v", "a note whose removal is pending, seen by another run")
		s.finish(st, id, adsync.SourceState{Name: src})
		s.equal(s.note(st, src, 0, "n"), "-", "the note after the run")
	}},
	{Name: "finish/old plans are dropped", run: func(s *subject) {
		st := s.held()
		var runs []int64
		for range 4 {
			id := s.begin(st)
			s.must(st.AddBatches(s.Context(), id, []adsync.PlanBatch{batch(0, 1)}), "add a batch")
			info := adsync.RunInfo{ID: id, State: adsync.RunEnded}
			s.must(st.Finish(s.Context(), info, nil, 2), "finish")
			runs = append(runs, id)
		}
		s.equal(s.planned(st, runs), []bool{false, false, true, true}, "which runs have a plan when two are kept")
		s.equal(len(s.ids(st)), 4, "the number of runs in the history")
	}},
	{Name: "finish/old witnesses are dropped", run: func(s *subject) {
		st := s.held()
		var want []bool
		var last adsync.SourceState
		for n := range 5 {
			id := s.begin(st)
			info := filled[adsync.RunInfo](100 * n)
			info.ID, info.State, info.Recorded = id, adsync.RunEnded, 0
			last = info.Sources[0]
			last.Name = src
			s.must(st.Finish(s.Context(), info, []adsync.SourceState{last}, 2), "finish")
			want = append([]bool{n >= 3}, want...)
		}
		var got []bool
		for _, info := range all(s, st.History(s.Context()), "history") {
			got = append(got, info.Sources[0].Witness != nil && info.Sources[1].Witness != nil)
			s.equal(len(info.Sources), 2, "the sources of an old run")
			s.equal(info.Sources[0].Objects > 0 && info.Plan != "", true, "the rest of an old run")
		}
		s.equal(got, want, "which runs have witnesses when those of two are kept")
		s.equal(s.sources(st), []adsync.SourceState{last}, "the state of the source")
	}},
	{Name: "finish/names go with the plans", run: func(s *subject) {
		st := s.held()
		finding := adsync.Finding{Rule: "leaving", Count: 7, Text: "many would leave", Names: []string{"Ada Example"}}
		for range 3 {
			info := adsync.RunInfo{ID: s.begin(st), State: adsync.RunEnded, Findings: []adsync.Finding{finding}}
			s.must(st.Finish(s.Context(), info, nil, 2), "finish")
		}
		bare := finding
		bare.Names = nil
		var got []adsync.Finding
		for _, info := range all(s, st.History(s.Context()), "history") {
			got = append(got, info.Findings...)
		}
		s.equal(got, []adsync.Finding{finding, finding, bare}, "what three runs found, newest first, when two are kept")
	}},
	{Name: "finish/the held plan stays", run: func(s *subject) {
		st := s.held()
		held := s.begin(st)
		s.must(st.AddBatches(s.Context(), held, []adsync.PlanBatch{batch(0, 1)}), "add a batch")
		s.save(st, held, adsync.RunSealed)
		id := s.begin(st)
		s.must(st.Finish(s.Context(), adsync.RunInfo{ID: id, State: adsync.RunEnded}, nil, 1), "finish")
		s.equal(s.planned(st, []int64{held}), []bool{true}, "whether the held plan is there")
	}},
	{Name: "finish/again", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		s.must(st.Notes(src, id).Put(s.Context(), "n", "v"), "put a note")
		s.finish(st, id, adsync.SourceState{Name: src, Cursor: "c"})
		s.unchanged(st, "finishing a run twice", func() { s.finish(st, id, adsync.SourceState{Name: src, Cursor: "c"}) })
	}},
}

func (s *subject) heldRuns(st adsync.State) []adsync.RunInfo {
	s.Helper()
	list, err := st.Held(s.Context())
	s.must(err, "held")
	return list
}

func (s *subject) ids(st adsync.State) (ids []int64) {
	s.Helper()
	for _, info := range all(s, st.History(s.Context()), "history") {
		ids = append(ids, info.ID)
	}
	return ids
}

func (s *subject) states(st adsync.State) (states []adsync.RunState) {
	s.Helper()
	runs := all(s, st.History(s.Context()), "history")
	slices.SortFunc(runs, func(a, b adsync.RunInfo) int { return int(b.ID - a.ID) })
	for _, info := range runs {
		states = append(states, info.State)
	}
	return states
}

func (s *subject) sources(st adsync.State) []adsync.SourceState {
	s.Helper()
	list, err := st.Sources(s.Context())
	s.must(err, "sources")
	return list
}

// planned tells which runs have a plan.
func (s *subject) planned(st adsync.State, runs []int64) (has []bool) {
	s.Helper()
	for _, id := range runs {
		has = append(has, len(all(s, st.Batches(s.Context(), id, 0), "batches")) > 0)
	}
	return has
}
