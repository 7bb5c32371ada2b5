package fakedir_test

import (
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

// refused asserts the result code of a refusal and gives its text.
func refused(t *testing.T, err error, code uint16) string {
	t.Helper()
	e, ok := errors.AsType[*ldap.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, code, e.ResultCode, "%v", err)
	return e.Error()
}

func TestBindTakesEveryFormOfTheName(t *testing.T) {
	s := start(t, fakedir.Config{})
	for _, name := range []string{s.BindDN(), s.BindUPN(), s.BindDomainUser(), "svc-sync@CORP", strings.ToUpper(s.BindDN())} {
		require.NoError(t, dial(t, s).Bind(name, s.Password()), name)
	}
	for _, name := range []string{"svc-sync", `corp.example.com\svc-sync`, "svc-sync@elsewhere.example.com"} {
		refused(t, dial(t, s).Bind(name, s.Password()), ldap.LDAPResultInvalidCredentials)
	}
}

func TestRefusedBindNamesItsReason(t *testing.T) {
	s := start(t, fakedir.Config{})
	person := search(t, bound(t, s), s.PeopleDN(), "(employeeID=E000001)")[0].DN
	const good = "correct horse"
	for _, c := range []struct {
		name, password, attr, value, sub string
	}{
		{s.BindDN(), "wrong", "", "", "52e"},
		{"CN=Nobody," + s.BaseDN(), "wrong", "", "", "525"},
		{person, good, "userAccountControl", "514", "533"},
		{person, "wrong", "userAccountControl", "514", "52e"},
		{person, good, "accountExpires", "132223104000000000", "701"},
		{person, good, "pwdLastSet", "0", "773"},
		{person, good, "lockoutTime", "134000000000000000", "775"},
	} {
		require.NoError(t, s.Change(func(d *fakedir.Changes) error {
			return errors.Join(d.SetPassword(person, good), d.Set(person, "userAccountControl", "512"),
				d.Set(person, "accountExpires", "0"), d.Set(person, "pwdLastSet", "134000000000000000"), d.Set(person, "lockoutTime"))
		}))
		require.NoError(t, dial(t, s).Bind(person, good))
		if c.attr != "" {
			require.NoError(t, s.Change(func(d *fakedir.Changes) error { return d.Set(person, c.attr, c.value) }))
		}
		text := refused(t, dial(t, s).Bind(c.name, c.password), ldap.LDAPResultInvalidCredentials)
		require.Contains(t, text, "data "+c.sub+",")
	}
}

func TestPasswordWithoutTLSIsRefused(t *testing.T) {
	s := start(t, fakedir.Config{})
	c, err := ldap.DialURL(s.LDAPURL())
	require.NoError(t, err)
	defer c.Close()
	refused(t, c.Bind(s.BindDN(), s.Password()), ldap.LDAPResultStrongAuthRequired)
	require.NoError(t, c.StartTLS(s.ClientTLS()))
	require.NoError(t, c.Bind(s.BindDN(), s.Password()))
	who, err := c.WhoAmI(nil)
	require.NoError(t, err)
	require.Equal(t, `u:CORP\svc-sync`, who.AuthzID)
	require.NotEmpty(t, search(t, c, s.PeopleDN(), "(objectClass=user)"))
}

func TestRefusedStartTLSIsAnError(t *testing.T) {
	s := start(t, fakedir.Config{})
	s.RefuseStartTLS()
	c, err := ldap.DialURL(s.LDAPURL())
	require.NoError(t, err)
	defer c.Close()
	refused(t, c.StartTLS(s.ClientTLS()), ldap.LDAPResultUnavailable)
}

func TestCertificateHoldsForItsNamesOnly(t *testing.T) {
	s := start(t, fakedir.Config{})
	for _, name := range []string{"127.0.0.1", "localhost", s.HostName()} {
		c := s.ClientTLS()
		c.ServerName = name
		conn, err := ldap.DialURL(s.URL(), ldap.DialWithTLSConfig(c))
		require.NoError(t, err, name)
		require.NoError(t, conn.Close())
	}
	for _, c := range []*tls.Config{{ServerName: "localhost"}, {RootCAs: s.ClientTLS().RootCAs, ServerName: "dc2.corp.example.com"}} {
		_, err := ldap.DialURL(s.URL(), ldap.DialWithTLSConfig(c))
		require.Error(t, err)
	}
}

func TestSearchNeedsABind(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := dial(t, s)
	_, err := c.Search(request(s.BaseDN(), "(objectClass=*)"))
	require.Contains(t, refused(t, err, ldap.LDAPResultOperationsError), "successful bind")
	root := read(t, c, "", "defaultNamingContext", "supportedCapabilities", "dnsHostName", "dsServiceName", "highestCommittedUSN")
	require.Equal(t, s.BaseDN(), root.GetAttributeValue("defaultNamingContext"))
	require.Contains(t, root.GetAttributeValues("supportedCapabilities"), "1.2.840.113556.1.4.800")
	require.NotEmpty(t, root.GetAttributeValue("highestCommittedUSN"))
	settings := read(t, bound(t, s), root.GetAttributeValue("dsServiceName"), "invocationId")
	require.Len(t, settings.GetRawAttributeValue("invocationId"), 16)
}

func TestUnknownControl(t *testing.T) {
	s := start(t, fakedir.Config{WithoutControls: []string{ldap.ControlTypeDirSync}})
	c := bound(t, s)
	known := read(t, c, "", "supportedControl").GetAttributeValues("supportedControl")
	require.NotContains(t, known, ldap.ControlTypeDirSync)
	require.Contains(t, known, ldap.ControlTypePaging)
	_, _, _, err := round(c, request(s.BaseDN(), "(objectClass=*)"), 0, nil)
	refused(t, err, ldap.LDAPResultUnavailableCriticalExtension)
}

func TestUnpagedSearchStopsAtMaxPageSize(t *testing.T) {
	s := start(t, fakedir.Config{People: 1200})
	r, err := bound(t, s).Search(request(s.PeopleDN(), "(objectClass=user)", "cn"))
	refused(t, err, ldap.LDAPResultSizeLimitExceeded)
	require.Len(t, r.Entries, 1000)
}

func TestClientSizeLimitHolds(t *testing.T) {
	s := start(t, fakedir.Config{})
	q := request(s.PeopleDN(), "(objectClass=user)", "cn")
	q.SizeLimit = 10
	r, err := bound(t, s).Search(q)
	refused(t, err, ldap.LDAPResultSizeLimitExceeded)
	require.Len(t, r.Entries, 10)
}

// firstPage asks for the first page and gives the control with its cookie.
func firstPage(t *testing.T, c *ldap.Conn, q *ldap.SearchRequest, size uint32) (*ldap.SearchResult, *ldap.ControlPaging) {
	t.Helper()
	paging := ldap.NewControlPaging(size)
	q.Controls = []ldap.Control{paging}
	r, err := c.Search(q)
	require.NoError(t, err)
	answer, ok := ldap.FindControl(r.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
	require.True(t, ok)
	require.NotEmpty(t, answer.Cookie)
	paging.SetCookie(answer.Cookie)
	return r, paging
}

func TestPageSizeIsCappedAtMaxPageSize(t *testing.T) {
	s := start(t, fakedir.Config{People: 1200})
	r, _ := firstPage(t, bound(t, s), request(s.PeopleDN(), "(objectClass=user)", "cn"), 5000)
	require.Len(t, r.Entries, 1000)
}

func TestCookieIsBoundToConnectionAndRequest(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	for name, spoil := range map[string]func(*ldap.SearchRequest, *ldap.ControlPaging) *ldap.Conn{
		"another connection": func(*ldap.SearchRequest, *ldap.ControlPaging) *ldap.Conn { return bound(t, s) },
		"another filter": func(q *ldap.SearchRequest, _ *ldap.ControlPaging) *ldap.Conn {
			q.Filter = "(objectClass=group)"
			return c
		},
		"another cookie": func(_ *ldap.SearchRequest, p *ldap.ControlPaging) *ldap.Conn {
			p.SetCookie([]byte("no such"))
			return c
		},
	} {
		q := request(s.PeopleDN(), "(objectClass=user)", "cn")
		_, paging := firstPage(t, c, q, 50)
		conn := spoil(q, paging)
		_, err := conn.Search(q)
		require.Error(t, err, name)
		refused(t, err, ldap.LDAPResultUnwillingToPerform)
	}
	q := request(s.PeopleDN(), "(objectClass=user)", "cn")
	firstPage(t, c, q, 50)
	_, err := c.Search(q)
	require.NoError(t, err)
	_, err = c.Search(q)
	refused(t, err, ldap.LDAPResultUnwillingToPerform) // a cookie is good once
}

func TestLargeGroupComesInRangesNobodyAskedFor(t *testing.T) {
	s := start(t, fakedir.Config{People: 3200})
	c := bound(t, s)
	big := "CN=Big flat group,OU=Groups,OU=Company," + s.BaseDN()
	e := read(t, c, big)
	require.Empty(t, e.GetAttributeValues("member"))
	require.Contains(t, names(e), "member")
	require.Len(t, e.GetAttributeValues("member;range=0-1499"), 1500)

	seen := map[string]bool{}
	for _, r := range []string{"0-1499", "1500-2999", "3000-*"} {
		values := read(t, c, big, "member;range="+strings.Split(r, "-")[0]+"-*").GetAttributeValues("member;range=" + r)
		require.NotEmpty(t, values, r)
		for _, v := range values {
			seen[v] = true
		}
	}
	require.Len(t, seen, 3200)
	require.Len(t, read(t, c, big, "member;range=10-19").GetAttributeValues("member;range=10-19"), 10)
	require.Empty(t, read(t, c, big, "member;range=3200-*").Attributes, "beyond the end there is nothing")
}

func names(e *ldap.Entry) []string {
	var out []string
	for _, a := range e.Attributes {
		out = append(out, a.Name)
	}
	return out
}

func TestExtendedNamesCarryIdentifiers(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	plain := search(t, c, s.PeopleDN(), "(employeeID=E000009)", "objectGUID", "objectSid", "manager")[0]
	for flag, want := range map[string]string{
		"": "<GUID=" + hex.EncodeToString(plain.GetRawAttributeValue("objectGUID")) + ">;<SID=" +
			hex.EncodeToString(plain.GetRawAttributeValue("objectSid")) + ">;" + plain.DN,
		"0\x03\x02\x01\x01": "<GUID=" + guidText(plain.GetRawAttributeValue("objectGUID")) + ">;<SID=S-1-5-21-",
	} {
		q := request(s.PeopleDN(), "(employeeID=E000009)", "manager", "distinguishedName", "objectCategory")
		q.Controls = []ldap.Control{ldap.NewControlString("1.2.840.113556.1.4.529", true, flag)}
		r, err := c.Search(q)
		require.NoError(t, err)
		e := r.Entries[0]
		require.Contains(t, e.DN, want)
		require.Equal(t, e.DN, e.GetAttributeValue("distinguishedName"))
		require.Contains(t, e.GetAttributeValue("objectCategory"), ">;CN=Person,CN=Schema,")
		require.True(t, strings.HasSuffix(e.GetAttributeValue("manager"), ">;"+plain.GetAttributeValue("manager")))
	}
}

// guidText is written here anew: the first three parts are little-endian.
func guidText(b []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", []byte{b[3], b[2], b[1], b[0]}, []byte{b[5], b[4]}, []byte{b[7], b[6]}, b[8:10], b[10:])
}

func TestIdentifiersServeAsBase(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	e := search(t, c, s.PeopleDN(), "(employeeID=E000021)", "objectGUID", "objectSid")[0]
	raw := e.GetRawAttributeValue("objectGUID")
	for _, base := range []string{
		"<GUID=" + hex.EncodeToString(raw) + ">", "<GUID=" + guidText(raw) + ">",
		"<SID=" + hex.EncodeToString(e.GetRawAttributeValue("objectSid")) + ">",
		strings.ToUpper(e.DN),
	} {
		require.Equal(t, e.DN, read(t, c, base, "1.1").DN)
		require.Empty(t, read(t, c, base, "1.1").Attributes)
	}
}

func TestAttributeSelection(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	all := read(t, c, s.BindDN())
	require.Contains(t, names(all), "objectGUID")
	require.Equal(t, names(all), names(read(t, c, s.BindDN(), "*")))
	require.Equal(t, []string{"cn"}, names(read(t, c, s.BindDN(), "CN", "noSuchAttribute")))
	group := "CN=Domain Users,CN=Users," + s.BaseDN()
	require.NotContains(t, names(read(t, c, group)), "primaryGroupToken")
	require.Equal(t, "513", read(t, c, group, "*", "primaryGroupToken").GetAttributeValue("primaryGroupToken"))
	require.Empty(t, read(t, c, group, "member").Attributes, "the primary group lists nobody")
	q := request(s.BindDN(), "(objectClass=*)", "cn")
	q.TypesOnly = true
	r, err := c.Search(q)
	require.NoError(t, err)
	require.Empty(t, r.Entries[0].GetAttributeValues("cn"))
}

func TestMissingBaseAndForeignBase(t *testing.T) {
	s := start(t, fakedir.Config{ReferralHost: "other.example.net"})
	c := bound(t, s)
	_, err := c.Search(request("OU=Nowhere,OU=Company,"+s.BaseDN(), "(objectClass=*)"))
	refused(t, err, ldap.LDAPResultNoSuchObject)
	e, _ := errors.AsType[*ldap.Error](err)
	require.Equal(t, "OU=Company,"+s.BaseDN(), e.MatchedDN)
	_, err = c.Search(request("DC=other,DC=example,DC=net", "(objectClass=*)"))
	refused(t, err, ldap.LDAPResultReferral)
	_, err = c.Search(request("no name", "(objectClass=*)"))
	refused(t, err, ldap.LDAPResultInvalidDNSyntax)

	r, err := c.Search(request(s.BaseDN(), "(cn=svc-sync)"))
	require.NoError(t, err)
	require.Equal(t, "ldap://other.example.net/CN=Configuration,"+s.BaseDN(), r.Referrals[2])
	q := request(s.BaseDN(), "(cn=svc-sync)")
	q.Controls = []ldap.Control{ldap.NewControlString("1.2.840.113556.1.4.1339", true, "")}
	r, err = c.Search(q)
	require.NoError(t, err)
	require.Empty(t, r.Referrals, "the domain scope control asks for none")
}

func TestUnknownCriticalControlIsRefused(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	q := request(s.BaseDN(), "(cn=svc-sync)")
	q.Controls = []ldap.Control{ldap.NewControlString("1.2.3.4", false, "")}
	_, err := c.Search(q)
	require.NoError(t, err)
	q.Controls = []ldap.Control{ldap.NewControlString("1.2.3.4", true, "")}
	_, err = c.Search(q)
	refused(t, err, ldap.LDAPResultUnavailableCriticalExtension)
}

func TestWritesAreRefusedAndTheConnectionStays(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	refused(t, c.Del(ldap.NewDelRequest(s.BindDN(), nil)), ldap.LDAPResultUnwillingToPerform)
	refused(t, c.ModifyDN(ldap.NewModifyDNRequest(s.BindDN(), "cn=x", true, "")), ldap.LDAPResultUnwillingToPerform)
	modify := ldap.NewModifyRequest(s.BindDN(), nil)
	modify.Replace("description", []string{"x"})
	refused(t, c.Modify(modify), ldap.LDAPResultUnwillingToPerform)
	refused(t, c.ExternalBind(), ldap.LDAPResultAuthMethodNotSupported)
	require.NoError(t, c.Bind(s.BindDN(), s.Password()))
	require.Len(t, search(t, c, s.BaseDN(), "(cn=svc-sync)"), 1)
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "nonsense"} {
		_, err := fakedir.Start(fakedir.Config{Address: address})
		require.Error(t, err, address)
	}
}
