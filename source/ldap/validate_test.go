package ldap_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

func valid() ldap.Source {
	return ldap.Source{URL: "ldaps://dc1.example.com", Bind: "sync@example.com", Password: text("x"), BaseDNs: []string{"DC=example,DC=com"}}
}

func TestValidateNamesEachFault(t *testing.T) {
	for part, change := range map[string]func(*ldap.Source){
		"URL is empty":        func(s *ldap.Source) { s.URL = "" },
		"of the form":         func(s *ldap.Source) { s.URL = "dc1.example.com" },
		"the scheme is":       func(s *ldap.Source) { s.URL = "https://dc1.example.com" },
		"use one of them":     func(s *ldap.Source) { s.StartTLS = true },
		"in clear":            func(s *ldap.Source) { s.URL = "ldap://127.0.0.1" },
		"dc2.example.com":     func(s *ldap.Source) { s.Alternates = []string{"ldap://dc2.example.com"} },
		"Bind is empty":       func(s *ldap.Source) { s.Bind = "" },
		"Password is not set": func(s *ldap.Source) { s.Password = ldap.Secret{} },
		"Anonymous is set":    func(s *ldap.Source) { s.Anonymous = true },
		"Certificate needs":   func(s *ldap.Source) { s.Certificate = &ldap.ClientCertificate{} },
		"choose one way": func(s *ldap.Source) {
			s.Certificate, s.Kerberos = &ldap.ClientCertificate{CertFile: "a", KeyFile: "b"}, &ldap.Kerberos{}
		},
		"Password or a Keytab": func(s *ldap.Source) { s.Kerberos, s.Password = &ldap.Kerberos{}, ldap.Secret{} },
		"need TLS": func(s *ldap.Source) {
			s.Kerberos, s.URL, s.AllowInsecure = &ldap.Kerberos{}, "ldap://dc1.example.com", true
		},
		"no distinguished name": func(s *ldap.Source) { s.BaseDNs = []string{"example.com"} },
		"for kind user":         func(s *ldap.Source) { s.Filters = map[adsync.Kind]string{adsync.User: "(cn=*"} },
		"holds secrets":         func(s *ldap.Source) { s.Filters = map[adsync.Kind]string{adsync.User: "(unicodePwd=a*)"} },
		"no attribute name":     func(s *ldap.Source) { s.AnchorAttribute = []string{"a b"} },
		"cannot be negative":    func(s *ldap.Source) { s.PageSize = -1 },
	} {
		s := valid()
		require.NoError(t, s.Validate())
		change(&s)
		require.ErrorContains(t, s.Validate(), part)
		require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(s.Validate()))
		_, err := collect(t.Context(), &s, adsync.ReadRequest{})
		require.ErrorContains(t, err, part, "Read judges it too")
	}
}

func TestValidateNamesAllFaultsAtOnce(t *testing.T) {
	s := ldap.Source{BaseDNs: []string{"x"}, PageSize: -1}
	require.Equal(t, 4, strings.Count(s.Validate().Error(), "ldap: "))
}

// A password in a URL is a mistake that must not be repeated in an error.
func TestAnErrorDoesNotRepeatAnAddressThatHoldsAPassword(t *testing.T) {
	s := valid()
	s.URL = "ldaps://sync:hunter2@dc1.example.com"
	require.Error(t, s.Validate())
	require.NotContains(t, s.Validate().Error(), "hunter2")
}
