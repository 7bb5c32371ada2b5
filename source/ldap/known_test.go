package ldap_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

// known is what a reader knows of a directory from a first read and the changes
// after it, kept as the engine keeps it: who leaves, leaves all groups too.
// Only the far ends of links, and those who a sweep finds missing, are nobody's
// reference any more without being told.
type known struct {
	source  *ldap.Source
	request adsync.ReadRequest
	// remains keeps who left the scope in the groups, as the engine does: only
	// the deleted leave them. Nobody is taken away as a manager but by the
	// source.
	remains bool

	during func() // called once, when 30 changes have come

	cursor   adsync.Cursor
	objects  map[adsync.Anchor]adsync.Object
	members  map[adsync.Anchor]map[adsync.Anchor]bool
	problems map[adsync.Anchor]error
	method   *adsync.Method
	snapshot bool
	sweep    bool
	changes  int // of the last read
	gone     error
}

func newKnown(s *ldap.Source, r adsync.ReadRequest) *known {
	r.Notes = &notebook{}
	k := &known{source: s, request: r}
	k.forget()
	return k
}

func (k *known) forget() {
	k.objects, k.members = map[adsync.Anchor]adsync.Object{}, map[adsync.Anchor]map[adsync.Anchor]bool{}
	k.problems = map[adsync.Anchor]error{}
}

// read does what the engine does: a full read where the cursor is gone, notes
// kept only together with the cursor.
func (k *known) read(t testing.TB) {
	t.Helper()
	k.gone = nil
	err := k.try(t.Context())
	if adsync.CodeOf(err) == adsync.CodeGone && k.cursor != "" {
		k.gone, k.cursor = err, ""
		err = k.try(t.Context())
	}
	require.NoError(t, err)
}

func (k *known) try(ctx context.Context) error {
	notes := k.request.Notes.(*notebook)
	draft := &known{remains: k.remains, objects: maps.Clone(k.objects), members: map[adsync.Anchor]map[adsync.Anchor]bool{}, problems: map[adsync.Anchor]error{}}
	for a, set := range k.members {
		draft.members[a] = maps.Clone(set)
	}
	r := k.request
	r.Since, r.Notes = k.cursor, notes.draft()
	named, done := map[adsync.Anchor]bool{}, false
	for b, err := range k.source.Read(ctx, r) {
		if err != nil {
			return err
		}
		if b.Snapshot && !draft.snapshot {
			draft.forget()
		}
		draft.snapshot, draft.sweep = b.Snapshot, b.Sweep
		for _, c := range b.Changes {
			draft.changes++
			draft.take(c)
			named[c.Object.Anchor] = true
		}
		for _, a := range b.Seen {
			named[a] = true
		}
		if during := k.during; during != nil && draft.changes >= 30 {
			k.during = nil
			during()
		}
		if done = b.Done; done {
			draft.cursor, draft.method = b.Next, b.Method
		}
	}
	if !done {
		return adsync.ErrIncomplete
	}
	if draft.sweep {
		for a := range draft.objects {
			if !named[a] {
				draft.leave(a, adsync.Deleted)
				draft.forgetRefs(a)
			}
		}
	}
	*notes = *r.Notes.(*notebook)
	k.objects, k.members, k.problems = draft.objects, draft.members, draft.problems
	k.cursor, k.method, k.snapshot, k.sweep, k.changes = draft.cursor, draft.method, draft.snapshot, draft.sweep, draft.changes
	return nil
}

func (k *known) take(c adsync.Change) {
	a := c.Object.Anchor
	switch {
	case c.Problem != nil:
		k.problems[a] = c.Problem
		return
	case c.MembersOnly:
	case c.Presence != adsync.Present:
		k.leave(a, c.Presence)
		return
	default:
		k.objects[a] = c.Object
	}
	if c.Members == nil {
		return
	}
	set := k.members[a]
	if set == nil || c.Members.Reset {
		set = map[adsync.Anchor]bool{}
		k.members[a] = set
	}
	for _, m := range c.Members.Add {
		set[m] = true
	}
	for _, m := range c.Members.Remove {
		delete(set, m)
	}
}

func (k *known) leave(a adsync.Anchor, why adsync.Presence) {
	delete(k.objects, a)
	delete(k.members, a)
	for _, set := range k.members {
		delete(set, a)
	}
	if why == adsync.Deleted {
		k.forgetRefs(a, "memberOf", "directReports")
	}
}

// forgetRefs takes an object out of what names it; all attributes when none is
// given.
func (k *known) forgetRefs(a adsync.Anchor, names ...string) {
	for other, o := range k.objects {
		o.Refs = maps.Clone(o.Refs)
		for name, refs := range o.Refs {
			if len(names) == 0 || slices.Contains(names, name) {
				o.Refs[name] = slices.DeleteFunc(slices.Clone(refs), func(r adsync.Anchor) bool { return r == a })
			}
		}
		k.objects[other] = o
	}
}

// lines tells all that is known, one fact a line, in order.
func (k *known) lines() (list []string) {
	for a, o := range k.objects {
		for name, values := range o.Attrs.All() {
			list = append(list, fmt.Sprintf("%s %s %s=%q", a, o.Kind, name, values))
		}
		list = append(list, fmt.Sprintf("%s %s in %s", a, o.Kind, strings.ToLower(o.Container)))
		for name, refs := range o.Refs {
			for _, r := range refs {
				list = append(list, fmt.Sprintf("%s %s -> %s", a, name, r))
			}
		}
		for m := range k.members[a] {
			if _, ok := k.objects[m]; ok {
				list = append(list, fmt.Sprintf("%s has member %s", a, m))
			}
		}
	}
	slices.Sort(list)
	return list
}

// fresh reads everything anew.
func (k *known) fresh(t testing.TB) *known {
	t.Helper()
	full := newKnown(k.source, k.request)
	full.read(t)
	require.True(t, full.snapshot)
	return full
}

// difference gives the facts that are known and not true, and those that are
// true and not known.
func (k *known) difference(full *known) (wrong, missing []string) {
	mine, theirs := k.lines(), full.lines()
	in := func(list []string, line string) bool { _, ok := slices.BinarySearch(list, line); return ok }
	for _, line := range mine {
		if !in(theirs, line) {
			wrong = append(wrong, line)
		}
	}
	for _, line := range theirs {
		if !in(mine, line) {
			missing = append(missing, line)
		}
	}
	return wrong, missing
}

// notebook is a source's memory.
type notebook struct{ notes map[string]string }

func (n *notebook) draft() *notebook { return &notebook{maps.Clone(n.notes)} }

func (n *notebook) Get(_ context.Context, name string) (string, bool, error) {
	value, ok := n.notes[name]
	return value, ok, nil
}

func (n *notebook) Put(_ context.Context, name, value string) error {
	if n.notes == nil {
		n.notes = map[string]string{}
	}
	if n.notes[name] = value; value == "" {
		delete(n.notes, name)
	}
	return nil
}

func (n *notebook) Scan(_ context.Context, prefix string) iter.Seq2[adsync.Note, error] {
	return func(yield func(adsync.Note, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(n.notes)) {
			if strings.HasPrefix(name, prefix) && !yield(adsync.Note{Name: name, Value: n.notes[name]}, nil) {
				return
			}
		}
	}
}
