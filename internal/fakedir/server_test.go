package fakedir_test

import (
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

func start(t *testing.T, c fakedir.Config) *fakedir.Server {
	t.Helper()
	s, err := fakedir.Start(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// dial connects without a bind.
func dial(t *testing.T, s *fakedir.Server) *ldap.Conn {
	t.Helper()
	c, err := ldap.DialURL(s.URL(), ldap.DialWithTLSConfig(s.ClientTLS()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// bound connects and binds as the service account.
func bound(t *testing.T, s *fakedir.Server) *ldap.Conn {
	t.Helper()
	c := dial(t, s)
	require.NoError(t, c.Bind(s.BindDN(), s.Password()))
	return c
}

func request(base string, filter string, attrs ...string) *ldap.SearchRequest {
	return ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, attrs, nil)
}

// search reads one answer without paging.
func search(t *testing.T, c *ldap.Conn, base, filter string, attrs ...string) []*ldap.Entry {
	t.Helper()
	r, err := c.Search(request(base, filter, attrs...))
	require.NoError(t, err)
	return r.Entries
}

func read(t *testing.T, c *ldap.Conn, dn string, attrs ...string) *ldap.Entry {
	t.Helper()
	q := request(dn, "(objectClass=*)", attrs...)
	q.Scope = ldap.ScopeBaseObject
	r, err := c.Search(q)
	require.NoError(t, err)
	require.Len(t, r.Entries, 1)
	return r.Entries[0]
}

const realUsers = "(&(objectCategory=person)(objectClass=user)(!(isCriticalSystemObject=TRUE)))"

func TestPagedReadShowsEverybody(t *testing.T) {
	s := start(t, fakedir.Config{People: 2300})
	r, err := bound(t, s).SearchWithPaging(request(s.BaseDN(), realUsers, "cn"), 500)
	require.NoError(t, err)
	require.Len(t, r.Entries, 2300+2, "people and two service accounts")
	seen := map[string]bool{}
	for _, e := range r.Entries {
		require.False(t, seen[e.DN], e.DN)
		seen[e.DN] = true
	}
	require.Len(t, r.Referrals, 3, "references come once, with the last page")
	require.Len(t, s.Searches(), 5)
}
