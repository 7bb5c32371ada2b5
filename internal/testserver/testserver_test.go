package testserver

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func trusting(t *testing.T, caFile string) *tls.Config {
	pem, err := os.ReadFile(caFile)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(pem))
	return &tls.Config{RootCAs: pool}
}

func dial(t *testing.T, url string, config *tls.Config) *ldap.Conn {
	conn, err := ldap.DialURL(url, ldap.DialWithTLSConfig(config))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

func find(t *testing.T, conn *ldap.Conn, base, filter string, attributes ...string) []*ldap.Entry {
	result, err := conn.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil))
	require.NoError(t, err)
	return result.Entries
}

func TestSambaAnswersEachAccountItNames(t *testing.T) {
	ad := Samba(t)
	config := trusting(t, ad.CAFile)
	for user, password := range map[string]string{
		ad.AdminUser: ad.AdminPassword, ad.AdminDN: ad.AdminPassword, ad.SyncUser: ad.SyncPassword,
		ad.PlainUser: ad.PlainPassword, ad.ResetUser: ad.ResetPassword,
		"user000000@" + ad.DNSDomain: ad.UserPassword,
	} {
		require.NoError(t, dial(t, ad.URL, config).Bind(user, password), user)
	}
	require.FileExists(t, ad.Krb5Config)
	require.Error(t, dial(t, ad.LDAPURL, config).Bind(ad.SyncUser, ad.SyncPassword), "a bind in clear must be refused")
	require.NoError(t, dial(t, ad.GCURL, config).Bind(ad.SyncUser, ad.SyncPassword))
	config.ServerName = ad.HostName
	start := dial(t, ad.LDAPURL, config)
	require.NoError(t, start.StartTLS(config))
	require.NoError(t, start.Bind(ad.NetBIOSDomain+`\svc-sync`, ad.SyncPassword))
}

func TestSambaHoldsTheLoadedUsers(t *testing.T) {
	ad := Samba(t)
	require.GreaterOrEqual(t, ad.Users, 1000)
	conn := dial(t, ad.URL, trusting(t, ad.CAFile))
	require.NoError(t, conn.Bind(ad.SyncUser, ad.SyncPassword))
	require.Len(t, find(t, conn, "OU=Company,"+ad.BaseDN, "(&(objectClass=user)(sAMAccountName=user0*))", "cn"), ad.Users)
	require.Len(t, find(t, conn, "OU=Out of Scope,OU=Company,"+ad.BaseDN, "(objectClass=user)", "cn"), ad.Users/100)
}

func TestSlapdHoldsItsPeople(t *testing.T) {
	server := Slapd(t, People(200), MemberOf())
	conn := dial(t, server.URL, trusting(t, server.CAFile))
	require.NoError(t, conn.Bind(server.BindDN, server.Password))
	people := find(t, conn, server.BaseDN, "(objectClass=inetOrgPerson)", "*", "memberOf", "entryUUID")
	require.Len(t, people, 200)
	byUID := make(map[string]*ldap.Entry)
	for _, entry := range people {
		byUID[entry.GetAttributeValue("uid")] = entry
	}
	for i := range 200 {
		want := PersonAt(i)
		got := byUID[want.UID]
		require.NotNil(t, got, want.UID)
		require.Equal(t, []string{want.CN, want.GivenName, want.Surname, want.Mail, want.Manager}, []string{
			got.GetAttributeValue("cn"), got.GetAttributeValue("givenName"), got.GetAttributeValue("sn"),
			got.GetAttributeValue("mail"), got.GetAttributeValue("manager"),
		})
		require.Contains(t, got.GetAttributeValues("memberOf"), GroupDN("Flat"))
		require.NotEmpty(t, got.GetAttributeValue("entryUUID"))
	}
	groups := find(t, conn, server.BaseDN, "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))")
	require.Len(t, groups, 10)
}

func TestSlapdTakesACertificateForAPassword(t *testing.T) {
	server := Slapd(t)
	config := trusting(t, server.CAFile)
	pair, err := tls.LoadX509KeyPair(server.ClientCert, server.ClientKey)
	require.NoError(t, err)
	config.Certificates = []tls.Certificate{pair}
	conn := dial(t, server.URL, config)
	require.NoError(t, conn.ExternalBind())
	who, err := conn.WhoAmI(nil)
	require.NoError(t, err)
	require.Equal(t, "dn:"+strings.ToLower(server.BindDN), strings.ToLower(who.AuthzID))
}

func TestSlapdShowsNothingToStrangers(t *testing.T) {
	server := Slapd(t, People(5))
	conn := dial(t, server.LDAPURL, nil)
	request := ldap.NewSearchRequest(server.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "(uid=*)", nil, nil)
	result, err := conn.Search(request)
	require.True(t, ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject), "%v", err)
	require.Empty(t, result.Entries)
}

func TestSlapdTakesLinesAndLDIF(t *testing.T) {
	extra := "dn: cn=Extra,ou=Groups," + BaseDN + "\nobjectClass: groupOfNames\ncn: Extra\nmember: " + PersonAt(1).DN + "\n"
	server := Slapd(t, People(10), Line("limits dn.exact=\"cn=sync,ou=Services,"+BaseDN+"\" size=5"), LDIF(extra))
	conn := dial(t, server.LDAPURL, nil)
	require.NoError(t, conn.StartTLS(func() *tls.Config { c := trusting(t, server.CAFile); c.ServerName = "localhost"; return c }()))
	require.NoError(t, conn.Bind(server.BindDN, server.Password))
	require.Len(t, find(t, conn, server.BaseDN, "(cn=Extra)", "member"), 1)
	_, err := conn.Search(ldap.NewSearchRequest(server.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=inetOrgPerson)", nil, nil))
	require.True(t, ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded), "%v", err)
	server.Modify(t, "dn: "+PersonAt(2).DN+"\nchangetype: modify\nreplace: title\ntitle: Changed\n")
	require.Equal(t, "Changed", find(t, conn, server.BaseDN, "(uid="+PersonAt(2).UID+")", "title")[0].GetAttributeValue("title"))
}

func TestSlapdEndsWithItsTest(t *testing.T) {
	var server LDAP
	t.Run("inner", func(t *testing.T) { server = Slapd(t) })
	if server.URL == "" {
		t.Skip("the inner test had no slapd")
	}
	_, err := ldap.DialURL(server.LDAPURL)
	require.Error(t, err)
}

func TestPostgresIsFreshEachTime(t *testing.T) {
	var dropped string
	t.Run("inner", func(t *testing.T) {
		first, second := Postgres(t), Postgres(t)
		require.NotEqual(t, first, second)
		for _, dsn := range []string{first, second} {
			conn, err := pgx.Connect(t.Context(), dsn)
			require.NoError(t, err)
			_, err = conn.Exec(t.Context(), "CREATE TABLE mine (id int)")
			require.NoError(t, err)
		}
		dropped = first
	})
	if dropped == "" {
		t.Skip("the inner test had no PostgreSQL")
	}
	_, err := pgx.Connect(t.Context(), dropped)
	require.ErrorContains(t, err, "does not exist")
}

func TestEnvFileQuoting(t *testing.T) {
	require.Equal(t, map[string]string{"A": "1", "B": "DC=corp,DC=example,DC=com", "C": ""}, parseEnv("A=1\nB='DC=corp,DC=example,DC=com'\nC=\n\n"))
}
