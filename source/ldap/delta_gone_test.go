package ldap_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

// A rung that is refused gives way to the next, and the report says why.
func TestTheLadderGoesDown(t *testing.T) {
	server, k := company(t, fakedir.Config{}, nil)
	require.Contains(t, k.way(t), "dirsync")
	server.Inject(fakedir.Fault{DirSync: true, Times: -1, Code: 50})
	requireGone(t, k, "no longer takes the position")
	require.Contains(t, fmt.Sprint(k.method.Why), "dirsync: the server refuses it")
	require.Equal(t, "usn", k.way(t))
	server.Heal()
	k.source.Delta = ldap.DeltaOff
	requireGone(t, k, "Delta is now")
	require.Empty(t, k.cursor)
}

// way reads once more and names the way.
func (k *known) way(t *testing.T) string {
	t.Helper()
	k.read(t)
	require.NoError(t, k.gone)
	return k.method.Name
}

func TestWhatWasDeletedIsOnlyRememberedForSomeTime(t *testing.T) {
	for _, way := range []ldap.Delta{ldap.DeltaDirSync, ldap.DeltaUSN} {
		t.Run(string(way), func(t *testing.T) {
			server, k := company(t, fakedir.Config{TombstoneLifetime: 30 * 24 * time.Hour}, func(s *ldap.Source) { s.Delta = way })
			server.Pass(20 * 24 * time.Hour)
			name := staff(k)[0]
			require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove(name) }))
			requireDelta(t, k)
			require.NotContains(t, staff(k), name)
			name = staff(k)[0]
			require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove(name) }))
			server.Pass(40 * 24 * time.Hour)
			requireGone(t, k, "only remembered for 30 days")
			require.NotContains(t, staff(k), name)
		})
	}
}

// A server gives only what changed under the configuration of the last read.
func TestAnotherConfigurationAsksForAFullRead(t *testing.T) {
	units := []adsync.Unit{{DN: "OU=Company,DC=corp,DC=example,DC=com"}}
	for what, change := range map[string]func(*known){
		"the attributes":       func(k *known) { k.request.Attributes = append(slices.Clone(k.request.Attributes), "department") },
		"the bases":            func(k *known) { k.source.BaseDNs = nil },
		"the kinds":            func(k *known) { k.request.Kinds = []adsync.Kind{adsync.User} },
		"the scope's units":    func(k *known) { k.request.Scope = &adsync.Scope{Units: units} },
		"the scope's filter":   func(k *known) { k.request.Scope = &adsync.Scope{Filter: "(title=*)"} },
		"the anchor":           func(k *known) { k.source.AnchorAttribute = []string{"sAMAccountName", "objectGUID"} },
		"the filters":          func(k *known) { k.source.Filters = map[adsync.Kind]string{adsync.User: "(sAMAccountName=*)"} },
		"Delta is now \"usn\"": func(k *known) { k.source.Delta = ldap.DeltaUSN },
	} {
		t.Run(what, func(t *testing.T) {
			_, k := company(t, fakedir.Config{}, nil)
			change(k)
			requireGone(t, k, what)
		})
	}
}

// Red when the account does not count: what another one sees besides has not
// changed, and would not come before the next full read.
func TestAnotherAccountAsksForAFullRead(t *testing.T) {
	server, k := company(t, fakedir.Config{}, nil)
	k.source.Bind = server.BindDomainUser()
	require.Equal(t, "dirsync", k.way(t), "the same by another name")
	name, _ := somebody(t, k)
	require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.SetPassword(name, "Pa55word.example") }))
	require.NoError(t, server.Grant(name, fakedir.ReplicateChanges, fakedir.ListDeleted))
	k.source.Bind, k.source.Password = name, text("Pa55word.example")
	requireGone(t, k, "the account changed")
	requireDelta(t, k)
}

func TestACursorThatCannotBeReadAsksForAFullRead(t *testing.T) {
	_, k := company(t, fakedir.Config{}, nil)
	for _, text := range []adsync.Cursor{"1", "e30", k.cursor[:len(k.cursor)/2], k.cursor + "x", "\x00"} {
		k.cursor = text
		requireGone(t, k, "cursor")
	}
}

// Red when the position is asked for after the full read: what changed while it
// was under way would never be told.
func TestWhatChangesDuringAFullReadIsNotLost(t *testing.T) {
	for _, way := range []ldap.Delta{ldap.DeltaDirSync, ldap.DeltaUSN, ldap.DeltaWhenChanged} {
		t.Run(string(way), func(t *testing.T) {
			server, k := company(t, fakedir.Config{}, func(s *ldap.Source) { s.Delta, s.PageSize = way, 5 })
			k.cursor = ""
			k.during = func() { retitle(t, server, staff(k), "Pilot") }
			k.read(t)
			require.Nil(t, k.during)
			requireDelta(t, k)
		})
	}
}

// What each protection keeps: with it the changes equal a full read, or a full
// read is asked for; without it somebody stays, or goes, by mistake.
func TestWhatTheProtectionsOfDeltasKeep(t *testing.T) {
	type story struct {
		way ldap.Delta
		// happens alters the directory or the source between two reads.
		happens func(t *testing.T, server *fakedir.Server, k *known)
	}
	for name, s := range map[string]story{
		"same-configuration": {ldap.DeltaDirSync, func(_ *testing.T, _ *fakedir.Server, k *known) {
			k.request.Scope = &adsync.Scope{Filter: "(title=*)"}
		}},
		"same-controller": {ldap.DeltaUSN, func(t *testing.T, server *fakedir.Server, k *known) {
			without(t, "replication") // which would not read a restored controller
			backup := server.Backup()
			retitle(t, server, staff(k)[:10], "Pilot")
			k.read(t)
			server.Restore(backup)
		}},
		"hidden-stays": {ldap.DeltaDirSync, func(t *testing.T, server *fakedir.Server, k *known) {
			names := staff(k)
			retitle(t, server, names[:3], "Pilot")
			_, unit, _ := strings.Cut(names[0], ",")
			require.NoError(t, server.HideBelow(unit))
		}},
		"renamed-units": {ldap.DeltaDirSync, func(t *testing.T, server *fakedir.Server, k *known) {
			require.NoError(t, server.Change(func(d *fakedir.Changes) error {
				return d.Move("OU=Finance,"+server.PeopleDN(), "OU=Money,"+server.PeopleDN())
			}))
		}},
		"canaries": {ldap.DeltaDirSync, func(t *testing.T, server *fakedir.Server, k *known) {
			retitle(t, server, staff(k)[:3], "Pilot")
			server.Blind()
			_ = k.try(t.Context())
			server.Heal()
		}},
		"sweep": {ldap.DeltaWhenChanged, func(t *testing.T, server *fakedir.Server, k *known) {
			name := staff(k)[0]
			server.Revoke(server.BindDN(), fakedir.ListDeleted)
			require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove(name) }))
			k.source.SweepEvery = 1
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, removed := range []bool{false, true} {
				if removed {
					without(t, name)
				}
				server, k := company(t, fakedir.Config{}, func(source *ldap.Source) { source.Delta = s.way })
				k.request.Attributes = append(k.request.Attributes, "dn")
				k.cursor = ""
				k.read(t)
				s.happens(t, server, k)
				before := len(staff(k))
				k.read(t)
				if name == "hidden-stays" { // a full read would show nobody there
					require.Equal(t, removed, len(staff(k)) < before)
					continue
				}
				wrong, missing := k.difference(k.fresh(t))
				require.Equal(t, removed, len(wrong)+len(missing) > 0, "removed %v: %v %v", removed, wrong, missing)
			}
		})
	}
}

// Red when a read of changes looks at the changed object alone: it would be
// written over the one that has the anchor already.
func TestAnAnchorThatAnotherObjectHasIsAProblem(t *testing.T) {
	server, k := company(t, fakedir.Config{}, func(s *ldap.Source) { s.AnchorAttribute = []string{"employeeID", "objectGUID"} })
	names := staff(k)
	set := func(name string) {
		require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Set(name, "employeeID", "e4711") }))
	}
	set(names[0])
	k.read(t)
	require.NoError(t, k.gone)
	first := k.objects["e4711"]
	require.NotEmpty(t, first.Attrs.Get("cn"))
	set(names[1])
	k.read(t)
	require.NoError(t, k.gone)
	require.Equal(t, first, k.objects["e4711"])
	require.ErrorContains(t, k.problems["e4711"], "the same [employeeID objectGUID]")
}

// A read of changes costs what changed, whatever the size of the directory.
func TestADeltaAsksForWhatChangedOnly(t *testing.T) {
	server, k := company(t, fakedir.Config{}, nil)
	retitle(t, server, staff(k)[:10], "Pilot")
	server.Heal()
	k.read(t)
	require.Equal(t, 10, k.changes)
	require.Less(t, len(server.Searches()), 20)
}

func TestChangesEndWithTheContext(t *testing.T) {
	server, k := company(t, fakedir.Config{DirSyncRound: 7}, nil)
	retitle(t, server, staff(k), "Pilot")
	server.Inject(fakedir.Fault{DirSync: true, Search: 2, After: 1, Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, k.try(ctx), context.DeadlineExceeded)
	server.Heal()
	requireDelta(t, k)
}

// Whose primary group comes into a scope of groups, or leaves it, stands in no list
// of members and did not change. Red without touchTokens; the last step is red
// without primaryGroupID among what decides about the scope.
func TestAScopeOfGroupsFollowsPrimaryGroups(t *testing.T) {
	for _, way := range []ldap.Delta{ldap.DeltaDirSync, ldap.DeltaUSN} {
		t.Run(string(way), func(t *testing.T) {
			server, k := company(t, fakedir.Config{}, func(s *ldap.Source) { s.Delta = way })
			names := staff(k)
			top, inner := "CN=Top,"+server.PeopleDN(), "CN=Inner,"+server.PeopleDN()
			change := func(do func(*fakedir.Changes) error) { require.NoError(t, server.Change(do)) }
			change(func(d *fakedir.Changes) error {
				return errors.Join(d.Add(top, "group", nil), d.Add(inner, "group", nil), d.Link(top, "member", names[0]))
			})
			token := tokenOf(t, server, inner)
			change(func(d *fakedir.Changes) error {
				return errors.Join(d.Set(names[1], "primaryGroupID", token), d.Set(names[2], "primaryGroupID", token))
			})
			k.request.Scope = &adsync.Scope{Groups: []string{top}}
			k.cursor = ""
			k.read(t)
			require.Equal(t, names[:1], staff(k))
			for _, step := range []struct {
				do   func(*fakedir.Changes) error
				want []string
			}{
				{func(d *fakedir.Changes) error { return d.Link(top, "member", inner) }, names[:3]},
				{func(d *fakedir.Changes) error { return d.Set(names[1], "primaryGroupID", "513") }, []string{names[0], names[2]}},
				{func(d *fakedir.Changes) error { return d.Set(names[1], "primaryGroupID", token) }, names[:3]},
				{func(d *fakedir.Changes) error { return d.Unlink(top, "member", inner) }, names[:1]},
			} {
				change(step.do)
				requireDelta(t, k)
				require.Equal(t, step.want, staff(k))
			}
		})
	}
}

// tokenOf is the number by which accounts name their primary group.
func tokenOf(t *testing.T, server *fakedir.Server, group string) string {
	t.Helper()
	found, err := writerOf(t, server).Search(goldap.NewSearchRequest(group, goldap.ScopeBaseObject, goldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{"primaryGroupToken"}, nil))
	require.NoError(t, err)
	return found.Entries[0].GetAttributeValue("primaryGroupToken")
}
