package ldap_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/source/ldap"
)

func slapd(t testing.TB, options ...testserver.Option) (testserver.LDAP, *ldap.Source) {
	server := testserver.Slapd(t, options...)
	return server, &ldap.Source{URL: server.URL, CAFile: server.CAFile, Bind: server.BindDN, Password: text(server.Password)}
}

func TestSlapdReadsPeopleUnitsAndGroups(t *testing.T) {
	const n = 1200
	server, s := slapd(t, testserver.People(n))
	s.BaseDNs = []string{"ou=People," + server.BaseDN, "ou=Groups," + server.BaseDN}
	got := mustCollect(t, s, adsync.ReadRequest{Attributes: []string{"uid", "cn", "mail", "givenName", "sn", "manager", "jpegPhoto", "entryUUID", "accountEnabled"}})
	require.Empty(t, got.problems)
	require.Equal(t, n, got.kind(adsync.User))
	for i := range n {
		want := testserver.PersonAt(i)
		o := got.by(t, "uid", want.UID)
		require.Equal(t, string(o.Anchor), o.Attrs.Get("entryUUID"))
		require.Equal(t, want.CN, o.Attrs.Get("cn"))
		require.Equal(t, want.Mail, o.Attrs.Get("mail"))
		require.Equal(t, want.GivenName, o.Attrs.Get("givenName"))
		require.False(t, o.Attrs.Has("accountEnabled"), "unknown, never active")
		if want.Manager != "" {
			require.Len(t, o.Refs["manager"], 1)
			boss := got.objects[o.Refs["manager"][0]].Object
			require.Equal(t, fmt.Sprintf("person%06d", (i-1)/8), boss.Attrs.Get("uid"))
		}
	}
	require.Equal(t, len(got.objects), got.witness.Bases[0].Objects+got.witness.Bases[1].Objects)
	require.Contains(t, got.witness.Identity, "cn=sync")
}

const clubs = `dn: ou=Clubs,dc=example,dc=com
objectClass: organizationalUnit
ou: Clubs

dn: cn=Chess,ou=Clubs,dc=example,dc=com
objectClass: groupOfNames
cn: Chess
member: UID=person000001, ou=Sales,ou=people,dc=EXAMPLE,dc=com
member: cn=Nested,ou=Clubs,dc=example,dc=com
member: cn=nobody

dn: cn=Nested,ou=Clubs,dc=example,dc=com
objectClass: groupOfUniqueNames
cn: Nested
uniqueMember: uid=person000002,ou=Finance,ou=People,dc=example,dc=com
uniqueMember: cn=Chess,ou=Clubs,dc=example,dc=com

dn: cn=Rowing,ou=Clubs,dc=example,dc=com
objectClass: posixGroup
cn: Rowing
gidNumber: 5001
memberUid: person000003
memberUid: person000004
memberUid: nobody-of-this-name
`

func TestSlapdResolvesMembersByName(t *testing.T) {
	_, s := slapd(t, testserver.People(10), testserver.LDIF(clubs))
	s.PageSize = 10 // groups one by one, with look-ups between their pages
	got := mustCollect(t, s, adsync.ReadRequest{Attributes: []string{"uid", "cn"}})
	require.Empty(t, got.problems)
	who := func(group string) (list []string) {
		for _, a := range got.members[got.by(t, "cn", group).Anchor] {
			o := got.objects[a].Object
			list = append(list, o.Attrs.Get("uid")+o.Attrs.Get("cn"))
		}
		return list
	}
	cn := func(i int) string { p := testserver.PersonAt(i); return p.UID + p.CN }
	require.ElementsMatch(t, []string{cn(1), "Nested"}, who("Chess"))
	require.ElementsMatch(t, []string{cn(2), "Chess"}, who("Nested"))
	require.ElementsMatch(t, []string{cn(3), cn(4)}, who("Rowing"))
}

func TestSlapdScopeOfGroups(t *testing.T) {
	_, s := slapd(t, testserver.People(10), testserver.LDIF(clubs))
	uids := func(groups ...string) (list []string) {
		got := mustCollect(t, s, adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Attributes: []string{"uid"}, Scope: &adsync.Scope{Groups: groups}})
		for _, c := range got.objects {
			list = append(list, c.Object.Attrs.Get("uid"))
		}
		return list
	}
	require.ElementsMatch(t, []string{"person000001", "person000002"}, uids("cn=Chess,ou=Clubs,dc=example,dc=com"))
	require.ElementsMatch(t, []string{"person000003", "person000004"}, uids("CN=ROWING,ou=Clubs,dc=example,dc=com"))
}

func TestSlapdSizeLimitIsNeverDone(t *testing.T) {
	server, s := slapd(t, testserver.People(300), testserver.Line("limits users size.soft=100 size.hard=100 size.prtotal=200"))
	s.PageSize = 50
	got, err := collect(t.Context(), s, adsync.ReadRequest{})
	require.ErrorIs(t, err, adsync.ErrIncomplete, server.URL)
	require.False(t, got.done)
}

func TestSlapdBindsByStartTLSAndByCertificate(t *testing.T) {
	server, plain := slapd(t, testserver.People(5))
	tls := &ldap.Source{URL: server.LDAPURL, StartTLS: true, CAFile: server.CAFile, Bind: server.BindDN, Password: text(server.Password)}
	external := &ldap.Source{URL: server.URL, CAFile: server.CAFile, Certificate: &ldap.ClientCertificate{CertFile: server.ClientCert, KeyFile: server.ClientKey}}
	for _, s := range []*ldap.Source{plain, tls, external} {
		require.NoError(t, s.Open(t.Context()))
		require.NoError(t, s.Check(t.Context()))
		got := mustCollect(t, s, adsync.ReadRequest{})
		require.Equal(t, 5, got.kind(adsync.User))
		require.Equal(t, strings.ToLower("dn:"+server.BindDN), strings.ToLower(got.witness.Identity))
	}
}

func TestSlapdSaysWhichCertificateItDoesNotTrust(t *testing.T) {
	server, s := slapd(t)
	other, _ := slapd(t)
	s.CAFile = other.CAFile
	_, err := collect(t.Context(), s, adsync.ReadRequest{})
	require.Equal(t, adsync.CodeUnauthenticated, adsync.CodeOf(err))
	require.ErrorContains(t, err, "CAFile")

	s.CAFile, s.ServerName = server.CAFile, "dc1.example.com"
	for _, url := range []string{server.URL, server.LDAPURL} {
		s.URL, s.StartTLS = url, url == server.LDAPURL
		_, err = collect(t.Context(), s, adsync.ReadRequest{})
		require.Equal(t, adsync.CodeUnauthenticated, adsync.CodeOf(err))
		require.ErrorContains(t, err, "ServerName")
		require.ErrorContains(t, err, "dc1.example.com")
	}
}

func TestSlapdRefusesAnAccountThatSeesNothing(t *testing.T) {
	server, s := slapd(t, testserver.People(5))
	s.Bind, s.Password, s.Anonymous = "", ldap.Secret{}, true
	s.BaseDNs = []string{server.BaseDN}
	_, err := collect(t.Context(), s, adsync.ReadRequest{})
	require.ErrorIs(t, err, adsync.ErrIncomplete, "an account without rights must not show an empty directory")
}
