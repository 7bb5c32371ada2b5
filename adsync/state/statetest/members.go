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
		s.equal(all(s, st.ScanMembers(s.Context(), other), "scan members"), memberships(foreign), "those of the other source")
	}},
}

func (s *subject) members(st adsync.State) []adsync.Membership {
	s.Helper()
	return all(s, st.ScanMembers(s.Context(), src), "scan members")
}

func memberships(list ...adsync.MembershipOf) []adsync.Membership {
	out := make([]adsync.Membership, len(list))
	for i, m := range list {
		out[i] = m.Membership
	}
	return out
}
