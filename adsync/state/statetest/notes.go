package statetest

import "github.com/adsync/sdk/adsync"

var noteChecks = []Check{
	{Name: "notes/visible at once to their run", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		notes := st.Notes(src, id)
		s.must(notes.Put(s.Context(), "n", "first"), "put a note")
		s.must(notes.Put(s.Context(), "n", "second"), "put a note")
		value, ok, err := notes.Get(s.Context(), "n")
		s.must(err, "get a note")
		s.equal([]any{value, ok}, []any{"second", true}, "a note that was just put")
		s.equal(s.note(st, src, id+1, "n"), "-", "the same note, seen by another run")
		s.equal(s.note(st, other, id, "n"), "-", "a note of that name of another source")
	}},
	{Name: "notes/scan", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		for _, name := range []string{"g/2", "g/1", "x", "g/3", "G/1", "g/10", "h"} {
			s.must(st.Notes(src, id).Put(s.Context(), name, "old"), "put a note")
		}
		s.finish(st, id, adsync.SourceState{Name: src})
		id = s.begin(st)
		notes := st.Notes(src, id)
		s.must(notes.Put(s.Context(), "g/2", ""), "remove a note")
		s.must(notes.Put(s.Context(), "g/3", "new"), "put a note")
		s.must(notes.Put(s.Context(), "g/0", "new"), "put a note")
		s.must(notes.Put(s.Context(), "g/9", ""), "remove a note that is not there")
		s.equal(all(s, notes.Scan(s.Context(), "g/"), "scan notes"),
			[]adsync.Note{{Name: "g/0", Value: "new"}, {Name: "g/1", Value: "old"}, {Name: "g/10", Value: "old"}, {Name: "g/3", Value: "new"}},
			"pending and lasting notes in order of names")
		if _, ok, err := notes.Get(s.Context(), "g/2"); ok || err != nil {
			s.Errorf("a removed note is still there (error %v)", err)
		}
	}},
	{Name: "notes/prefixes are taken literally", run: func(s *subject) {
		st := s.held()
		notes := st.Notes(src, s.begin(st))
		for _, name := range []string{"a%", "a_b", "axb", "a\xff", "a\xff\xff", "b"} {
			s.must(notes.Put(s.Context(), name, binary), "put a note")
		}
		for prefix, want := range map[string]int{"a%": 1, "a_": 1, "a\xff": 2, "": 6, "a": 5, "\xff": 0} {
			s.equal(len(all(s, notes.Scan(s.Context(), prefix), "scan notes")), want, "the number of notes that start with "+prefix)
		}
		got := all(s, notes.Scan(s.Context(), "a%"), "scan notes")
		s.equal(got, []adsync.Note{{Name: "a%", Value: binary}}, "a note that holds bytes")
	}},
	{Name: "notes/many", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		var want []adsync.Note
		for n := range 3_000 {
			want = append(want, adsync.Note{Name: key(n).String(), Value: "v"})
			s.must(st.Notes(src, id).Put(s.Context(), want[n].Name, "v"), "put a note")
		}
		s.equal(all(s, st.Notes(src, id).Scan(s.Context(), ""), "scan notes"), want, "3,000 notes while they are pending")
		s.finish(st, id, adsync.SourceState{Name: src})
		s.equal(all(s, st.Notes(src, 0).Scan(s.Context(), ""), "scan notes"), want, "3,000 notes")
	}},
	{Name: "notes/many that nobody asks for", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		var want []adsync.Note
		for n := range 700 {
			want = append(want, adsync.Note{Name: key(n).String(), Value: "v"})
			s.must(st.Notes(src, id).Put(s.Context(), want[n].Name, "v"), "put a note")
			s.must(st.Notes(other, id).Put(s.Context(), "twice", want[n].Name), "put a note")
		}
		s.must(st.Notes(src, id).Put(s.Context(), want[699].Name, ""), "remove the last one")
		s.finish(st, id, adsync.SourceState{Name: src})
		s.equal(all(s, st.Notes(src, 0).Scan(s.Context(), ""), "scan notes"), want[:699], "699 notes that moved with the cursor")
		s.equal(s.note(st, other, id, "twice"), "-", "a note of the source that failed")
	}},
	{Name: "notes/many of a plan that is held", run: func(s *subject) {
		st := s.shortly()
		id := s.begin(st)
		for n := range 30 {
			s.must(st.Notes(src, id).Put(s.Context(), key(n).String(), "v"), "put a note")
		}
		s.save(st, id, adsync.RunSealed)
		st = s.takeOver() // the first holder is gone, without a word
		s.finish(st, id, adsync.SourceState{Name: src})
		s.equal(len(all(s, st.Notes(src, 0).Scan(s.Context(), ""), "scan notes")), 30, "the number of notes")
	}},
	{Name: "notes/dropped", run: func(s *subject) {
		st := s.shortly()
		first := s.begin(st)
		for _, name := range []string{"changed", "removed", "left alone"} {
			s.must(st.Notes(src, first).Put(s.Context(), name, "old"), "put a note")
		}
		s.finish(st, first, adsync.SourceState{Name: src}, adsync.SourceState{Name: other})
		before := all(s, st.Notes(src, 0).Scan(s.Context(), ""), "scan notes")
		run := s.begin(st)
		notes := st.Notes(src, run)
		s.must(st.Notes(other, run).Put(s.Context(), "n", "kept"), "put a note of another source")
		for n := range 700 {
			s.must(notes.Put(s.Context(), key(n).String(), "new"), "put a note")
		}
		s.must(notes.Put(s.Context(), "changed", "new"), "put a note")
		s.must(notes.Put(s.Context(), "removed", ""), "remove a note")
		s.must(st.DropNotes(s.Context(), src, run), "drop the notes of a source")
		s.equal(s.note(st, src, run, "changed"), "old", "a note that was changed, after what the run put was dropped")
		s.equal(all(s, notes.Scan(s.Context(), ""), "scan notes"), before, "all notes, after what the run put was dropped")
		s.equal(s.note(st, other, run, "n"), "kept", "a pending note of another source")
		s.must(notes.Put(s.Context(), "then put", "new"), "put a note after others were dropped")
		s.save(st, run, adsync.RunSealed)
		st = s.takeOver() // the first holder is gone, without a word
		s.finish(st, run, adsync.SourceState{Name: src}, adsync.SourceState{Name: other})
		s.equal(all(s, st.Notes(src, 0).Scan(s.Context(), ""), "scan notes"), append(before, adsync.Note{Name: "then put", Value: "new"}),
			"the notes after the run: the old ones and what was put later")
		s.equal(s.note(st, other, 0, "n"), "kept", "the note of the other source")
	}},
	{Name: "notes/ended runs take no more", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		s.must(st.Notes(src, id).Put(s.Context(), "n", "v"), "put a note")
		s.save(st, id, adsync.RunEnded)
		s.refused(st.Notes(src, id).Put(s.Context(), "n", "v"), "a note of a run that has ended")
		s.equal(s.note(st, src, id, "n"), "-", "a pending note of a run that ended without Finish")
	}},
}
