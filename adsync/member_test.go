package adsync_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// ids gives anchors from..to.
func ids(from, to int) (out []adsync.Anchor) {
	for n := from; n <= to; n++ {
		out = append(out, id(n))
	}
	return out
}

// memberChange speaks of group 5000, with its object or of its members only.
func (w *world) memberChange(only bool, m adsync.MemberChange) adsync.Change {
	if only {
		return adsync.Change{Object: adsync.Object{Kind: adsync.Group, Anchor: id(5000)}, MembersOnly: true, Members: &m}
	}
	return adsync.Change{Object: w.people[id(5000)], Members: &m}
}

func (w *world) memberNumbers(n int) []int {
	var out []int
	g := w.target(n)
	require.NotNil(w.t, g)
	for _, m := range w.sink.Members(g.ID) {
		t, _ := w.sink.Object(m)
		for i := range 5000 {
			if t.Attrs.Get(adsync.AttrExternalID) == string(id(i)) {
				out = append(out, i)
				break
			}
		}
	}
	slices.Sort(out)
	return out
}

// crew is a world with people 1..8 and group 5000, which are there already.
func crew(t *testing.T, reads ...func(*world) []step) *world {
	w := newWorld(t).crowd(1, 8)
	w.group(5000, "crew")
	people := w.shows(1, 2, 3, 4, 5, 6, 7, 8)
	list := [][]step{whole("1", slices.Concat(people, []adsync.Change{w.memberChange(false, adsync.MemberChange{Reset: true, Add: ids(1, 4)})})...)}
	for _, r := range reads {
		list = append(list, r(w))
	}
	w.reads(list...)
	require.Equal(t, 4, w.run().Counts.Members)
	return w
}

func TestLargeGroupGoesInParts(t *testing.T) {
	w := newWorld(t).crowd(1, 2500).with(func(j *adsync.Job) { j.Guard.MembersRemoved.Off = true })
	w.group(5000, "everyone", ids(1, 2500)...)
	report := w.run()
	require.Equal(t, adsync.Counts{Create: 2501, Members: 2500}, report.Counts)
	require.Len(t, w.sink.Members(w.target(5000).ID), 2500)
	for _, c := range w.sink.Calls() {
		require.LessOrEqual(t, len(c.Op.Add), 1000)
	}
	w.requireEffectsOnce()
	require.Equal(t, adsync.Counts{Unchanged: 2501}, w.run().Counts)
	w.group(5000, "everyone", slices.Concat(ids(1, 100), ids(1200, 2500))...)
	require.Equal(t, 1099, w.run().Counts.Members)
	require.Len(t, w.sink.Members(w.target(5000).ID), 1401)
	w.requireEffectsOnce()
}

// Parts of one group follow one another, however many batches may be under way.
func TestPartsOfAGroupAreNotUnderWayTogether(t *testing.T) {
	w := newWorld(t).crowd(1, 4500)
	w.sink.Rules.InFlight, w.sink.Rules.Replay = 4, adsync.ReplayKeyed
	w.sink.Rules.MaxBatch = 1
	w.group(5000, "everyone", ids(1, 4500)...)
	w.refer(5000, "manager", id(1))
	w.with(func(j *adsync.Job) { j.Guard.Creates.Off = true })
	report := w.run()
	require.Equal(t, 4500, report.Counts.Members)
	require.Equal(t, string(w.target(1).ID), w.target(5000).Attrs.Get("manager"))
	link := w.links("ad")[id(5000)]
	require.Equal(t, uint64(7), link.Generation, "create, manager, five parts")
	require.Equal(t, string(id(1)), link.Applied.Get("manager"))
	w.requireEffectsOnce()
	require.Equal(t, adsync.Counts{Unchanged: 4501}, w.run().Counts)
}

func TestMembersSpreadOverSeveralChanges(t *testing.T) {
	for name, c := range map[string]struct {
		changes func(w *world) []adsync.Change
		want    []int
	}{
		"added and removed": {func(w *world) []adsync.Change {
			return []adsync.Change{w.memberChange(true, adsync.MemberChange{Add: ids(5, 6), Remove: ids(1, 1)})}
		}, []int{2, 3, 4, 5, 6}},
		"the last word counts": {func(w *world) []adsync.Change {
			return []adsync.Change{
				w.memberChange(true, adsync.MemberChange{Add: ids(5, 6), More: true}),
				w.memberChange(true, adsync.MemberChange{Remove: ids(4, 5)}),
				w.memberChange(true, adsync.MemberChange{Add: ids(4, 4)}),
			}
		}, []int{1, 2, 3, 4, 6}},
		"reset, in three parts": {func(w *world) []adsync.Change {
			return []adsync.Change{
				w.memberChange(false, adsync.MemberChange{Reset: true, Add: ids(7, 7), More: true}),
				w.memberChange(true, adsync.MemberChange{Add: ids(3, 3), More: true}),
				w.memberChange(true, adsync.MemberChange{Add: ids(8, 8)}),
			}
		}, []int{3, 7, 8}},
		"reset to nobody": {func(w *world) []adsync.Change {
			return []adsync.Change{w.memberChange(true, adsync.MemberChange{Reset: true})}
		}, nil},
		"reset twice: the last list counts": {func(w *world) []adsync.Change {
			return []adsync.Change{
				w.memberChange(false, adsync.MemberChange{Reset: true, Add: ids(5, 8)}),
				w.memberChange(false, adsync.MemberChange{Reset: true, Add: ids(1, 2)}),
			}
		}, []int{1, 2}},
		"what was said before the reset is forgotten": {func(w *world) []adsync.Change {
			return []adsync.Change{
				w.memberChange(true, adsync.MemberChange{Add: ids(5, 8)}),
				w.memberChange(false, adsync.MemberChange{Reset: true, Add: ids(1, 2)}),
				w.memberChange(true, adsync.MemberChange{Add: ids(8, 8)}),
			}
		}, []int{1, 2, 8}},
		// P3: a list that is cut short removes nobody.
		"more was to follow and did not": {func(w *world) []adsync.Change {
			return []adsync.Change{w.memberChange(false, adsync.MemberChange{Reset: true, Add: ids(4, 5), More: true})}
		}, []int{1, 2, 3, 4, 5}},
		"a part could not be read": {func(w *world) []adsync.Change {
			bad := w.memberChange(true, adsync.MemberChange{Add: ids(6, 6)})
			bad.MembersOnly, bad.Problem = false, errors.New("range 1500 to 2999: no answer")
			return []adsync.Change{w.memberChange(false, adsync.MemberChange{Reset: true, Add: ids(4, 5)}), bad}
		}, []int{1, 2, 3, 4, 5}},
		"the group could not be read": {func(w *world) []adsync.Change {
			bad := w.memberChange(false, adsync.MemberChange{Reset: true})
			bad.Problem = errors.New("no right to read it")
			return []adsync.Change{bad}
		}, []int{1, 2, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			w := crew(t, func(w *world) []step { return delta("2", c.changes(w)...) })
			w.run()
			require.Equal(t, c.want, w.memberNumbers(5000))
		})
	}
}

func TestOnlyMembersThatWeAddedAreRemoved(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.group(100, "crew", id(1), id(2))
	w.run()
	byHand := w.sink.Add(adsync.Target{Kind: adsync.User, Attrs: text("logon", "hand@example.com")})
	w.sink.AddMember(w.target(100).ID, byHand)
	w.sink.AddMember(w.target(100).ID, w.target(3).ID)
	w.group(100, "crew")
	require.Equal(t, 2, w.run().Counts.Members)
	require.Equal(t, []adsync.TargetID{w.target(3).ID, byHand}, w.sink.Members(w.target(100).ID))
}

func TestMembersThatAreNotInTheTarget(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.person(2, "firstName", "").person(3, "active", "false")
	w.people[id(4)] = object(adsync.OrganizationalUnit, id(4), map[string]string{"name": "a unit"})
	w.with(func(j *adsync.Job) { j.Required = map[adsync.Kind][]string{adsync.User: {"firstName"}} })
	w.group(100, "crew", id(1), id(2), id(3), id(4), id(77), id(101))
	w.group(101, "part of it")
	report := w.run()
	require.Equal(t, 2, report.Counts.Members, "quarantined, skipped, of another kind and unknown are left out")
	w.person(2)
	require.Equal(t, 1, w.run().Counts.Members, "it is added once it is there")
	w.person(77)
	require.Equal(t, 1, w.run().Counts.Members)
	require.Zero(t, w.run().Counts.Writes())
}

// A member that is in conflict or quarantine now and in the target already
// stays what it is there.
func TestMemberInQuarantineIsLeftAsItIs(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.group(100, "crew", id(1), id(2))
	w.run()
	w.person(1, "firstName", "x", "title", string(make([]byte, 300)))
	require.Zero(t, w.run().Counts.Members)
	require.Len(t, w.sink.Members(w.target(100).ID), 2)
}

func TestGroupThatIsGoneFromTheTarget(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.group(100, "crew", id(1), id(2))
	w.run()
	w.sink.Remove(w.target(100).ID)
	w.group(100, "crew", id(1), id(3))
	report := w.run()
	require.Equal(t, []string{"000000000100 target-gone "}, codes(report))
	report = w.run()
	require.Equal(t, adsync.Counts{Create: 1, Members: 2, Unchanged: 3}, report.Counts, "%v", report.Issues)
	require.Equal(t, []int{1, 3}, w.memberNumbers(100))
}

// A group's manager and its members change at once: two effects, two keys, and
// neither forgets the other.
func TestReferenceAndMembersOfOneGroupAreTwoEffects(t *testing.T) {
	w := newWorld(t).crowd(1, 4)
	w.sink.Rules.Replay = adsync.ReplayKeyed
	w.group(100, "crew", id(1))
	w.run()
	w.group(100, "crew", id(1), id(2))
	w.refer(100, "manager", id(3))
	report := w.run()
	require.Equal(t, adsync.Counts{Update: 1, Members: 1, Unchanged: 4}, report.Counts)
	require.Equal(t, []int{1, 2}, w.memberNumbers(100))
	require.Equal(t, string(w.target(3).ID), w.target(100).Attrs.Get("manager"))
	w.requireEffectsOnce()
	require.Equal(t, string(id(3)), w.links("ad")[id(100)].Applied.Get("manager"))
	require.Equal(t, adsync.Counts{Unchanged: 5}, w.run().Counts)
}
