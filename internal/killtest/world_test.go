package killtest

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// lastDay is the last of the days that the directory lives through.
const lastDay = 6

// directory is what a made-up directory holds at the end of a day.
type directory struct {
	objects map[adsync.Anchor]adsync.Object
	members map[adsync.Anchor][]adsync.Anchor
	left    map[adsync.Anchor]adsync.Presence
}

func id(n int) adsync.Anchor {
	return adsync.Anchor(fmt.Sprintf("5f0c%04d-1111-4000-8000-%012d", n*7919%9973, n))
}

// on gives the directory at the end of a day.
func on(day int) *directory {
	d := &directory{objects: map[adsync.Anchor]adsync.Object{}, members: map[adsync.Anchor][]adsync.Anchor{}, left: map[adsync.Anchor]adsync.Presence{}}
	for i, happen := range []func(){
		func() { // everything is new
			for n := 1; n <= 9; n++ {
				d.person(n)
			}
			d.person(2, "manager", string(id(1)))
			d.group(100, "Staff", 1, 2, 3, 4)
			d.group(101, "Team", 2, 5)
		},
		func() { // joiners, a rename, two who exchange their addresses, members
			d.person(10, "manager", string(id(11)))
			d.person(11)
			d.person(1, "lastName", "Married", "displayName", "First1 Married")
			d.person(3, "email", "p4@example.com")
			d.person(4, "email", "p3@example.com")
			d.group(100, "Staff", 1, 2, 3, 9, 10)
		},
		func() { // leavers of every sort; a member who is not there yet
			d.leave(5, adsync.Deleted)
			d.leave(6, adsync.OutOfScope)
			d.person(7, "active", "false")
			d.group(101, "Team and others", 2, 8, 12)
		},
		func() { // the cursor is lost and everything is read
			d.person(12)
			d.leave(8, adsync.Deleted)
			d.person(2, "title", "Clerk", "manager", string(id(12)))
			d.group(102, "New", 1, 12, 10)
		},
		func() { // one comes back; three pass their addresses round
			d.person(6, "title", "Back")
			d.person(1, "lastName", "Married", "displayName", "First1 Married", "email", "p9@example.com")
			d.person(9, "email", "p11@example.com")
			d.person(11, "email", "p1@example.com")
			d.person(7)
			d.group(102, "New", 12, 13, 6)
		},
		func() { // the one who was waited for; everybody's title changes
			d.person(13)
			for n := range 13 {
				if o, ok := d.objects[id(n+1)]; ok {
					o.Attrs = o.Attrs.Clone()
					o.Attrs.Set("title", "Director")
					d.objects[id(n+1)] = o
				}
			}
			d.leave(10, adsync.OutOfScope)
		},
	} {
		if i < day {
			happen()
		}
	}
	return d
}

// person puts a user there, whole. Further pairs add to it or replace.
func (d *directory) person(n int, pairs ...string) {
	o := adsync.Object{Kind: adsync.User, Anchor: id(n), Container: "OU=People,DC=example,DC=com"}
	p := fmt.Sprintf("p%d@example.com", n)
	for _, pair := range [][2]string{
		{"logon", p},
		{"email", p},
		{"firstName", fmt.Sprint("First", n)},
		{"lastName", fmt.Sprint("Last", n)},
		{"displayName", fmt.Sprintf("First%d Last%d", n, n)},
		{"active", "true"},
	} {
		o.Attrs.Set(pair[0], pair[1])
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == "manager" {
			o.Refs = map[string][]adsync.Anchor{"manager": {adsync.Anchor(pairs[i+1])}}
			continue
		}
		o.Attrs.Set(pairs[i], pairs[i+1])
	}
	d.objects[id(n)] = o
	delete(d.left, id(n))
}

func (d *directory) group(n int, name string, members ...int) {
	o := adsync.Object{Kind: adsync.Group, Anchor: id(n), Container: "OU=Groups,DC=example,DC=com"}
	o.Attrs.Set("name", name)
	d.objects[id(n)] = o
	d.members[id(n)] = nil
	for _, m := range members {
		d.members[id(n)] = append(d.members[id(n)], id(m))
	}
}

func (d *directory) leave(n int, how adsync.Presence) {
	delete(d.objects, id(n))
	d.left[id(n)] = how
	for g, members := range d.members {
		if how == adsync.Deleted {
			d.members[g] = slices.DeleteFunc(slices.Clone(members), func(m adsync.Anchor) bool { return m == id(n) })
		}
	}
}

// days is the directory as a source. Its cursor is the day that was read.
type days struct {
	today int
	// early, where it is set, is a fault: a file with a cursor that moves with
	// the read, whatever becomes of what was read.
	early string
}

func cursorOf(day int) adsync.Cursor { return adsync.Cursor("day " + strconv.Itoa(day)) }

func dayOf(c adsync.Cursor) int {
	day, _ := strconv.Atoi(strings.TrimPrefix(string(c), "day "))
	return day
}

func (s *days) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		since := r.Since
		if moved, err := os.ReadFile(s.early); err == nil && since != "" && dayOf(adsync.Cursor(moved)) > dayOf(since) {
			since = adsync.Cursor(moved)
		}
		switch {
		case len(r.Only) > 0:
			yield(adsync.Batch{Changes: on(s.today).only(r.Only), Done: true}, nil)
			return
		case since != "" && s.today == 4 && dayOf(since) == 3:
			yield(adsync.Batch{}, adsync.Errorf(adsync.CodeGone, "days: the cursor is forgotten"))
			return
		}
		changes := between(on(dayOf(since)), on(s.today), since == "")
		for part := range slices.Chunk(changes, 5) {
			for _, c := range part {
				if err := r.Notes.Put(ctx, "seen/"+string(c.Object.Anchor), strconv.Itoa(s.today)); err != nil {
					yield(adsync.Batch{}, err)
					return
				}
			}
			if !yield(adsync.Batch{Changes: part, Snapshot: since == ""}, nil) {
				return
			}
		}
		if s.early != "" {
			_ = os.WriteFile(s.early, []byte(cursorOf(s.today)), 0o600)
		}
		yield(adsync.Batch{Snapshot: since == "", Done: true, Next: cursorOf(s.today)}, nil)
	}
}

// only gives some objects as they are.
func (d *directory) only(anchors []adsync.Anchor) (changes []adsync.Change) {
	for _, anchor := range anchors {
		c := adsync.Change{Object: d.objects[anchor]}
		switch how, left := d.left[anchor]; {
		case left:
			c.Object, c.Presence = adsync.Object{Kind: adsync.User, Anchor: anchor}, how
		case c.Object.Anchor == "":
			c.Object, c.Presence = adsync.Object{Kind: adsync.User, Anchor: anchor}, adsync.Deleted
		case c.Object.Kind == adsync.Group:
			c.Members = &adsync.MemberChange{Reset: true, Add: d.members[anchor]}
		}
		changes = append(changes, c)
	}
	return changes
}

// between gives what changed from one day to another, or all there is.
func between(from, to *directory, whole bool) (changes []adsync.Change) {
	for _, anchor := range slices.Sorted(maps.Keys(to.objects)) {
		o := to.objects[anchor]
		c := adsync.Change{Object: o}
		if o.Kind == adsync.Group {
			c.Members = &adsync.MemberChange{Reset: whole, Add: without(to.members[anchor], from.members[anchor]), Remove: without(from.members[anchor], to.members[anchor])}
			if whole {
				c.Members.Add, c.Members.Remove = to.members[anchor], nil
			}
		}
		old, known := from.objects[anchor]
		if whole || !known || text(o) != text(old) || c.Members != nil && len(c.Members.Add)+len(c.Members.Remove) > 0 {
			changes = append(changes, c)
		}
	}
	for _, anchor := range slices.Sorted(maps.Keys(from.objects)) {
		if how, left := to.left[anchor]; left && !whole {
			changes = append(changes, adsync.Change{Object: adsync.Object{Kind: adsync.User, Anchor: anchor}, Presence: how})
		}
	}
	return changes
}

func without(list, others []adsync.Anchor) (out []adsync.Anchor) {
	for _, a := range list {
		if !slices.Contains(others, a) {
			out = append(out, a)
		}
	}
	return out
}

func text(o adsync.Object) string {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// asIs is a mapping for objects that have the target's shape already.
type asIs struct{}

func (asIs) Map(o adsync.Object) (adsync.Object, error) { return o, nil }
func (asIs) Digest() string                             { return "as is" }
func (asIs) Attributes() []string {
	return []string{"logon", "email", "firstName", "lastName", "displayName", "title", "manager", "active", "name"}
}

func (asIs) Produces(kind adsync.Kind) []string {
	if kind == adsync.User {
		return []string{"logon", "email", "firstName", "lastName", "displayName", "active"}
	}
	return []string{"name"}
}
