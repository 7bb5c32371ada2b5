package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/testserver"
)

// Nobody has to say that it is OpenLDAP.
func TestOpenLDAPIsReadTwice(t *testing.T) {
	server := testserver.Slapd(t, testserver.People(300))
	dir, password := t.TempDir(), secretFile(t, server.Password)
	for name, url := range map[string]string{"LDAPS": server.URL, "StartTLS": server.LDAPURL} {
		flags := []string{"-dir", dir + name, "-url", url, "-bind", server.BindDN, "-password-file", password, "-ca", server.CAFile}
		first := synced(t, flags...)
		require.Greater(t, first.Counts.Create, 200, name)
		require.Positive(t, first.Counts.Members)
		second := synced(t, flags...)
		require.Zero(t, second.Counts.Writes())
		require.True(t, first.Sources[0].Snapshot)
		require.False(t, second.Sources[0].Snapshot, "only what changed is read")
	}
}
