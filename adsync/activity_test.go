package adsync_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func inDays(days int) string { return time.Now().AddDate(0, 0, days).UTC().Format(time.RFC3339) }

const day = 24 * time.Hour

// P19, P21: an account of which it cannot be seen whether it is active stays
// what it is, and a new one is not created.
func TestMissingActiveIsUnknown(t *testing.T) {
	w := newWorld(t).crowd(1, 4)
	w.run()
	w.person(1, "active", "false")
	w.run()
	for n := 1; n <= 3; n++ {
		w.person(n, "title", "Clerk")
		o := w.people[id(n)]
		o.Attrs.Delete("active")
		w.people[id(n)] = o
	}
	w.person(5, "active", "maybe").person(6)
	o := w.people[id(6)]
	o.Attrs.Delete("active")
	w.people[id(6)] = o
	report := w.run()
	require.Equal(t, adsync.Counts{Update: 3, Skipped: 2, Unchanged: 1}, report.Counts)
	require.True(t, w.target(1).Inactive, "a leaver is not reactivated because a right was lost")
	require.False(t, w.target(2).Inactive)
	require.Nil(t, w.target(5))
	require.Nil(t, w.target(6))
	require.ElementsMatch(t, []string{"000000000005 inactive-not-created active", "000000000006 inactive-not-created active"}, codes(report))
}

// The same where the mapper does not say which attributes it gives.
func TestMissingActiveIsUnknownForAMapperThatSaysNothing(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	mute := func(j *adsync.Job) { j.Mapper = muteMapper{w.mapper} }
	w.with(mute)
	w.run()
	w.person(1, "active", "false")
	w.run()
	w.person(1, "active", "", "title", "Clerk").person(2, "active", "FALSE")
	w.people[id(1)] = object(adsync.User, id(1), map[string]string{"logon": "user1@example.com", "title": "Clerk"})
	require.Zero(t, w.run().Counts.Reactivate)
	require.True(t, w.target(1).Inactive)
	w.person(4, "active", "FALSE")
	require.Zero(t, w.run().Counts.Create, "a value that is neither true nor false is unknown")
	w.person(1)
	require.Equal(t, 1, w.run().Counts.Reactivate)
}

// muteMapper is a mapper without Produces.
type muteMapper struct{ m *plainMapper }

func (m muteMapper) Map(o adsync.Object) (adsync.Object, error) { return m.m.Map(o) }
func (m muteMapper) Attributes() []string                       { return m.m.Attributes() }
func (m muteMapper) Digest() string                             { return m.m.Digest() }

func TestAccountExpiresByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 3)
		w.person(1, "expires", inDays(10)).person(2, "expires", inDays(10))
		w.run()
		require.False(t, w.target(1).Attrs.Has("expires"), "the engine keeps it to itself")
		time.Sleep(9 * day)
		require.Equal(t, adsync.Counts{Unchanged: 3}, w.run().Counts)
		w.person(2, "expires", inDays(20)) // extended
		w.run()
		time.Sleep(2 * day)
		report := w.run()
		require.Equal(t, 1, report.Counts.Deactivate, "%+v", report)
		require.True(t, w.target(1).Inactive)
		require.False(t, w.target(2).Inactive, "the account was extended in time")
		require.Equal(t, adsync.Counts{Unchanged: 3}, w.run().Counts)
		w.person(1, "expires", inDays(5)) // extended after the fact
		require.Equal(t, 1, w.run().Counts.Reactivate)
		time.Sleep(30 * day)
		require.Equal(t, 2, w.run().Counts.Deactivate)
	})
}

// A source of changes does not show an account again when it expires.
func TestAccountOfADeltaSourceExpiresByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 3)
		w.person(1, "expires", inDays(10)).person(2, "expires", inDays(10))
		first := w.shows(1, 2, 3)
		w.person(2, "expires", inDays(30)).person(3, "expires", inDays(10))
		later := w.shows(2, 3)
		w.reads(whole("1", first...), delta("2", later...), delta("3"))
		w.run()
		w.run()
		time.Sleep(11 * day)
		require.Equal(t, adsync.Counts{Deactivate: 2}, w.run().Counts)
		require.True(t, w.target(1).Inactive)
		require.False(t, w.target(2).Inactive)
		require.True(t, w.target(3).Inactive, "an account that got its date later expires too")
		require.Equal(t, adsync.Counts{}, w.run().Counts)
	})
}

func TestDisabledAccountIsDeactivatedWhateverElseIsWrongWithIt(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.person(1, "active", "false", "firstName", strings.Repeat("x", 300))
	report := w.run()
	require.Equal(t, 1, report.Counts.Deactivate)
	require.Equal(t, []string{"000000000001 value-too-long firstName"}, codes(report))
	require.True(t, w.target(1).Inactive)
	require.Equal(t, "First1", w.target(1).Attrs.Get("firstName"))
	report = w.run()
	require.Equal(t, []string{"000000000001 value-too-long firstName"}, codes(report), "it is listed until it is right")
	w.person(1, "active", "false", "firstName", "Ada")
	require.Equal(t, 1, w.run().Counts.Update)
	require.True(t, w.target(1).Inactive)
}

// The deactivation fails, and the change of a name that follows it does not:
// the account must not count as inactive for that.
func TestFailedDeactivationIsTriedAgain(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
		if op.Verb == adsync.Deactivate {
			return adsync.Receipt{}, adsync.Errorf(adsync.CodeDenied, "not allowed"), true
		}
		return adsync.Receipt{}, nil, false
	}
	w.person(1, "active", "false", "title", "Clerk")
	require.Equal(t, adsync.OutcomePartial, w.run().Outcome)
	require.Equal(t, adsync.LinkActive, w.links("ad")[id(1)].State)
	w.sink.Intercept = nil
	report := w.run()
	require.Equal(t, 1, report.Counts.Deactivate, "%+v", report)
	require.Equal(t, adsync.LinkInactive, w.links("ad")[id(1)].State)
}

func TestInactiveWhenFirstSeen(t *testing.T) {
	w := newWorld(t).person(1).person(2, "active", "false")
	require.Equal(t, adsync.Counts{Create: 1, Skipped: 1}, w.run().Counts)
	w.with(func(j *adsync.Job) { j.CreateInactive = true })
	require.Equal(t, adsync.Counts{Create: 1, Unchanged: 1}, w.run().Counts)
	require.True(t, w.target(2).Inactive)
	require.Equal(t, adsync.LinkInactive, w.links("ad")[id(2)].State)
	require.Equal(t, adsync.Counts{Unchanged: 2}, w.run().Counts)
}
