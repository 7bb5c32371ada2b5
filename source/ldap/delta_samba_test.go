package ldap_test

import (
	"fmt"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

// What no change is ever told of is named, and nothing else is.
func TestSambaNamesTheAttributesThatAreNotFollowed(t *testing.T) {
	ad, s := samba(t)
	s.BaseDNs = []string{"OU=Contacts,OU=Company," + ad.BaseDN}
	k := newKnown(s, adsync.ReadRequest{Attributes: []string{"lastLogon", "tokenGroups", "mail", "objectGUID", "dn", "canonicalName", "accountEnabled", "memberOf"}})
	k.read(t)
	why := fmt.Sprint(k.method.Why)
	for _, name := range []string{"lastLogon", "tokenGroups"} {
		require.Contains(t, why, name+": the server tells of no change of it")
	}
	for _, name := range []string{"mail", "objectGUID", "canonicalName", "userAccountControl", "memberOf"} {
		require.NotContains(t, why, name)
	}
}

// An account is told apart by what it can see, and the report says what it lacks.
func TestSambaTheRungFollowsFromTheRights(t *testing.T) {
	ad, _ := samba(t)
	h := newHistory(t, administratorOf(t, ad), ad.BaseDN, 1)
	require.NoError(t, h.conn.Del(goldap.NewDelRequest(h.chosen(), nil)), "that deletions are seen can only be shown by one")
	for name, c := range map[string]struct {
		change func(*ldap.Source)
		way    string
		why    string
	}{
		"may replicate and list": {func(*ldap.Source) {}, "dirsync", "[]"},
		"may do neither":         {func(s *ldap.Source) { s.Bind, s.Password = ad.PlainUser, text(ad.PlainPassword) }, "dirsync", "let it list and read that container"},
		"two naming contexts":    {func(s *ldap.Source) { s.BaseDNs = append(s.BaseDNs, "CN=Sites,CN=Configuration,"+ad.BaseDN) }, "", "the bases lie in several naming contexts"},
		"usn":                    {func(s *ldap.Source) { s.Delta = ldap.DeltaUSN }, "usn", "where the account may not look"},
	} {
		t.Run(name, func(t *testing.T) {
			_, s := samba(t)
			s.BaseDNs = []string{"OU=Contacts,OU=Company," + ad.BaseDN}
			c.change(s)
			k := newKnown(s, adsync.ReadRequest{Attributes: []string{"cn"}})
			k.read(t)
			require.Contains(t, fmt.Sprint(k.method.Why), c.why)
			require.Equal(t, "full", k.method.Name)
			if c.way == "" {
				require.Empty(t, k.cursor)
				return
			}
			require.Equal(t, c.way, k.way(t))
			require.False(t, k.snapshot)
		})
	}
}
