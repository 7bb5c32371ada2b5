package statetest

import (
	"github.com/adsync/sdk/adsync"
)

var linkChecks = []Check{
	{Name: "links/round trip", run: func(s *subject) {
		st := s.held()
		want := filled[adsync.Link](1)
		want.Source = src
		s.record(st, adsync.Record{Links: []adsync.Link{want}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{want}, "Scan")
		found, err := st.Find(s.Context(), src, []adsync.LinkKey{want.Key})
		s.must(err, "find")
		s.equal(found, []adsync.Link{want}, "Find")
		s.equal(s.owners(st, want.Target), map[adsync.TargetID]adsync.Link{want.Target: want}, "Owners")
		s.equal(all(s, st.Due(s.Context(), want.Due), "due"), []adsync.Link{want}, "Due")
	}},
	{Name: "links/a bare link", run: func(s *subject) {
		st := s.held()
		want := adsync.Link{Source: src, Key: key(1), Anchor: "x", Kind: adsync.Group}
		s.record(st, adsync.Record{Links: []adsync.Link{want}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{want}, "a link with next to nothing set")
	}},
	{Name: "links/replaced whole", run: func(s *subject) {
		st := s.held()
		full := filled[adsync.Link](1)
		full.Source, full.Key, full.Anchor = src, key(1), "anchor-1"
		s.record(st, adsync.Record{Links: []adsync.Link{full}})
		bare := adsync.Link{Source: src, Key: key(1), Anchor: "anchor-1", Kind: adsync.User}
		s.record(st, adsync.Record{Links: []adsync.Link{bare}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{bare}, "a link written over another")
		s.equal(s.owners(st, full.Target), map[adsync.TargetID]adsync.Link{}, "the owners of a target that was given up")
	}},
	{Name: "links/scan order", run: func(s *subject) {
		st := s.held()
		foreign := link(4)
		foreign.Source = other
		s.record(st, adsync.Record{Links: append(links(700, 3, 255, 256, 1), foreign)})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), links(1, 3, 255, 256, 700), "Scan of one source")
		s.equal(all(s, st.Scan(s.Context(), other, false), "scan"), []adsync.Link{foreign}, "Scan of the other source")
		s.equal(all(s, st.Scan(s.Context(), "unheard of", false), "scan"), []adsync.Link{}, "Scan of an unknown source")
	}},
	{Name: "links/digests only", run: func(s *subject) {
		st := s.held()
		want := filled[adsync.Link](1)
		want.Source = src
		s.record(st, adsync.Record{Links: []adsync.Link{want}})
		got := all(s, st.Scan(s.Context(), src, true), "scan")
		for i := range got {
			got[i].Anchor, got[i].Target, got[i].Container, got[i].Applied = want.Anchor, want.Target, want.Container, want.Applied
		}
		s.equal(got, []adsync.Link{want}, "Scan of digests, apart from what it may leave out")
	}},
	{Name: "links/many", run: func(s *subject) {
		st := s.held()
		var ns []int
		for n := range 12_000 {
			ns = append(ns, n)
		}
		s.record(st, adsync.Record{Links: links(ns...)})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), links(ns...), "12,000 links")
	}},
	{Name: "links/find order", run: func(s *subject) {
		st := s.held()
		s.record(st, adsync.Record{Links: links(9, 5, 2)})
		found, err := st.Find(s.Context(), src, []adsync.LinkKey{key(1), key(2), key(5), key(6), key(9)})
		s.must(err, "find")
		s.equal(found, links(2, 5, 9), "Find with keys that have no link")
		found, err = st.Find(s.Context(), other, []adsync.LinkKey{key(2)})
		s.must(err, "find")
		s.equal(found, []adsync.Link{}, "Find in another source")
		found, err = st.Find(s.Context(), src, nil)
		s.must(err, "find")
		s.equal(found, []adsync.Link{}, "Find without keys")
	}},
	{Name: "links/find a thousand", run: func(s *subject) {
		st := s.held()
		var ns []int
		var keys []adsync.LinkKey
		for n := range 1000 {
			ns, keys = append(ns, n), append(keys, key(n))
		}
		s.record(st, adsync.Record{Links: links(ns...)})
		found, err := st.Find(s.Context(), src, keys)
		s.must(err, "find")
		s.equal(found, links(ns...), "Find of 1,000 keys")
	}},
	{Name: "links/owners", run: func(s *subject) {
		st := s.held()
		none := link(3)
		none.Target = ""
		s.record(st, adsync.Record{Links: append(links(1, 2), none)})
		s.equal(s.owners(st, "t1", "t9", ""), map[adsync.TargetID]adsync.Link{"t1": link(1)}, "Owners of a held, a free and no target")
	}},
	{Name: "links/owners of a shared target", run: func(s *subject) {
		st := s.held()
		lost, first, second := link(1), link(2), link(1)
		lost.Target, first.Target, second.Target = "t", "t", "t"
		lost.State, second.Source = adsync.LinkLost, other
		s.record(st, adsync.Record{Links: []adsync.Link{second, lost, first}})
		s.equal(s.owners(st, "t"), map[adsync.TargetID]adsync.Link{"t": first}, "the first owner by state, source and key")
	}},
	{Name: "links/due", run: func(s *subject) {
		st := s.held()
		at := func(n int, source string, hour int) adsync.Link {
			l := link(n)
			l.Source, l.Due = source, instant(hour)
			return l
		}
		late, early, exact, foreign := at(1, src, 9), at(4, src, 2), at(3, src, 5), at(2, other, 1)
		afterwards := at(5, src, 5)
		afterwards.Due = afterwards.Due.Add(1)
		s.record(st, adsync.Record{Links: []adsync.Link{foreign, late, early, exact, afterwards, link(6)}})
		s.equal(all(s, st.Due(s.Context(), instant(5)), "due"), []adsync.Link{exact, early, foreign}, "links whose time has come")
	}},
	{Name: "links/every state", run: func(s *subject) {
		st := s.held()
		var want []adsync.Link
		for state := adsync.LinkActive; state <= adsync.LinkShared; state++ {
			l := link(int(state))
			l.State = state
			want = append(want, l)
		}
		s.record(st, adsync.Record{Links: want})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), want, "links of every state")
		counts, err := st.Count(s.Context())
		s.must(err, "count")
		s.equal(counts, map[adsync.Kind]adsync.LinkCount{
			adsync.User: {Active: 1, Inactive: 1, Lost: 1, Ignored: 1, Pending: 1},
		}, "Count, in which shared links do not stand")
	}},
	{Name: "links/count", run: func(s *subject) {
		st := s.held()
		var list []adsync.Link
		for n, state := range []adsync.LinkState{0, 0, 0, 1, 1, 2, 3, 3, 3, 3} {
			l := link(n)
			l.State = state
			list = append(list, l)
		}
		list[0].Kind, list[1].Source = adsync.Group, other
		s.record(st, adsync.Record{Links: list})
		counts, err := st.Count(s.Context())
		s.must(err, "count")
		s.equal(counts, map[adsync.Kind]adsync.LinkCount{
			adsync.Group: {Active: 1}, adsync.User: {Active: 2, Inactive: 2, Lost: 1, Ignored: 4},
		}, "Count")
		s.record(st, adsync.Record{Links: []adsync.Link{link(3)}, Unlinked: []adsync.LinkRef{{Source: src, Key: key(2)}}})
		counts, err = st.Count(s.Context())
		s.must(err, "count")
		s.equal(counts[adsync.User], adsync.LinkCount{Active: 2, Inactive: 1, Lost: 1, Ignored: 4}, "Count after one was reactivated and one removed")
	}},
	{Name: "links/unlinked", run: func(s *subject) {
		st := s.held()
		s.record(st, adsync.Record{Links: links(1, 2)})
		s.record(st, adsync.Record{Unlinked: []adsync.LinkRef{{Source: src, Key: key(1)}, {Source: other, Key: key(2)}, {Source: src, Key: key(8)}}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), links(2), "what is left")
		s.equal(s.owners(st, "t1"), map[adsync.TargetID]adsync.Link{}, "the owner of a target whose link was removed")
	}},
}

func (s *subject) owners(st adsync.State, targets ...adsync.TargetID) map[adsync.TargetID]adsync.Link {
	s.Helper()
	owners, err := st.Owners(s.Context(), targets)
	s.must(err, "owners")
	return owners
}
