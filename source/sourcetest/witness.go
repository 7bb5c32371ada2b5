package sourcetest

import (
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

var witnessChecks = []Check{
	{Name: "witness/counts the objects given", run: func(s *subject) {
		a := s.full(s.request())
		w := a.last().Witness
		if w == nil || len(w.Bases) == 0 {
			return
		}
		sum := 0
		for _, base := range w.Bases {
			sum += base.Objects
			if base.Objects > 0 && !base.Readable {
				s.Errorf("base %q gave objects and is said to be unreadable", base.Name)
			}
		}
		n := 0
		for _, c := range a.objects() {
			if c.Presence == adsync.Present {
				n++
			}
		}
		if sum != n {
			s.Errorf("the witness counts %d objects, and %d were given as present", sum, n)
		}
	}},
	{Name: "witness/counts the attributes given", run: func(s *subject) {
		a := s.full(s.request())
		if a.last().Witness == nil {
			return
		}
		for name, counted := range a.last().Witness.Attributes {
			if !slices.ContainsFunc(s.options.attributes, func(asked string) bool { return strings.EqualFold(asked, name) }) {
				continue // a source may count more than it was asked for
			}
			least, most := a.having(name)
			if counted < least || counted > most {
				s.Errorf("the witness counts %d objects with %s, and %d were given", counted, name, least)
			}
		}
	}},
	{Name: "witness/canaries were given", run: func(s *subject) {
		a := s.full(s.request())
		if a.last().Witness == nil {
			return
		}
		given := map[adsync.Anchor]bool{}
		for _, anchor := range a.anchors() {
			given[anchor] = true
		}
		for _, c := range a.last().Witness.Canaries {
			if !given[c.Anchor] {
				s.Errorf("the canary %q of %q was not among the objects", c.Anchor, c.Unit)
			}
		}
	}},
}

// having counts the objects with an attribute or reference. What an object
// with a problem had cannot be seen, so there is a range.
func (a answer) having(name string) (least, most int) {
	for _, c := range a.objects() {
		has := len(c.Object.Attrs.Values(name)) > 0
		for ref, anchors := range c.Object.Refs {
			has = has || strings.EqualFold(ref, name) && len(anchors) > 0
		}
		switch {
		case has:
			least++
			most++
		case c.Problem != nil:
			most++
		}
	}
	return least, most
}
