package ldap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

// P21: every object still comes, with success, and an attribute is gone from all.
func TestALostRightShowsInTheWitness(t *testing.T) {
	server, s := fake(t, fakedir.Config{})
	r := adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Attributes: []string{"cn", "accountEnabled"}}
	before := mustCollect(t, s, r)
	server.HideAttributes("userAccountControl")
	after := mustCollect(t, s, r)
	require.Len(t, after.objects, len(before.objects))
	require.Positive(t, before.witness.Attributes["accountEnabled"])
	require.Zero(t, after.witness.Attributes["accountEnabled"])
	for _, c := range after.objects {
		require.False(t, c.Object.Attrs.Has("accountEnabled"))
	}
	require.ErrorContains(t, s.Check(t.Context()), "userAccountControl")
	server.HideAttributes("objectGUID")
	_, err := collect(t.Context(), s, r)
	require.ErrorIs(t, err, adsync.ErrIncomplete)
}

// P1: an account that lost its rights sees an empty directory, with success.
func TestABlindAccountIsFoundOutOrLeavesAnEmptyWitness(t *testing.T) {
	server, s := fake(t, fakedir.Config{})
	require.NoError(t, s.Check(t.Context()))
	server.Blind()
	require.Error(t, s.Check(t.Context()))
	got, err := collect(t.Context(), s, adsync.ReadRequest{Attributes: []string{"cn"}})
	if err == nil {
		require.Zero(t, got.witness.Bases[0].Objects)
		require.Empty(t, got.witness.Canaries)
		return
	}
	require.ErrorIs(t, err, adsync.ErrIncomplete)
}

func TestLargeGroupsComeWhole(t *testing.T) {
	server, s := fake(t, fakedir.Config{People: 4000})
	s.BaseDNs = []string{"OU=Company," + server.BaseDN()}
	got := mustCollect(t, s, adsync.ReadRequest{Attributes: []string{"cn", "sAMAccountName"}})
	most := 0
	for _, members := range got.members {
		most = max(most, len(members))
		require.Len(t, unique(members), len(members))
	}
	require.Greater(t, most, 1500)
}

func unique(list []adsync.Anchor) map[adsync.Anchor]bool {
	set := map[adsync.Anchor]bool{}
	for _, a := range list {
		set[a] = true
	}
	return set
}

// What keeps a read from beginning says which field to correct.
func TestWhatIsWrongWithTheServerOrTheAccountNamesTheField(t *testing.T) {
	_, other := fake(t, fakedir.Config{})
	for name, c := range map[string]struct {
		wrong func(*ldap.Source)
		code  adsync.Code
		text  string
	}{
		"nobody listens": {func(s *ldap.Source) { s.URL = "ldaps://127.0.0.1:1" }, adsync.CodeUnavailable, "127.0.0.1:1"},
		"authority":      {func(s *ldap.Source) { s.CAFile = other.CAFile }, adsync.CodeUnauthenticated, "CAFile"},
		"name":           {func(s *ldap.Source) { s.ServerName = "dc9.other.example.net" }, adsync.CodeUnauthenticated, "ServerName"},
		"password":       {func(s *ldap.Source) { s.Password = text("wrong") }, adsync.CodeUnauthenticated, "password is wrong"},
		"base":           {func(s *ldap.Source) { s.BaseDNs = []string{"OU=Nowhere,DC=corp,DC=example,DC=com"} }, adsync.CodeIncomplete, "OU=Nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			_, s := fake(t, fakedir.Config{People: 20})
			c.wrong(s)
			requireFault(t, s, c.code, c.text)
		})
	}
}
