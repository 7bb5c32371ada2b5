package sourcetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// subject is the source under test together with short ways to use it.
type subject struct {
	T
	source  adsync.Source
	options options
}

func (s *subject) must(err error, what string) {
	s.Helper()
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
}

// request asks for everything with the attributes that the options name.
func (s *subject) request() adsync.ReadRequest {
	return adsync.ReadRequest{Attributes: slices.Clone(s.options.attributes)}
}

// answer is one read from beginning to end. Batches are kept with copies of
// their slices of changes, which a source may reuse; what is in a change it
// may not.
type answer struct {
	batches []adsync.Batch
	err     error
	// late counts what came after an error or after Done.
	late int
}

// read ranges over one read to its end. During is called after each batch.
func (s *subject) read(ctx context.Context, r adsync.ReadRequest, during func(n int)) answer {
	var a answer
	ended := false
	for b, err := range s.source.Read(ctx, r) {
		if ended {
			a.late++
			continue
		}
		if err != nil {
			a.err, ended = err, true
			continue
		}
		b.Changes = slices.Clone(b.Changes)
		a.batches = append(a.batches, b)
		ended = b.Done
		if during != nil {
			during(len(a.batches))
		}
	}
	return a
}

// full reads to the end and ends the check when that fails.
func (s *subject) full(r adsync.ReadRequest) answer {
	s.Helper()
	a := s.read(s.Context(), r, nil)
	s.must(a.err, "a read failed")
	return a
}

func (a answer) last() adsync.Batch {
	if len(a.batches) == 0 {
		return adsync.Batch{}
	}
	return a.batches[len(a.batches)-1]
}

func (a answer) done() bool {
	return slices.ContainsFunc(a.batches, func(b adsync.Batch) bool { return b.Done })
}

func (a answer) changes() []adsync.Change {
	var all []adsync.Change
	for _, b := range a.batches {
		all = append(all, b.Changes...)
	}
	return all
}

// objects gives the changes that carry an object, not only members.
func (a answer) objects() []adsync.Change {
	return slices.DeleteFunc(a.changes(), func(c adsync.Change) bool { return c.MembersOnly })
}

func (a answer) anchors() []adsync.Anchor {
	var list []adsync.Anchor
	for _, c := range a.objects() {
		list = append(list, c.Object.Anchor)
	}
	slices.Sort(list)
	return list
}

// text gives what was read, whatever the order and the pages.
func (a answer) text() string {
	members := map[adsync.Anchor][]adsync.Anchor{}
	var lines []string
	for _, c := range a.changes() {
		if c.Members != nil {
			members[c.Object.Anchor] = append(members[c.Object.Anchor], c.Members.Add...)
		}
		if !c.MembersOnly {
			lines = append(lines, textOf(c))
		}
	}
	for group, list := range members {
		slices.Sort(list)
		lines = append(lines, fmt.Sprintf("members of %s: %s", group, list))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// textOf leaves Origin out, which is for people and may differ.
func textOf(c adsync.Change) string {
	var b strings.Builder
	o := c.Object
	fmt.Fprintf(&b, "%s %s %s in %q:", c.Presence, o.Kind, o.Anchor, o.Container)
	for name, values := range o.Attrs.All() {
		fmt.Fprintf(&b, " %s=%q", name, slices.Sorted(slices.Values(values)))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Refs)) {
		fmt.Fprintf(&b, " %s->%q", name, slices.Sorted(slices.Values(o.Refs[name])))
	}
	if c.Problem != nil {
		b.WriteString(" problem")
	}
	return b.String()
}

// same compares two answers.
func (s *subject) same(got, want answer, what string) {
	s.Helper()
	if g, w := got.text(), want.text(); g != w {
		s.Errorf("%s differs: %s", what, difference(g, w))
	}
}

// difference shows the first line that one text has and the other has not.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for _, line := range g {
		if !slices.Contains(w, line) {
			return "only in the second: " + line
		}
	}
	for _, line := range w {
		if !slices.Contains(g, line) {
			return "only in the first: " + line
		}
	}
	return "the same lines, another number of times"
}

// released complains about what the source still holds.
func (s *subject) released(when string) {
	s.Helper()
	if s.options.held == nil {
		return
	}
	if n := s.options.held(s.source); n != 0 {
		s.Errorf("%s the source still holds %d of its connections, searches or files", when, n)
	}
}
