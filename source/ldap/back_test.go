package ldap_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

// Red when somebody who was deleted and brought back between two reads is told as
// one who merely changed: the directory took him out of his groups and no group
// tells of it.
func TestWhoWasBroughtBackIsInNoGroupAnyMore(t *testing.T) {
	for _, way := range []ldap.Delta{ldap.DeltaDirSync, ldap.DeltaUSN, ldap.DeltaWhenChanged} {
		t.Run(string(way), func(t *testing.T) {
			server, k := company(t, fakedir.Config{}, func(s *ldap.Source) { s.Delta, s.SweepEvery = way, time.Nanosecond })
			group, other := someGroup(t, k), "CN=Chess,"+server.PeopleDN()
			name, anchor := somebody(t, k)
			require.NoError(t, server.Change(func(d *fakedir.Changes) error {
				return errors.Join(d.Add(other, "group", map[string][]string{"sAMAccountName": {"chess"}}), d.Link(group, "member", name), d.Link(other, "member", name))
			}))
			requireDelta(t, k)
			server.Pass(time.Hour) // or times would show the groups as changed
			requireDelta(t, k)
			require.NoError(t, server.Change(func(d *fakedir.Changes) error {
				return errors.Join(d.Remove(name), d.Reanimate("<GUID="+string(anchor)+">", name), d.Link(other, "member", name))
			}))
			requireDelta(t, k)
			require.Contains(t, staff(k), name)
			require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Set(name, "title", "Pilot") }))
			requireDelta(t, k)
		})
	}
}

// somebody gives the name and the anchor of one of the staff.
func somebody(t *testing.T, k *known) (name string, a adsync.Anchor) {
	t.Helper()
	name = staff(k)[0]
	for a, o := range k.objects {
		if strings.HasPrefix(name, "CN="+fakedir.EscapeRDN(o.Attrs.Get("cn"))+",") {
			return name, a
		}
	}
	t.Fatal("there is nobody")
	return "", ""
}

// someGroup gives the name of a group of the company.
func someGroup(t *testing.T, k *known) string {
	t.Helper()
	for _, o := range k.objects {
		if o.Kind == adsync.Group {
			return "CN=" + fakedir.EscapeRDN(o.Attrs.Get("cn")) + "," + o.Container
		}
	}
	t.Fatal("there is no group")
	return ""
}
