package ldap_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/source/ldap"
)

var unitsOnly = adsync.ReadRequest{Kinds: []adsync.Kind{adsync.OrganizationalUnit}}

func TestSambaAcceptsEveryFormOfTheName(t *testing.T) {
	ad, s := samba(t)
	account, _, _ := strings.Cut(ad.SyncUser, "@")
	for _, name := range []string{ad.SyncUser, ad.NetBIOSDomain + `\` + account, ad.AdminDN} {
		s.Bind = name
		if name == ad.AdminDN {
			s.Password = text(ad.AdminPassword)
		}
		mustCollect(t, s, unitsOnly)
	}
}

func TestSambaByStartTLS(t *testing.T) {
	ad, s := samba(t)
	s.URL, s.StartTLS = ad.LDAPURL, true
	mustCollect(t, s, unitsOnly)
}

func TestSambaRefusals(t *testing.T) {
	ad, s := samba(t)
	s.Password = text("wrong")
	requireFault(t, s, adsync.CodeUnauthenticated, "password is wrong")
	s.Bind = "nobody@" + ad.DNSDomain
	requireFault(t, s, adsync.CodeUnauthenticated, "password is wrong")

	_, s = samba(t)
	s.CAFile = ""
	requireFault(t, s, adsync.CodeUnauthenticated, "CAFile")

	_, s = samba(t)
	s.ServerName = "dc2." + ad.DNSDomain
	requireFault(t, s, adsync.CodeUnauthenticated, "ServerName")

	_, s = samba(t)
	s.BaseDNs = []string{"OU=Nowhere," + ad.BaseDN}
	requireFault(t, s, adsync.CodeIncomplete, "OU=Nowhere")

	_, s = samba(t)
	s.Bind, s.Password, s.Anonymous = "", ldap.Secret{}, true
	_, err := collect(t.Context(), s, unitsOnly)
	require.Error(t, err, "nobody sees nothing, and that is no empty directory")

	_, s = samba(t)
	s.URL, s.AllowInsecure = ad.LDAPURL, true
	requireFault(t, s, adsync.CodeUnauthenticated, "demands encryption")
}

func requireFault(t *testing.T, s *ldap.Source, code adsync.Code, part string) {
	t.Helper()
	got, err := collect(t.Context(), s, unitsOnly)
	require.ErrorContains(t, err, part)
	require.Equal(t, code, adsync.CodeOf(err), err)
	require.False(t, got.done)
	require.Error(t, s.Check(t.Context()))
}

func kerberosSource(ad testserver.AD) *ldap.Source {
	account, _, _ := strings.Cut(ad.SyncUser, "@")
	return &ldap.Source{
		URL: ad.URL, CAFile: ad.CAFile, ServerName: ad.HostName, Bind: account, Password: text(ad.SyncPassword),
		Kerberos: &ldap.Kerberos{Realm: ad.Realm, ConfigFile: ad.Krb5Config},
	}
}

func TestSambaByKerberos(t *testing.T) {
	ad, plain := samba(t)
	s := kerberosSource(ad)
	got, want := mustCollect(t, s, adsync.ReadRequest{Attributes: []string{"mail"}}), mustCollect(t, plain, adsync.ReadRequest{Attributes: []string{"mail"}})
	require.ElementsMatch(t, keys(want.objects), keys(got.objects))
	s.URL, s.StartTLS = ad.LDAPURL, true
	mustCollect(t, s, unitsOnly)
}

func TestSambaKerberosErrorsSayWhatToDo(t *testing.T) {
	ad, _ := samba(t)
	s := kerberosSource(ad)
	s.Password = text("wrong")
	requireFault(t, s, adsync.CodeUnauthenticated, "password or keytab is wrong")
	s = kerberosSource(ad)
	s.Bind = "nobody"
	requireFault(t, s, adsync.CodeUnauthenticated, "does not know this name")
	s = kerberosSource(ad)
	s.Kerberos.Service = "ldap/dc9." + ad.DNSDomain
	requireFault(t, s, adsync.CodeUnauthenticated, "host name")
	s = kerberosSource(ad)
	s.Kerberos.ConfigFile = filepath.Join(t.TempDir(), "none")
	requireFault(t, s, adsync.CodeInvalid, "Kerberos configuration")
}

func TestSambaCheck(t *testing.T) {
	ad, s := samba(t)
	require.NoError(t, s.Open(t.Context()))
	require.NoError(t, s.Check(t.Context()))
	s.BaseDNs = []string{"OU=Contacts,OU=Company," + ad.BaseDN}
	require.ErrorContains(t, s.Check(t.Context()), "no person")
	s.CAFile = filepath.Join(t.TempDir(), "none.pem")
	require.ErrorContains(t, s.Open(t.Context()), "CAFile")
	require.NoError(t, s.Close())
}

func TestSambaPasswordFromAFile(t *testing.T) {
	ad, s := samba(t)
	path := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(path, []byte(ad.SyncPassword+"\n"), 0o600))
	s.Password = ldap.SecretFile(path)
	mustCollect(t, s, unitsOnly)
	require.NoError(t, os.Chmod(path, 0o640))
	_, err := collect(t.Context(), s, unitsOnly)
	require.ErrorContains(t, err, "chmod 600")
	s.Password = ldap.SecretFunc(func(context.Context) (string, error) { return "", nil })
	requireFault(t, s, adsync.CodeUnauthenticated, "empty")
}
