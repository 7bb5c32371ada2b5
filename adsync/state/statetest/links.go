package statetest

import (
	"bytes"
	"crypto/md5"
	"slices"

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
		for state := adsync.LinkActive; state <= adsync.LinkSent; state++ {
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
		}, "Count, in which shared and sent links do not stand")
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
	{Name: "links/count of what is written again", run: func(s *subject) {
		st := s.held()
		s.record(st, adsync.Record{Links: links(1, 2, 3)})
		gone, twice := adsync.LinkRef{Source: src, Key: key(2)}, link(3)
		twice.State = adsync.LinkLost
		s.record(st, adsync.Record{Unlinked: []adsync.LinkRef{gone, gone, {Source: src, Key: key(9)}}, Links: []adsync.Link{link(3), link(2), twice}})
		s.equal(s.counted(st), map[adsync.Kind]adsync.LinkCount{adsync.User: {Active: 2, Lost: 1}}, "Count after links were removed and written in one record")
		other := link(1)
		other.Kind = adsync.Contact
		s.record(st, adsync.Record{Links: []adsync.Link{other}, Unlinked: []adsync.LinkRef{gone, {Source: src, Key: key(3)}}})
		s.equal(s.counted(st), map[adsync.Kind]adsync.LinkCount{adsync.Contact: {Active: 1}}, "Count after the last of a kind went")
	}},
	{Name: "links/count after a record that failed", run: func(s *subject) {
		st := s.held()
		s.record(st, adsync.Record{Links: links(1)})
		twin := link(1)
		twin.Anchor = "another"
		run := s.applying(st)
		s.refused(st.Record(s.Context(), adsync.Record{Run: run, Links: []adsync.Link{link(2), twin}}), "a second anchor under a key")
		s.equal(s.counted(st), map[adsync.Kind]adsync.LinkCount{adsync.User: {Active: 1}}, "Count")
	}},
	{Name: "links/sample", run: func(s *subject) {
		st := s.held()
		foreign := link(4)
		foreign.Source = other
		lost := link(2)
		lost.State, lost.Digest = adsync.LinkLost, adsync.Digest{}
		s.record(st, adsync.Record{Links: append(links(700, 3, 255, 1), lost, foreign)})
		want := []adsync.Link{link(1), lost, link(3), link(255), link(700)}
		for _, n := range []int{5, 6, 1000} {
			s.equal(s.sample(st, src, n), want, "a sample of all there is, in key order")
		}
		s.equal(s.sample(st, other, 3), []adsync.Link{foreign}, "a sample of the other source")
		s.equal(s.sample(st, "unheard of", 3), []adsync.Link{}, "a sample of an unknown source")
		for _, n := range []int{0, -1} {
			s.equal(s.sample(st, src, n), []adsync.Link{}, "a sample of none")
		}
		seen := map[adsync.LinkKey]bool{}
		for range 200 {
			got := s.sample(st, src, 2)
			if len(got) != 2 || bytes.Compare(got[0].Key[:], got[1].Key[:]) >= 0 {
				s.Fatalf("a sample of 2 gave %d links, or not in key order", len(got))
			}
			seen[got[0].Key], seen[got[1].Key] = true, true
		}
		s.equal(len(seen), 5, "the number of different links in 200 samples of 2 among 5")
	}},
	{Name: "links/sample of many", run: func(s *subject) {
		st := s.held()
		const all, heap = 3_000, 1_000
		var list []adsync.Link
		for n := range all { // a third lies close together, as links loaded at once do
			l := link(n)
			if n < heap {
				l.Key = adsync.LinkKey{0: 0x40, 6: byte(n >> 8), 7: byte(n)}
			} else {
				l.Key = adsync.LinkKey(md5.Sum([]byte(l.Anchor)))
			}
			list = append(list, l)
		}
		s.record(st, adsync.Record{Links: list})
		seen, inHeap := map[adsync.LinkKey]int{}, map[adsync.LinkKey]bool{}
		for range 60 {
			got := s.sample(st, src, 100)
			if len(got) > 100 || !slices.IsSortedFunc(got, func(a, b adsync.Link) int { return bytes.Compare(a.Key[:], b.Key[:]) }) {
				s.Fatalf("a sample of 100 gave %d links, or not in key order", len(got))
			}
			for i, l := range got {
				if i > 0 && got[i-1].Key == l.Key {
					s.Fatalf("a sample gave a link twice")
				}
				if seen[l.Key]++; l.Key[0] == 0x40 && l.Key[1] == 0 {
					inHeap[l.Key] = true
				}
			}
		}
		if len(seen) < all/3 || len(inHeap) < 40 {
			s.Errorf("60 samples of 100 showed %d of %d links, and %d of %d that lie close together: too few to be drawn at random", len(seen), all, len(inHeap), heap)
		}
	}},
	{Name: "links/unlinked", run: func(s *subject) {
		st := s.held()
		s.record(st, adsync.Record{Links: links(1, 2)})
		s.record(st, adsync.Record{Unlinked: []adsync.LinkRef{{Source: src, Key: key(1)}, {Source: other, Key: key(2)}, {Source: src, Key: key(8)}}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), links(2), "what is left")
		s.equal(s.owners(st, "t1"), map[adsync.TargetID]adsync.Link{}, "the owner of a target whose link was removed")
	}},
}

func (s *subject) counted(st adsync.State) map[adsync.Kind]adsync.LinkCount {
	s.Helper()
	counts, err := st.Count(s.Context())
	s.must(err, "count")
	return counts
}

func (s *subject) sample(st adsync.State, source string, n int) []adsync.Link {
	s.Helper()
	list, err := st.Sample(s.Context(), source, n)
	s.must(err, "sample")
	return list
}

func (s *subject) owners(st adsync.State, targets ...adsync.TargetID) map[adsync.TargetID]adsync.Link {
	s.Helper()
	owners, err := st.Owners(s.Context(), targets)
	s.must(err, "owners")
	return owners
}
