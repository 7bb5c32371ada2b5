package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/testserver"
)

func TestSambaIsReadTwice(t *testing.T) {
	ad := testserver.Samba(t)
	flags := func(dir, bind, password string) []string {
		return []string{
			"-dir", dir, "-url", ad.URL, "-bind", bind, "-password-file", secretFile(t, password), "-ca", ad.CAFile,
			"-base", "OU=Company," + ad.BaseDN,
		}
	}
	for name, bind := range map[string]string{"UPN": ad.PlainUser, "DOMAIN\\name": ad.NetBIOSDomain + `\svc-plain`} {
		dir := t.TempDir()
		first := synced(t, flags(dir, bind, ad.PlainPassword)...)
		require.Greater(t, first.Counts.Create, ad.Users*8/10, name)
		require.Greater(t, largestGroup(t, dir), ad.Users*8/10)
		second := synced(t, flags(dir, bind, ad.PlainPassword)...)
		require.Zero(t, second.Counts.Writes())
		require.False(t, second.Sources[0].Snapshot, "only what changed is read")
	}
	require.Contains(t, quickstart(t, flags(t.TempDir(), ad.PlainUser, "wrong")...).exits(64).err, "the password is wrong")
}
