package adsync_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func TestDeltaSourceGivesChangesOnly(t *testing.T) {
	w := newWorld(t).crowd(1, 20)
	first := w.shows(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	w.person(2, "title", "Clerk")
	changed := append(w.shows(2, 11), gone(3, adsync.Deleted), gone(4, adsync.OutOfScope), gone(15, adsync.Deleted))
	s := w.reads(whole("1", first...), delta("2", changed...), delta("3"))
	require.Equal(t, adsync.Counts{Create: 10}, w.run().Counts)
	require.Equal(t, adsync.Counts{Create: 1, Update: 1, Deactivate: 2}, w.run().Counts)
	require.Equal(t, adsync.Counts{}, w.run().Counts, "who is not named has not left")
	require.Equal(t, adsync.Cursor("2"), s.asked[2].Since)
	require.Equal(t, adsync.Cursor("3"), w.sourceState("ad").Cursor)
	require.Equal(t, 10, w.sourceState("ad").Objects)
}

func TestUnknownCursorAsksForASnapshot(t *testing.T) {
	w := newWorld(t).crowd(1, 5)
	started := []step{{batch: adsync.Batch{Changes: []adsync.Change{gone(1, adsync.Deleted)}}}, {err: adsync.Errorf(adsync.CodeGone, "the cursor is too old")}}
	s := w.reads(whole("1", w.shows(1, 2, 3)...), started, whole("2", w.shows(1, 2, 4)...), broken(adsync.Errorf(adsync.CodeGone, "again")))
	w.run()
	report := w.run()
	require.Equal(t, adsync.Counts{Create: 1, Deactivate: 1, Unchanged: 2}, report.Counts, "what the broken read said is forgotten")
	require.Equal(t, 3, report.Sources[0].Objects)
	require.NotEmpty(t, report.Sources[0].Why)
	require.False(t, w.target(1).Inactive)
	require.True(t, w.target(3).Inactive)
	require.Len(t, s.asked, 3)
	_, err := w.try(t.Context())
	require.Equal(t, adsync.CodeGone, adsync.CodeOf(err), "a snapshot cannot be gone")
	require.Len(t, s.asked, 5)
}

// Asked for changes, the source answers with everything.
func TestDeltaSourceThatAnswersWithASnapshot(t *testing.T) {
	w := newWorld(t).crowd(1, 5)
	w.reads(whole("1", w.shows(1, 2, 3)...), whole("2", w.shows(1, 2, 4, 5)...), delta("3"))
	w.run()
	report := w.run()
	require.Equal(t, adsync.Counts{Create: 2, Deactivate: 1, Unchanged: 2}, report.Counts)
	require.True(t, report.Sources[0].Snapshot)
	require.Equal(t, adsync.Counts{}, w.run().Counts)
}

// A read whose batches disagree about being a snapshot is no read: the objects
// of its first batches would be taken for absent.
func TestBatchesThatDisagreeAreAFaultOfTheSource(t *testing.T) {
	for name, mixed := range map[string][2]bool{"delta, then snapshot": {false, true}, "snapshot, then delta": {true, false}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 4)
			second := []step{
				{batch: adsync.Batch{Changes: w.shows(1, 2), Snapshot: mixed[0]}},
				{batch: adsync.Batch{Changes: w.shows(3), Snapshot: mixed[1], Done: true, Next: "2"}},
			}
			w.reads(whole("1", w.shows(1, 2, 3, 4)...), second)
			w.run()
			report, err := w.try(t.Context())
			require.ErrorIs(t, err, adsync.ErrIncomplete)
			require.Zero(t, report.Counts.Writes())
			require.False(t, w.target(1).Inactive)
		})
	}
}

func TestSameAnchorTwiceTheLastOneWins(t *testing.T) {
	w := newWorld(t).crowd(1, 4)
	plain := func(n int) adsync.Change { return adsync.Change{Object: newWorld(t).person(n).people[id(n)]} }
	titled := func(n int) adsync.Change {
		return adsync.Change{Object: newWorld(t).person(n, "title", "Clerk").people[id(n)]}
	}
	all := w.shows(1, 2, 3, 4)
	for name, c := range map[string]struct {
		read     []step
		want     adsync.Counts
		title    string
		inactive bool
		repeated int
	}{
		"snapshot: changed, then as before":    {whole("2", append(all[1:], titled(1), plain(1))...), adsync.Counts{Unchanged: 4}, "", false, 1},
		"snapshot: as before, then changed":    {whole("2", append(all[1:], plain(1), titled(1))...), adsync.Counts{Update: 1, Unchanged: 3}, "Clerk", false, 1},
		"snapshot: gone, then there":           {whole("2", append(all[1:], gone(1, adsync.Deleted), plain(1))...), adsync.Counts{Unchanged: 4}, "", false, 1},
		"snapshot: there, then gone":           {whole("2", append(all[1:], plain(1), gone(1, adsync.Deleted))...), adsync.Counts{Deactivate: 1, Unchanged: 3}, "", true, 1},
		"delta: changed, then as before":       {delta("2", titled(1), plain(1)), adsync.Counts{Unchanged: 1}, "", false, 1},
		"delta: as before, then changed":       {delta("2", plain(1), titled(1)), adsync.Counts{Update: 1}, "Clerk", false, 1},
		"delta: gone, then there":              {delta("2", gone(1, adsync.Deleted), plain(1)), adsync.Counts{Unchanged: 1}, "", false, 1},
		"delta: there, then gone":              {delta("2", plain(1), gone(1, adsync.Deleted)), adsync.Counts{Deactivate: 1}, "", true, 1},
		"delta: there, there again, and again": {delta("2", plain(1), plain(1), plain(1)), adsync.Counts{Unchanged: 1}, "", false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 4)
			w.reads(whole("1", all...), c.read)
			w.run()
			report := w.run()
			require.Equal(t, c.want, report.Counts)
			require.Equal(t, c.title, w.target(1).Attrs.Get("title"))
			require.Equal(t, c.inactive, w.target(1).Inactive)
			require.Equal(t, c.repeated, report.Sources[0].Repeated)
		})
	}
	t.Run("new objects", func(t *testing.T) {
		w := newWorld(t)
		w.reads(whole("1", plain(1), titled(1), plain(2), gone(2, adsync.Deleted), gone(3, adsync.Deleted), titled(3), plain(3)))
		report := w.run()
		require.Equal(t, adsync.Counts{Create: 2}, report.Counts, "%v", codes(report))
		require.Equal(t, "Clerk", w.target(1).Attrs.Get("title"))
		require.Equal(t, 3, report.Sources[0].Objects)
		require.Equal(t, 4, report.Sources[0].Repeated)
	})
}

func TestAnchorsThatAreNoUUIDs(t *testing.T) {
	w := newWorld(t)
	anchors := []adsync.Anchor{"S-1-5-21-1-2-3", "00000000-0000-4000-8000-00000000000A", "ada@example.com", "\xff\x00binary", "日本"}
	var changes []adsync.Change
	for i, a := range anchors {
		o := newWorld(t).person(i + 1).people[id(i+1)]
		o.Anchor = a
		changes = append(changes, adsync.Change{Object: o})
	}
	group := adsync.Object{Kind: adsync.Group, Anchor: "a group", Attrs: text("name", "everyone")}
	members := func(of ...adsync.Anchor) adsync.Change {
		return adsync.Change{Object: group, Members: &adsync.MemberChange{Reset: true, Add: of}}
	}
	all := members(anchors...)
	fewer := members(anchors[2:]...)
	w.reads(whole("", slices.Concat(changes, []adsync.Change{all})...), whole("", slices.Concat(changes[1:], []adsync.Change{fewer})...))
	require.Equal(t, adsync.Counts{Create: 6, Members: 5}, w.run().Counts)
	require.Equal(t, adsync.Counts{Deactivate: 1, Members: 2, Unchanged: 5}, w.run().Counts)
	require.Equal(t, adsync.Counts{Unchanged: 5}, w.run().Counts)
	require.Contains(t, w.links("ad"), adsync.Anchor("\xff\x00binary"))
}

func TestSeenIsNotAbsent(t *testing.T) {
	w := newWorld(t).crowd(1, 6)
	w.run()
	w.wrap = func(adsync.Source) adsync.Source {
		return &script{reads: [][]step{whole("", append(w.shows(1, 2, 3, 6), adsync.Change{Object: adsync.Object{Kind: adsync.User, Anchor: id(4)}, Problem: errors.New("no right to read it")})...)}}
	}
	w.mapper.err = func(o adsync.Object) error {
		switch o.Anchor {
		case id(1):
			return adsync.ErrSkip
		case id(2):
			return errors.New("two offices")
		}
		return nil
	}
	w.person(3, "firstName", "")
	w.with(func(j *adsync.Job) { j.Required = map[adsync.Kind][]string{adsync.User: {"firstName"}} })
	report := w.run()
	require.Equal(t, 1, report.Counts.Deactivate, "only person 5 left")
	require.True(t, w.target(5).Inactive)
	require.Equal(t, "First3", w.target(3).Attrs.Get("firstName"))
}
