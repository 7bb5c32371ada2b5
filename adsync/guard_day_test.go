package adsync_test

import (
	"context"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
)

// Several jobs on one target share the day.
//
// Red when recallPast looks at the runs of its own job only, and when the window
// is left out of judge.
func TestJobsOnOneTargetShareTheDay(t *testing.T) {
	w := newWorld(t).crowd(1, 20)
	w.run()
	other := newWorld(t).crowd(101, 120)
	other.sink, other.store = w.sink, w.store
	other.with(func(j *adsync.Job) {
		j.Sources[0].Name = "other"
		j.Guard.Creates.Off = true
	})
	other.run()
	w.leave(numbers(1, 7)...)
	require.Equal(t, 7, w.run().Counts.Deactivate)
	other.leave(numbers(101, 104)...)
	report := other.run()
	require.Equal(t, adsync.OutcomeRefused, report.Outcome, "seven and four are eleven")
	require.Equal(t, 4, report.Findings[0].Count)
	require.Equal(t, 7, report.Findings[0].Before)
	require.Equal(t, 40, report.Findings[0].Of)
}

// However often a job runs, a day's limit is a day's.
//
// Red when judge leaves out what was done before.
func TestManySmallRunsDoNotEmptyATarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 200)
		w.run()
		for n := range 24 * 4 {
			time.Sleep(15 * time.Minute)
			w.leave(2*n + 1)
			w.run()
		}
		gone := 0
		for _, o := range w.sink.Objects() {
			if o.Inactive {
				gone++
			}
		}
		require.Equal(t, 10, gone, "ten in 24 hours, of 200; then somebody has to look")
	})
}

// The switch that takes the guard out lets everything through, so that whatever
// rests on it is seen to.
func TestWithoutTheGuardAPlanIsApplied(t *testing.T) {
	w := newWorld(t).crowd(1, 30)
	w.run()
	w.leave(numbers(1, 29)...)
	require.Equal(t, adsync.OutcomeRefused, w.run().Outcome)
	restore, err := protection.Remove("guard")
	require.NoError(t, err)
	defer restore()
	report := w.run()
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome)
	require.True(t, w.target(29).Inactive)
	require.Equal(t, "leaving", report.Findings[0].Rule, "it is said all the same")
}

// In a large flat directory who leaves is below one unit, always. Clearing that
// unit does not cost a walk over all links.
//
// Red when unitSizes counts on after it has seen enough.
func TestAFlatDirectoryIsNotWalked(t *testing.T) {
	w := newWorld(t).crowd(1, 2000)
	w.run()
	walked := 0
	w.store = hookedStore{w.store, func(s adsync.State) adsync.State { return &walkedState{s, &walked} }}
	w.reads(delta("c1", gone(1, adsync.Deleted)))
	w.run()
	for n := 2; n <= 40; n++ {
		w.reads(delta("c2", gone(n, adsync.Deleted)))
		require.Equal(t, 1, w.run().Counts.Deactivate)
	}
	require.Positive(t, walked)
	require.Less(t, walked, 40*200, "40 runs, with at most 40 leavers of whom 134 make enough")
}

type walkedState struct {
	adsync.State
	walked *int
}

func (s *walkedState) Scan(ctx context.Context, source string, digestsOnly bool) iter.Seq2[adsync.Link, error] {
	return func(yield func(adsync.Link, error) bool) {
		for link, err := range s.State.Scan(ctx, source, digestsOnly) {
			if !digestsOnly {
				*s.walked++
			}
			if !yield(link, err) {
				return
			}
		}
	}
}

// A department that is gone is told with the unit, wherever the read names only
// who left: the link remembers where they were.
//
// Red when linkAfter forgets the container, and when the store does.
func TestAnAbsenteesUnitIsRemembered(t *testing.T) {
	w := newWorld(t).crowd(1, 300)
	for n := 1; n <= 12; n++ {
		o := w.people[id(n)]
		o.Container = "OU=Research,DC=example,DC=com"
		w.people[id(n)] = o
	}
	w.run()
	w.with(func(j *adsync.Job) { j.Guard.Leaving.Percent = 50 })
	w.leave(numbers(1, 12)...)
	report := w.run()
	require.Equal(t, adsync.OutcomeRefused, report.Outcome)
	f := report.Findings[0]
	require.Equal(t, "unit-leaving", f.Rule)
	require.Equal(t, "OU=Research,DC=example,DC=com", f.Unit)
	require.Equal(t, []int{12, 10, 12}, []int{f.Count, f.Limit, f.Of})

	w.person(1) // and one of them is elsewhere now, unchanged but for that
	w.reads(delta("c1", w.shows(1)...))
	w.run()
	require.Equal(t, "OU=People,DC=example,DC=com", w.links("ad")[id(1)].Container)
	require.Equal(t, "OU=Research,DC=example,DC=com", w.links("ad")[id(2)].Container)
}

// Ops that say nothing of where an object is leave what is known of it.
//
// Red when linkAfter takes the container of the op, whatever it is.
func TestAMembershipForgetsNoContainer(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.group(5000, "staff", id(1))
	w.run()
	w.group(5000, "staff", id(1), id(2))
	require.Equal(t, 1, w.run().Counts.Members)
	require.Equal(t, "OU=People,DC=example,DC=com", w.links("ad")[id(5000)].Container)
}

// Where the source is the authority, whom others added counts among the members
// that a group had.
//
// Red when groupSizes does not ask the target.
func TestMembersOfOthersCountWhereTheSourceIsTheAuthority(t *testing.T) {
	w := newWorld(t).crowd(1, 300)
	w.group(5000, "everyone", ids(1, 10)...)
	w.run()
	for n := 11; n <= 300; n++ {
		w.sink.AddMember(w.target(5000).ID, w.target(n).ID)
	}
	w.with(func(j *adsync.Job) { j.MembersAuthoritative = true })
	report := w.run()
	require.Equal(t, adsync.OutcomeRefused, report.Outcome)
	f := report.Findings[0]
	require.Equal(t, "members-removed", f.Rule)
	require.Equal(t, "everyone", f.Group)
	require.Equal(t, []int{290, 60, 300}, []int{f.Count, f.Limit, f.Of})
}
