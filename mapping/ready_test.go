package mapping_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/mapping"
)

// attrs gives an object's attributes as a map.
func attrs(o adsync.Object) map[string][]string { return maps.Collect(o.Attrs.All()) }

func TestActiveDirectoryMapsAPerson(t *testing.T) {
	o := ada()
	o.Refs = map[string][]adsync.Anchor{"manager": {"m-1"}, "secretary": {"s-1"}}
	got, err := mapping.ActiveDirectory().Map(o)
	require.NoError(t, err)
	require.Equal(t, map[string][]string{
		"active": {"true"}, "aliases": {"ada@example.com", "countess@example.com"}, "city": {"London"},
		"company": {"Analytical Engines Ltd"}, "country": {"GB"}, "department": {"Research"},
		"displayName": {"Ada Lovelace"}, "email": {"Ada.Lovelace@example.com"}, "expires": {"2031-01-31T00:00:00Z"},
		"fax": {"+44 20 7946 0002"}, "firstName": {"Ada"}, "lastName": {"Lovelace"}, "logon": {"ada@example.com"},
		"middleName": {"AK"}, "mobile": {"+44 7700 900001"}, "office": {"12 St James's Square"},
		"phone": {"+44 20 7946 0001"}, "samName": {"ada"}, "state": {"Greater London"},
		"street": {"12 St James's Square\nSecond floor"}, "title": {"Analyst"}, "zip": {"SW1Y 4JH"},
	}, attrs(got))
	require.Equal(t, map[string][]adsync.Anchor{"manager": {"m-1"}}, got.Refs)
	require.Equal(t, o.Anchor, got.Anchor)
	require.Equal(t, o.Container, got.Container)
	require.Equal(t, adsync.User, got.Kind)
}

func TestReadyMapsMapTheOtherKinds(t *testing.T) {
	for _, c := range []struct {
		name string
		m    *mapping.Mapper
		give adsync.Object
		want map[string][]string
	}{
		{
			"group", mapping.ActiveDirectory(), object(adsync.Group, "cn", "Analysts", "description", "All", "mail", "analysts@example.com"),
			map[string][]string{"name": {"Analysts"}, "description": {"All"}, "email": {"analysts@example.com"}},
		},
		{
			"contact is always active", mapping.ActiveDirectory(), object(adsync.Contact, "cn", "Bob", "mail", "bob@example.net", "userPrincipalName", "never@example.com"),
			map[string][]string{"displayName": {"Bob"}, "email": {"bob@example.net"}, "active": {"true"}},
		},
		{"unit", mapping.ActiveDirectory(), object(adsync.OrganizationalUnit, "ou", "People"), map[string][]string{"name": {"People"}}},
		{
			"openldap user", mapping.OpenLDAP(), object(adsync.User, "uid", "ada", "cn", "Ada L", "cn", "Ada", "sn", "Lovelace", "mail", "ada@example.com", "mail", "al@example.com"),
			map[string][]string{"logon": {"ada"}, "samName": {"ada"}, "displayName": {"Lovelace"}, "lastName": {"Lovelace"}, "email": {"ada@example.com"}, "active": {"true"}},
		},
		{
			"openldap user with a domain", mapping.OpenLDAP(mapping.Parameter("domain", "example.com")), object(adsync.User, "uid", "ada"),
			map[string][]string{"logon": {"ada@example.com"}, "samName": {"ada"}, "active": {"true"}},
		},
		{
			"openldap user that is locked", mapping.OpenLDAP(), object(adsync.User, "uid", "ada", "accountEnabled", "false"),
			map[string][]string{"logon": {"ada"}, "samName": {"ada"}, "active": {"false"}},
		},
		{"openldap group", mapping.OpenLDAP(), object(adsync.Group, "cn", "analysts"), map[string][]string{"name": {"analysts"}}},
		{"openldap unit", mapping.OpenLDAP(), object(adsync.OrganizationalUnit, "ou", "People"), map[string][]string{"name": {"People"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.m.Map(c.give)
			require.NoError(t, err)
			require.Equal(t, c.want, attrs(got))
		})
	}
}

// P21: the right to read userAccountControl is gone. Unknown is not active.
func TestMissingAccountEnabledIsUnknownAndNeverActive(t *testing.T) {
	o := ada()
	o.Attrs.Delete("accountEnabled")
	got, err := mapping.ActiveDirectory().Map(o)
	require.NoError(t, err)
	require.False(t, got.Attrs.Has("active"))
}

func TestLogonFallsBackOnTheShortNameAndTheDomain(t *testing.T) {
	o := object(adsync.User, "sAMAccountName", "ada")
	without, err := mapping.ActiveDirectory().Map(o)
	require.NoError(t, err)
	require.False(t, without.Attrs.Has("logon"))
	with, err := mapping.ActiveDirectory(mapping.Parameter("domain", "example.com")).Map(o)
	require.NoError(t, err)
	require.Equal(t, "ada@example.com", with.Attrs.Get("logon"))
}

func TestReadyMapsAskForNoMoreThanTheyRead(t *testing.T) {
	got := mapping.ActiveDirectory().Attributes()
	for _, name := range []string{"accountEnabled", "manager", "userPrincipalName", "mailAliases"} {
		require.Contains(t, got, name)
	}
	for _, name := range []string{"kind", "anchor", "container", "objectSid", "extensionAttribute1"} {
		require.NotContains(t, got, name)
	}
	require.True(t, slices.IsSorted(got))
}

func TestReadyMapsProduceNamesOfTheVocabulary(t *testing.T) {
	for _, m := range []*mapping.Mapper{mapping.ActiveDirectory(), mapping.OpenLDAP()} {
		for _, kind := range []adsync.Kind{adsync.User, adsync.Group, adsync.Contact, adsync.OrganizationalUnit} {
			require.NotEmpty(t, m.Produces(kind))
			require.Subset(t, mapping.Vocabulary(kind), m.Produces(kind))
		}
	}
	require.Contains(t, mapping.ActiveDirectory().Produces(adsync.User), "manager")
	require.NotContains(t, mapping.ActiveDirectory(mapping.Without("manager", "fax")).Produces(adsync.User), "manager")
}

func TestWrongParameterOfAReadyMapIsFoundByValidate(t *testing.T) {
	m := mapping.ActiveDirectory(mapping.Parameter("domian", "example.com"))
	require.ErrorContains(t, m.Validate(), `did you mean "domain"?`)
	_, err := m.Map(ada())
	require.Error(t, err)
	require.NoError(t, mapping.ActiveDirectory().Validate())
}
