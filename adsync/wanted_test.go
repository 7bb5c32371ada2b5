package adsync_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// What an earlier run could not write is void once a read shows that it is not
// for the target any more.
//
// Red when passOver stages nothing.
func TestWhatWasWantedIsVoidWhenTheMappingLeavesTheObjectOut(t *testing.T) {
	w := newWorld(t).crowd(1, 3).person(5, "email", "same@example.com").person(6, "email", "same@example.com")
	first, both := w.shows(1, 2, 3), w.shows(5, 6)
	w.person(6)
	w.reads(whole("1", first...), delta("2", both...), delta("3", append(w.shows(6), both[0])...), delta("4"))
	w.run()
	require.Equal(t, 2, w.run().Counts.Conflicts)
	w.mapper.err = func(o adsync.Object) error {
		if o.Anchor == id(5) {
			return adsync.ErrSkip
		}
		return nil
	}
	require.Equal(t, 1, w.run().Counts.Create)
	w.mapper.err = nil
	require.Zero(t, w.run().Counts.Writes())
	require.Nil(t, w.target(5))
	require.Empty(t, w.remembered())
}

// Red when inOrder notes nothing.
func TestWhatWasWrongIsOverWhenTheObjectIsGone(t *testing.T) {
	w := newWorld(t).crowd(1, 3).person(5, "email", "")
	w.with(func(j *adsync.Job) { j.Required = map[adsync.Kind][]string{adsync.User: {"email"}} })
	w.reads(whole("1", w.shows(1, 2, 3)...), delta("2", w.shows(5)...), delta("3", gone(5, adsync.Deleted)), delta("4"))
	w.run()
	require.Equal(t, 1, w.run().Counts.Quarantined)
	require.Zero(t, w.run().Counts.Quarantined)
	require.Empty(t, w.remembered())
	require.Zero(t, w.run().Counts.Quarantined)
}

// Red when an object with something wrong is passed over for looking as it did,
// and when resolve leaves out ops that send nothing.
func TestWhatWasWantedIsVoidWhenTheObjectIsAsItWas(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	before := w.shows(1, 2, 3)
	w.sink.Rules = adsync.Schema{Kinds: map[adsync.Kind]adsync.KindSchema{adsync.User: {Deactivate: true, Attributes: map[string]adsync.AttributeSchema{
		"email": {}, "logon": {}, "firstName": {}, "lastName": {}, "displayName": {}, "active": {}, "title": {MaxLength: 3},
	}}}}
	w.person(2, "title", "much too long")
	long := w.shows(2)
	w.reads(whole("1", before...), delta("2", long...), delta("3", before[1]), delta("4"))
	w.run()
	require.NotEmpty(t, w.run().Issues)
	w.run()
	require.Empty(t, w.remembered())
	require.Equal(t, "", w.target(2).Attrs.Get("title"))
}

// What is made up from an op that failed is not what the directory shows. After
// a revert of the run that wrote it at last, the object is not taken for one of
// which the read of changes had kept something to itself.
//
// Red when stageWantedPart gives what comes of an op a digest.
func TestWhatWasWrittenAtASecondTryIsNoMissedChangeWhenItIsReverted(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	first := w.shows(1, 2, 3)
	w.person(2, "title", "Clerk")
	s := w.reads(whole("1", first...), delta("2", w.shows(2)...), delta("3"), delta("4"))
	s.single = func(anchors []adsync.Anchor) (changes []adsync.Change) {
		for _, a := range anchors {
			changes = append(changes, adsync.Change{Object: w.people[a]})
		}
		return changes
	}
	w.run()
	w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeOther, "not today"), op.Anchor == id(2)
	}
	require.Equal(t, adsync.OutcomePartial, w.run().Outcome)
	w.sink.Intercept = nil
	second := w.run()
	require.Equal(t, 1, second.Counts.Update)
	w.undo(second.Run)
	require.Empty(t, w.attr(2, "title"))
	report := w.run()
	require.Zero(t, report.Sources[0].Missed)
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%v", report.Findings)
}
