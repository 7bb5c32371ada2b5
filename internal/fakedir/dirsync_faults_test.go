package fakedir_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

// rounds reads until the end or the first error: entries, whole rounds, code of
// the error (0 is none).
func rounds(c *ldap.Conn, s *fakedir.Server, flags int64, cookie []byte) (entries, whole int, code uint16) {
	for more := true; more; whole++ {
		list, next, goesOn, err := round(c, request(s.BaseDN(), "(objectClass=user)", "name"), flags, cookie)
		if e, ok := errors.AsType[*ldap.Error](err); ok {
			return entries, whole, e.ResultCode
		}
		if err != nil {
			return entries, whole, ldap.ErrorNetwork
		}
		entries, cookie, more = entries+len(list), next, goesOn
	}
	return entries, whole, 0
}

// TestFaultsOfDirSync is the list of switches and what a client sees of each,
// in a read of everything by rounds of 50 objects.
func TestFaultsOfDirSync(t *testing.T) {
	s := start(t, fakedir.Config{DirSyncRound: 50})
	entries, whole, code := rounds(bound(t, s), s, 0, nil)
	require.Zero(t, code)
	require.Greater(t, whole, 5)
	for _, x := range []struct {
		name    string
		turn    func() error
		rounds  int
		code    uint16
		entries int // -1 is not looked at
	}{
		{"the first round is refused", inject(s, fakedir.Fault{DirSync: true, Code: 52}), 0, 52, 0},
		{"busy in the third round", inject(s, fakedir.Fault{DirSync: true, Search: 3, Code: 51}), 2, 51, -1},
		{"a cookie is refused", inject(s, fakedir.Fault{DirSync: true, Continued: true, Code: 12}), 1, 12, -1},
		{"unwilling", inject(s, fakedir.Fault{DirSync: true, Continued: true, Code: 53}), 1, 53, -1},
		{"referral", inject(s, fakedir.Fault{DirSync: true, Search: 2, Code: 10}), 1, 10, -1},
		{"cut in mid-round", inject(s, fakedir.Fault{DirSync: true, Search: 3, After: 10, Cut: true}), 2, ldap.ErrorNetwork, -1},
		{"success without entries", func() error { s.Blind(); return nil }, whole, 0, 0},
		{"paged searches only", inject(s, fakedir.Fault{Paged: true, Code: 51}), whole, 0, entries},
	} {
		t.Run(x.name, func(t *testing.T) {
			require.NoError(t, x.turn())
			defer s.Heal()
			got, n, code := rounds(bound(t, s), s, 0, nil)
			require.Equal(t, x.code, code)
			require.Equal(t, x.rounds, n)
			if x.entries >= 0 {
				require.Equal(t, x.entries, got)
			}
		})
	}
}

func TestReferralNamesAServer(t *testing.T) {
	s := start(t, fakedir.Config{ReferralHost: "dc9.example.com"})
	s.Inject(fakedir.Fault{Code: ldap.LDAPResultReferral})
	_, err := bound(t, s).Search(request(s.PeopleDN(), "(objectClass=*)"))
	refused(t, err, ldap.LDAPResultReferral)
}

// TestRightsInDirSync shows what a withdrawn right does to both forms: without
// OBJECT_SECURITY the right to replicate is all that counts.
func TestRightsInDirSync(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	everybody, _, _ := rounds(c, s, 0, nil)
	restricted, _, _ := rounds(c, s, objectSecurity, nil)
	require.Equal(t, everybody, restricted)
	require.NoError(t, s.HideBelow(s.PeopleDN()))
	replicated, _, _ := rounds(c, s, 0, nil)
	require.Equal(t, everybody, replicated)
	restricted, _, _ = rounds(c, s, objectSecurity, nil)
	require.Equal(t, 2+2+3+2+1, restricted, "well-known, services, computers, out of scope; and krbtgt")
	s.Heal()

	s.HideAttributes("mail")
	for flags, want := range map[int64]bool{0: true, objectSecurity: false} {
		list, _, _, err := round(c, request(s.BaseDN(), "(objectClass=user)", "name", "mail"), flags, nil)
		require.NoError(t, err)
		shown := false
		for _, e := range list {
			shown = shown || len(e.GetAttributeValues("mail")) > 0
		}
		require.Equal(t, want, shown)
	}
}

func TestAttributesHiddenInOneUnit(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	sales, finance := "OU=Sales,"+s.PeopleDN(), "OU=Finance,"+s.PeopleDN()
	require.NoError(t, s.HideAttributesBelow(sales, "mail", "userAccountControl"))
	require.Error(t, s.HideAttributesBelow("OU=Nowhere,"+s.BaseDN(), "mail"))
	for _, e := range search(t, c, sales, "(objectClass=user)", "mail", "cn") {
		require.Empty(t, e.GetAttributeValues("mail"))
		require.NotEmpty(t, e.GetAttributeValues("cn"))
	}
	require.Empty(t, search(t, c, sales, "(mail=*)"))
	require.Empty(t, search(t, c, sales, "(&(objectClass=user)(!(userAccountControl=1)))"), "unknown is not false")
	require.NotEmpty(t, search(t, c, finance, "(mail=*)"))
	s.Heal()
	require.NotEmpty(t, search(t, c, sales, "(mail=*)"))
}

func TestSlowAnswersComeLate(t *testing.T) {
	s := start(t, fakedir.Config{DirSyncRound: 100})
	c := bound(t, s)
	s.SlowAnswers(20 * time.Millisecond)
	began := time.Now()
	_, n, _ := rounds(c, s, 0, nil)
	require.GreaterOrEqual(t, time.Since(began), time.Duration(n)*20*time.Millisecond)
}

func TestDirSyncSearchesAreNoted(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := follow(t, s)
	c.news("name")
	tombstones(t, c.conn, s.BaseDN(), "(cn=*)")
	seen := s.Searches()
	require.True(t, seen[0].DirSync)
	require.False(t, seen[0].Continued)
	require.True(t, seen[1].Continued)
	require.True(t, seen[2].Tombstones)
	require.False(t, seen[2].DirSync)
}

func TestDirSyncWithExtendedNames(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := follow(t, s)
	team, ada := "CN=Big flat group,OU=Groups,OU=Company,"+s.BaseDN(), "CN=Ada,"+s.PeopleDN()
	alter(t, s, func(d *fakedir.Changes) error {
		require.NoError(t, d.Add(ada, "contact", nil))
		return d.Link(team, "member", ada)
	})
	q := request(s.BaseDN(), "(objectClass=group)", "member")
	q.Controls = []ldap.Control{ldap.NewControlString("1.2.840.113556.1.4.529", true, "")}
	list, _, _, err := round(c.conn, q, incremental, c.cookie)
	require.NoError(t, err)
	require.Len(t, list, 1)
	value := list[0].GetAttributeValue("member;range=1-1")
	require.True(t, strings.HasPrefix(value, "<GUID=") && strings.HasSuffix(value, ">;"+ada), value)
}

// TestLargeGroupWithoutIncrementalValues comes in ranges that nobody asked for,
// as in every other search; with the flag only what changed comes.
func TestLargeGroupWithoutIncrementalValues(t *testing.T) {
	s := start(t, fakedir.Config{MaxValRange: 20})
	c := follow(t, s)
	team, ada := "CN=Big flat group,OU=Groups,OU=Company,"+s.BaseDN(), "CN=Ada,"+s.PeopleDN()
	alter(t, s, func(d *fakedir.Changes) error {
		require.NoError(t, d.Add(ada, "contact", nil))
		return d.Link(team, "member", ada)
	})
	for flags, want := range map[int64]map[string]int{0: {"member;range=0-19": 20, "member": 0}, incremental: {"member;range=1-1": 1}} {
		list, _, _, err := round(c.conn, request(s.BaseDN(), "(objectClass=group)", "member"), flags, c.cookie)
		require.NoError(t, err)
		require.Len(t, list, 1)
		for name, n := range want {
			require.Len(t, list[0].GetAttributeValues(name), n, name)
		}
	}
}
