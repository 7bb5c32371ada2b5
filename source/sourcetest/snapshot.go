package sourcetest

import (
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

var snapshotChecks = []Check{
	{Name: "snapshot/each anchor once", run: func(s *subject) {
		anchors := s.full(s.request()).anchors()
		for i, a := range anchors {
			if i > 0 && a == anchors[i-1] && a != "" {
				s.Errorf("the object %s came more than once", a)
			}
		}
	}},
	{Name: "snapshot/every object", run: func(s *subject) {
		if s.options.anchors == nil {
			return
		}
		got := slices.Compact(s.full(s.request()).anchors())
		want := slices.Sorted(slices.Values(s.options.anchors))
		for _, a := range want {
			if !slices.Contains(got, a) {
				s.Errorf("the object %s was left out", a)
			}
		}
		for _, a := range got {
			if !slices.Contains(want, a) {
				s.Errorf("the object %s was not expected", a)
			}
		}
	}},
	{Name: "snapshot/the same twice", run: func(s *subject) {
		first := s.full(s.request())
		s.same(s.full(s.request()), first, "a second read of an unchanged directory")
	}},
	{Name: "snapshot/objects are well-formed", run: func(s *subject) {
		for _, c := range s.full(s.request()).changes() {
			for _, fault := range faultsOf(c) {
				s.Errorf("%s %q: %s", c.Object.Kind, c.Object.Anchor, fault)
			}
		}
	}},
	{Name: "snapshot/nothing is deleted in it", run: func(s *subject) {
		a := s.full(s.request())
		for _, c := range a.changes() {
			if a.last().Snapshot && c.Presence == adsync.Deleted {
				s.Errorf("%s %s is listed as deleted; a snapshot leaves it out", c.Object.Kind, c.Object.Anchor)
			}
		}
	}},
}

func faultsOf(c adsync.Change) []string {
	var faults []string
	if c.Object.Anchor == "" && c.Problem == nil {
		faults = append(faults, "it has no anchor, and no problem that says why")
	}
	if _, err := adsync.ParseKind(c.Object.Kind.String()); err != nil && c.Problem == nil {
		faults = append(faults, "its kind is invalid")
	}
	if c.Presence > adsync.Deleted {
		faults = append(faults, "its presence is invalid")
	}
	if isUUID(string(c.Object.Anchor)) && strings.ToLower(string(c.Object.Anchor)) != string(c.Object.Anchor) {
		faults = append(faults, "an anchor that is a UUID is written in lower case")
	}
	for name := range c.Object.Attrs.All() {
		if strings.TrimSpace(name) != name || name == "" {
			faults = append(faults, "an attribute has no proper name")
		}
	}
	for name, anchors := range c.Object.Refs {
		if slices.Contains(anchors, "") {
			faults = append(faults, "the reference "+name+" holds an empty anchor")
		}
	}
	return faults
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
		if dash != (c == '-') || !dash && !hex {
			return false
		}
	}
	return true
}
