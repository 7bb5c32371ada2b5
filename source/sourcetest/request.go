package sourcetest

import (
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

var requestChecks = []Check{
	{Name: "request/kinds", run: func(s *subject) {
		everything := s.full(s.request())
		for _, kind := range []adsync.Kind{adsync.User, adsync.Group, adsync.Contact, adsync.OrganizationalUnit} {
			r := s.request()
			r.Kinds = []adsync.Kind{kind}
			got := s.full(r)
			if !got.done() {
				s.Errorf("a read of kind %s ended without Done", kind)
			}
			s.same(got, everything.of(kind), "what a read of kind "+kind.String()+" gave")
		}
	}},
	{Name: "request/only the attributes asked for", run: func(s *subject) {
		for _, asked := range [][]string{nil, s.options.attributes[:1]} {
			r := s.request()
			r.Attributes = asked
			for _, c := range s.full(r).objects() {
				s.onlyAsked(c.Object, asked)
			}
		}
	}},
	{Name: "request/attribute names fold case", run: func(s *subject) {
		want := s.full(s.request())
		r := s.request()
		for i, name := range r.Attributes {
			r.Attributes[i] = strings.ToUpper(name)
		}
		if g, w := strings.ToLower(s.full(r).text()), strings.ToLower(want.text()); g != w {
			s.Errorf("attributes asked for in capitals differ: %s", difference(g, w))
		}
	}},
	{Name: "request/stays as it was", run: func(s *subject) {
		r := s.request()
		r.Kinds = []adsync.Kind{adsync.Group, adsync.User}
		s.full(r)
		if !slices.Equal(r.Attributes, s.options.attributes) || !slices.Equal(r.Kinds, []adsync.Kind{adsync.Group, adsync.User}) {
			s.Errorf("the source changed the lists of the request")
		}
	}},
}

// of gives the part of an answer that is of one kind.
func (a answer) of(kind adsync.Kind) answer {
	var part answer
	for _, c := range a.changes() {
		if c.Object.Kind == kind {
			part.batches = append(part.batches, adsync.Batch{Changes: []adsync.Change{c}})
		}
	}
	return part
}

func (s *subject) onlyAsked(o adsync.Object, asked []string) {
	s.Helper()
	unasked := func(name string) bool {
		return !slices.ContainsFunc(asked, func(a string) bool { return strings.EqualFold(a, name) })
	}
	for name := range o.Attrs.All() {
		if unasked(name) {
			s.Errorf("%s %s came with %s, and %q was asked for", o.Kind, o.Anchor, name, asked)
		}
	}
	for name := range o.Refs {
		if unasked(name) {
			s.Errorf("%s %s came with the reference %s, and %q was asked for", o.Kind, o.Anchor, name, asked)
		}
	}
}

var cursorChecks = []Check{
	{Name: "cursor/the same cursor gives the same answer", run: func(s *subject) {
		r := s.request()
		if r.Since = s.full(r).last().Next; r.Since == "" {
			return // snapshots only
		}
		first := s.full(r)
		if !first.done() {
			s.Errorf("a read from a cursor ended without Done")
		}
		s.same(s.full(r), first, "a second read from one cursor")
	}},
	{Name: "cursor/an unknown one is not an empty answer", run: func(s *subject) {
		r := s.request()
		r.Since = "no cursor that this source ever gave"
		a := s.read(s.Context(), r, nil)
		switch {
		case a.err != nil && adsync.CodeOf(a.err) != adsync.CodeGone:
			s.Errorf("an unknown cursor is answered with code %s, not gone: %v", adsync.CodeOf(a.err), a.err)
		case a.err == nil && !a.last().Snapshot:
			s.Errorf("an unknown cursor is answered as if nothing had been missed; answer with CodeGone or a snapshot")
		}
	}},
}

var onlyChecks = []Check{
	{Name: "only/honoured or unsupported", run: func(s *subject) {
		everything := s.full(s.request())
		if len(everything.objects()) == 0 {
			return
		}
		wanted := everything.objects()[0].Object.Anchor
		a, ok := s.only(wanted)
		if !ok {
			return
		}
		want := answer{batches: []adsync.Batch{{Changes: slices.DeleteFunc(everything.changes(), func(c adsync.Change) bool {
			return c.Object.Anchor != wanted
		})}}}
		s.same(a, want, "an object asked for alone")
	}},
	{Name: "only/is no snapshot and has no cursor", run: func(s *subject) {
		everything := s.full(s.request())
		if len(everything.objects()) == 0 {
			return
		}
		if a, ok := s.only(everything.objects()[0].Object.Anchor); ok {
			if !a.done() || a.last().Snapshot || a.last().Next != "" {
				s.Errorf("a read of one object: Done %v, Snapshot %v, Next %q", a.done(), a.last().Snapshot, a.last().Next)
			}
		}
	}},
	{Name: "only/an unknown anchor gives nothing else", run: func(s *subject) {
		a, ok := s.only("00000000-0000-4000-8000-00000000dead")
		for _, c := range a.changes() {
			if ok && (c.Object.Anchor != "00000000-0000-4000-8000-00000000dead" || c.Presence != adsync.Deleted) {
				s.Errorf("an anchor that nobody has was answered with %s %s, first of %d", c.Object.Kind, c.Object.Anchor, len(a.changes()))
				return
			}
		}
	}},
}

// only asks for one object; false when the source cannot.
func (s *subject) only(anchor adsync.Anchor) (answer, bool) {
	s.Helper()
	r := s.request()
	r.Only = []adsync.Anchor{anchor}
	a := s.read(s.Context(), r, nil)
	if a.err != nil && adsync.CodeOf(a.err) == adsync.CodeUnsupported {
		return answer{}, false
	}
	s.must(a.err, "a read of one object failed")
	return a, true
}
