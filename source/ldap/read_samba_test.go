package ldap_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/source/ldap"
)

func samba(t testing.TB) (testserver.AD, *ldap.Source) {
	ad := testserver.Samba(t)
	return ad, &ldap.Source{URL: ad.URL, CAFile: ad.CAFile, Bind: ad.SyncUser, Password: text(ad.SyncPassword)}
}

var people = []string{
	"sAMAccountName", "displayName", "mail", "givenName", "sn", "manager", "accountEnabled", "accountExpires",
	"primaryMail", "objectGUID", "objectSid", "dn", "groupScope", "groupSecurity", "cn", "memberOf",
}

func TestSambaReadsTheLoadedDirectory(t *testing.T) {
	ad, s := samba(t)
	company := "OU=Company," + ad.BaseDN
	s.BaseDNs = []string{company}
	got := mustCollect(t, s, adsync.ReadRequest{Attributes: people})
	require.Empty(t, got.problems)
	require.Equal(t, ad.Users, got.kind(adsync.User))
	require.Equal(t, 50, got.kind(adsync.Contact))

	for i := range ad.Users {
		checkPerson(t, &got, i)
	}
	require.LessOrEqual(t, got.most, 500)
	w := got.witness
	require.Contains(t, w.Server, ad.HostName)
	require.Regexp(t, ` [0-9a-f]{8}-`, w.Server)
	require.Equal(t, ad.SyncUser, w.Identity)
	require.Equal(t, []adsync.BaseWitness{{Name: company, Readable: true, Objects: len(got.objects)}}, w.Bases)
	require.Equal(t, ad.Users, w.Attributes["accountEnabled"])
	require.Len(t, w.Canaries, 1)
}

// checkPerson holds one person against the table in the controller's README.
func checkPerson(t *testing.T, got *seen, i int) {
	t.Helper()
	o := got.by(t, "sAMAccountName", fmt.Sprintf("user%06d", i))
	require.Equal(t, string(o.Anchor), o.Attrs.Get("objectGUID"))
	require.Regexp(t, `^S-1-5-21-\d+-\d+-\d+-\d+$`, o.Attrs.Get("objectSid"))
	require.Equal(t, i%50 != 13, o.Attrs.Has("sn"), i)
	require.Equal(t, i%50 != 14, o.Attrs.Has("givenName"), i)
	require.Equal(t, i%50 != 7, o.Attrs.Has("mail"), i)
	require.Equal(t, i%100 != 16, o.Attrs.Has("displayName"), i)
	disabled := i%25 == 11 && i != 11 // user 11 was given a password, which enables
	require.Equal(t, fmt.Sprint(!disabled), o.Attrs.Get("accountEnabled"), i)
	require.Equal(t, i%300 == 71, o.Attrs.Has("accountExpires"), i)
	if i == 0 {
		require.Empty(t, o.Refs["manager"])
		return
	}
	require.Len(t, o.Refs["manager"], 1)
	boss := got.objects[o.Refs["manager"][0]].Object
	require.Equal(t, fmt.Sprintf("user%06d", (i-1)/8), boss.Attrs.Get("sAMAccountName"))
}

func TestSambaGroupsAndTheirMembers(t *testing.T) {
	ad, s := samba(t)
	s.BaseDNs = []string{"OU=Company," + ad.BaseDN}
	got := mustCollect(t, s, adsync.ReadRequest{Attributes: []string{"cn", "groupScope", "groupSecurity"}})
	big := got.by(t, "cn", "Big flat group")
	require.Equal(t, "global", big.Attrs.Get("groupScope"))
	require.Equal(t, "true", big.Attrs.Get("groupSecurity"))
	require.Len(t, got.members[big.Anchor], ad.Users)
	for _, m := range got.members[big.Anchor] {
		require.Equal(t, adsync.User, got.objects[m].Object.Kind)
	}
	a, b := got.by(t, "cn", "Cycle A"), got.by(t, "cn", "Cycle B")
	require.Contains(t, got.members[a.Anchor], b.Anchor)
	require.Contains(t, got.members[b.Anchor], a.Anchor)
}

func TestSambaLeavesOutComputersAndWellKnownAccounts(t *testing.T) {
	_, s := samba(t)
	got := mustCollect(t, s, adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User, adsync.Group}, Attributes: []string{"sAMAccountName"}})
	for _, c := range got.objects {
		require.NotContains(t, []string{"Administrator", "Guest", "krbtgt", "DC1$", "Domain Admins", "Domain Users", "Administrators"},
			c.Object.Attrs.Get("sAMAccountName"))
	}
	got.by(t, "sAMAccountName", "svc-sync")
}

func TestSambaScopes(t *testing.T) {
	ad, s := samba(t)
	company := "OU=Company," + ad.BaseDN
	count := func(scope adsync.Scope) int {
		got := mustCollect(t, s, adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Attributes: []string{"sAMAccountName"}, Scope: &scope})
		return got.kind(adsync.User)
	}
	out := ad.Users / 100
	require.Equal(t, ad.Users, count(adsync.Scope{Units: []adsync.Unit{{DN: "ou=company," + ad.BaseDN}}}))
	require.Equal(t, ad.Users-out, count(adsync.Scope{Units: []adsync.Unit{{DN: company}, {DN: "OU=Out of Scope," + company, Deselect: true}}}))
	require.Equal(t, out, count(adsync.Scope{Units: []adsync.Unit{{DN: "OU=Out of Scope," + company}}}))
	require.Equal(t, 1, count(adsync.Scope{Filter: "(sAMAccountName=user000003)"}))
	groups := "OU=Groups," + company
	require.Equal(t, ad.Users, count(adsync.Scope{Groups: []string{"CN=Big flat group," + groups}}))
	everyone := count(adsync.Scope{Groups: []string{"CN=Everyone at Company," + groups}})
	require.Greater(t, everyone, ad.Users/2, "nested three levels")
	cyclic := count(adsync.Scope{Groups: []string{"CN=Cycle A," + groups}})
	require.Equal(t, cyclic, count(adsync.Scope{Groups: []string{"CN=Cycle B," + groups}}))
	require.GreaterOrEqual(t, count(adsync.Scope{Groups: []string{"CN=Domain Users,CN=Users," + ad.BaseDN}}), ad.Users, "by their primary group")
}

func TestSambaWithAnotherAnchorGivesTheSameReferences(t *testing.T) {
	ad, s := samba(t)
	s.BaseDNs = []string{"OU=Company," + ad.BaseDN}
	byGUID := mustCollect(t, s, adsync.ReadRequest{Attributes: []string{"objectSid", "manager"}})
	s.AnchorAttribute = []string{"objectSid", "objectGUID"}
	bySID := mustCollect(t, s, adsync.ReadRequest{Attributes: []string{"objectGUID", "objectSid", "manager"}})
	require.Empty(t, bySID.problems)
	require.Len(t, bySID.objects, len(byGUID.objects))
	other := func(a adsync.Anchor) adsync.Anchor {
		if o := byGUID.objects[a].Object; o.Attrs.Has("objectSid") {
			return adsync.Anchor(o.Attrs.Get("objectSid"))
		}
		return a
	}
	for a, c := range byGUID.objects {
		for i, boss := range c.Object.Refs["manager"] {
			require.Equal(t, other(boss), bySID.objects[other(a)].Object.Refs["manager"][i])
		}
	}
	for group, members := range byGUID.members {
		var want []adsync.Anchor
		for _, m := range members {
			want = append(want, other(m))
		}
		require.ElementsMatch(t, want, bySID.members[other(group)])
	}
}

func TestSambaOnly(t *testing.T) {
	ad, s := samba(t)
	s.BaseDNs = []string{"OU=Company," + ad.BaseDN}
	all := mustCollect(t, s, adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Attributes: []string{"sAMAccountName"}})
	var some []adsync.Anchor
	for i := range 120 {
		some = append(some, all.by(t, "sAMAccountName", fmt.Sprintf("user%06d", i)).Anchor)
	}
	got := mustCollect(t, s, adsync.ReadRequest{Only: append(some, "00000000-0000-4000-8000-000000000000"), Attributes: []string{"sAMAccountName"}})
	require.ElementsMatch(t, some, keys(got.objects))
}

func TestSambaSmallPagesGiveTheSame(t *testing.T) {
	ad, s := samba(t)
	s.BaseDNs = []string{"OU=Company," + ad.BaseDN}
	r := adsync.ReadRequest{Attributes: []string{"mail", "memberOf"}}
	large := mustCollect(t, s, r)
	s.PageSize = 37
	small := mustCollect(t, s, r)
	require.LessOrEqual(t, small.most, 37)
	require.Equal(t, large.objects, small.objects)
	require.Equal(t, large.members, small.members)
}
