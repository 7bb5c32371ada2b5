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
