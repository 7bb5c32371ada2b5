package adsync_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// twoBases is a world whose first full read finds nobody below OU=New, and
// whose reads of changes then fill it.
func twoBases(t *testing.T, filled int, lost ...step) *world {
	w := newWorld(t).crowd(1, 20)
	for n := 21; n <= 20+filled; n++ {
		w.person(n)
		o := w.people[id(n)]
		o.Container = "OU=Sales,OU=New,DC=example,DC=com"
		w.people[id(n)] = o
	}
	first := whole("c1", w.shows(numbers(1, 20)...)...)
	first[0].batch.Witness = witnessOf(20, 0)
	w.reads(first, delta("c2", w.shows(numbers(21, 20+filled)...)...), lost)
	w.with(func(j *adsync.Job) { j.Audit = -1 })
	require.Equal(t, 20, w.run().Counts.Create)
	require.Equal(t, filled, w.run().Counts.Create)
	return w
}

func witnessOf(people, others int) *adsync.Witness {
	return &adsync.Witness{Bases: []adsync.BaseWitness{
		{Name: "OU=People,DC=example,DC=com", Readable: true, Objects: people}, {Name: "OU=New, DC=example, DC=com", Readable: true, Objects: others},
	}}
}

// lostBase is a full read that shows the first base only.
func lostBase(w *world, witness *adsync.Witness, also ...int) step {
	return step{batch: adsync.Batch{Changes: w.shows(append(numbers(1, 20), also...)...), Snapshot: true, Done: true, Next: "c3", Witness: witness}}
}

// A base that was empty when everything was read last, and was filled by reads
// of changes, is missed when it gives nobody.
//
// Red without emptiedSince.
func TestABaseFilledByChangesAndThenLostIsNotBelieved(t *testing.T) {
	w := newWorld(t).crowd(1, 20)
	w = twoBases(t, 3, lostBase(w, witnessOf(20, 0)))
	w.with(func(j *adsync.Job) { j.Snapshot = true })
	report := w.run()
	require.Equal(t, adsync.OutcomeUnsure, report.Outcome)
	require.Zero(t, report.Counts.Writes())
	require.Contains(t, report.Findings[0].Text, "base OU=New, DC=example, DC=com gave no object, and 3 below it were active before")

	e := w.engine() // where it is true, a person says so
	require.NoError(t, e.AcceptRead(t.Context(), "ad", "Ada"))
	require.NoError(t, e.Close())
	require.Equal(t, 3, w.run().Counts.Deactivate)
}

// A unit is judged from five people on, as it is where the last full read knew it.
func TestAUnitFilledByChangesAndThenLostIsNotBelieved(t *testing.T) {
	for filled, outcome := range map[int]adsync.RunOutcome{4: adsync.OutcomeCompleted, 5: adsync.OutcomeUnsure} {
		w := newWorld(t).crowd(1, 20)
		witness := &adsync.Witness{Units: []adsync.UnitWitness{{Unit: "OU=People,DC=example,DC=com", Objects: 20}, {Unit: "ou=new,DC=example,DC=com"}}}
		w = twoBases(t, filled, lostBase(w, witness))
		w.with(func(j *adsync.Job) { j.Snapshot = true })
		require.Equal(t, outcome, w.run().Outcome, filled)
	}
}

// Who went elsewhere has not been lost: one of them who is shown vouches for the
// others, as a canary does.
//
// Red when missedBelow does not look whom the read shows.
func TestABaseWhosePeopleWereMovedIsBelieved(t *testing.T) {
	w := newWorld(t).crowd(1, 21)
	w = twoBases(t, 3, lostBase(w, witnessOf(21, 0), 21))
	w.with(func(j *adsync.Job) { j.Snapshot = true })
	report := w.run()
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome)
	require.Equal(t, 2, report.Counts.Deactivate)
}

// A sweep names everybody too, and is held against the links in the same way.
func TestASweepThatMissesABaseFilledByChangesIsNotBelieved(t *testing.T) {
	sweep := step{batch: adsync.Batch{Sweep: true, Done: true, Next: "c3", Witness: witnessOf(20, 0)}}
	for n := 1; n <= 20; n++ {
		sweep.batch.Seen = append(sweep.batch.Seen, id(n))
	}
	report := twoBases(t, 3, sweep).run()
	require.Equal(t, adsync.OutcomeUnsure, report.Outcome)
	require.Zero(t, report.Counts.Writes())
}

// A neighbour whose name ends alike is no part of a base.
//
// Red when liesWithin compares ends only.
func TestABaseIsNotItsNamesake(t *testing.T) {
	w := newWorld(t).crowd(1, 20)
	witness := &adsync.Witness{Bases: []adsync.BaseWitness{{Name: "OU=People,DC=example,DC=com", Readable: true, Objects: 20}, {Name: "U=New,DC=example,DC=com", Readable: true}}}
	w = twoBases(t, 3, lostBase(w, witness))
	w.with(func(j *adsync.Job) { j.Snapshot = true })
	require.Equal(t, 3, w.run().Counts.Deactivate)
}
