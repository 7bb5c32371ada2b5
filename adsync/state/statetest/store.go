package statetest

import (
	"bytes"
	"context"

	"github.com/adsync/sdk/adsync"
)

var storeChecks = []Check{
	{Name: "store/a new target is empty", run: func(s *subject) {
		st := s.handle()
		s.equal(s.dump(st), "links []\nmembers []\nnotes []\nlinks []\nmembers []\nnotes []\nruns []\nissues []\nanswers []\nsources []\n", "a new target")
		counts, err := st.Count(s.Context())
		s.must(err, "count")
		s.equal(counts, map[adsync.Kind]adsync.LinkCount{}, "the counts of a new target")
	}},
	{Name: "store/secret", run: func(s *subject) {
		a, b := s.handle(), s.handle()
		first := s.secret(a)
		if len(first) != 32 || bytes.Equal(first, make([]byte, 32)) {
			s.Errorf("the secret is not 32 random bytes")
		}
		clear(s.secret(a))
		if !bytes.Equal(first, s.secret(a)) || !bytes.Equal(first, s.secret(b)) {
			s.Errorf("the secret of a target is not always the same")
		}
		foreign, err := s.store.Open(s.Context(), "other target")
		s.must(err, "open another target")
		if bytes.Equal(first, s.secret(foreign)) {
			s.Errorf("two targets have the same secret")
		}
	}},
	{Name: "store/targets are apart", run: func(s *subject) {
		st := s.held()
		foreign, err := s.store.Open(s.Context(), "other target")
		s.must(err, "open another target")
		s.must(foreign.Acquire(s.Context(), "first", minute), "take the lease of another target")
		s.unchanged(foreign, "writing to one target", func() { s.populate(st) })
		s.must(st.Renew(s.Context(), minute), "renew the first lease")
	}},
	{Name: "store/handles share the data", run: func(s *subject) {
		a, b := s.held(), s.handle()
		s.populate(a)
		s.equal(s.dump(b), s.dump(a), "what the second handle shows")
	}},
	{Name: "store/a closed handle refuses", run: func(s *subject) {
		st := s.held()
		s.must(st.Close(), "close the handle")
		_, err := st.Sources(s.Context())
		s.refused(err, "reading through a closed handle")
		s.refused(st.PutAnswer(s.Context(), adsync.Answer{Source: src}), "writing through a closed handle")
	}},
	{Name: "store/a cancelled context is an error", run: func(s *subject) {
		st := s.held()
		s.populate(st)
		ctx := cancelled(s.Context())
		_, err := s.store.Open(ctx, target)
		s.refused(err, "Open with a cancelled context")
		for _, c := range reads(st) {
			s.refused(c.call(ctx), c.name+" with a cancelled context")
		}
		for _, c := range writes(st, s.applying(st)) {
			s.unchanged(st, c.name+" with a cancelled context", func() {
				s.refused(c.call(ctx), c.name+" with a cancelled context")
			})
		}
	}},
}

func (s *subject) secret(st adsync.State) []byte {
	s.Helper()
	secret, err := st.Secret(s.Context())
	s.must(err, "secret")
	return secret
}

// populate stores one thing of everything.
func (s *subject) populate(st adsync.State) {
	s.Helper()
	ctx := s.Context()
	id := s.begin(st)
	s.must(st.AddBatches(ctx, id, []adsync.PlanBatch{batch(0, 1, 2), batch(1, 3)}), "add batches")
	s.must(st.Notes(src, id).Put(ctx, "lasting", "note"), "put a note")
	s.save(st, id, adsync.RunApplying)
	s.must(st.Record(ctx, adsync.Record{
		Run: id, Links: links(1, 2, 3), Joined: []adsync.MembershipOf{member(3, 1, false), member(3, 2, true)},
		Issues: []adsync.Issue{issue("anchor-9", "mapping", "mail", id)}, Applied: adsync.Counts{Create: 3},
	}), "record")
	s.must(st.PutAnswer(ctx, adsync.Answer{Source: src, Anchor: "anchor-9", Verdict: adsync.AnswerIgnore}), "put an answer")
	s.finish(st, id, adsync.SourceState{Name: src, Cursor: "c1", Run: id})
}

type call struct {
	name string
	call func(ctx context.Context) error
}

// reads calls every method that reads, on a populated target.
func reads(st adsync.State) []call {
	return []call{
		{"Scan", func(ctx context.Context) error { return drain(st.Scan(ctx, src, false)) }},
		{"Find", func(ctx context.Context) error { _, err := st.Find(ctx, src, []adsync.LinkKey{key(1)}); return err }},
		{"Owners", func(ctx context.Context) error { _, err := st.Owners(ctx, []adsync.TargetID{"t1"}); return err }},
		{"Due", func(ctx context.Context) error { return drain(st.Due(ctx, instant(0))) }},
		{"Sample", func(ctx context.Context) error { _, err := st.Sample(ctx, src, 2); return err }},
		{"Count", func(ctx context.Context) error { _, err := st.Count(ctx); return err }},
		{"ScanMembers", func(ctx context.Context) error { return drain(st.ScanMembers(ctx, src)) }},
		{"FindMembers", func(ctx context.Context) error { return drain(st.FindMembers(ctx, src, []adsync.LinkKey{key(3)})) }},
		{"MembershipsOf", func(ctx context.Context) error { return drain(st.MembershipsOf(ctx, src, []adsync.LinkKey{key(1)})) }},
		{"WaitingMembers", func(ctx context.Context) error { return drain(st.WaitingMembers(ctx, src)) }},
		{"Held", func(ctx context.Context) error { _, err := st.Held(ctx); return err }},
		{"History", func(ctx context.Context) error { return drain(st.History(ctx)) }},
		{"Batches", func(ctx context.Context) error { return drain(st.Batches(ctx, 1, 0)) }},
		{"ListIssues", func(ctx context.Context) error { return drain(st.ListIssues(ctx)) }},
		{"ListAnswers", func(ctx context.Context) error { return drain(st.ListAnswers(ctx)) }},
		{"Sources", func(ctx context.Context) error { _, err := st.Sources(ctx); return err }},
		{"Secret", func(ctx context.Context) error { _, err := st.Secret(ctx); return err }},
		{"Notes.Get", func(ctx context.Context) error { _, _, err := st.Notes(src, 0).Get(ctx, "lasting"); return err }},
		{"Notes.Scan", func(ctx context.Context) error { return drain(st.Notes(src, 0).Scan(ctx, "")) }},
	}
}

// writes calls every method that needs the lease. The run is applying.
func writes(st adsync.State, run int64) []call {
	info := adsync.RunInfo{ID: run, State: adsync.RunEnded, Error: "overwritten"}
	return []call{
		{"Renew", func(ctx context.Context) error { return st.Renew(ctx, minute) }},
		{"Begin", func(ctx context.Context) error { _, err := st.Begin(ctx, instant(9)); return err }},
		{"Save", func(ctx context.Context) error { return st.Save(ctx, info) }},
		{"Finish", func(ctx context.Context) error {
			return st.Finish(ctx, info, []adsync.SourceState{{Name: src, Cursor: "moved"}}, 0)
		}},
		{"AddBatches", func(ctx context.Context) error { return st.AddBatches(ctx, run, []adsync.PlanBatch{batch(0, 7)}) }},
		{"Record", func(ctx context.Context) error {
			return st.Record(ctx, adsync.Record{Run: run, Links: links(7), Joined: []adsync.MembershipOf{member(7, 8, false)}})
		}},
		{"PutIssues", func(ctx context.Context) error {
			return st.PutIssues(ctx, []adsync.Issue{issue("anchor-7", "denied", "", run)})
		}},
		{"Resolve", func(ctx context.Context) error {
			return st.Resolve(ctx, []adsync.IssueRef{{Source: src, Anchor: "anchor-9"}})
		}},
		{"ResolveOlder", func(ctx context.Context) error { return st.ResolveOlder(ctx, src, 1<<40) }},
		{"Notes.Put", func(ctx context.Context) error { return st.Notes(src, run).Put(ctx, "name", "value") }},
		{"DropNotes", func(ctx context.Context) error { return st.DropNotes(ctx, src, run) }},
	}
}
