package ldap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/source/ldap"
	"github.com/adsync/sdk/source/sourcetest"
)

// fake starts a make-believe Active Directory and gives a source of it.
func fake(t testing.TB, c fakedir.Config) (*fakedir.Server, *ldap.Source) {
	t.Helper()
	server, err := fakedir.Start(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	ca, err := server.WriteCA(t.TempDir())
	require.NoError(t, err)
	return server, &ldap.Source{URL: server.URL(), CAFile: ca, Bind: server.BindUPN(), Password: text(server.Password())}
}

var kitAttributes = sourcetest.Attributes("cn", "sn", "mail", "manager", "accountEnabled", "objectGUID", "primaryMail")

func TestConformanceOnAFakeActiveDirectory(t *testing.T) {
	server, s := fake(t, fakedir.Config{})
	s.PageSize = 50
	sourcetest.Run(t, func(*testing.T) adsync.Source { return s }, kitAttributes,
		sourcetest.Asked(func(adsync.Source) int { return len(server.Searches()) }),
		sourcetest.Held(func(adsync.Source) int { return ldap.Connections(s) }))
}

func TestConformanceOnSlapd(t *testing.T) {
	_, s := slapd(t, testserver.People(200))
	s.PageSize = 50
	sourcetest.Run(t, func(*testing.T) adsync.Source { return s }, sourcetest.Attributes("cn", "sn", "mail", "manager", "uid", "jpegPhoto"),
		sourcetest.Held(func(adsync.Source) int { return ldap.Connections(s) }))
}

func TestConformanceOnSamba(t *testing.T) {
	ad, s := samba(t)
	s.PageSize, s.BaseDNs = 50, []string{"OU=Contacts,OU=Company," + ad.BaseDN, "OU=Groups,OU=Company," + ad.BaseDN, "OU=Sales,OU=People,OU=Company," + ad.BaseDN}
	sourcetest.Run(t, func(*testing.T) adsync.Source { return s }, kitAttributes,
		sourcetest.Held(func(adsync.Source) int { return ldap.Connections(s) }))
}
