package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
)

// own is a directory of one's own: one that the test started.
type own struct {
	*fakedir.Server
	password, ca string // files
}

func startOwn(t *testing.T) own {
	t.Helper()
	server, err := fakedir.Start(fakedir.Config{People: 40})
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	ca, err := server.WriteCA(t.TempDir())
	require.NoError(t, err)
	return own{server, secretFile(t, server.Password()+"\n"), ca}
}

func secretFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// flags are those of a run that works; more flags at the end win.
func (o own) flags(dir string, more ...string) []string {
	return append([]string{"-dir", dir, "-url", o.URL(), "-bind", o.BindUPN(), "-password-file", o.password, "-ca", o.ca}, more...)
}

// temporary does something with n people who come and go.
func (o own) temporary(t *testing.T, n int, do func(c *fakedir.Changes, dn, logon string) error) {
	t.Helper()
	require.NoError(t, o.Change(func(c *fakedir.Changes) error {
		var errs []error
		for i := range n {
			logon := fmt.Sprintf("temp%d", i)
			errs = append(errs, do(c, "CN="+logon+","+o.PeopleDN(), logon))
		}
		return errors.Join(errs...)
	}))
}

func TestADirectoryOfOnesOwnIsReadTwice(t *testing.T) {
	o := startOwn(t)
	for name, more := range map[string][]string{
		"by user principal name":   nil,
		"by DN":                    {"-bind", o.BindDN()},
		"by domain and name":       {"-bind", o.BindDomainUser()},
		"with StartTLS":            {"-url", o.LDAPURL()},
		"below one base":           {"-base", o.PeopleDN()},
		"below two bases, at once": {"-base", o.PeopleDN(), "-base", "OU=Contacts,OU=Company," + o.BaseDN(), "-once"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			first := synced(t, o.flags(dir, more...)...)
			require.Greater(t, first.Counts.Create, 25)
			second := synced(t, o.flags(dir, more...)...)
			require.Zero(t, second.Counts.Writes())
			require.False(t, second.Sources[0].Snapshot, "only what changed is read")
		})
	}
}

func TestWhatIsWrongWithOnesOwnDirectoryIsSaid(t *testing.T) {
	o, other := startOwn(t), startOwn(t)
	for _, c := range []struct {
		name string
		more []string
		code int
		says string
	}{
		{"wrong password", []string{"-password-file", secretFile(t, "wrong")}, 64, "the password is wrong"},
		{"unknown account", []string{"-bind", "nobody@corp.example.com"}, 64, "does not know this name"},
		{"no password file", []string{"-password-file", "missing"}, 64, "missing"},
		{"empty password file", []string{"-password-file", secretFile(t, "")}, 64, "is empty"},
		{"certificate of another authority", []string{"-ca", other.ca}, 64, "set -ca to the certificate of the authority"},
		{"no such certificate file", []string{"-ca", "missing.pem"}, 64, "-ca cannot be read"},
		{"nobody listens", []string{"-url", "ldaps://127.0.0.1:1"}, 5, "see that the server runs"},
		{"unknown host", []string{"-url", "ldaps://dc1.invalid"}, 5, "check -url and the name servers"},
		{"no such base", []string{"-base", "OU=Nowhere," + o.BaseDN()}, 64, "OU=Nowhere,DC=corp,DC=example,DC=com cannot be read"},
		{"no DN", []string{"-base", "Nowhere"}, 64, "-base: \"Nowhere\" is no distinguished name"},
		{"no scheme", []string{"-url", "dc1.example.com"}, 64, "must start with ldaps://"},
		{"no account", []string{"-bind", ""}, 64, "-url needs -bind and -password-file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ran := quickstart(t, o.flags(t.TempDir(), c.more...)...).exits(c.code)
			require.Regexp(t, c.says, ran.err)
			require.NotContains(t, ran.err+ran.out, o.Password())
		})
	}
}

func TestAPasswordFileThatOthersCanReadIsRefused(t *testing.T) {
	o := startOwn(t)
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644} {
		require.NoError(t, os.Chmod(o.password, mode))
		ran := quickstart(t, o.flags(t.TempDir())...).exits(64)
		require.Contains(t, ran.err, "run chmod 600 on it")
		require.NotContains(t, ran.err, o.Password())
	}
}

func TestASlipInTheFirstRunDoesNotBindTheFolder(t *testing.T) {
	o, dir := startOwn(t), t.TempDir()
	quickstart(t, o.flags(dir, "-url", "ldaps://127.0.0.1:1")...).exits(5)
	quickstart(t, o.flags(dir, "-base", "OU=Nowhere,"+o.BaseDN())...).exits(64)
	synced(t, o.flags(dir)...)
}

func TestAnUnreachableDirectoryHasAReport(t *testing.T) {
	o := startOwn(t)
	ran := quickstart(t, o.flags(t.TempDir(), "-url", "ldaps://127.0.0.1:1", "-json")...).exits(5)
	require.Equal(t, adsync.OutcomeUnreachable, ran.report().Outcome)
}

func TestAMassOfLeaversIsRefused(t *testing.T) {
	o, dir := startOwn(t), t.TempDir()
	o.temporary(t, 11, func(c *fakedir.Changes, dn, logon string) error {
		return c.Add(dn, "user", map[string][]string{
			"givenName": {"Tem"}, "sn": {"Porary"}, "sAMAccountName": {logon},
			"userPrincipalName": {logon + "@corp.example.com"}, "mail": {logon + "@corp.example.com"},
		})
	})
	synced(t, o.flags(dir)...)
	o.temporary(t, 11, func(c *fakedir.Changes, dn, _ string) error { return c.Remove(dn) })
	before := accounts(t, dir)
	for _, flag := range []string{"-plan", "-once"} {
		report := quickstart(t, o.flags(dir, flag, "-json")...).exits(7).report()
		require.Equal(t, adsync.OutcomeRefused, report.Outcome)
		require.Equal(t, 11, report.Counts.Deactivate)
	}
	require.Equal(t, before, accounts(t, dir))
	require.Contains(t, quickstart(t, o.flags(dir)...).exits(7).out, "RESULT refused: the guard stopped the plan; nothing was written.")
}

func TestALostRightIsNotTakenForLeaving(t *testing.T) {
	for outcome, more := range map[adsync.RunOutcome][]string{
		adsync.OutcomeRefused: {}, // the base still shows something: the next run reads it all, and the guard counts
		adsync.OutcomeUnsure:  {"-base", "OU=People,OU=Company,DC=corp,DC=example,DC=com"},
	} {
		o, dir := startOwn(t), t.TempDir()
		synced(t, o.flags(dir, more...)...)
		before := accounts(t, dir)
		require.NoError(t, o.HideBelow(o.PeopleDN()))
		report := quickstart(t, o.flags(dir, append(more, "-json")...)...).exits(7).report()
		require.Equal(t, adsync.OutcomeUnsure, report.Outcome, "%+v", report.Findings)
		require.Equal(t, before, accounts(t, dir))
		require.Contains(t, quickstart(t, o.flags(dir, more...)...).exits(7).out, "RESULT "+string(outcome))
	}
}
