package ldap_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

// company is a fake directory of which everything is known, and one deletion
// seen, which proves that the account sees them.
func company(t *testing.T, c fakedir.Config, change func(*ldap.Source)) (*fakedir.Server, *known) {
	c.People = 40
	server, s := fake(t, c)
	require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove("OU=Contacts,OU=Company," + server.BaseDN()) }))
	s.BaseDNs = []string{"OU=Company," + server.BaseDN()}
	if change != nil {
		change(s)
	}
	k := newKnown(s, adsync.ReadRequest{Attributes: []string{"cn", "title", "accountEnabled", "manager"}})
	k.read(t)
	return server, k
}

// staff lists people of the company.
func staff(k *known) (names []string) {
	for _, o := range k.objects {
		if o.Kind == adsync.User {
			names = append(names, "CN="+fakedir.EscapeRDN(o.Attrs.Get("cn"))+","+o.Container)
		}
	}
	slices.Sort(names)
	return names
}

func retitle(t *testing.T, server *fakedir.Server, names []string, title string) {
	t.Helper()
	require.NoError(t, server.Change(func(d *fakedir.Changes) error {
		for _, name := range names {
			if err := d.Set(name, "title", title); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}))
}

// requireDelta reads changes, as a delta, and holds them against a full read.
func requireDelta(t *testing.T, k *known) {
	t.Helper()
	k.read(t)
	require.NoError(t, k.gone)
	require.False(t, k.snapshot)
	wrong, missing := k.difference(k.fresh(t))
	require.Empty(t, wrong)
	require.Empty(t, missing)
}

// requireGone reads changes and is told to read everything, and why.
func requireGone(t *testing.T, k *known, why string) {
	t.Helper()
	k.read(t)
	require.ErrorContains(t, k.gone, why)
	require.True(t, k.snapshot)
}

// dirSyncRounds counts the rounds since the last Heal.
func dirSyncRounds(server *fakedir.Server) (n int) {
	for _, q := range server.Searches() {
		if q.DirSync {
			n++
		}
	}
	return n
}

func TestDirSyncGoesOnWhileThereIsMore(t *testing.T) {
	server, k := company(t, fakedir.Config{DirSyncRound: 7}, nil)
	retitle(t, server, staff(k), "Pilot")
	server.Heal()
	k.read(t)
	require.Greater(t, dirSyncRounds(server), 3)
	require.Equal(t, len(staff(k)), k.changes)
	server.Heal()
	requireDelta(t, k)
	require.Zero(t, k.changes)
}

// Red when an answer that just ends counts as one that ended well.
func TestARoundThatIsCutLosesNothing(t *testing.T) {
	for name, f := range map[string]struct {
		fault fakedir.Fault
		code  adsync.Code
	}{
		"cut in the second round":             {fakedir.Fault{DirSync: true, Search: 2, After: 3, Cut: true}, adsync.CodeUnavailable},
		"success without the control":         {fakedir.Fault{DirSync: true, After: 3}, adsync.CodeIncomplete},
		"the same in the second round":        {fakedir.Fault{DirSync: true, Search: 2, After: 3}, adsync.CodeIncomplete},
		"busy":                                {fakedir.Fault{DirSync: true, Code: 51}, adsync.CodeUnavailable},
		"unavailable in the second round":     {fakedir.Fault{DirSync: true, Search: 2, Code: 52}, adsync.CodeUnavailable},
		"cut while the objects are asked for": {fakedir.Fault{Search: 12, Cut: true}, adsync.CodeUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			server, k := company(t, fakedir.Config{DirSyncRound: 7}, nil)
			retitle(t, server, staff(k), "Pilot")
			server.Inject(f.fault)
			err := k.try(t.Context())
			require.Equal(t, f.code, adsync.CodeOf(err), err)
			server.Heal()
			requireDelta(t, k)
		})
	}
}

// Red when a round that ends where it began is followed by another: the read would
// not end before its deadline.
func TestAServerThatGoesInCirclesIsLeft(t *testing.T) {
	for name, entries := range map[string]int{"with nothing": 0, "with the same objects": 3} {
		t.Run(name, func(t *testing.T) {
			server, k := company(t, fakedir.Config{}, nil)
			retitle(t, server, staff(k)[:5], "Pilot")
			server.Heal()
			server.Inject(fakedir.Fault{DirSync: true, Times: 5, After: entries, Circle: true})
			err := k.try(t.Context())
			require.Equal(t, adsync.CodeIncomplete, adsync.CodeOf(err), err)
			require.ErrorContains(t, err, "circles")
			require.Equal(t, 1, dirSyncRounds(server))
			server.Heal()
			requireDelta(t, k)
		})
	}
}

// A cookie that the server does not take back is no reason to stop, and its text
// says what happened.
func TestARefusedCookieAsksForAFullRead(t *testing.T) {
	for _, code := range []int{1, 12, 53, 50, 80} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			server, k := company(t, fakedir.Config{DirSyncRound: 7}, nil)
			retitle(t, server, staff(k)[:20], "Pilot")
			server.Inject(fakedir.Fault{DirSync: true, Continued: true, Code: code})
			requireGone(t, k, "no longer takes the position")
			retitle(t, server, staff(k)[:20], "Diver")
			requireDelta(t, k)
		})
	}
}

func TestDirSyncIsCarriedToAnotherController(t *testing.T) {
	without(t, "replication") // which would not read a controller that lags behind
	server, k := company(t, fakedir.Config{}, nil)
	other, err := server.Another("")
	require.NoError(t, err)
	t.Cleanup(func() { other.Close() })
	names := staff(k)
	retitle(t, server, names[:3], "Pilot")
	k.source.URL = other.URL()
	k.read(t)
	require.NoError(t, k.gone)
	require.Zero(t, k.changes, "the other one has not heard of it")
	require.NoError(t, other.ReplicateFrom(server))
	retitle(t, other, names[5:6], "Diver")
	requireDelta(t, k)
	require.Equal(t, 4, k.changes)

	server.RefuseForeignCookies(53)
	require.NoError(t, server.ReplicateFrom(other))
	k.source.URL = server.URL()
	requireGone(t, k, "no longer takes the position")
}

// Red when a number of one controller is believed by another.
func TestNumbersAreBoundToTheController(t *testing.T) {
	without(t, "replication") // which would not read any of these
	usn := func(s *ldap.Source) { s.Delta = ldap.DeltaUSN }
	t.Run("another", func(t *testing.T) {
		server, k := company(t, fakedir.Config{}, usn)
		other, err := server.Another("")
		require.NoError(t, err)
		t.Cleanup(func() { other.Close() })
		retitle(t, other, staff(k)[:3], "Pilot")
		k.source.URL = other.URL()
		requireGone(t, k, "numbers of one mean nothing to the other")
		requireDelta(t, k)
	})
	t.Run("restored", func(t *testing.T) {
		server, k := company(t, fakedir.Config{}, usn)
		backup := server.Backup()
		retitle(t, server, staff(k)[:3], "Pilot")
		requireDelta(t, k)
		server.Restore(backup)
		retitle(t, server, staff(k)[5:15], "Diver")
		requireGone(t, k, "restored")
		requireDelta(t, k)
	})
	t.Run("rolled back", func(t *testing.T) {
		server, k := company(t, fakedir.Config{}, usn)
		backup := server.Backup()
		retitle(t, server, staff(k)[:3], "Pilot")
		requireDelta(t, k)
		server.RollBack(backup)
		requireGone(t, k, "older state")
		requireDelta(t, k)
	})
}

// Red when what is not returned is taken for deleted: a right withdrawn would
// read as everybody leaving.
func TestWhoIsHiddenHasNotLeft(t *testing.T) {
	for _, way := range []ldap.Delta{ldap.DeltaDirSync, ldap.DeltaUSN} {
		t.Run(string(way), func(t *testing.T) {
			server, k := company(t, fakedir.Config{}, func(s *ldap.Source) { s.Delta = way })
			retitle(t, server, staff(k)[:5], "Pilot")
			k.source.BaseDNs = nil // another part of the domain stays visible
			k.read(t)
			people := len(staff(k))
			retitle(t, server, staff(k)[:5], "Diver")
			require.NoError(t, server.HideBelow(server.PeopleDN()))
			err := k.try(t.Context())
			if err != nil {
				require.Equal(t, adsync.CodeGone, adsync.CodeOf(err))
				return
			}
			require.Len(t, staff(k), people)
			if way == ldap.DeltaDirSync {
				require.NotEmpty(t, k.problems)
			}
		})
	}
}

// Red when a search that finds nobody is believed: the attribute that it goes by is
// one that every account has, so it is a right that is missing.
func TestWhoseAccountTypeIsHiddenHasNotLeft(t *testing.T) {
	for _, way := range []ldap.Delta{ldap.DeltaDirSync, ldap.DeltaUSN} {
		t.Run(string(way), func(t *testing.T) {
			server, k := company(t, fakedir.Config{}, func(s *ldap.Source) { s.Delta = way })
			name, anchor := somebody(t, k)
			_, unit, _ := strings.Cut(name, ",")
			retitle(t, server, []string{name}, "Pilot")
			require.NoError(t, server.HideAttributesBelow(unit, "sAMAccountType"))
			k.read(t)
			require.NoError(t, k.gone)
			require.Contains(t, k.objects, anchor)
			require.ErrorContains(t, k.problems[anchor], "sAMAccountType")
		})
	}
}

// Red when only deletions count as leaving: many move leavers to where the account
// may not look. It is told of no change then, unless it may replicate.
func TestWhoIsMovedOutOfSightIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		way    ldap.Delta
		sweeps bool
	}{"dirsync": {ldap.DeltaDirSync, false}, "dirsync without the right": {ldap.DeltaDirSync, true}, "usn": {ldap.DeltaUSN, true}} {
		t.Run(name, func(t *testing.T) {
			server, k := company(t, fakedir.Config{}, func(s *ldap.Source) { s.Delta = c.way })
			if c.sweeps {
				require.NoError(t, server.Revoke(server.BindDN(), fakedir.ReplicateChanges))
			}
			require.NoError(t, server.Change(func(d *fakedir.Changes) error {
				return d.Add("OU=Former,"+server.PeopleDN(), "organizationalUnit", nil)
			}))
			require.NoError(t, server.HideBelow("OU=Former,"+server.PeopleDN()))
			k.cursor = ""
			k.read(t)
			name, anchor := somebody(t, k)
			require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Move(name, "CN=Ada,OU=Former,"+server.PeopleDN()) }))
			k.read(t)
			require.NoError(t, k.gone)
			require.False(t, k.sweep, "its time has not come")
			require.Contains(t, k.objects, anchor, "nobody said that he is gone")
			if !c.sweeps {
				require.ErrorContains(t, k.problems[anchor], "the account cannot see it")
				return
			}
			require.Contains(t, fmt.Sprint(k.method.Why), "where the account may not look")
			k.cursor = ldap.SweptAt(t, k.cursor, time.Now().Add(-25*time.Hour))
			k.read(t)
			require.True(t, k.sweep)
			require.NotContains(t, k.objects, anchor)
		})
	}
}

// Red without the canaries: with success, and no change at all, the position
// moves on.
func TestAnAccountThatSeesNothingIsNotBelieved(t *testing.T) {
	for _, way := range []ldap.Delta{ldap.DeltaDirSync, ldap.DeltaUSN} {
		t.Run(string(way), func(t *testing.T) {
			server, k := company(t, fakedir.Config{}, func(s *ldap.Source) { s.Delta = way })
			retitle(t, server, staff(k)[:5], "Pilot")
			server.Blind()
			require.Equal(t, adsync.CodeGone, adsync.CodeOf(k.try(t.Context())))
			server.Heal()
			requireDelta(t, k)
		})
	}
}

// A base that was emptied by deletions that were seen is believed.
func TestABaseThatWasEmptiedIsBelieved(t *testing.T) {
	server, k := company(t, fakedir.Config{}, nil)
	require.NoError(t, server.Change(func(d *fakedir.Changes) error {
		for _, name := range []string{"People", "Groups"} {
			if err := d.Remove("OU=" + name + ",OU=Company," + server.BaseDN()); err != nil {
				return err
			}
		}
		return nil
	}))
	k.read(t)
	require.NoError(t, k.gone)
	require.Empty(t, staff(k))
}

// Red when the right to see deletions is asked for only once: nobody would leave
// any more, and nobody would know.
func TestADelegationThatIsWithdrawnDemotes(t *testing.T) {
	server, k := company(t, fakedir.Config{DeletionsNeedListing: true}, func(s *ldap.Source) { s.Delta = ldap.DeltaUSN })
	require.NoError(t, server.Revoke(server.BindDN(), fakedir.ListDeleted))
	name := staff(k)[0]
	require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove(name) }))
	requireGone(t, k, "Deleted Objects")
	require.NotContains(t, staff(k), name)
	require.Contains(t, fmt.Sprint(k.method.Why), "let it list and read that container")
	k.read(t)
	require.NoError(t, k.gone)
	require.False(t, k.sweep, "its time has not come")
	require.False(t, k.method.RemovalsAsOf.IsZero())
}

// Red when who refers to a deleted object is not read again: no change is told
// of it, since the directory itself takes the name out.
func TestWhoseManagerIsDeletedIsReadAgain(t *testing.T) {
	for _, way := range []ldap.Delta{ldap.DeltaDirSync, ldap.DeltaUSN} {
		t.Run(string(way), func(t *testing.T) {
			server, k := company(t, fakedir.Config{}, func(s *ldap.Source) { s.Delta = way })
			names := staff(k)
			require.NoError(t, server.Change(func(d *fakedir.Changes) error {
				return errors.Join(d.Set(names[0], "manager", names[1]), d.Set(names[1], "manager", names[0]),
					d.Set(names[2], "manager", names[1]), d.Set(names[3], "manager", names[1]))
			}))
			requireDelta(t, k)
			require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove(names[1]) }))
			requireDelta(t, k)
			require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove(names[0]) }))
			requireDelta(t, k)
			boss := "" // one whom the first read showed as somebody's manager
			for _, o := range k.objects {
				for _, a := range o.Refs["manager"] {
					m := k.objects[a]
					boss = "CN=" + fakedir.EscapeRDN(m.Attrs.Get("cn")) + "," + m.Container
				}
			}
			require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove(boss) }))
			requireDelta(t, k)
		})
	}
}

// Two who are each other's manager are deleted at once: the read ends.
func TestManagersInACircleAreDeleted(t *testing.T) {
	server, k := company(t, fakedir.Config{}, nil)
	names := staff(k)
	require.NoError(t, server.Change(func(d *fakedir.Changes) error {
		return errors.Join(d.Set(names[0], "manager", names[1]), d.Set(names[1], "manager", names[0]))
	}))
	requireDelta(t, k)
	require.NoError(t, server.Change(func(d *fakedir.Changes) error { return errors.Join(d.Remove(names[0]), d.Remove(names[1])) }))
	requireDelta(t, k)
}
