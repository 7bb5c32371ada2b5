package sourcetest

import "github.com/adsync/sdk/adsync"

var memberChecks = []Check{
	{Name: "members/only groups have them", run: func(s *subject) {
		for _, c := range s.full(s.request()).changes() {
			if c.Members != nil && c.Object.Kind != adsync.Group {
				s.Errorf("%s %s has members", c.Object.Kind, c.Object.Anchor)
			}
			if c.MembersOnly && c.Members == nil {
				s.Errorf("a change of %s is said to carry members only, and carries none", c.Object.Anchor)
			}
		}
	}},
	{Name: "members/a list begins with Reset and is closed", run: func(s *subject) {
		a := s.full(s.request())
		snapshot := a.last().Snapshot
		open := map[adsync.Anchor]bool{}
		closed := map[adsync.Anchor]bool{}
		for _, c := range a.changes() {
			m, a := c.Members, c.Object.Anchor
			switch {
			case m == nil:
				continue
			case !open[a] && !m.Reset && snapshot:
				s.Errorf("the members of %s in a snapshot do not begin with Reset", a)
			case open[a] && m.Reset:
				s.Errorf("the members of %s begin anew before the list was closed", a)
			case closed[a]:
				s.Errorf("the members of %s go on after a change without More", a)
			}
			open[a], closed[a] = m.More, !m.More
		}
		for a, more := range open {
			if more {
				s.Errorf("the members of %s end with More: the rest never came", a)
			}
		}
	}},
	{Name: "members/a snapshot removes nobody", run: func(s *subject) {
		a := s.full(s.request())
		for _, c := range a.changes() {
			if a.last().Snapshot && c.Members != nil && len(c.Members.Remove) > 0 {
				s.Errorf("members of %s are removed in a snapshot, which lists what there is", c.Object.Anchor)
			}
		}
	}},
	{Name: "members/each once and named", run: func(s *subject) {
		seen := map[[2]adsync.Anchor]bool{}
		for _, c := range s.full(s.request()).changes() {
			if c.Members == nil {
				continue
			}
			for _, m := range c.Members.Add {
				pair := [2]adsync.Anchor{c.Object.Anchor, m}
				if m == "" || seen[pair] {
					s.Errorf("the members of %s hold %q, which is empty or came before", c.Object.Anchor, m)
				}
				seen[pair] = true
			}
		}
	}},
	{Name: "members/further changes carry nothing else", run: func(s *subject) {
		for _, c := range s.full(s.request()).changes() {
			if c.MembersOnly && (c.Object.Attrs.Len() > 0 || c.Object.Anchor == "" || c.Presence != adsync.Present) {
				s.Errorf("a change that carries members only has attributes, no anchor, or says that the group left: %s", c.Object.Anchor)
			}
		}
	}},
}
