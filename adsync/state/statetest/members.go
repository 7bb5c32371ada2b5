package statetest

import "github.com/adsync/sdk/adsync"

var memberChecks = []Check{
	{Name: "members/order", run: func(s *subject) {
		st := s.held()
		foreign := member(1, 9, false)
		foreign.Source = other
		s.record(st, adsync.Record{Joined: []adsync.MembershipOf{
			member(2, 1, false), member(1, 300, true), foreign, member(1, 4, false), member(256, 1, false),
		}})
		s.equal(s.members(st), memberships(member(1, 4, false), member(1, 300, true), member(2, 1, false), member(256, 1, false)), "ScanMembers")
	}},
	{Name: "members/find", run: func(s *subject) {
		st := s.held()
		s.record(st, adsync.Record{Joined: []adsync.MembershipOf{
			member(3, 2, false), member(3, 1, true), member(2, 1, false), member(1, 1, false),
		}})
		got := all(s, st.FindMembers(s.Context(), src, []adsync.LinkKey{key(1), key(3), key(7)}), "find members")
		s.equal(got, memberships(member(1, 1, false), member(3, 1, true), member(3, 2, false)), "FindMembers")
		s.equal(all(s, st.FindMembers(s.Context(), src, nil), "find members"), []adsync.Membership{}, "FindMembers without groups")
	}},
	{Name: "members/of some members", run: func(s *subject) {
		st := s.held()
		foreign := member(1, 2, false)
		foreign.Source = other
		s.record(st, adsync.Record{Joined: []adsync.MembershipOf{
			member(3, 2, false), member(3, 1, true), member(2, 1, false), member(1, 1, false), member(1, 2, true), member(1, 300, false), foreign,
		}})
		s.equal(s.membershipsOf(st, 1, 2, 7), memberships(member(1, 1, false), member(2, 1, false), member(3, 1, true), member(1, 2, true), member(3, 2, false)),
			"MembershipsOf, in order of member and group")
		s.equal(s.membershipsOf(st), []adsync.Membership{}, "MembershipsOf without members")
		s.equal(s.membershipsOf(st, 3), []adsync.Membership{}, "MembershipsOf one who is a group and no member")
		s.record(st, adsync.Record{Parted: []adsync.MembershipOf{member(2, 1, false)}, Joined: []adsync.MembershipOf{member(3, 1, false), member(4, 2, true)}})
		s.equal(s.membershipsOf(st, 1, 2), memberships(member(1, 1, false), member(3, 1, false), member(1, 2, true), member(3, 2, false), member(4, 2, true)), "MembershipsOf after changes")
	}},
	{Name: "members/that wait", run: func(s *subject) {
		st := s.held()
		foreign := member(1, 2, true)
		foreign.Source = other
		s.record(st, adsync.Record{Joined: []adsync.MembershipOf{
			member(3, 2, true), member(3, 1, true), member(2, 1, false), member(256, 1, true), member(1, 5, true), foreign,
		}})
		s.equal(s.waiting(st), memberships(member(1, 5, true), member(3, 1, true), member(3, 2, true), member(256, 1, true)), "WaitingMembers")
		s.record(st, adsync.Record{Joined: []adsync.MembershipOf{member(3, 1, false), member(2, 1, true)}, Parted: []adsync.MembershipOf{member(1, 5, false)}})
		s.equal(s.waiting(st), memberships(member(2, 1, true), member(3, 2, true), member(256, 1, true)), "WaitingMembers after changes")
		s.equal(all(s, st.WaitingMembers(s.Context(), "unheard of"), "waiting members"), []adsync.Membership{}, "WaitingMembers of an unknown source")
	}},
	{Name: "members/many by member", run: func(s *subject) {
		st := s.held()
		var joined, byMember []adsync.MembershipOf
		for g := range 8 {
			for m := range 1_500 {
				joined = append(joined, member(g, m, m%2 == 0))
			}
		}
		s.record(st, adsync.Record{Joined: joined})
		var asked []int
		for m := 0; m < 1_500; m += 2 {
			asked = append(asked, m)
			for g := range 8 {
				byMember = append(byMember, member(g, m, true))
			}
		}
		s.equal(s.membershipsOf(st, asked...), memberships(byMember...), "6,000 of 750 members")
		s.equal(len(s.waiting(st)), 6_000, "the number of those that wait")
	}},
	{Name: "members/many", run: func(s *subject) {
		st := s.held()
		var joined []adsync.MembershipOf
		for g := range 4 {
			for m := range 3_000 {
				joined = append(joined, member(g, m, m%2 == 0))
			}
		}
		s.record(st, adsync.Record{Joined: joined})
		s.equal(s.members(st), memberships(joined...), "12,000 memberships")
		got := all(s, st.FindMembers(s.Context(), src, []adsync.LinkKey{key(1), key(3)}), "find members")
		s.equal(got, append(memberships(joined[3000:6000]...), memberships(joined[9000:]...)...), "6,000 of two groups")
	}},
	{Name: "members/waiting ends", run: func(s *subject) {
		st := s.held()
		s.record(st, adsync.Record{Joined: []adsync.MembershipOf{member(1, 1, true)}})
		s.record(st, adsync.Record{Joined: []adsync.MembershipOf{member(1, 1, false)}})
		s.equal(s.members(st), memberships(member(1, 1, false)), "a membership that no longer waits")
	}},
	{Name: "members/parted", run: func(s *subject) {
		st := s.held()
		s.record(st, adsync.Record{Joined: []adsync.MembershipOf{member(1, 1, false), member(1, 2, true), member(2, 1, false)}})
		s.record(st, adsync.Record{Parted: []adsync.MembershipOf{member(1, 1, true), member(1, 2, false), member(8, 8, false)}})
		s.equal(s.members(st), memberships(member(2, 1, false)), "what is left")
	}},
	{Name: "members/unlinking takes them along", run: func(s *subject) {
		st := s.held()
		foreign := member(1, 2, false)
		foreign.Source = other
		s.record(st, adsync.Record{Links: links(1, 2, 3), Joined: []adsync.MembershipOf{
			member(1, 2, false), member(2, 3, false), member(3, 1, true), member(3, 2, false), foreign,
		}})
		s.record(st, adsync.Record{Unlinked: []adsync.LinkRef{{Source: src, Key: key(2)}}})
		s.equal(s.members(st), memberships(member(3, 1, true)), "memberships without those of the removed link")
		s.equal(s.waiting(st), memberships(member(3, 1, true)), "those of them that wait")
		s.equal(s.membershipsOf(st, 1, 2, 3), memberships(member(3, 1, true)), "those by member")
		s.equal(all(s, st.ScanMembers(s.Context(), other), "scan members"), memberships(foreign), "those of the other source")
	}},
}

func (s *subject) members(st adsync.State) []adsync.Membership {
	s.Helper()
	return all(s, st.ScanMembers(s.Context(), src), "scan members")
}

func (s *subject) membershipsOf(st adsync.State, members ...int) []adsync.Membership {
	s.Helper()
	keys := make([]adsync.LinkKey, len(members))
	for i, m := range members {
		keys[i] = key(m)
	}
	return all(s, st.MembershipsOf(s.Context(), src, keys), "memberships of members")
}

func (s *subject) waiting(st adsync.State) []adsync.Membership {
	s.Helper()
	return all(s, st.WaitingMembers(s.Context(), src), "waiting members")
}

func memberships(list ...adsync.MembershipOf) []adsync.Membership {
	out := make([]adsync.Membership, len(list))
	for i, m := range list {
		out[i] = m.Membership
	}
	return out
}
