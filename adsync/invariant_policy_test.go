package adsync_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// I5: blank never erases, absence never deletes, and no membership is removed
// that we did not add, unless the job says so by name.
//
// Red when mergeValues lets a blank pass by default, when defaultLeaver gives
// LeaverDelete, and when a removal does not ask whether we added the member.
func TestI5NothingIsErasedUnlessTheJobSaysSo(t *testing.T) {
	set := func(t *testing.T) *world {
		w := newWorld(t).crowd(1, 6)
		w.person(1, "title", "Clerk", "phone", "12")
		w.refer(1, "manager", id(2))
		w.group(100, "staff", ids(1, 3)...)
		w.run()
		w.sink.AddMember(w.target(100).ID, w.target(5).ID)
		o := w.person(1, "title", "").people[id(1)] // blank; phone and manager are absent
		o.Refs = nil
		w.people[id(1)] = o
		w.leave(4)
		w.group(100, "staff", ids(1, 2)...)
		return w
	}
	t.Run("by default", func(t *testing.T) {
		w := set(t)
		report := w.run()
		require.Zero(t, report.Counts.Delete)
		one := w.target(1)
		require.Equal(t, []string{"Clerk", "12", string(w.target(2).ID)}, []string{one.Attrs.Get("title"), one.Attrs.Get("phone"), one.Attrs.Get("manager")})
		require.NotNil(t, w.target(4))
		require.Equal(t, []int{1, 2, 5}, w.memberNumbers(100), "who was added by hand stays")
	})
	t.Run("by name", func(t *testing.T) {
		w := set(t)
		w.with(func(j *adsync.Job) {
			j.Merge = map[string]adsync.MergeMode{"title": adsync.SourceWins, "phone": adsync.SourceWins}
			j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.User: {OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}}
		})
		require.Equal(t, 1, w.run().Counts.Delete)
		require.False(t, w.target(1).Attrs.Has("title"))
		require.Equal(t, "12", w.target(1).Attrs.Get("phone"), "absent is not blank")
		require.Nil(t, w.target(4))
	})
	t.Run("not even when the source speaks of a member that we did not add", func(t *testing.T) {
		w := crew(t, func(w *world) []step {
			return delta("2", w.memberChange(true, adsync.MemberChange{Remove: ids(4, 6)}))
		})
		w.sink.AddMember(w.target(5000).ID, w.target(5).ID)
		require.Equal(t, 1, w.run().Counts.Members)
		require.Equal(t, []int{1, 2, 3, 5}, w.memberNumbers(5000))
	})
	t.Run("a required attribute is not erased even so", func(t *testing.T) {
		w := set(t)
		w.with(func(j *adsync.Job) {
			j.Merge = map[string]adsync.MergeMode{"title": adsync.SourceWins}
			j.Required = map[adsync.Kind][]string{adsync.User: {"title"}}
		})
		for range 3 { // and it is listed until it is right
			require.Contains(t, codes(w.run()), "000000000001 required-missing title")
			require.Contains(t, w.remembered(), "000000000001 required-missing title")
		}
		require.Equal(t, "Clerk", w.target(1).Attrs.Get("title"))
	})
}

// I6: ambiguity is a conflict, never a guess. Nothing is adopted silently;
// nothing protected is touched by rule.
//
// Red when choose takes the first of several hits, when objection does not ask
// for isProtected or contested, and when linkProtected is left out. See also
// TestConflictsOfMatching, TestProtectedObjectsAreNotChangedByRule.
func TestI6AmbiguityIsAConflict(t *testing.T) {
	w := newWorld(t).crowd(1, 6)
	w.existing(1, func(o *adsync.Target) { o.Attrs = text("email", "user1@example.com") }) // two candidates
	w.existing(1, func(o *adsync.Target) { o.Attrs = text("email", "user1@example.com") })
	w.existing(2, func(o *adsync.Target) { o.Attrs = text("logon", "user2@example.com", "email", "user3@example.com") }) // wanted by two
	w.existing(4, func(o *adsync.Target) { o.Protected = true })
	adopted := w.existing(5)
	w.person(7, "email", "user6@example.com") // shares an address with 6
	e, plan := w.plan()
	var adoptions []string
	for op, err := range plan.Ops(t.Context()) {
		require.NoError(t, err)
		if op.Intent == adsync.IntentAdopt {
			adoptions = append(adoptions, string(op.Target))
		}
	}
	require.Equal(t, []string{string(adopted)}, adoptions, "an adoption stands in the plan")
	require.Equal(t, 1, plan.Report().Counts.Adopt)
	before := w.sink.Objects()
	report, err := e.Apply(t.Context(), plan.ID())
	require.NoError(t, err)
	require.Equal(t, adsync.OutcomeConflicts, report.Outcome)
	require.Equal(t, 1, report.Counts.Writes())
	require.Equal(t, 6, report.Counts.Conflicts)
	for _, o := range before {
		now, _ := w.sink.Object(o.ID)
		require.Equal(t, o.ID != adopted, now.Attrs.Equal(o.Attrs))
	}
}

// The first rung with a hit decides; an active object comes before an inactive one.
func TestI6RungsAreTriedInOrder(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	byMail := w.existing(1, func(o *adsync.Target) { o.Attrs = text("email", "user1@example.com") })
	byLogon := w.existing(1, func(o *adsync.Target) { o.Attrs = text("logon", "user1@example.com") })
	w.existing(2, func(o *adsync.Target) { o.Inactive = true })
	active := w.existing(2)
	w.person(1, "email", "other@example.com")
	require.Equal(t, adsync.Counts{Adopt: 2}, w.run().Counts)
	require.Equal(t, byLogon, w.target(1).ID)
	require.Equal(t, active, w.target(2).ID)
	_ = byMail
}

// I7: one bad object never stops the others — unless the job asks for exactly
// that. One dead source never stops another.
//
// Red when takeObject gives the mapper's error as that of the run; when read
// gives a source's error; when sourceStates moves the cursor of one that failed.
func TestI7OneBadObjectStopsNobody(t *testing.T) {
	w := newWorld(t).crowd(1, 14)
	w.group(100, "staff", ids(1, 14)...)
	w.existing(3, func(o *adsync.Target) { o.Protected = true })
	w.mapper.err = func(o adsync.Object) error {
		if o.Anchor == id(1) {
			return errors.New("no rule fits")
		}
		return nil
	}
	w.person(2, "logon", "").person(4, "email", "user5@example.com").person(6, "firstName", strings.Repeat("x", 300))
	w.sink.Intercept = failing(7, always, errors.New("no"))
	w.reads(whole("", append(w.shows(append(numbers(1, 14), 100)...), adsync.Change{Object: adsync.Object{Kind: adsync.User, Anchor: id(20)}, Problem: errors.New("no right")})...))
	report := w.run()
	require.Equal(t, 8, report.Counts.Create)
	require.Equal(t, 7, report.Counts.Members)
	require.Len(t, report.Issues, 8)
}

func TestI7OneDeadSourceStopsNoOther(t *testing.T) {
	for name, death := range map[string][]step{
		"it breaks":            {{err: io.ErrUnexpectedEOF}},
		"it is cut short":      {{batch: adsync.Batch{Snapshot: true}}},
		"it has a new cursor":  {{err: adsync.Errorf(adsync.CodeGone, "again")}},
		"it breaks off midway": {{batch: adsync.Batch{Snapshot: true, Changes: []adsync.Change{gone(4, adsync.Deleted)}}}, {err: errors.New("no")}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 8)
			dead := &script{reads: [][]step{whole("d1", w.shows(4, 5, 6)...), death}}
			alive := &script{reads: [][]step{whole("a1", w.shows(1, 2, 3)...), whole("a2", w.shows(1, 2, 7)...)}}
			w.with(func(j *adsync.Job) {
				j.Sources = []adsync.SourceConfig{{Name: "dead", Source: dead}, {Name: "alive", Source: alive}}
			})
			require.Equal(t, 6, w.run().Counts.Create)
			report := w.run()
			require.Equal(t, adsync.OutcomePartial, report.Outcome)
			require.Equal(t, adsync.Counts{Create: 1, Deactivate: 1, Unchanged: 2}, report.Counts)
			require.True(t, w.target(3).Inactive)
			require.False(t, w.target(4).Inactive, "the absentees of a dead source are not judged")
			require.Equal(t, adsync.Cursor("d1"), w.sourceState("dead").Cursor)
			require.Equal(t, adsync.Cursor("a2"), w.sourceState("alive").Cursor)
			require.NotEmpty(t, report.Sources[0].Error)
		})
	}
	t.Run("all are dead", func(t *testing.T) {
		w := newWorld(t)
		w.with(func(j *adsync.Job) {
			j.Sources = []adsync.SourceConfig{{Name: "a", Source: &script{reads: [][]step{broken(io.ErrUnexpectedEOF)}}}, {Name: "b", Source: &script{reads: [][]step{broken(io.EOF)}}}}
		})
		report, err := w.try(t.Context())
		require.Error(t, err)
		require.Equal(t, adsync.OutcomeUnreachable, report.Outcome)
	})
}

// Halt is asked for by name: it stops at the incomplete object, withholds what
// comes after it, never a deactivation, and names everyone who is incomplete.
func TestI7HaltStopsWhereItIsAskedTo(t *testing.T) {
	for _, swap := range []adsync.Swap{adsync.SwapAtomic, adsync.SwapPark, adsync.SwapNone} {
		w := newWorld(t).crowd(1, 9)
		w.sink.Rules.Swap = swap
		w.group(100, "staff", ids(1, 2)...)
		w.with(func(j *adsync.Job) {
			j.OnMissing = adsync.Halt
			j.Required = map[adsync.Kind][]string{adsync.User: {"firstName", "lastName"}}
		})
		w.run()
		w.leave(8, 9)
		w.person(1, "title", "Clerk").person(2, "active", "false")
		w.person(3, "email", "user4@example.com").person(4, "email", "user3@example.com")
		w.person(15, "firstName", "").person(16, "lastName", "", "firstName", "").person(17)
		w.group(100, "staff", ids(1, 6)...)
		report := w.run()
		require.Equal(t, adsync.OutcomeHalted, report.Outcome)
		require.Equal(t, adsync.Counts{Update: 1, Deactivate: 3, Unchanged: 4, Quarantined: 2}, without(report.Counts, swap), "%v", w.attempts())
		require.Nil(t, w.target(17))
		require.Equal(t, "user3@example.com", w.target(3).Attrs.Get("email"), "an exchange is withheld, or done whole")
		require.Equal(t, "user4@example.com", w.target(4).Attrs.Get("email"))
		require.Contains(t, codes(report), "000000000016 required-missing lastName")
		w.person(15).person(16)
		report = w.run()
		if swap != adsync.SwapNone {
			require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%+v", report.Issues)
			require.Equal(t, "user4@example.com", w.target(3).Attrs.Get("email"))
		}
		require.NotNil(t, w.target(17))
	}
}

// without leaves out the conflicts that a swap is where the target cannot.
func without(c adsync.Counts, swap adsync.Swap) adsync.Counts {
	if swap == adsync.SwapNone {
		c.Conflicts = 0
	}
	return c
}
