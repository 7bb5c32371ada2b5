package ldap_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

// sight looks one object up by a value, and wants exactly one.
func sight(t *testing.T, s *ldap.Source, r adsync.ReadRequest, value string) adsync.Sighting {
	t.Helper()
	found, err := s.ExplainScope(t.Context(), r, value)
	require.NoError(t, err)
	require.Len(t, found, 1, value)
	return found[0]
}

// What leaves an object out of a read of a real controller, part by part; and
// what is in scope is what a read shows. Red when a part is not asked.
func TestSambaSaysWhatLeavesAnObjectOut(t *testing.T) {
	ad, s := samba(t)
	company := "OU=Company," + ad.BaseDN
	s.BaseDNs = []string{company}
	selected := &adsync.Scope{
		Units:  []adsync.Unit{{DN: company}, {DN: "OU=Out of Scope," + company, Deselect: true}},
		Filter: "(givenName=*)",
	}
	r := adsync.ReadRequest{Attributes: []string{"sAMAccountName", "mail"}, Scope: selected}

	in := sight(t, s, r, "user000003")
	require.Equal(t, adsync.Present, in.Change.Presence)
	require.Equal(t, adsync.User, in.Change.Object.Kind)
	require.Empty(t, in.Left)
	require.Contains(t, in.Covered, "OU=Company")
	require.Regexp(t, `^`+ad.HostName+` USN \d+$`, in.Change.Origin)
	require.Equal(t, "user000003", in.Change.Object.Attrs.Get("sAMAccountName"))

	for name, c := range map[string]struct {
		value string
		r     adsync.ReadRequest
		want  string
	}{
		"a deselected unit":   {"user000060", r, "the unit OU=Out of Scope," + company + " is deselected"},
		"the filter":          {"user000014", r, "the job's filter does not match it: (givenName=*)"},
		"a kind not read":     {"user000003", adsync.ReadRequest{Kinds: []adsync.Kind{adsync.Group}}, "does not read kind user"},
		"outside the bases":   {"svc-sync", r, "outside what the source searches: " + company},
		"a critical object":   {"Administrator", r, "critical system object"},
		"no kind":             {ad.HostName[:strings.IndexByte(ad.HostName, '.')] + "$", r, "critical system object"},
		"none of the groups":  {"user000003", adsync.ReadRequest{Scope: &adsync.Scope{Groups: []string{"CN=Domain Admins,CN=Users," + ad.BaseDN}}}, "in none of the selected groups"},
		"none of the units":   {"user000003", adsync.ReadRequest{Scope: &adsync.Scope{Units: []adsync.Unit{{DN: "OU=Groups," + company}}}}, "none of the selected units holds it"},
		"another unit's rule": {"user000060", adsync.ReadRequest{Scope: &adsync.Scope{Units: []adsync.Unit{{DN: "OU=People," + company}}}}, "none of the selected units holds it"},
	} {
		t.Run(name, func(t *testing.T) {
			got := sight(t, s, c.r, c.value)
			require.Equal(t, adsync.OutOfScope, got.Change.Presence)
			require.Contains(t, strings.Join(got.Left, "\n"), c.want)
		})
	}
}

// Every object that a read shows is found in scope by its anchor, and nobody
// else is.
func TestSambaExplainsAsItReads(t *testing.T) {
	ad, s := samba(t)
	company := "OU=Company," + ad.BaseDN
	s.BaseDNs = []string{company}
	r := adsync.ReadRequest{
		Kinds: []adsync.Kind{adsync.User, adsync.Group}, Attributes: []string{"sAMAccountName"},
		Scope: &adsync.Scope{Units: []adsync.Unit{{DN: "OU=People," + company}}, Filter: "(!(description=none))", Groups: []string{"CN=Dept Sales,OU=Groups," + company}},
	}
	read := mustCollect(t, s, r)
	all := mustCollect(t, s, adsync.ReadRequest{Attributes: []string{"sAMAccountName"}})
	for some := range slices.Chunk(keys(all.objects), 20) {
		one := r
		one.Only = some
		found, err := s.ExplainScope(t.Context(), one, "")
		require.NoError(t, err)
		require.Len(t, found, len(some))
		for _, f := range found {
			if f.Change.Object.Kind == adsync.OrganizationalUnit {
				continue // read whatever is selected, so that a selection can be made from them
			}
			_, shown := read.objects[f.Change.Object.Anchor]
			require.Equal(t, shown, f.Change.Presence == adsync.Present, "%s: %v", f.Name, f.Left)
		}
	}
}

func TestSambaLooksPeopleUpByTheirNames(t *testing.T) {
	_, s := samba(t)
	all := mustCollect(t, s, adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Attributes: []string{"mail", "sAMAccountName", "userPrincipalName", "displayName"}})
	someone := all.by(t, "sAMAccountName", "user000005")
	r := adsync.ReadRequest{Attributes: []string{"mail"}}
	for _, name := range []string{"mail", "userPrincipalName", "sAMAccountName"} {
		require.Equal(t, someone.Anchor, sight(t, s, r, someone.Attrs.Get(name)).Change.Object.Anchor, name)
	}
	require.Equal(t, someone.Anchor, sight(t, s, r, strings.ToUpper(someone.Attrs.Get("mail"))).Change.Object.Anchor)

	shared, err := s.ExplainScope(t.Context(), r, all.by(t, "sAMAccountName", "user000018").Attrs.Get("mail"))
	require.NoError(t, err)
	require.Len(t, shared, 2, "two who share an address")
	for _, value := range []string{"nobody@example.com", "*", "user000005)(cn=*"} {
		none, err := s.ExplainScope(t.Context(), r, value)
		require.NoError(t, err, value)
		require.Empty(t, none, value)
	}
	_, err = s.ExplainScope(t.Context(), r, "")
	require.Error(t, err)
}
