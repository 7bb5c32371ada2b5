package statetest

import "github.com/adsync/sdk/adsync"

var issueChecks = []Check{
	{Name: "issues/round trip", run: func(s *subject) {
		st := s.held()
		put, recorded := filled[adsync.Issue](1), filled[adsync.Issue](80)
		s.must(st.PutIssues(s.Context(), []adsync.Issue{put}), "put issues")
		s.record(st, adsync.Record{Issues: []adsync.Issue{recorded}})
		got := all(s, st.ListIssues(s.Context()), "issues")
		want := []adsync.Issue{put, recorded}
		if put.Source > recorded.Source {
			want = []adsync.Issue{recorded, put}
		}
		s.equal(got, want, "issues")
	}},
	{Name: "issues/order", run: func(s *subject) {
		st := s.held()
		foreign := issue("a", "mapping", "", 1)
		foreign.Source = other
		want := []adsync.Issue{
			issue("B", "mapping", "", 1), issue("a", "denied", "", 1), issue("a", "mapping", "", 1),
			issue("a", "mapping", "Z", 1), issue("a", "mapping", "a", 1), issue("ab", "mapping", "", 1), foreign,
		}
		for i := range want {
			want[i].Since = 1
		}
		mixed := []adsync.Issue{want[3], want[6], want[0], want[5], want[4], want[1], want[2]}
		s.must(st.PutIssues(s.Context(), mixed), "put issues")
		s.equal(all(s, st.ListIssues(s.Context()), "issues"), want, "issues in order of source, anchor, code and attribute")
	}},
	{Name: "issues/since is kept", run: func(s *subject) {
		st := s.held()
		s.must(st.PutIssues(s.Context(), []adsync.Issue{issue("a", "mapping", "mail", 3)}), "put an issue")
		again := issue("a", "mapping", "mail", 5)
		again.Detail, again.Since = "new words", 5
		s.must(st.PutIssues(s.Context(), []adsync.Issue{again}), "put it again")
		again.Since = 3
		s.equal(all(s, st.ListIssues(s.Context()), "issues"), []adsync.Issue{again}, "an issue seen twice")
	}},
	{Name: "issues/recording keeps since too", run: func(s *subject) {
		st := s.held()
		s.must(st.PutIssues(s.Context(), []adsync.Issue{issue("a", "mapping", "mail", 3)}), "put an issue")
		again := issue("a", "mapping", "mail", 5)
		s.record(st, adsync.Record{Issues: []adsync.Issue{again}})
		again.Since = 3
		s.equal(all(s, st.ListIssues(s.Context()), "issues"), []adsync.Issue{again}, "an issue seen twice")
	}},
	{Name: "issues/resolve", run: func(s *subject) {
		st := s.held()
		s.must(st.PutIssues(s.Context(), issuesOf("a", "b")), "put issues")
		refs := []adsync.IssueRef{
			{Source: src, Anchor: "a", Code: "mapping"},
			{Source: src, Anchor: "b"},
			{Source: other, Anchor: "a"},
			{Source: src, Anchor: "unheard of"},
		}
		s.must(st.Resolve(s.Context(), refs), "resolve")
		s.equal(s.issueNames(st), []string{"a/denied/"}, "what is left after one code and all codes were resolved")
	}},
	{Name: "issues/recording resolves", run: func(s *subject) {
		st := s.held()
		s.must(st.PutIssues(s.Context(), issuesOf("a", "b", "c")), "put issues")
		s.record(st, adsync.Record{Resolved: []adsync.IssueRef{{Source: src, Anchor: "a"}, {Source: src, Anchor: "b", Code: "denied"}}})
		s.equal(s.issueNames(st), []string{"b/mapping/", "b/mapping/mail", "c/denied/", "c/mapping/", "c/mapping/mail"}, "what is left")
	}},
	{Name: "issues/resolve older", run: func(s *subject) {
		st := s.held()
		foreign := issue("f", "mapping", "", 1)
		foreign.Source = other
		s.must(st.PutIssues(s.Context(), []adsync.Issue{
			issue("a", "mapping", "", 4), issue("b", "mapping", "", 5), issue("c", "mapping", "", 6), foreign,
		}), "put issues")
		s.must(st.ResolveOlder(s.Context(), src, 5), "resolve older ones")
		s.equal(s.issueNames(st), []string{"b/mapping/", "c/mapping/", "f/mapping/"}, "what is left")
	}},
	{Name: "issues/many", run: func(s *subject) {
		st := s.held()
		var want []adsync.Issue
		for n := range 6_000 {
			i := issue(key(n).String(), "mapping", "", 1)
			i.Since = 1
			want = append(want, i)
		}
		s.must(st.PutIssues(s.Context(), want), "put issues")
		s.equal(all(s, st.ListIssues(s.Context()), "issues"), want, "6,000 issues")
	}},
}

func issuesOf(anchors ...string) (list []adsync.Issue) {
	for _, a := range anchors {
		list = append(list, issue(a, "denied", "", 1), issue(a, "mapping", "", 1), issue(a, "mapping", "mail", 1))
	}
	return list
}

func (s *subject) issueNames(st adsync.State) (names []string) {
	s.Helper()
	for _, i := range all(s, st.ListIssues(s.Context()), "issues") {
		names = append(names, string(i.Anchor)+"/"+string(i.Code)+"/"+i.Attr)
	}
	return names
}

var answerChecks = []Check{
	{Name: "answers/round trip without a lease", run: func(s *subject) {
		st := s.handle()
		want := filled[adsync.Answer](1)
		s.must(st.PutAnswer(s.Context(), want), "put an answer")
		s.equal(all(s, st.ListAnswers(s.Context()), "answers"), []adsync.Answer{want}, "an answer")
	}},
	{Name: "answers/while another holds the lease", run: func(s *subject) {
		s.held()
		st := s.handle()
		s.must(st.PutAnswer(s.Context(), adsync.Answer{Source: src, Anchor: "a", Verdict: adsync.AnswerCreate}), "put an answer")
		s.must(st.DropAnswer(s.Context(), src, "a"), "drop an answer")
	}},
	{Name: "answers/the last one counts", run: func(s *subject) {
		st := s.handle()
		s.must(st.PutAnswer(s.Context(), filled[adsync.Answer](1)), "put an answer")
		want := filled[adsync.Answer](1)
		want.Verdict, want.Target, want.By = adsync.AnswerRetry, "", "Grace"
		s.must(st.PutAnswer(s.Context(), want), "put an answer")
		s.equal(all(s, st.ListAnswers(s.Context()), "answers"), []adsync.Answer{want}, "the answer")
	}},
	{Name: "answers/order and dropping", run: func(s *subject) {
		st := s.handle()
		for _, a := range []adsync.Answer{{Source: src, Anchor: "b"}, {Source: other, Anchor: "a"}, {Source: src, Anchor: "B"}, {Source: src, Anchor: "a"}} {
			s.must(st.PutAnswer(s.Context(), a), "put an answer")
		}
		s.equal(s.answered(st), []string{"ad/B", "ad/a", "ad/b", "hr/a"}, "answers in order of source and anchor")
		s.must(st.DropAnswer(s.Context(), src, "a"), "drop an answer")
		s.must(st.DropAnswer(s.Context(), src, "unheard of"), "drop no answer")
		s.equal(s.answered(st), []string{"ad/B", "ad/b", "hr/a"}, "what is left")
	}},
}

func (s *subject) answered(st adsync.State) (names []string) {
	s.Helper()
	for _, a := range all(s, st.ListAnswers(s.Context()), "answers") {
		names = append(names, a.Source+"/"+string(a.Anchor))
	}
	return names
}

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
	{Name: "notes/ended runs take no more", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		s.must(st.Notes(src, id).Put(s.Context(), "n", "v"), "put a note")
		s.save(st, id, adsync.RunEnded)
		s.refused(st.Notes(src, id).Put(s.Context(), "n", "v"), "a note of a run that has ended")
		s.equal(s.note(st, src, id, "n"), "-", "a pending note of a run that ended without Finish")
	}},
}
