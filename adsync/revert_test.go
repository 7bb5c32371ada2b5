package adsync_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// revert makes the plan that undoes a run, with its engine.
func (w *world) revert(run int64) (*adsync.Engine, *adsync.Plan) {
	w.t.Helper()
	e := w.engine()
	p, err := e.Revert(w.t.Context(), run)
	require.NoError(w.t, err)
	return e, p
}

// undo reverts a run and applies that.
func (w *world) undo(run int64) (*adsync.Plan, *adsync.Report) {
	w.t.Helper()
	e, p := w.revert(run)
	r, err := e.Apply(w.t.Context(), p.ID())
	require.NoError(w.t, err)
	require.NoError(w.t, e.Close())
	return p, r
}

func (w *world) attr(n int, name string) string {
	w.t.Helper()
	t := w.target(n)
	require.NotNil(w.t, t, "user %d is not in the target", n)
	return t.Attrs.Get(name)
}

func findings(r *adsync.Report, rule string) string {
	var texts []string
	for _, f := range r.Findings {
		if f.Rule == rule {
			texts = append(texts, f.Text)
		}
	}
	return strings.Join(texts, "\n")
}

// The guard judges a revert like any plan: undoing the creation of many is
// taking many out of use. Red when sealing a revert leaves the guard out.
func TestARevertPassesTheGuard(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.crowd(4, 40)
	run := w.run().Run

	e, p := w.revert(run)
	require.Contains(t, p.Refused(), "37 of 40 active users")
	_, err := e.Apply(t.Context(), p.ID())
	require.ErrorIs(t, err, adsync.ErrNotApproved)
	require.False(t, w.target(40).Inactive, "nothing is written before it is approved")

	require.NoError(t, e.Approve(t.Context(), p.ID(), "Kim"))
	r, err := e.Apply(t.Context(), p.ID())
	require.NoError(t, err)
	require.Equal(t, 37, r.Counts.Deactivate)
	require.True(t, w.target(40).Inactive)
	require.False(t, w.target(3).Inactive)
}

// A revert lasts: what it put back is not written again by the next run, of this
// engine or of one started anew, until the directory or the mapping changes. Red
// when an inactive object that carries the digest of an active one is looked at
// again (LinkState.stands), or when the op of a revert carries no digest.
func TestARevertIsNotUndoneByTheNextRun(t *testing.T) {
	w := newWorld(t).crowd(1, 4)
	w.run()
	w.person(1, "title", "Baroness").person(2, "active", "false").person(5)
	run := w.run().Run
	w.undo(run)

	for range 2 {
		r := w.run()
		require.Zero(t, r.Counts.Writes(), "%+v", r.Counts)
		require.Equal(t, "", w.attr(1, "title"))
		require.False(t, w.target(2).Inactive)
		require.True(t, w.target(5).Inactive)
	}

	w.person(1, "title", "Duchess").person(5, "title", "Clerk")
	r := w.run()
	require.Equal(t, 2, r.Counts.Update+r.Counts.Reactivate, "who changes in the directory follows it again")
	require.False(t, w.target(5).Inactive)

	w.mapper.digest = "corrected"
	w.run()
	require.True(t, w.target(2).Inactive, "a corrected mapping compares everything again")
}

// Red when took does not count what was committed.
func TestWhatNeverTookEffectIsNotUndone(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.person(1, "title", "Clerk").person(2, "title", "Clerk")
	w.run()
	w.person(1, "title", "Chief").person(2, "title", "Chief").person(4)
	w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
		refuse := op.Anchor == id(2) || op.Anchor == id(4)
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeInvalid, "the target does not like it"), refuse
	}
	run := w.run().Run
	w.sink.Intercept = nil

	_, p := w.revert(run)
	var who []adsync.Anchor
	for op, err := range p.Ops(t.Context()) {
		require.NoError(t, err)
		who = append(who, op.Anchor)
	}
	require.Equal(t, []adsync.Anchor{id(1)}, who)
	require.Empty(t, findings(p.Report(), "revert-left"), "what never was is not even left")
}

// Red when stillSo does not ask what later runs wrote, nor whether the value is
// still the same.
func TestWhatALaterRunWroteIsLeft(t *testing.T) {
	w := newWorld(t).person(1, "title", "A", "phone", "1")
	w.run()
	w.person(1, "title", "B", "phone", "2")
	run := w.run().Run
	w.person(1, "title", "C", "phone", "2")
	later := w.run().Run

	p, _ := w.undo(run)
	require.Contains(t, findings(p.Report(), "revert-left"), "title of First Last 1: changed since by run 3, and left")
	require.EqualValues(t, 3, later)
	require.Equal(t, "C", w.attr(1, "title"))
	require.Equal(t, "1", w.attr(1, "phone"))
}

// Red when leaveWhatTheTargetChanged is taken out.
func TestWhatTheTargetChangedSinceIsLeft(t *testing.T) {
	w := newWorld(t).person(1, "title", "A", "phone", "1")
	w.run()
	w.person(1, "title", "B", "phone", "2")
	run := w.run().Run
	byHand := *w.target(1)
	byHand.Attrs = byHand.Attrs.Clone()
	byHand.Attrs.Set("title", "By hand")
	w.sink.Add(byHand)

	p, _ := w.undo(run)
	require.Contains(t, findings(p.Report(), "revert-left"), "title of First Last 1: changed in the target since, and left")
	require.Equal(t, "By hand", w.attr(1, "title"))
	require.Equal(t, "1", w.attr(1, "phone"))
	require.Zero(t, w.run().Counts.Writes())
}

// Two people who exchanged an address get their own back at once, where the
// target can, and by setting one aside where it cannot.
func TestAnExchangeOfAddressesIsRevertedInTheRightOrder(t *testing.T) {
	for name, wrap := range map[string]func(*world){
		"at once": func(*world) {},
		"by setting one aside": func(w *world) {
			w.sink.Rules.Swap = adsync.SwapPark
			w.with(func(j *adsync.Job) { j.Sink = memory.Single(w.sink) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 2)
			wrap(w)
			w.run()
			w.person(1, "email", "user2@example.com").person(2, "email", "user1@example.com")
			run := w.run().Run
			require.Equal(t, "user2@example.com", w.attr(1, "email"))

			w.undo(run)
			require.Equal(t, "user1@example.com", w.attr(1, "email"))
			require.Equal(t, "user2@example.com", w.attr(2, "email"))
			require.Zero(t, w.run().Counts.Writes())
			w.requireEffectsOnce()
		})
	}
}

func TestReferencesArePutBack(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.refer(1, "manager", id(2))
	w.run()
	before := w.attr(1, "manager")
	w.person(1, "title", "Chief")
	w.refer(1, "manager", id(3))
	run := w.run().Run
	require.NotEqual(t, before, w.attr(1, "manager"))

	w.undo(run)
	require.Equal(t, before, w.attr(1, "manager"))
	require.Equal(t, "", w.attr(1, "title"))
	require.Zero(t, w.run().Counts.Writes())
}

// What was deleted is made anew under a key of its own: a target that recognises
// keys must not take it for the first creation. Red when the op keeps the
// generation of the first create.
func TestADeletedObjectIsMadeAnew(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.sink.Rules.Replay = adsync.ReplayKeyed
	w.with(func(j *adsync.Job) {
		j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.User: {OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}}
	})
	w.refer(1, "manager", id(2))
	w.person(3, "title", "Clerk")
	w.run()
	person := w.people[id(1)]
	w.leave(1)
	run := w.run().Run
	require.Nil(t, w.target(1))

	p, r := w.undo(run)
	require.Equal(t, 1, r.Counts.Create)
	require.Contains(t, findings(p.Report(), "revert"), "1 object(s) that the run deleted are made anew")
	require.Equal(t, "user1@example.com", w.attr(1, "email"))
	require.Equal(t, string(w.target(2).ID), w.attr(1, "manager"))
	w.requireEffectsOnce()

	w.people[id(1)] = person
	require.Zero(t, w.run().Counts.Create, "it is linked again")
}

func TestWhatARunMadeIsDeletedWhereTheJobDeletesByName(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.with(func(j *adsync.Job) {
		j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.User: {OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}}
	})
	w.run()
	w.person(3)
	run := w.run().Run
	p, _ := w.undo(run)
	require.Nil(t, w.target(3))
	require.Contains(t, findings(p.Report(), "revert"), "The next run makes them anew")
}

// Red when undo does not ask isProtected, or AnswerIgnore.
func TestProtectedAndIgnoredObjectsAreLeft(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.run()
	w.person(1, "title", "Chief").person(2, "title", "Chief")
	run := w.run().Run
	w.with(func(j *adsync.Job) { j.Protect = []string{"user1@example.com"} })
	w.answer(adsync.Answer{Anchor: id(2), Verdict: adsync.AnswerIgnore})

	_, p := w.revert(run)
	require.Zero(t, p.Report().Counts.Writes())
	left := findings(p.Report(), "revert-left")
	require.Contains(t, left, "First Last 1: protected")
	require.Contains(t, left, "First Last 2: left out, since a person said")
}

func TestAnAdoptedObjectGetsItsValuesBackAndStaysLinked(t *testing.T) {
	w := newWorld(t).person(1, "title", "Chief")
	w.sink.Add(adsync.Target{ID: "by-hand", Kind: adsync.User, Attrs: text("logon", "user1@example.com", "email", "user1@example.com", "title", "Clerk", "active", "true")})
	run := w.run().Run
	require.Equal(t, "Chief", w.attr(1, "title"))

	p, _ := w.undo(run)
	require.Equal(t, "Clerk", w.attr(1, "title"))
	require.Contains(t, findings(p.Report(), "revert-left"), "stays linked")
	require.Zero(t, w.run().Counts.Writes())
}

func TestRunsThatCannotBeReverted(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.with(func(j *adsync.Job) { j.KeepRuns = 1 })
	w.run()
	w.person(1, "title", "Chief")
	w.run()
	e, p := w.plan()

	_, err := e.Revert(t.Context(), 1)
	require.ErrorIs(t, err, adsync.ErrNoPlan)
	require.ErrorContains(t, err, "KeepRuns")
	_, err = e.Revert(t.Context(), 99)
	require.Equal(t, adsync.CodeNotFound, adsync.CodeOf(err))
	_, err = e.Revert(t.Context(), p.Report().Run)
	require.ErrorContains(t, err, "wrote nothing")
}

func TestARevertWaitsForAPlanThatWasBegun(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	first := w.run().Run
	w.person(1, "title", "Chief")
	ctx, cancel := context.WithCancel(t.Context())
	w.sink.Intercept = func(adsync.Op) (adsync.Receipt, error, bool) {
		cancel()
		return adsync.Receipt{}, context.Canceled, true
	}
	_, err := w.try(ctx)
	require.Error(t, err)
	_, err = w.engine().Revert(t.Context(), first)
	_, unfinished := errors.AsType[*adsync.UnfinishedError](err)
	require.True(t, unfinished, "%v", err)
}

// A revert reads no source and moves no cursor.
func TestARevertLeavesTheCursorsAlone(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	s := w.reads(whole("1", w.shows(1, 2)...), delta("2", adsync.Change{Object: object(adsync.User, id(1), map[string]string{"title": "Chief"})}), delta("3"))
	w.with(func(j *adsync.Job) { j.Audit = -1 })
	w.run()
	run := w.run().Run
	require.Equal(t, "Chief", w.attr(1, "title"))
	before := w.sourceState("ad")

	asked := len(s.asked)
	w.undo(run)
	require.Len(t, s.asked, asked)
	require.Equal(t, before, w.sourceState("ad"))
	require.Equal(t, "", w.attr(1, "title"))
	require.Zero(t, w.run().Counts.Writes())
}
