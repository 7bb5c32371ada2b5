package adsync_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// doubtful replaces the witness of whatever the source gives.
func doubtful(witness *adsync.Witness) func(adsync.Source) adsync.Source {
	return func(s adsync.Source) adsync.Source {
		return readFunc(func(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
			return func(yield func(adsync.Batch, error) bool) {
				for b, err := range s.Read(ctx, r) {
					if b.Done {
						b.Witness = witness
					}
					if !yield(b, err) {
						return
					}
				}
			}
		})
	}
}

var unreadableBase = &adsync.Witness{Bases: []adsync.BaseWitness{{Name: "objects", Readable: false, Problem: "access denied"}}}

func TestUnsureReadHoldsBackWhatItMayNotKnow(t *testing.T) {
	w := newWorld(t).crowd(1, 8)
	w.group(100, "everyone", id(1), id(2), id(3))
	w.with(func(j *adsync.Job) { j.Merge = map[string]adsync.MergeMode{"title": adsync.SourceWins} })
	w.person(5, "title", "Clerk").person(6, "active", "true")
	w.run()
	w.person(7, "active", "false")
	w.run()

	w.wrap = doubtful(unreadableBase)
	w.leave(1)                           // seems to have left
	w.group(100, "everyone", id(2))      // two members seem to have gone
	w.person(5, "title", "")             // seems to be cleared
	w.person(6, "active", "false")       // seems to be disabled
	w.person(7)                          // seems to be back
	w.person(8, "phone", "12").person(9) // these are facts
	report := w.run()
	require.Equal(t, adsync.OutcomeUnsure, report.Outcome)
	require.Equal(t, 1, report.Counts.Create)
	require.Equal(t, 1, report.Counts.Update)
	require.Zero(t, report.Counts.Deactivate+report.Counts.Reactivate+report.Counts.Delete+report.Counts.Members)
	require.False(t, w.target(1).Inactive)
	require.Len(t, w.sink.Members(w.target(100).ID), 3)
	require.Equal(t, "Clerk", w.target(5).Attrs.Get("title"))
	require.False(t, w.target(6).Inactive)
	require.True(t, w.target(7).Inactive)
	require.Equal(t, "12", w.target(8).Attrs.Get("phone"))
	require.Empty(t, w.sourceState("ad").Cursor)

	// A good read does everything that was held back: nothing was taken for done.
	w.wrap = nil
	report = w.run()
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%+v", report)
	require.True(t, w.target(1).Inactive)
	require.Len(t, w.sink.Members(w.target(100).ID), 1)
	require.False(t, w.target(5).Attrs.Has("title"))
	require.True(t, w.target(6).Inactive)
	require.False(t, w.target(7).Inactive)
}

func TestUnsureReadsAreComparedWithTheLastGoodOne(t *testing.T) {
	base := func(objects int) *adsync.Witness {
		return &adsync.Witness{Bases: []adsync.BaseWitness{{Name: "ou=a", Readable: true, Objects: objects}, {Name: "ou=b", Readable: true, Objects: 1}}}
	}
	w := newWorld(t).crowd(1, 12)
	w.wrap = doubtful(base(11))
	w.run()
	w.leave(2, 3)
	for range 3 { // the second unsure read is not held against the first
		w.wrap = doubtful(base(0))
		require.Equal(t, adsync.OutcomeUnsure, w.run().Outcome)
		require.Equal(t, 11, w.sourceState("ad").Witness.Bases[0].Objects)
	}
	w.wrap = doubtful(base(9))
	require.Equal(t, 2, w.run().Counts.Deactivate)
	require.Equal(t, 9, w.sourceState("ad").Witness.Bases[0].Objects)
}

func TestAnswerWithoutAnyObjectIsNotBelieved(t *testing.T) {
	for name, witness := range map[string]*adsync.Witness{
		"without a witness": nil,
		"with a good one":   {Bases: []adsync.BaseWitness{{Name: "objects", Readable: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 3)
			w.wrap = doubtful(witness)
			w.run()
			w.leave(1, 2, 3)
			report := w.run()
			require.Equal(t, adsync.OutcomeUnsure, report.Outcome)
			require.Zero(t, report.Counts.Writes())
		})
	}
}

func TestUnsureDeltaSourceStartsWithASnapshot(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	doubted := whole("c2", w.shows(1)...)
	doubted[0].batch.Witness = unreadableBase
	s := w.reads(whole("c1", w.shows(1, 2, 3)...), broken(adsync.Errorf(adsync.CodeGone, "cursor")), doubted, whole("c3", w.shows(1, 2)...), delta("c4"))
	w.run()
	report := w.run() // the cursor is gone, and the snapshot in its place is doubtful
	require.Equal(t, adsync.OutcomeUnsure, report.Outcome)
	require.Equal(t, adsync.OutcomeCompleted, w.run().Outcome)
	w.run()
	var since []string
	for _, r := range s.asked {
		since = append(since, string(r.Since))
	}
	require.Equal(t, []string{"", "c1", "", "", "c3"}, since)
	require.True(t, w.target(3).Inactive)
}

// P21: a right to read one attribute was lost. Every object still comes.
func TestAttributeThatNobodyHasAnyMoreIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	for n := 1; n <= 10; n++ {
		w.person(n, "title", "Clerk")
	}
	w.person(11, "phone", "1")
	w.with(func(j *adsync.Job) {
		j.Merge = map[string]adsync.MergeMode{"title": adsync.SourceWins, "phone": adsync.SourceWins}
	})
	w.run()
	for n := 1; n <= 10; n++ {
		w.person(n, "title", "")
	}
	w.leave(10)
	report := w.run()
	require.Equal(t, adsync.OutcomeUnsure, report.Outcome)
	require.Contains(t, report.Findings[0].Text, "title")
	require.Equal(t, "Clerk", w.target(1).Attrs.Get("title"))
	require.False(t, w.target(10).Inactive)

	// What few had may well be given up by all.
	for n := 1; n <= 10; n++ {
		w.person(n, "title", "Clerk")
	}
	w.run()
	w.person(11, "phone", "")
	require.Equal(t, adsync.OutcomeCompleted, w.run().Outcome)
	require.False(t, w.target(11).Attrs.Has("phone"))

	// An attribute that is no longer asked for is no loss.
	for n := 1; n <= 10; n++ {
		w.person(n, "title", "")
	}
	w.mapper.without = []string{"title"}
	report = w.run()
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%+v", report.Findings)
}

func TestUnsureAdoptionClearsAndReactivatesNothing(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.with(func(j *adsync.Job) {
		j.Merge = map[string]adsync.MergeMode{"title": adsync.SourceWins}
		j.ReactivateMatched = true
	})
	w.run()
	had := w.sink.Add(adsync.Target{Kind: adsync.User, Inactive: true, Attrs: text("logon", "user4@example.com", "email", "user4@example.com", "title", "Boss")})
	w.person(4, "title", "")
	w.wrap = doubtful(unreadableBase)
	report := w.run()
	require.Equal(t, 1, report.Counts.Adopt)
	now, _ := w.sink.Object(had)
	require.True(t, now.Inactive)
	require.Equal(t, "Boss", now.Attrs.Get("title"))

	w.wrap = nil
	w.run()
	now, _ = w.sink.Object(had)
	require.False(t, now.Inactive)
	require.False(t, now.Attrs.Has("title"))
}

// Red when the acceptance is not asked for, and when it is not forgotten.
func TestAReadThatAPersonAcceptsIsBelievedOnceAndUnderTheGuard(t *testing.T) {
	w := newWorld(t).crowd(1, 30)
	w.run()
	for n := 1; n <= 30; n++ {
		w.leave(n)
	}
	require.Equal(t, adsync.OutcomeUnsure, w.run().Outcome)
	e := w.engine()
	require.Error(t, e.AcceptRead(t.Context(), "ad", ""))
	require.Error(t, e.AcceptRead(t.Context(), "nothing", "Kim"))
	require.NoError(t, e.AcceptRead(t.Context(), "ad", "Kim"))
	report, err := e.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, adsync.OutcomeRefused, report.Outcome, "thirty leavers are still too many")
	require.NoError(t, e.Approve(t.Context(), report.Plan, "Kim"))
	report, err = e.Apply(t.Context(), report.Plan)
	require.NoError(t, err)
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome)
	require.Equal(t, 30, report.Counts.Deactivate)
	require.Equal(t, "read-accepted", report.Findings[0].Rule)
	require.NoError(t, e.Close())

	w.crowd(1, 30)
	w.run()
	for n := 1; n <= 30; n++ {
		w.leave(n)
	}
	require.Equal(t, adsync.OutcomeUnsure, w.run().Outcome, "the acceptance was for one run")
}
