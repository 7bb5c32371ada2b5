package adsync_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// Somebody took an account out of the target by hand. Made anew it has another
// id; who refers to it, and the groups it was in, are put right in the same run,
// though the directory says nothing new of them.
//
// Red when referAgain finds nobody, when addAgain leaves out an object that has
// an op of its own, and (read by changes) when letWait keeps nothing.
func TestWhoRefersToAnObjectMadeAnewIsPutRight(t *testing.T) {
	for name, byChanges := range map[string]bool{"read in full": false, "read by changes": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 6)
			w.sink.Rules.Kinds[adsync.User].Attributes["deputy"] = adsync.AttributeSchema{Reference: true}
			w.refer(5, "manager", id(1))
			w.refer(6, "manager", id(1))
			w.refer(4, "manager", id(1))
			w.group(100, "staff", id(1), id(2))
			first := w.shows(1, 2, 3, 4, 5, 6, 100)
			w.person(1, "title", "Chief")
			second := w.shows(1)
			w.person(6, "title", "Clerk")
			o := w.people[id(6)]
			o.Refs = map[string][]adsync.Anchor{"manager": {id(1)}, "deputy": {id(2)}}
			w.people[id(6)] = o
			o = w.people[id(4)]
			o.Refs = map[string][]adsync.Anchor{"manager": {id(1)}, "deputy": {id(2)}}
			w.people[id(4)] = o
			third := w.shows(4, 6)
			reads := [][]step{whole("1", first...), delta("2", second...), delta("3", third...), delta("4")}
			if !byChanges {
				all := w.shows(1, 2, 3, 4, 5, 6, 100)
				reads = [][]step{whole("", first...), whole("", append(second, first[1:]...)...), whole("", all...)}
			}
			w.reads(reads...)
			w.with(func(j *adsync.Job) { j.Audit = -1 })
			w.run()
			old := w.target(1).ID
			w.sink.Remove(old)
			require.Equal(t, []string{"000000000001 target-gone "}, codes(w.run()))

			report := w.run()
			require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%v", codes(report))
			anew := w.target(1).ID
			require.NotEqual(t, old, anew)
			require.Equal(t, string(anew), w.attr(5, "manager"), "who has not changed")
			require.Equal(t, string(anew), w.attr(6, "manager"), "who has ops of his own")
			require.Equal(t, string(w.target(2).ID), w.attr(6, "deputy"))
			require.Equal(t, string(anew), w.attr(4, "manager"), "who has another reference to be written")
			require.Equal(t, "Clerk", w.attr(6, "title"))
			require.Contains(t, w.sink.Members(w.target(100).ID), anew)
			require.Zero(t, w.run().Counts.Writes())
			w.requireEffectsOnce()
		})
	}
}

// The same for who was deleted by name and comes back, whatever the target knows
// of keys.
//
// Red when unlink leaves nothing of a link.
func TestWhoRefersToWhoWasDeletedAndComesBackIsPutRight(t *testing.T) {
	for _, replay := range []adsync.Replay{adsync.ReplayNone, adsync.ReplayKeyed, adsync.ReplayByExternalID} {
		w := newWorld(t).crowd(1, 3)
		w.sink.Rules.Replay = replay
		w.refer(3, "manager", id(1))
		chief := w.people[id(1)]
		w.with(func(j *adsync.Job) {
			j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.User: {OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}}
		})
		w.run()
		old := w.target(1).ID
		w.leave(1)
		require.Equal(t, 1, w.run().Counts.Delete)
		w.people[id(1)] = chief
		w.run()
		require.NotEqual(t, old, w.target(1).ID)
		require.Equal(t, string(w.target(1).ID), w.attr(3, "manager"), "replay %v", replay)
		require.Zero(t, w.run().Counts.Writes())
	}
}
