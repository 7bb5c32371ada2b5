package fakedir_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

// tombstones searches CN=Deleted Objects with the Show Deleted control.
func tombstones(t *testing.T, c *ldap.Conn, base, filter string) []*ldap.Entry {
	t.Helper()
	q := request("CN=Deleted Objects,"+base, filter)
	q.Controls = []ldap.Control{ldap.NewControlMicrosoftShowDeleted()}
	r, err := c.Search(q)
	if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
		return nil
	}
	require.NoError(t, err)
	return r.Entries
}

func TestDeletionLeavesATombstone(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	unit, ada := "OU=New,"+s.BaseDN(), "CN=Ada,OU=New,"+s.BaseDN()
	alter(t, s, func(d *fakedir.Changes) error {
		require.NoError(t, d.Add(unit, "organizationalUnit", nil))
		return d.Add(ada, "user", map[string][]string{"mail": {"ada@example.com"}, "sAMAccountName": {"ada"}})
	})
	before := search(t, c, unit, "(cn=Ada)")[0]
	alter(t, s, func(d *fakedir.Changes) error { return d.Remove(unit) })
	require.Empty(t, search(t, c, s.BaseDN(), "(sAMAccountName=ada)"))
	list := tombstones(t, c, s.BaseDN(), "(sAMAccountName=ada)")
	require.Len(t, list, 1)
	e := list[0]
	require.ElementsMatch(t, []string{
		"objectClass", "instanceType", "userAccountControl", "sAMAccountName", "isDeleted", "isRecycled", "lastKnownParent",
		"cn", "name", "distinguishedName", "objectGUID", "objectSid", "uSNCreated", "uSNChanged", "whenCreated", "whenChanged",
	}, names(e), "as Samba keeps them")
	require.Equal(t, before.GetRawAttributeValue("objectGUID"), e.GetRawAttributeValue("objectGUID"))
	require.Contains(t, e.DN, `CN=Ada\0ADEL:`)
	require.Contains(t, e.GetAttributeValue("lastKnownParent"), `OU=New\0ADEL:`, "the unit was deleted, too")
	require.Contains(t, e.GetAttributeValue("name"), "Ada\nDEL:")

	id := "<GUID=" + hex.EncodeToString(e.GetRawAttributeValue("objectGUID")) + ">"
	alter(t, s, func(d *fakedir.Changes) error {
		require.Error(t, d.Set(id, "mail", "x"), "a tombstone does not change")
		require.Error(t, d.Remove(id))
		require.Error(t, d.Reanimate(s.PeopleDN(), "OU=x,"+s.BaseDN()), "it is alive")
		return d.Reanimate(id, "CN=Ada again,"+s.PeopleDN())
	})
	back := search(t, c, s.PeopleDN(), "(sAMAccountName=ada)")[0]
	require.Equal(t, before.GetRawAttributeValue("objectGUID"), back.GetRawAttributeValue("objectGUID"))
	require.Empty(t, back.GetAttributeValues("mail"))
	require.Empty(t, back.GetAttributeValues("isDeleted"))
	require.Empty(t, tombstones(t, c, s.BaseDN(), "(sAMAccountName=ada)"))
}

func TestTombstonesEnd(t *testing.T) {
	s := start(t, fakedir.Config{TombstoneLifetime: 10 * 24 * time.Hour})
	c := follow(t, s)
	gone := search(t, c.conn, s.PeopleDN(), "(employeeID=E000001)")[0].DN
	s.Pass(30 * 24 * time.Hour) // the deletion counts, and not the age of who is deleted
	before := c.cookie
	alter(t, s, func(d *fakedir.Changes) error { return d.Remove(gone) })
	s.Pass(9 * 24 * time.Hour)
	require.Len(t, c.news("isDeleted"), 1)
	require.Len(t, tombstones(t, c.conn, s.BaseDN(), "(isDeleted=TRUE)"), 2, "and the container")
	s.Pass(2 * 24 * time.Hour)
	c.cookie = before
	require.Empty(t, c.news("isDeleted"), "who comes too late never hears of it")
	require.Len(t, tombstones(t, c.conn, s.BaseDN(), "(isDeleted=TRUE)"), 1)
	policy := read(t, c.conn, "CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,"+s.BaseDN(), "tombstoneLifetime")
	require.Equal(t, "10", policy.GetAttributeValue("tombstoneLifetime"))
}

// TestWhoSeesDeletions is the table of rights. Red when a right is not asked for.
func TestWhoSeesDeletions(t *testing.T) {
	for _, x := range []struct {
		name                      string
		revoked                   fakedir.Right
		needListing               bool
		listed, plain, restricted bool
	}{
		{"all rights", 0, false, true, true, true},
		{"no listing", fakedir.ListDeleted, false, false, true, false},
		{"no listing, as on Samba", fakedir.ListDeleted, true, false, false, false},
		{"no replication", fakedir.ReplicateChanges, false, true, false, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := start(t, fakedir.Config{DeletionsNeedListing: x.needListing})
			require.NoError(t, s.Revoke(s.BindDN(), x.revoked))
			conn := bound(t, s)
			gone := search(t, conn, s.PeopleDN(), "(employeeID=E000001)")[0].DN
			alter(t, s, func(d *fakedir.Changes) error { return d.Remove(gone) })
			require.Equal(t, x.listed, len(tombstones(t, conn, s.BaseDN(), "(isDeleted=TRUE)")) > 0)
			shows := func(flags int64) bool {
				list, _, _, err := round(conn, request(s.BaseDN(), "(isDeleted=TRUE)", "isDeleted"), flags, nil)
				return err == nil && len(list) > 0
			}
			require.Equal(t, x.plain, shows(0))
			require.Equal(t, x.restricted, shows(objectSecurity))
			require.NoError(t, s.Grant(s.BindDN(), fakedir.ListDeleted, fakedir.ReplicateChanges))
			require.True(t, shows(0))
		})
	}
	require.Error(t, start(t, fakedir.Config{}).Grant("CN=Nobody", fakedir.ListDeleted))
}
