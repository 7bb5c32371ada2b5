package statetest

import (
	"time"

	"github.com/adsync/sdk/adsync"
)

const (
	uuidAnchor = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	binary     = "\x00\x01\xff\xfe\xed\xa0\x80\n"
)

var valueChecks = []Check{
	{Name: "values/binary", run: func(s *subject) {
		st := s.held()
		l := link(1)
		l.Applied = adsync.MakeAttributes(adsync.Attribute{Name: "objectSid", Values: []string{binary, "\x00", "", "plain"}})
		s.record(st, adsync.Record{Links: []adsync.Link{l}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{l}, "binary values")
	}},
	{Name: "values/blank is not absent", run: func(s *subject) {
		st := s.held()
		l := link(1)
		l.Applied = adsync.MakeAttributes(adsync.Attribute{Name: "cleared"}, adsync.Attribute{Name: "empty", Values: []string{""}})
		s.record(st, adsync.Record{Links: []adsync.Link{l}})
		got := all(s, st.Scan(s.Context(), src, false), "scan")[0].Applied
		if !got.Has("cleared") || len(got.Values("cleared")) != 0 {
			s.Errorf("an attribute without values came back as %q, present: %v", got.Values("cleared"), got.Has("cleared"))
		}
		s.equal(got, l.Applied, "attributes without values and with an empty one")
	}},
	{Name: "values/names keep their spelling", run: func(s *subject) {
		st := s.held()
		a, b := link(1), link(2)
		a.Applied = adsync.MakeAttributes(adsync.Attribute{Name: "Mail", Values: []string{"x"}})
		b.Applied = adsync.MakeAttributes(adsync.Attribute{Name: "mail", Values: []string{"x"}})
		s.record(st, adsync.Record{Links: []adsync.Link{a, b}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{a, b}, "names that differ in case alone")
	}},
	{Name: "values/order", run: func(s *subject) {
		st := s.held()
		l := link(1)
		l.Applied = adsync.MakeAttributes(adsync.Attribute{Name: "x", Values: []string{"b", "a", "b"}})
		s.record(st, adsync.Record{Links: []adsync.Link{l}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{l}, "values that are unsorted and repeated")
	}},
	{Name: "values/times are in UTC", run: func(s *subject) {
		st := s.held()
		l := link(1)
		l.Due = instant(1).In(time.FixedZone("far east", 9*3600))
		s.record(st, adsync.Record{Links: []adsync.Link{l}})
		got := all(s, st.Scan(s.Context(), src, false), "scan")[0].Due
		s.equal(got, l.Due, "the instant")
		if got.Location() != time.UTC {
			s.Errorf("a time came back in %s; plans must not depend on where a program runs", got.Location())
		}
	}},
	{Name: "values/far times", run: func(s *subject) {
		st := s.held()
		l, m := link(1), link(2)
		l.Due = time.Date(9999, 12, 31, 23, 59, 59, 999_999_900, time.UTC)
		m.Due = time.Date(1601, 1, 1, 0, 0, 0, 100, time.UTC)
		s.record(st, adsync.Record{Links: []adsync.Link{l, m}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{l, m}, "times at the ends of what a directory holds")
		s.equal(all(s, st.Due(s.Context(), instant(1)), "due"), []adsync.Link{m}, "what of them is due")
	}},
	{Name: "values/copies are kept apart", run: func(s *subject) {
		st := s.held()
		given := link(1)
		given.Applied = given.Applied.Clone()
		s.record(st, adsync.Record{Links: []adsync.Link{given}})
		given.Applied.Set("mail", "changed@example.net")
		got := all(s, st.Scan(s.Context(), src, false), "scan")
		s.equal(got, links(1), "the link after its giver changed the original")
		got[0].Applied.Set("mail", "changed@example.net")
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), links(1), "the link after a reader changed its copy")
	}},
	{Name: "anchors/UUIDs", run: func(s *subject) {
		st := s.held()
		uuid := link(1)
		uuid.Key = adsync.LinkKey{0x0a, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f, 0x60, 0x71, 0x82, 0x93, 0xa4, 0xb5, 0xc6, 0xd7, 0xe8, 0xf9}
		uuid.Anchor = uuidAnchor
		s.record(st, adsync.Record{Links: []adsync.Link{uuid}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{uuid}, "an anchor that is a UUID and its own key")
	}},
	{Name: "anchors/any text", run: func(s *subject) {
		st := s.held()
		var want []adsync.Link
		for i, a := range []adsync.Anchor{"uid=ada,ou=people", "Ärger", uuidAnchor, "", "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9"} {
			l := link(i)
			l.Anchor = a
			want = append(want, l)
		}
		s.record(st, adsync.Record{Links: want})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), want, "anchors of other forms")
	}},
	{Name: "anchors/any bytes", run: func(s *subject) {
		st := s.held()
		l := link(1)
		l.Anchor, l.Target = binary, binary+"t"
		problem := issue(binary, "mapping", "mail", 1)
		problem.Others, problem.Since = []adsync.Anchor{binary}, 1
		s.record(st, adsync.Record{Links: []adsync.Link{l}, Issues: []adsync.Issue{problem}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{l}, "an anchor that is no text")
		s.equal(s.owners(st, l.Target), map[adsync.TargetID]adsync.Link{l.Target: l}, "its owner")
		s.equal(all(s, st.ListIssues(s.Context()), "issues"), []adsync.Issue{problem}, "its issue")
	}},
	{Name: "anchors/a collision of keys is an error", run: func(s *subject) {
		st := s.held()
		s.record(st, adsync.Record{Links: links(1)})
		run := s.applying(st)
		for _, anchor := range []adsync.Anchor{"another", uuidAnchor, ""} {
			twin := link(1)
			twin.Anchor = anchor
			s.unchanged(st, "a second anchor under a key", func() {
				s.refused(st.Record(s.Context(), adsync.Record{Run: run, Links: []adsync.Link{link(0), twin}}), "a second anchor under a key")
			})
		}
		foreign := link(1)
		foreign.Source, foreign.Anchor = other, "another"
		s.must(st.Record(s.Context(), adsync.Record{Run: run, Links: []adsync.Link{foreign}}), "the same key in another source")
	}},
	{Name: "anchors/a collision within one record is an error", run: func(s *subject) {
		st := s.held()
		run := s.applying(st)
		twin := link(1)
		twin.Anchor = "another"
		s.unchanged(st, "two anchors under one key", func() {
			s.refused(st.Record(s.Context(), adsync.Record{Run: run, Links: []adsync.Link{link(1), twin}}), "two anchors under one key")
		})
	}},
	{Name: "anchors/a removed link gives its key free", run: func(s *subject) {
		st := s.held()
		s.record(st, adsync.Record{Links: links(1)})
		heir := link(1)
		heir.Anchor = "another"
		s.record(st, adsync.Record{Unlinked: []adsync.LinkRef{{Source: src, Key: key(1)}}, Links: []adsync.Link{heir}})
		s.equal(all(s, st.Scan(s.Context(), src, false), "scan"), []adsync.Link{heir}, "the link that took the key over")
	}},
}
