package adsync_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func TestLeaverPolicies(t *testing.T) {
	const (
		keep, deactivate, remove = adsync.LeaverKeep, adsync.LeaverDeactivate, adsync.LeaverDelete
	)
	absent := func() []adsync.Change { return nil }
	fact := func(p adsync.Presence) func() []adsync.Change {
		return func() []adsync.Change { return []adsync.Change{gone(1, p)} }
	}
	for _, c := range []struct {
		name   string
		kind   adsync.Kind
		policy adsync.LeaverPolicy
		how    func() []adsync.Change
		want   adsync.Counts
		issues int
	}{
		{"a user by default", adsync.User, adsync.LeaverPolicy{}, absent, adsync.Counts{Deactivate: 1}, 0},
		{"a contact by default", adsync.Contact, adsync.LeaverPolicy{}, absent, adsync.Counts{Deactivate: 1}, 0},
		{"a group by default", adsync.Group, adsync.LeaverPolicy{}, absent, adsync.Counts{}, 1},
		{"a unit by default", adsync.OrganizationalUnit, adsync.LeaverPolicy{}, absent, adsync.Counts{}, 1},
		{"a user that is kept", adsync.User, adsync.LeaverPolicy{OutOfScope: keep, Deleted: keep}, absent, adsync.Counts{}, 1},
		{"a user that is deleted", adsync.User, adsync.LeaverPolicy{OutOfScope: remove, Deleted: remove}, absent, adsync.Counts{Delete: 1}, 0},
		{"a group that is deleted", adsync.Group, adsync.LeaverPolicy{OutOfScope: remove, Deleted: remove}, absent, adsync.Counts{Delete: 1}, 0},
		{"absent: the milder of two", adsync.User, adsync.LeaverPolicy{OutOfScope: keep, Deleted: remove}, absent, adsync.Counts{}, 1},
		{"absent: the milder of two, the other way", adsync.User, adsync.LeaverPolicy{OutOfScope: remove, Deleted: deactivate}, absent, adsync.Counts{Deactivate: 1}, 0},
		{"said to be out of scope", adsync.User, adsync.LeaverPolicy{OutOfScope: keep, Deleted: remove}, fact(adsync.OutOfScope), adsync.Counts{}, 1},
		{"said to be deleted", adsync.User, adsync.LeaverPolicy{OutOfScope: keep, Deleted: remove}, fact(adsync.Deleted), adsync.Counts{Delete: 1}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t).crowd(2, 4)
			w.people[id(1)] = object(c.kind, id(1), map[string]string{"name": "one", "displayName": "one", "logon": "user1@example.com"})
			if c.kind == adsync.User {
				w.person(1)
			}
			w.with(func(j *adsync.Job) { j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{c.kind: c.policy} })
			second := whole("", append(w.shows(2, 3, 4), c.how()...)...)
			w.reads(whole("", w.shows(1, 2, 3, 4)...), second)
			require.Equal(t, 4, w.run().Counts.Create)
			c.want.Unchanged = 3
			report := w.run()
			require.Equal(t, c.want, report.Counts)
			require.Len(t, report.Issues, c.issues)
			for _, i := range report.Issues {
				require.Equal(t, adsync.IssueLeaverKept, i.Code)
			}
			report = w.run() // nothing happens twice, and what is kept stays listed
			require.Equal(t, adsync.Counts{Unchanged: 3}, report.Counts)
			require.Len(t, report.Issues, c.issues)
		})
	}
}

func TestLeaverIsKeptWhereTheTargetCannotDeactivate(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	rules := w.sink.Rules.Kinds[adsync.User]
	rules.Deactivate = false
	w.sink.Rules.Kinds[adsync.User] = rules
	w.run()
	w.leave(1)
	report := w.run()
	require.Zero(t, report.Counts.Writes())
	require.Equal(t, []string{"000000000001 leaver-kept "}, codes(report))
}

func TestLeaverIsDeletedAfterDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 5)
		w.with(func(j *adsync.Job) {
			j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.User: {DeleteAfterDays: 30}}
		})
		w.run()
		back := w.people[id(2)]
		w.leave(1, 2)
		require.Equal(t, adsync.Counts{Deactivate: 2, Unchanged: 3}, w.run().Counts)
		time.Sleep(29 * day)
		require.Equal(t, adsync.Counts{Unchanged: 3}, w.run().Counts)
		w.people[id(2)] = back // just in time
		require.Equal(t, 1, w.run().Counts.Reactivate)
		time.Sleep(2 * day)
		require.Equal(t, adsync.Counts{Delete: 1, Unchanged: 4}, w.run().Counts)
		require.Nil(t, w.target(1))
		require.NotNil(t, w.target(2))
		require.Equal(t, adsync.Counts{Unchanged: 4}, w.run().Counts)
	})
}

// Deleting by the clock is no business of a read that is not believed, and
// never of what is protected.
func TestLeaverIsNotDeletedByTheClockAloneWhenInDoubtOrProtected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 5)
		w.with(func(j *adsync.Job) {
			j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.User: {DeleteAfterDays: 30}}
		})
		w.run()
		w.leave(1)
		w.run()
		time.Sleep(31 * day)
		w.wrap = doubtful(unreadableBase)
		require.Zero(t, w.run().Counts.Writes())
		w.wrap = nil
		w.with(func(j *adsync.Job) { j.Protect = []string{"USER1@example.com"} })
		report := w.run()
		require.Zero(t, report.Counts.Writes())
		require.Equal(t, []string{"000000000001 protected-target "}, codes(report))
		w.with(func(j *adsync.Job) { j.Protect = nil })
		require.Equal(t, 1, w.run().Counts.Delete)
	})
}

// Out of scope first, deleted later: the second fact has a policy of its own.
func TestLeaverThatIsDeletedLater(t *testing.T) {
	w := newWorld(t).crowd(1, 4)
	w.with(func(j *adsync.Job) {
		j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.User: {OutOfScope: adsync.LeaverDeactivate, Deleted: adsync.LeaverDelete}}
	})
	w.reads(whole("1", w.shows(1, 2, 3, 4)...), delta("2", gone(1, adsync.OutOfScope)), delta("3", gone(1, adsync.Deleted)), delta("4", gone(1, adsync.Deleted)))
	w.run()
	require.Equal(t, 1, w.run().Counts.Deactivate)
	require.Equal(t, 1, w.run().Counts.Delete)
	require.Zero(t, w.run().Counts.Writes())
}

func TestProtectedObjectsAreNotChangedByRule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 6)
		w.person(4, "expires", inDays(3))
		w.group(100, "admins", id(1), id(2))
		w.run()
		admins := w.target(100).ID
		w.with(func(j *adsync.Job) {
			for n := 1; n <= 4; n++ {
				j.Protect = append(j.Protect, fmt.Sprintf("user%d@example.com", n))
			}
			j.Protect = append(j.Protect, string(admins))
		})
		w.person(1, "title", "Clerk").person(2, "active", "false")
		w.leave(3)
		w.group(100, "administrators", id(1), id(5))
		time.Sleep(5 * day)
		report := w.run()
		require.Zero(t, report.Counts.Writes(), "%v", w.attempts())
		for _, i := range report.Issues {
			require.Equal(t, adsync.IssueProtectedTarget, i.Code)
		}
		require.Len(t, report.Issues, 6)
		require.Len(t, w.sink.Members(admins), 2)
		require.False(t, w.target(4).Inactive)
	})
}

// Red when the kind of the link is not compared: the target was then asked to
// change a person by the id of a contact.
func TestAPersonWhoBecomesAContactLeavesAsOneAndComesAsTheOther(t *testing.T) {
	w := newWorld(t).crowd(1, 4)
	w.run()
	was := w.target(2).ID
	contact := w.people[id(2)]
	contact.Kind = adsync.Contact
	w.people[id(2)] = contact
	report := w.run()
	require.Equal(t, 1, report.Counts.Deactivate)
	require.Equal(t, []string{"000000000002 other-kind "}, codes(report))
	report = w.run()
	require.Equal(t, 1, report.Counts.Create)
	old, _ := w.sink.Object(was)
	require.True(t, old.Inactive)
	link := w.links("ad")[id(2)]
	require.Equal(t, adsync.Contact, link.Kind)
	require.NotEqual(t, was, link.Target)
	require.Zero(t, w.run().Counts.Writes())
	require.Empty(t, w.remembered())
}

func TestAWriteDoesNotResolveWhatIsStillWrong(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.with(func(j *adsync.Job) {
		j.Required = map[adsync.Kind][]string{adsync.User: {"lastName"}}
		j.Merge = map[string]adsync.MergeMode{"lastName": adsync.SourceWins}
	})
	w.run()
	w.person(2, "lastName", "", "title", "Clerk")
	report := w.run()
	require.Equal(t, 1, report.Counts.Update)
	require.Equal(t, []string{"000000000002 required-missing lastName"}, codes(report))
	require.Len(t, w.remembered(), 1)
	w.person(2, "title", "Clerk")
	w.run()
	require.Empty(t, w.remembered())
}
