package adsync_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// history is a directory that changes at random and can be read by its changes.
// It behaves as Active Directory does: a deleted object vanishes from its
// groups, and nothing is reported of those groups.
type history struct {
	w       *world
	random  *rand.Rand
	outside map[adsync.Anchor]bool
	touched map[adsync.Anchor]int // when it changed last
	dead    map[adsync.Anchor]int
	clock   int
	log     []string
	// broken objects come as problems.
	broken map[adsync.Anchor]bool
	// sweeps: removals are told by sweeps only, every third read.
	sweeps bool
	// differences: a read of changes tells which members came and went, and not
	// who they all are.
	differences bool
	events      []memberEvent
	reads       int
	single      bool
}

type memberEvent struct {
	at            int
	group, member adsync.Anchor
	added         bool
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{
		w: newWorld(t), random: rand.New(rand.NewPCG(seed, 1)), outside: map[adsync.Anchor]bool{}, broken: map[adsync.Anchor]bool{},
		touched: map[adsync.Anchor]int{}, dead: map[adsync.Anchor]int{}, sweeps: seed%2 == 0, single: seed%2 == 0 || seed%3 != 0, differences: seed%5 == 0,
	}
	for n := 1; n <= 12; n++ {
		h.w.person(n)
		h.touch(id(n))
	}
	for n := 101; n <= 103; n++ {
		h.w.group(n, fmt.Sprint("group ", n))
		h.touch(id(n))
	}
	for range h.random.IntN(40) {
		h.step()
	}
	h.w.mapper.err = func(o adsync.Object) error {
		if o.Attrs.Get("description") == "skip" {
			return adsync.ErrSkip
		}
		return nil
	}
	return h
}

// choosy is a target that refuses a value.
type choosy struct{ *memory.Sink }

func (c choosy) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	if op.Set.Get("phone") == "refused" {
		return adsync.Receipt{}, &adsync.Error{Code: adsync.CodeInvalid, Attr: "phone"}
	}
	return c.Sink.Apply(ctx, op)
}

func (c choosy) ApplyBatch(ctx context.Context, b adsync.OpBatch) ([]adsync.Result, error) {
	out := make([]adsync.Result, len(b.Ops))
	for i, op := range b.Ops {
		out[i].Receipt, out[i].Err = c.Apply(ctx, op)
	}
	return out, nil
}

func (h *history) touch(a adsync.Anchor) { h.clock++; h.touched[a] = h.clock }

func (h *history) anyone() adsync.Anchor { return id(1 + h.random.IntN(16)) }

// step changes something.
func (h *history) step() {
	a, group := h.anyone(), id(101+h.random.IntN(3))
	o, there := h.w.people[a]
	n := h.random.IntN(17)
	h.log = append(h.log, fmt.Sprint(n, " ", a[30:], " ", group[33:]))
	switch {
	case !there && n < 6:
		if _, again := h.dead[a]; again && h.sweeps {
			return // nobody who is blind to removals can know
		}
		fmt.Sscanf(string(a[30:]), "%d", &n)
		h.w.person(n)
	case !there:
		return
	case n < 2: // deleted: it vanishes from its groups
		delete(h.w.people, a)
		delete(h.outside, a)
		for g, members := range h.w.members {
			h.w.members[g] = slices.DeleteFunc(slices.Clone(members), func(m adsync.Anchor) bool { return m == a })
		}
		for b, other := range h.w.people {
			if slices.Contains(other.Refs["manager"], a) {
				other.Refs = nil
				h.w.people[b] = other
				h.touch(b) // a reference that is cleared is a change
			}
		}
		h.clock++
		h.dead[a] = h.clock
		return
	case n == 2:
		h.outside[a] = !h.outside[a]
	case n == 3:
		o.Attrs = o.Attrs.Clone()
		o.Attrs.Set("title", fmt.Sprint("title ", h.clock))
		h.w.people[a] = o
	case n == 4: // incomplete, or complete again
		o.Attrs = o.Attrs.Clone()
		if o.Attrs.Get("email") == "" {
			o.Attrs.Set("email", o.Attrs.Get("logon"))
		} else {
			o.Attrs.Delete("email")
		}
		h.w.people[a] = o
	case n == 5:
		o.Attrs = o.Attrs.Clone()
		o.Attrs.Set("active", map[string]string{"true": "false", "false": "true"}[o.Attrs.Get("active")])
		h.w.people[a] = o
	case n == 6:
		if m := h.anyone(); h.w.people[m].Kind != 0 {
			o.Refs = map[string][]adsync.Anchor{"manager": {m}}
			h.w.people[a] = o
		}
	case n == 7: // it cannot be read, or can be again
		h.broken[a] = !h.broken[a]
	case n == 8:
		h.w.members[group] = slices.DeleteFunc(slices.Clone(h.w.members[group]), func(m adsync.Anchor) bool { return m == a })
		h.events = append(h.events, memberEvent{h.clock + 1, group, a, false})
		a = group
	case (n == 12 || n == 13) && h.sweeps: // it would count whether that was before it left or after
		return
	case n == 12: // the target refuses it, or takes it again
		o.Attrs = o.Attrs.Clone()
		if o.Attrs.Get("phone") == "" {
			o.Attrs.Set("phone", "refused")
		} else {
			o.Attrs.Delete("phone")
		}
		h.w.people[a] = o
	case n == 13: // the mapping leaves it out, or takes it again
		o.Attrs = o.Attrs.Clone()
		if o.Attrs.Get("description") == "" {
			o.Attrs.Set("description", "skip")
		} else {
			o.Attrs.Delete("description")
		}
		h.w.people[a] = o
	case n == 14:
		o.Refs = nil
		h.w.people[a] = o
	case n != 16:
		if !slices.Contains(h.w.members[group], a) {
			h.w.members[group] = append(slices.Clone(h.w.members[group]), a)
			h.events = append(h.events, memberEvent{h.clock + 1, group, a, true})
		}
		a = group
	case n == 16:
		h.outside[group] = !h.outside[group]
		a = group
	}
	h.touch(a)
}

func (h *history) change(a adsync.Anchor) adsync.Change {
	o := h.w.people[a]
	switch {
	case h.broken[a]:
		return adsync.Change{Object: adsync.Object{Kind: o.Kind, Anchor: a}, Problem: adsync.Errorf(adsync.CodeUnavailable, "it changed while it was read")}
	case h.outside[a]:
		return adsync.Change{Object: adsync.Object{Kind: o.Kind, Anchor: a}, Presence: adsync.OutOfScope}
	}
	var n int
	fmt.Sscanf(string(a[30:]), "%d", &n)
	return h.w.shows(n)[0]
}

// Read gives all, or what changed after the cursor.
func (h *history) Read(_ context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		if len(r.Only) > 0 && !h.single {
			yield(adsync.Batch{}, adsync.Errorf(adsync.CodeUnsupported, "all or nothing"))
			return
		}
		b := adsync.Batch{Done: true, Snapshot: r.Since == "" && len(r.Only) == 0}
		if len(r.Only) == 0 {
			b.Next = adsync.Cursor(fmt.Sprint(h.clock))
			h.reads++
		}
		since := 0
		fmt.Sscan(string(r.Since), &since)
		b.Sweep = h.sweeps && r.Since != "" && h.reads%3 == 0
		for a, at := range h.dead {
			if at > since && r.Since != "" && !h.sweeps && len(r.Only) == 0 {
				b.Changes = append(b.Changes, adsync.Change{Object: adsync.Object{Kind: adsync.User, Anchor: a}, Presence: adsync.Deleted})
			}
		}
		for _, a := range slices.Sorted(maps.Keys(h.w.people)) {
			switch {
			case len(r.Only) > 0 && !slices.Contains(r.Only, a):
			case b.Snapshot && h.outside[a]:
			case b.Sweep && h.touched[a] <= since && !h.outside[a]:
				b.Seen = append(b.Seen, a)
			case len(r.Only) > 0 || h.touched[a] > since && (!h.sweeps || !h.outside[a]):
				c := h.change(a)
				if h.differences && !h.sweeps && r.Since != "" && c.Members != nil {
					c.Members = h.since(a, since)
				}
				b.Changes = append(b.Changes, c)
			}
		}
		if h.sweeps {
			b.Method = &adsync.Method{Name: "blind", RemovalsAsOf: time.Unix(1, 0)}
		}
		yield(b, nil)
	}
}

// since tells which members of a group came and went; the last word counts.
func (h *history) since(group adsync.Anchor, at int) *adsync.MemberChange {
	last := map[adsync.Anchor]bool{}
	for _, e := range h.events {
		if e.group == group && e.at > at && h.w.people[e.member].Kind != 0 && h.dead[e.member] < e.at {
			last[e.member] = e.added
		}
	}
	m := &adsync.MemberChange{}
	for _, a := range slices.Sorted(maps.Keys(last)) {
		if last[a] {
			m.Add = append(m.Add, a)
		} else {
			m.Remove = append(m.Remove, a)
		}
	}
	return m
}

// ends lists what a target holds, under the names of the source. Groups out of
// scope are left as they are, which may be as they were at different times.
func (h *history) ends(sink *memory.Sink) string {
	named := map[adsync.TargetID]string{}
	for _, t := range sink.Objects() {
		named[t.ID] = t.Attrs.Get(adsync.AttrExternalID)[30:]
	}
	var lines []string
	for _, t := range sink.Objects() {
		if t.Kind == adsync.Group && h.outside[adsync.Anchor(t.Attrs.Get(adsync.AttrExternalID))] {
			continue
		}
		var members []string
		for _, m := range sink.Members(t.ID) {
			members = append(members, named[m])
		}
		slices.Sort(members)
		manager := named[adsync.TargetID(t.Attrs.Get("manager"))]
		lines = append(lines, fmt.Sprint(named[t.ID], " inactive=", t.Inactive, " title=", t.Attrs.Get("title"), " phone=", t.Attrs.Get("phone"), " manager=", manager, " ", members))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Whatever happened in a directory: read by its changes, the target ends as it
// does when everything is read every time.
//
// Red when members of the deleted stay (partDeleted), when what waits is
// remembered for deltas only (movesOn), when objects that could not be read are
// not read again (readAgain), when a sweep's absentees stay (stageAbsentOf).
func TestReadByChangesEndsAsReadInFull(t *testing.T) {
	for seed := range uint64(400) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h := newHistory(t, seed)
			engine := func(sink adsync.Sink, store adsync.StateStore, snapshot bool) *adsync.Engine {
				e, err := adsync.New(adsync.Job{
					Target: "app", Sources: adsync.From("ad", h), Sink: sink, Mapper: h.w.mapper, Matcher: plainMatcher{}, State: store, Snapshot: snapshot,
					Required: map[adsync.Kind][]string{adsync.User: {"email"}}, Guard: unguarded, Kinds: []adsync.Kind{adsync.User, adsync.Group},
				})
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, e.Close()) })
				return e
			}
			changes, full := memory.New(), memory.New()
			byChanges, inFull := engine(choosy{changes}, adsync.NewMemoryState(), false), engine(choosy{full}, adsync.NewMemoryState(), true)
			for day := range 14 {
				h.log = append(h.log, fmt.Sprint("\nday ", day, ":"))
				for range h.random.IntN(6) {
					h.step()
				}
				if day == 13 { // everybody can be read at last, and is swept
					clear(h.broken)
					h.reads = 2
				}
				reads := h.reads
				report, err := byChanges.Run(t.Context())
				require.NoError(t, err, h.log)
				require.Zero(t, report.Sources[0].Missed, h.log)
				h.reads = reads
				_, err = inFull.Run(t.Context())
				require.NoError(t, err, h.log)
				h.reads = reads + 1
				if !h.sweeps && len(h.broken) == 0 {
					require.Equal(t, h.ends(full), h.ends(changes), "day %d: %v", day, h.log)
				}
			}
			require.Equal(t, h.ends(full), h.ends(changes), h.log)
		})
	}
}

var unguarded = adsync.Guard{Leaving: adsync.Limit{Off: true}, Creates: adsync.Limit{Off: true}, Updates: adsync.Limit{Off: true}, Adoptions: adsync.Limit{Off: true}}
