package fakedir_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

// pagedRead reads everybody page by page and tells what a client gets: how many
// entries before the end, and how it ended.
func pagedRead(c *ldap.Conn, s *fakedir.Server, size uint32, attrs ...string) ([]*ldap.Entry, error) {
	paging := ldap.NewControlPaging(size)
	var out []*ldap.Entry
	for {
		q := request(s.PeopleDN(), "(objectClass=user)", attrs...)
		q.Controls = []ldap.Control{paging}
		r, err := c.Search(q)
		if r != nil {
			out = append(out, r.Entries...)
		}
		if err != nil {
			return out, err
		}
		answer, ok := ldap.FindControl(r.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok || len(answer.Cookie) == 0 {
			return out, nil
		}
		paging.SetCookie(answer.Cookie)
	}
}

const everybody = 198 // of 200 two are out of scope

// TestFaultSwitches is the list of switches and what a client sees of each, in
// a read of 198 people by pages of 50.
func TestFaultSwitches(t *testing.T) {
	s := start(t, fakedir.Config{})
	type seen struct {
		entries int
		code    int // of the error; -1 is a clean end
	}
	for _, c := range []struct {
		name string
		turn func() error
		want seen
	}{
		{"nothing", func() error { return nil }, seen{everybody, -1}},
		{"busy at once", inject(s, fakedir.Fault{Code: ldap.LDAPResultBusy}), seen{0, ldap.LDAPResultBusy}},
		{"unavailable on the third page", inject(s, fakedir.Fault{Search: 3, Code: ldap.LDAPResultUnavailable}), seen{100, ldap.LDAPResultUnavailable}},
		{"busy in mid-page", inject(s, fakedir.Fault{Search: 2, After: 10, Code: ldap.LDAPResultBusy}), seen{60, ldap.LDAPResultBusy}},
		{"size limit with a part", inject(s, fakedir.Fault{After: 40, Code: ldap.LDAPResultSizeLimitExceeded}), seen{40, ldap.LDAPResultSizeLimitExceeded}},
		{"administrative limit with a part", inject(s, fakedir.Fault{After: 40, Code: ldap.LDAPResultAdminLimitExceeded}), seen{40, ldap.LDAPResultAdminLimitExceeded}},
		{"cut in mid-page", inject(s, fakedir.Fault{Search: 2, After: 7, Cut: true}), seen{57, ldap.ErrorNetwork}},
		{"cut between pages", func() error { s.DropConnections(); return nil }, seen{0, ldap.ErrorNetwork}},
		{"success that ends too early", inject(s, fakedir.Fault{Search: 2, After: 5}), seen{55, -1}},
		{"success without entries", func() error { s.Blind(); return nil }, seen{0, -1}},
		{"a base nobody may look into", func() error { return s.HideBelow(s.PeopleDN()) }, seen{0, -1}},
		{"a unit nobody may read", func() error { return s.HideBelow("OU=Sales," + s.PeopleDN()) }, seen{everybody - 24, -1}},
		{"the base has gone", func() error { return s.Vanish(s.PeopleDN()) }, seen{0, ldap.LDAPResultNoSuchObject}},
		{"a unit has gone", func() error { return s.Vanish("OU=Sales," + s.PeopleDN()) }, seen{everybody - 24, -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := bound(t, s)
			require.NoError(t, c.turn())
			entries, err := pagedRead(conn, s, 50, "cn")
			got := seen{len(entries), -1}
			if err != nil {
				got.code = ldap.ErrorNetwork // go-ldap gives a cut connection no code
			}
			if e, ok := errors.AsType[*ldap.Error](err); ok {
				got.code = int(e.ResultCode)
			}
			require.Equal(t, c.want, got)
			s.Heal()
			entries, err = pagedRead(bound(t, s), s, 50, "cn")
			require.NoError(t, err)
			require.Len(t, entries, everybody, "healed")
		})
	}
}

func inject(s *fakedir.Server, f fakedir.Fault) func() error {
	return func() error { s.Inject(f); return nil }
}

func TestFaultCountsOnlyWhatItIsToldTo(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	s.Inject(fakedir.Fault{Paged: true, Times: 2, Code: ldap.LDAPResultBusy})
	read(t, c, "")
	read(t, c, s.PeopleDN())
	for range 2 {
		_, err := pagedRead(c, s, 50, "cn")
		refused(t, err, ldap.LDAPResultBusy)
	}
	_, err := pagedRead(c, s, 50, "cn")
	require.NoError(t, err)
	s.Inject(fakedir.Fault{Times: -1, Code: ldap.LDAPResultBusy})
	for range 5 {
		_, err := pagedRead(c, s, 50, "cn")
		refused(t, err, ldap.LDAPResultBusy)
	}
}

func TestHiddenAttributeIsMissingEverywhere(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	s.HideAttributes("userAccountControl", "mail")
	for _, attrs := range [][]string{{"*"}, {"userAccountControl", "mail", "cn"}} {
		entries, err := pagedRead(c, s, 50, attrs...)
		require.NoError(t, err)
		require.Len(t, entries, everybody, "everybody is still there")
		for _, e := range entries {
			require.NotContains(t, names(e), "userAccountControl")
			require.NotContains(t, names(e), "mail")
			require.Contains(t, names(e), "cn")
		}
	}
	require.Empty(t, search(t, c, s.PeopleDN(), "(userAccountControl=512)"))
	require.Empty(t, search(t, c, s.PeopleDN(), "(!(userAccountControl=512))"), "unknown is not false")
	s.Heal()
	require.NotEmpty(t, search(t, c, s.PeopleDN(), "(userAccountControl=512)"))
}

func TestHiddenContentsLeaveTheBaseReadable(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	require.NoError(t, s.HideBelow(s.PeopleDN()))
	require.Equal(t, s.PeopleDN(), read(t, c, s.PeopleDN(), "ou").DN)
	require.Len(t, search(t, c, s.PeopleDN(), "(objectClass=*)"), 1)
	require.Error(t, s.HideBelow("OU=Nowhere,"+s.BaseDN()))
	require.Error(t, s.Vanish("OU=Nowhere,"+s.BaseDN()))
}

func TestHangingAnswerEndsWithTheClientsPatience(t *testing.T) {
	s := start(t, fakedir.Config{})
	s.Inject(fakedir.Fault{After: 3, Hang: true})
	c := bound(t, s)
	c.SetTimeout(50 * time.Millisecond)
	_, err := c.Search(request(s.PeopleDN(), "(objectClass=user)", "cn"))
	refused(t, err, ldap.ErrorNetwork)
	require.NoError(t, c.Close())

	s.Inject(fakedir.Fault{After: 3, Hang: true})
	c = bound(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	r := c.SearchAsync(ctx, request(s.PeopleDN(), "(objectClass=user)", "cn"), 10)
	require.True(t, r.Next())
	cancel()
	require.Len(t, search(t, c, s.BaseDN(), "(cn=svc-sync)"), 1, "an abandoned search leaves the connection usable")
}

func TestHealReleasesAHangingAnswer(t *testing.T) {
	s := start(t, fakedir.Config{})
	s.Inject(fakedir.Fault{After: 1, Hang: true})
	r := bound(t, s).SearchAsync(t.Context(), request(s.PeopleDN(), "(objectClass=user)", "cn"), 1)
	require.True(t, r.Next(), "what came before the silence")
	s.Heal()
	require.False(t, r.Next())
	require.Error(t, r.Err(), "the connection is closed")
}

func TestCloseEndsAHangingAnswer(t *testing.T) {
	s, err := fakedir.Start(fakedir.Config{})
	require.NoError(t, err)
	s.Inject(fakedir.Fault{After: 1, Hang: true})
	r := bound(t, s).SearchAsync(t.Context(), request(s.PeopleDN(), "(objectClass=user)", "cn"), 1)
	require.True(t, r.Next())
	require.NoError(t, s.Close())
	require.False(t, r.Next())
	require.NoError(t, s.Close(), "twice is fine")
}

func TestSlowAnswerTakesItsTime(t *testing.T) {
	s := start(t, fakedir.Config{})
	c := bound(t, s)
	s.Slow(2 * time.Millisecond)
	began := time.Now()
	require.Len(t, search(t, c, s.PeopleDN(), "(employeeID=E00001*)", "cn"), 10)
	require.GreaterOrEqual(t, time.Since(began), 20*time.Millisecond)
}

func TestSearchesAreNoted(t *testing.T) {
	s := start(t, fakedir.Config{})
	_, err := pagedRead(bound(t, s), s, 100, "cn", "mail")
	require.NoError(t, err)
	want := fakedir.SearchSeen{Base: s.PeopleDN(), Scope: 2, Attributes: []string{"cn", "mail"}, Paged: true}
	next := want
	next.Continued = true
	require.Equal(t, []fakedir.SearchSeen{want, next}, s.Searches())
}

func TestChangesWhileClientsRead(t *testing.T) {
	s := start(t, fakedir.Config{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 40 {
			s.Advance()
			s.HideAttributes("mail")
			_ = s.HideBelow("OU=Sales," + s.PeopleDN())
			s.Heal()
		}
	}()
	c := bound(t, s)
	for reading := true; reading; {
		_, err := pagedRead(c, s, 20)
		require.NoError(t, err)
		select {
		case <-done:
			reading = false
		default:
		}
	}
}

// Red when the refusal is not asked for before the password.
func TestARefusedBindIsToldAsPlanned(t *testing.T) {
	server, err := fakedir.Start(fakedir.Config{People: 1})
	require.NoError(t, err)
	defer server.Close()
	bind := func() error {
		conn, err := ldap.DialURL(server.URL(), ldap.DialWithTLSConfig(server.ClientTLS()))
		require.NoError(t, err)
		defer conn.Close()
		return conn.Bind(server.BindUPN(), server.Password())
	}
	require.NoError(t, bind())
	server.RefuseBinds(ldap.LDAPResultInvalidCredentials, "80090346: made up")
	require.ErrorContains(t, bind(), "80090346")
	server.Heal()
	require.NoError(t, bind())
}
