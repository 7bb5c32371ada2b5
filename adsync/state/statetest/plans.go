package statetest

import "github.com/adsync/sdk/adsync"

var planChecks = []Check{
	{Name: "plans/round trip", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		want := adsync.PlanBatch{Ops: []adsync.PlannedOp{filled[adsync.PlannedOp](1), {}, filled[adsync.PlannedOp](40)}}
		s.must(st.AddBatches(s.Context(), id, []adsync.PlanBatch{want}), "add a batch")
		s.equal(all(s, st.Batches(s.Context(), id, 0), "batches"), []adsync.PlanBatch{want}, "a batch")
	}},
	{Name: "plans/batches from a number on", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		plan := []adsync.PlanBatch{batch(0, 5, 4), batch(1, 3), batch(2, 2), batch(3, 1)}
		s.must(st.AddBatches(s.Context(), id, plan[:2]), "add batches")
		s.must(st.AddBatches(s.Context(), id, nil), "add no batches")
		s.must(st.AddBatches(s.Context(), id, plan[2:]), "add batches")
		for _, from := range []int{0, 1, 3} {
			s.equal(all(s, st.Batches(s.Context(), id, from), "batches"), plan[from:], "the batches from a number on")
		}
		s.equal(all(s, st.Batches(s.Context(), id, 4), "batches"), []adsync.PlanBatch{}, "the batches after the last")
		s.equal(all(s, st.Batches(s.Context(), id+9, 0), "batches"), []adsync.PlanBatch{}, "the batches of no run")
	}},
	{Name: "plans/many batches", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		var plan []adsync.PlanBatch
		for n := range 300 {
			plan = append(plan, batch(n, n, n+1))
		}
		s.must(st.AddBatches(s.Context(), id, plan), "add batches")
		s.equal(all(s, st.Batches(s.Context(), id, 0), "batches"), plan, "300 batches")
	}},
	{Name: "plans/numbers continue", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		s.must(st.AddBatches(s.Context(), id, []adsync.PlanBatch{batch(0, 1)}), "add a batch")
		for _, bad := range [][]adsync.PlanBatch{{batch(0, 2)}, {batch(2, 2)}, {batch(1, 2), batch(3, 3)}, {batch(1, 2), batch(1, 3)}} {
			s.unchanged(st, "batches out of order", func() {
				s.refused(st.AddBatches(s.Context(), id, bad), "batches out of order")
			})
		}
	}},
	{Name: "plans/only while planning", run: func(s *subject) {
		st := s.held()
		for _, state := range []adsync.RunState{adsync.RunSealed, adsync.RunApplying, adsync.RunEnded} {
			id := s.begin(st)
			s.save(st, id, state)
			s.refused(st.AddBatches(s.Context(), id, []adsync.PlanBatch{batch(0, 1)}), "adding to a run that is "+string(state))
		}
	}},
}

var recordChecks = []Check{
	{Name: "record/progress and counts", run: func(s *subject) {
		st := s.held()
		id := s.applying(st)
		counts := filled[adsync.Counts](1)
		s.must(st.Record(s.Context(), adsync.Record{Run: id, Batch: 0}), "record")
		effects := filled[adsync.Effects](7)
		s.must(st.Record(s.Context(), adsync.Record{Run: id, Batch: 1, Applied: counts, Effects: effects}), "record")
		info := s.run(st, id)
		s.equal(info.Recorded, 2, "the number of recorded batches")
		s.equal(info.Applied, counts, "what was done so far")
		s.equal(info.Effects, effects, "what was done so far, as the guard counts it")
	}},
	{Name: "record/starts where the last ended", run: func(s *subject) {
		st := s.held()
		id := s.applying(st)
		for _, wrong := range []int{1, -1} {
			s.unchanged(st, "recording out of turn", func() {
				s.refused(st.Record(s.Context(), adsync.Record{Run: id, Batch: wrong, Links: links(1)}), "recording out of turn")
			})
		}
		s.must(st.Record(s.Context(), adsync.Record{Run: id, Batch: 0, Links: links(1)}), "record")
		for _, wrong := range []int{0, 2} {
			s.unchanged(st, "recording out of turn", func() {
				s.refused(st.Record(s.Context(), adsync.Record{Run: id, Batch: wrong, Links: links(2)}), "recording out of turn")
			})
		}
	}},
	{Name: "record/only while applying", run: func(s *subject) {
		st := s.held()
		id := s.begin(st)
		for _, state := range []adsync.RunState{adsync.RunPlanning, adsync.RunSealed, adsync.RunEnded} {
			s.save(st, id, state)
			s.unchanged(st, "recording in a run that is "+string(state), func() {
				s.refused(st.Record(s.Context(), adsync.Record{Run: id, Links: links(1)}), "recording in a run that is "+string(state))
			})
		}
	}},
	{Name: "record/all or nothing", run: func(s *subject) {
		st := s.held()
		s.populate(st)
		id := s.applying(st)
		twin := link(2)
		twin.Anchor = "another"
		s.unchanged(st, "a record that was refused", func() {
			s.refused(st.Record(s.Context(), adsync.Record{
				Run: id, Links: []adsync.Link{link(5), link(6), twin}, Unlinked: []adsync.LinkRef{{Source: src, Key: key(1)}},
				Joined: []adsync.MembershipOf{member(3, 5, false)}, Parted: []adsync.MembershipOf{member(3, 2, true)},
				Issues: []adsync.Issue{issue("anchor-5", "denied", "", id)}, Resolved: []adsync.IssueRef{{Source: src, Anchor: "anchor-9"}},
				Applied: adsync.Counts{Create: 2},
			}), "a record with two anchors under one key")
		})
		fresh := link(5)
		fresh.Applied = adsync.MakeAttributes(adsync.Attribute{Name: "a name nobody used before", Values: []string{"v"}})
		s.unchanged(st, "a record that was refused", func() {
			s.refused(st.Record(s.Context(), adsync.Record{Run: id, Links: []adsync.Link{fresh, twin}}), "a record with two anchors under one key")
		})
		s.must(st.Record(s.Context(), adsync.Record{Run: id, Links: []adsync.Link{fresh}}), "record after a refusal")
		found, err := st.Find(s.Context(), src, []adsync.LinkKey{key(5)})
		s.must(err, "find")
		s.equal(found, []adsync.Link{fresh}, "a link recorded after a refusal")
		found, err = s.handle().Find(s.Context(), src, []adsync.LinkKey{key(5)})
		s.must(err, "find through another handle")
		s.equal(found, []adsync.Link{fresh}, "the same, seen by another handle")
	}},
	{Name: "record/removes before it writes", run: func(s *subject) {
		st := s.held()
		s.populate(st)
		id := s.applying(st)
		again := issue("anchor-9", "denied", "", id)
		again.Since = id
		s.must(st.Record(s.Context(), adsync.Record{
			Run: id, Links: links(1), Unlinked: []adsync.LinkRef{{Source: src, Key: key(1)}},
			Joined: []adsync.MembershipOf{member(3, 1, true), member(3, 2, false)}, Parted: []adsync.MembershipOf{member(3, 2, false)},
			Issues: []adsync.Issue{again}, Resolved: []adsync.IssueRef{{Source: src, Anchor: "anchor-9"}},
		}), "record")
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), links(1, 2, 3), "the links")
		s.equal(s.members(st), memberships(member(3, 1, true), member(3, 2, false)), "the memberships")
		s.equal(all(s, st.ListIssues(s.Context()), "issues"), []adsync.Issue{again}, "the issues")
	}},
	{Name: "record/the last of two writes wins", run: func(s *subject) {
		st := s.held()
		second := link(1)
		second.Target, second.Generation = "t2", 2
		s.record(st, adsync.Record{
			Links:  []adsync.Link{link(1), second},
			Joined: []adsync.MembershipOf{member(1, 1, true), member(1, 1, false)},
		})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{second}, "a link written twice in one record")
		s.equal(s.members(st), memberships(member(1, 1, false)), "a membership written twice in one record")
	}},
}
