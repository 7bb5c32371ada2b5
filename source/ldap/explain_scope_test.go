package ldap_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/internal/testserver"
)

func TestSlapdSaysWhatLeavesAnObjectOutAndWhereItWasSeen(t *testing.T) {
	server, s := slapd(t, testserver.People(20))
	s.BaseDNs = []string{"ou=People," + server.BaseDN}
	person := testserver.PersonAt(3)
	r := adsync.ReadRequest{Attributes: []string{"mail", "uid"}}
	in := sight(t, s, r, person.Mail)
	require.Equal(t, adsync.Present, in.Change.Presence, in.Left)
	require.Regexp(t, ` CSN \d{14}\.\d+Z#`, in.Change.Origin)

	r.Scope = &adsync.Scope{Filter: "(uid=somebody)", Units: []adsync.Unit{{DN: "ou=People," + server.BaseDN, Deselect: true}}}
	out := sight(t, s, r, person.UID)
	require.Equal(t, adsync.OutOfScope, out.Change.Presence)
	left := strings.Join(out.Left, "\n")
	require.Contains(t, left, "is deselected")
	require.Contains(t, left, "the job's filter does not match it: (uid=somebody)")
}

// What the account may not see is not there for it: it is left out, and nothing
// is made up.
func TestWhatTheAccountMayNotSeeIsNotFound(t *testing.T) {
	server, s := fake(t, fakedir.Config{People: 20})
	all := mustCollect(t, s, adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Attributes: []string{"sAMAccountName"}})
	someone := keys(all.objects)[0]
	r := adsync.ReadRequest{Only: []adsync.Anchor{someone}, Attributes: []string{"sAMAccountName"}}
	found, err := s.ExplainScope(t.Context(), r, "")
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Regexp(t, ` USN \d+$`, found[0].Change.Origin)
	require.Equal(t, found[0].Change.Origin, all.objects[someone].Origin, "a read says the same")

	r.Only = []adsync.Anchor{"00000000-0000-4000-8000-000000000000"}
	found, err = s.ExplainScope(t.Context(), r, "")
	require.NoError(t, err)
	require.Empty(t, found)
	server.Blind()
	r.Only = []adsync.Anchor{someone}
	found, err = s.ExplainScope(t.Context(), r, "")
	require.True(t, err != nil || len(found) == 0)
}
