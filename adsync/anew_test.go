package adsync_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// Somebody's manager was to be made anew and was refused, in the run in which he
// himself got a new title, or left. What is tried again is the reference alone.
//
// Red when the op's record, which is from before that run, is taken for what is
// wanted of him, and when a leaver's reference is kept.
func TestAReferenceToWhoIsMadeAnewWantsNothingElse(t *testing.T) {
	w := newWorld(t).crowd(1, 6)
	w.person(5, "title", "Trainee")
	w.refer(5, "manager", id(1))
	w.refer(6, "manager", id(1))
	first := w.shows(1, 2, 3, 4, 5, 6)
	w.person(1, "title", "Chief")
	second := w.shows(1)
	w.person(5, "title", "Clerk")
	w.refer(5, "manager", id(1))
	third := append(w.shows(5), adsync.Change{Object: adsync.Object{Kind: adsync.User, Anchor: id(6)}, Presence: adsync.Deleted})
	w.reads(whole("1", first...), delta("2", second...), delta("3", third...), delta("4"), delta("5"), delta("6"))
	w.with(func(j *adsync.Job) { j.Audit = -1 })
	w.run()
	w.sink.Remove(w.target(1).ID)
	require.Equal(t, []string{"000000000001 target-gone "}, codes(w.run()))
	w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeInvalid, "not now"), op.Intent == adsync.IntentCreate
	}
	waits := codes(w.run())
	require.Contains(t, waits, "000000000005 reference-waits ")
	require.NotContains(t, waits, "000000000006 reference-waits ")
	require.Equal(t, "Clerk", w.attr(5, "title"))
	require.True(t, w.target(6).Inactive)
	w.run()
	require.Equal(t, "Clerk", w.attr(5, "title"), "not put back")
	require.True(t, w.target(6).Inactive, "not brought back")
	w.sink.Intercept = nil
	w.run()
	require.Equal(t, string(w.target(1).ID), w.attr(5, "manager"))
	require.Equal(t, "Clerk", w.attr(5, "title"))
	require.True(t, w.target(6).Inactive)
}
