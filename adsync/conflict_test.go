package adsync_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func (w *world) existing(n int, change ...func(*adsync.Target)) adsync.TargetID {
	name := fmt.Sprintf("user%d@example.com", n)
	t := adsync.Target{Kind: adsync.User, Attrs: text("logon", name, "email", name)}
	for _, f := range change {
		f(&t)
	}
	return w.sink.Add(t)
}

func TestConflictsOfMatching(t *testing.T) {
	for _, c := range []struct {
		name string
		// set makes the conflict; person 1 is concerned, 2 and 3 are there already.
		set  func(w *world)
		code adsync.IssueCode
	}{
		{"two objects on the same rung", func(w *world) {
			w.existing(1, func(t *adsync.Target) { t.Attrs = text("email", "user1@example.com") })
			w.existing(1, func(t *adsync.Target) { t.Attrs = text("email", "USER1@example.com") })
		}, adsync.IssueTargetAmbiguous},
		{"linked to somebody else", func(w *world) {
			w.sink.Add(adsync.Target{ID: w.target(2).ID, Kind: adsync.User, Attrs: text("logon", "user1@example.com")})
		}, adsync.IssueAlreadyLinked},
		{"protected by the target", func(w *world) {
			w.existing(1, func(t *adsync.Target) { t.Protected = true })
		}, adsync.IssueProtectedTarget},
		{"protected by the job, by value", func(w *world) {
			w.existing(1)
			w.with(func(j *adsync.Job) { j.Protect = []string{"User1@Example.com"} })
		}, adsync.IssueProtectedTarget},
		{"protected by the job, by id", func(w *world) {
			found := w.existing(1)
			w.with(func(j *adsync.Job) { j.Protect = []string{strings.ToUpper(string(found))} })
		}, adsync.IssueProtectedTarget},
		{"of another organisation", func(w *world) {
			w.existing(1, func(t *adsync.Target) { t.Foreign = true })
		}, adsync.IssueForeignTarget},
		{"inactive", func(w *world) {
			w.existing(1, func(t *adsync.Target) { t.Inactive = true })
		}, adsync.IssueInactiveTarget},
		{"of one who is gone", func(w *world) {
			delete(w.people, id(2))
			w.person(1, "logon", "user2@example.com", "email", "user2@example.com")
		}, adsync.IssueRecreatedIdentity},
		{"two people match one object", func(w *world) {
			w.existing(1, func(t *adsync.Target) { t.Attrs = text("logon", "user1@example.com", "email", "user9@example.com") })
			w.person(9)
		}, adsync.IssueTargetAmbiguous},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t).crowd(2, 3)
			w.run()
			w.person(1)
			c.set(w)
			before := w.sink.Objects()
			report := w.run()
			require.Equal(t, adsync.OutcomeConflicts, report.Outcome)
			require.NotEmpty(t, report.Issues)
			for _, i := range report.Issues {
				require.Equal(t, c.code, i.Code)
				require.NotEmpty(t, i.Candidates)
			}
			require.Zero(t, report.Counts.Create+report.Counts.Adopt+report.Counts.Update)
			require.Len(t, w.sink.Objects(), len(before))
			require.Len(t, w.remembered(), len(report.Issues))
			require.Equal(t, report.Counts.Conflicts, w.run().Counts.Conflicts, "it waits for a person")
		})
	}
}

func TestAnswers(t *testing.T) {
	link := func(w *world, to adsync.TargetID) {
		w.answer(adsync.Answer{Anchor: id(1), Verdict: adsync.AnswerLink, Target: to})
	}
	verdict := func(v adsync.Verdict) func(*world, adsync.TargetID) {
		return func(w *world, _ adsync.TargetID) { w.answer(adsync.Answer{Anchor: id(1), Verdict: v}) }
	}
	recreated := func(w *world) adsync.TargetID {
		w.leave(1, 2)
		w.run()
		w.person(1, "logon", "user2@example.com", "email", "user2@example.com")
		for _, t := range w.sink.Objects() {
			if t.Attrs.Get("logon") == "user2@example.com" {
				return t.ID
			}
		}
		return ""
	}
	ambiguous := func(w *world) adsync.TargetID {
		w.existing(1, func(t *adsync.Target) { t.Attrs = text("email", "user1@example.com") })
		return w.existing(1, func(t *adsync.Target) { t.Attrs = text("email", "user1@example.com", "phone", "1") })
	}
	for _, c := range []struct {
		name   string
		set    func(*world) adsync.TargetID
		answer func(*world, adsync.TargetID)
		want   adsync.Counts
		check  func(*testing.T, *world, adsync.TargetID)
	}{
		{"link to one of two", func(w *world) adsync.TargetID {
			w.existing(1, func(t *adsync.Target) { t.Attrs = text("displayName", "another") })
			return w.existing(1, func(t *adsync.Target) { t.Attrs = text("displayName", "the one") })
		}, link, adsync.Counts{Adopt: 1, Unchanged: 3}, func(t *testing.T, w *world, to adsync.TargetID) {
			require.Equal(t, to, w.target(1).ID)
		}},
		{"link makes an inactive one active", func(w *world) adsync.TargetID {
			return w.existing(1, func(t *adsync.Target) { t.Inactive = true })
		}, link, adsync.Counts{Adopt: 1, Unchanged: 3}, func(t *testing.T, w *world, to adsync.TargetID) {
			require.Equal(t, to, w.target(1).ID)
			require.False(t, w.target(1).Inactive)
		}},
		{"create in spite of a match", func(w *world) adsync.TargetID {
			return w.existing(1, func(t *adsync.Target) { t.Attrs, t.Protected = text("email", "user1@example.org"), true })
		}, verdict(adsync.AnswerCreate), adsync.Counts{Create: 1, Unchanged: 3}, nil},
		{"ignore", ambiguous, verdict(adsync.AnswerIgnore), adsync.Counts{Skipped: 1, Unchanged: 3}, nil},
		{"relink", recreated, verdict(adsync.AnswerRelink), adsync.Counts{Adopt: 1, Unchanged: 2}, func(t *testing.T, w *world, to adsync.TargetID) {
			require.Equal(t, to, w.target(1).ID)
			require.False(t, w.target(1).Inactive)
			require.Len(t, w.links("ad"), 3)
		}},
		{"release", recreated, verdict(adsync.AnswerRelease), adsync.Counts{Create: 1, Unchanged: 2}, func(t *testing.T, w *world, to adsync.TargetID) {
			require.NotEqual(t, to, w.target(1).ID)
			old, _ := w.sink.Object(to)
			require.True(t, old.Inactive)
			require.Contains(t, old.Attrs.Get("email"), "parked-")
			require.Len(t, w.links("ad"), 4)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t).crowd(2, 4)
			w.run()
			w.person(1)
			to := c.set(w)
			c.answer(w, to)
			report := w.run()
			require.Equal(t, c.want, report.Counts, "%+v", report.Issues)
			if c.check != nil {
				c.check(t, w, to)
			}
			report = w.run()
			require.Zero(t, report.Counts.Writes(), "the answer is carried out once")
			require.Empty(t, report.Issues)
		})
	}
}

func TestAnswerRetryForgetsAnAnswer(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.answer(adsync.Answer{Anchor: id(1), Verdict: adsync.AnswerIgnore})
	require.Equal(t, adsync.Counts{Create: 1, Skipped: 1}, w.run().Counts)
	w.answer(adsync.Answer{Anchor: id(1), Verdict: adsync.AnswerRetry})
	require.Equal(t, adsync.Counts{Create: 1, Unchanged: 1}, w.run().Counts)
}

func TestIgnoredObjectIsLeftAlone(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.group(100, "everyone", id(1))
	w.run()
	w.answer(adsync.Answer{Anchor: id(1), Verdict: adsync.AnswerIgnore})
	w.answer(adsync.Answer{Anchor: id(100), Verdict: adsync.AnswerIgnore})
	w.leave(1)
	w.group(100, "renamed", id(2))
	require.Zero(t, w.run().Counts.Writes())
	require.False(t, w.target(1).Inactive)
	require.Len(t, w.sink.Members(w.target(100).ID), 1)
}

func TestAnswersThatAreNone(t *testing.T) {
	w := newWorld(t)
	e := w.engine()
	for _, a := range []adsync.Answer{
		{Source: "ad", Anchor: id(1), Verdict: "perhaps"},
		{Source: "ad", Anchor: id(1), Verdict: adsync.AnswerLink},
		{Source: "ad", Verdict: adsync.AnswerIgnore},
		{Anchor: id(1), Verdict: adsync.AnswerIgnore},
	} {
		require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(e.Answer(t.Context(), a)), "%+v", a)
	}
}

// An answer stays in the state for good. It must not fail later runs when what
// it spoke of is no longer there.
func TestAnswerReleaseWithNothingToRelease(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.answer(adsync.Answer{Anchor: id(1), Verdict: adsync.AnswerRelease})
	w.existing(2)
	w.answer(adsync.Answer{Anchor: id(2), Verdict: adsync.AnswerRelease})
	report := w.run()
	require.Equal(t, adsync.Counts{Create: 1, Adopt: 1}, report.Counts, "%+v", report.Issues)
}

func TestAnswerLinkDoesNotTakeWhatAnotherHas(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.person(4)
	w.answer(adsync.Answer{Anchor: id(4), Verdict: adsync.AnswerLink, Target: w.target(2).ID})
	report := w.run()
	require.Equal(t, []string{"000000000004 already-linked "}, codes(report))
	require.Zero(t, report.Counts.Writes())

	shared := w.existing(9)
	w.person(4).person(5).person(9)
	for _, n := range []int{4, 5} {
		w.answer(adsync.Answer{Anchor: id(n), Verdict: adsync.AnswerLink, Target: shared})
	}
	report = w.run()
	require.Zero(t, report.Counts.Writes(), "three want the same object: %v", codes(report))
	require.Len(t, report.Issues, 3)

	w.answer(adsync.Answer{Anchor: id(5), Verdict: adsync.AnswerIgnore})
	w.leave(9)
	require.Equal(t, 1, w.run().Counts.Adopt)
}

// The guard held the plan back, and the person answered before anything was
// applied: the old holder must not be deactivated or deleted under the new one.
func TestRelinkInTheRunThatFindsTheOldOneGone(t *testing.T) {
	for name, action := range map[string]adsync.LeaverAction{"deactivate": adsync.LeaverDeactivate, "delete": adsync.LeaverDelete} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 4)
			w.with(func(j *adsync.Job) {
				j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.User: {OutOfScope: action, Deleted: action}}
			})
			w.run()
			had := w.target(1).ID
			w.leave(1)
			w.person(11, "logon", "user1@example.com", "email", "user1@example.com")
			w.answer(adsync.Answer{Anchor: id(11), Verdict: adsync.AnswerRelink})
			require.Equal(t, adsync.Counts{Adopt: 1, Unchanged: 3}, w.run().Counts)
			require.Equal(t, had, w.target(11).ID)
			require.False(t, w.target(11).Inactive)
			require.Equal(t, adsync.Counts{Unchanged: 4}, w.run().Counts)
			require.Len(t, w.links("ad"), 4)
		})
	}
}

func TestReleaseInTheRunThatFindsTheOldOneGone(t *testing.T) {
	w := newWorld(t).crowd(1, 4)
	w.run()
	had := w.target(1).ID
	w.leave(1)
	w.person(11, "logon", "user1@example.com", "email", "user1@example.com")
	w.answer(adsync.Answer{Anchor: id(11), Verdict: adsync.AnswerRelease})
	require.Equal(t, adsync.Counts{Create: 1, Deactivate: 1, Unchanged: 3}, w.run().Counts)
	old, _ := w.sink.Object(had)
	require.True(t, old.Inactive)
	link := w.links("ad")[id(1)]
	require.Equal(t, adsync.LinkInactive, link.State)
	require.True(t, link.Left)
	require.Equal(t, old.Attrs.Get("email"), link.Applied.Get("email"))
	require.Equal(t, adsync.Counts{Unchanged: 4}, w.run().Counts)
}

func TestValueHeldByALeaver(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.with(func(j *adsync.Job) { j.Matcher = nil })
	w.run()
	w.leave(1)
	w.run()
	w.person(11, "email", "user1@example.com")
	report := w.run()
	require.Equal(t, []string{"000000000011 held-by-leaver email"}, codes(report))
	require.Contains(t, report.Issues[0].Detail, "release")
	w.answer(adsync.Answer{Anchor: id(11), Verdict: adsync.AnswerRelease})
	require.Equal(t, adsync.Counts{Create: 1, Unchanged: 2}, w.run().Counts)

	w.leave(11)
	w.run()
	w.person(2, "email", "user1@example.com") // somebody who has a link already
	require.Equal(t, []string{"000000000002 held-by-leaver email"}, codes(w.run()))
	w.answer(adsync.Answer{Anchor: id(2), Verdict: adsync.AnswerRelease})
	report = w.run()
	require.Equal(t, adsync.Counts{Update: 1, Unchanged: 1}, report.Counts, "%+v", report.Issues)
	require.Equal(t, "user1@example.com", w.target(2).Attrs.Get("email"))
	require.Empty(t, w.remembered())
}

// Six keys an object: the keys of a hundred objects do not fit into one call of
// Find, and one object may be found by two of the calls.
func TestObjectFoundTwiceIsNotContested(t *testing.T) {
	w := newWorld(t).crowd(1, 1)
	w.with(func(j *adsync.Job) { j.Matcher = manyKeys{} })
	w.run()
	for n := 2; n <= 99; n++ {
		name := fmt.Sprintf("user%d@example.com", n)
		w.person(n, "title", fmt.Sprint("t", n), "phone", fmt.Sprint("p", n), "description", fmt.Sprint("d", n))
		w.sink.Add(adsync.Target{Kind: adsync.User, Attrs: text("logon", name, "email", name, "title", fmt.Sprint("t", n), "phone", fmt.Sprint("p", n), "description", fmt.Sprint("d", n))})
	}
	w.with(func(j *adsync.Job) { j.Guard.Adoptions.Off = true })
	report := w.run()
	require.Equal(t, 98, report.Counts.Adopt, "%v", codes(report))
}

type manyKeys struct{}

func (manyKeys) Keys(o adsync.Object) []adsync.Key {
	keys := plainMatcher{}.Keys(o)
	for i, name := range []string{"title", "phone", "description"} {
		if v := o.Attrs.Get(name); v != "" {
			keys = append(keys, adsync.Key{Rung: 5 + i, Attr: name, Value: v})
		}
	}
	return keys
}

// An adoption that changes nothing shows nothing as changed, nor does the plan
// of a reactivation.
func TestPlanShowsOnlyWhatChanges(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.run()
	for n := 1; n <= 2; n++ {
		relinked := w.people[id(n)]
		delete(w.people, id(n))
		relinked.Anchor = id(n + 10)
		w.people[id(n+10)] = relinked
		w.answer(adsync.Answer{Anchor: id(n + 10), Verdict: adsync.AnswerRelink})
	}
	_, plan := w.plan()
	for op, err := range plan.Ops(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, adsync.IntentAdopt, op.Intent)
		require.Empty(t, op.Changes())
	}
	require.Equal(t, 2, plan.Report().Counts.Adopt)
}

// A mapper that gives a kind there is not is at fault, and stops nobody.
func TestKindThatThereIsNotIsLeftOut(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.sink.Rules.Kinds = nil
	o := w.people[id(1)]
	o.Kind = 9
	w.people[id(1)] = o
	require.Equal(t, adsync.Counts{Create: 1, Issues: 1}, w.run().Counts)
}
