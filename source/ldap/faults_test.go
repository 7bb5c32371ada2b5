package ldap_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

const unitPeople = "OU=People," + domain

// secondPage runs a fault at the second page of people.
func secondPage(fault *answer) func(*search) *answer {
	return func(q *search) *answer {
		if strings.Contains(q.filter, kindSigns["user"]) && q.cookie != "" {
			return fault
		}
		return nil
	}
}

func TestAFaultInMidReadIsNeverDone(t *testing.T) {
	some := users(3, "OU=Elsewhere,"+domain)
	for name, c := range map[string]struct {
		fault answer
		code  adsync.Code
		text  string
	}{
		"cut":                  {answer{entries: some, cut: true}, adsync.CodeUnavailable, "closed the connection"},
		"size limit":           {answer{entries: some, code: 4, said: "size limit"}, adsync.CodeIncomplete, "size limit"},
		"admin limit":          {answer{entries: some, code: 11}, adsync.CodeIncomplete, "limit"},
		"time limit":           {answer{entries: some, code: 3}, adsync.CodeIncomplete, "time limit"},
		"busy":                 {answer{code: 51, said: "busy"}, adsync.CodeUnavailable, "busy"},
		"unavailable":          {answer{code: 52, said: "going down"}, adsync.CodeUnavailable, "going down"},
		"cookie expired":       {answer{code: 53, said: "cookie"}, adsync.CodeIncomplete, "run again"},
		"referral":             {answer{code: 10, referTo: "ldap://other.example.com/"}, adsync.CodeIncomplete, "never followed"},
		"paging stops":         {answer{entries: some}, adsync.CodeIncomplete, "stopped paging"},
		"the same cookie":      {answer{paged: true, cookie: "10"}, adsync.CodeIncomplete, "circles"},
		"no longer authorised": {answer{code: 1, said: "000004DC: a successful bind must be completed on the connection"}, adsync.CodeUnauthenticated, "Bind"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScripted(t, users(25, unitPeople)...)
			s.hook = secondPage(&c.fault)
			src := s.source()
			src.PageSize = 10
			got, err := collect(t.Context(), src, adsync.ReadRequest{Attributes: []string{"cn"}})
			require.ErrorContains(t, err, c.text)
			require.Equal(t, c.code, adsync.CodeOf(err), err)
			require.False(t, got.done)
			require.Len(t, got.objects, 10, "what a broken page held does not count")
		})
	}
}

func TestAServerThatHangsIsLeftWhenTheContextEnds(t *testing.T) {
	s := newScripted(t, users(25, unitPeople)...)
	hanging := make(chan struct{})
	s.hook = func(q *search) *answer {
		if strings.Contains(q.filter, kindSigns["user"]) && q.cookie != "" {
			close(hanging)
			return &answer{hang: true}
		}
		return nil
	}
	src := s.source()
	src.PageSize = 10
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-hanging
		cancel()
	}()
	got, err := collect(ctx, src, adsync.ReadRequest{})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, adsync.ErrIncomplete)
	require.False(t, got.done)
}

func TestAServerThatHangsIsLeftAtTheDeadlineOfThePage(t *testing.T) {
	s := newScripted(t, users(25, unitPeople)...)
	s.hook = secondPage(&answer{hang: true})
	src := s.source()
	src.PageSize, src.PageTimeout = 10, 100*time.Millisecond
	_, err := collect(t.Context(), src, adsync.ReadRequest{})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	require.ErrorContains(t, err, "did not answer in time")
}

func TestAServerThatNeverAnswersAtAllIsLeft(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	for _, scheme := range []string{"ldap", "ldaps"} {
		src := &ldap.Source{URL: scheme + "://" + silent.Addr().String(), StartTLS: scheme == "ldap", Bind: "a", Password: text("b"), DialTimeout: 100 * time.Millisecond}
		_, err := collect(t.Context(), src, adsync.ReadRequest{})
		require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err), err)
		require.ErrorContains(t, err, "did not answer in time")
	}
}

func TestACancelledContextAsksNothing(t *testing.T) {
	s := newScripted(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := collect(ctx, s.source(), adsync.ReadRequest{})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, s.connections())
}

func TestLeavingTheLoopReleasesTheConnection(t *testing.T) {
	s := newScripted(t, users(25, unitPeople)...)
	src := s.source()
	src.PageSize = 10
	for _, err := range src.Read(t.Context(), adsync.ReadRequest{}) {
		require.NoError(t, err)
		break
	}
	require.LessOrEqual(t, len(s.seen(kindSigns["user"])), 2, "one page is read ahead, and no more")
	require.NoError(t, src.Close())
}

func TestCloseCutsAReadUnderWay(t *testing.T) {
	s := newScripted(t, users(25, unitPeople)...)
	src := s.source()
	src.PageSize = 10
	var last error
	for _, err := range src.Read(t.Context(), adsync.ReadRequest{}) {
		last = err
		require.NoError(t, src.Close())
	}
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(last), last)
}

func TestReferralsAreToleratedAndNeverFollowed(t *testing.T) {
	elsewhere, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	visited := make(chan struct{}, 100)
	go func() {
		for {
			c, err := elsewhere.Accept()
			if err != nil {
				return
			}
			visited <- struct{}{}
			c.Close()
		}
	}()
	s := newScripted(t, users(3, unitPeople)...)
	s.hook = func(q *search) *answer {
		if strings.Contains(q.filter, kindSigns["user"]) {
			a := s.find(q)
			a.refs = []string{"ldap://" + elsewhere.Addr().String() + "/CN=Configuration," + domain}
			return a
		}
		return nil
	}
	got := mustCollect(t, s.source(), adsync.ReadRequest{Attributes: []string{"cn"}})
	require.Equal(t, 3, got.kind(adsync.User))

	s.hook = func(q *search) *answer {
		if q.base == domain {
			return &answer{code: 10, referTo: "ldap://" + elsewhere.Addr().String() + "/" + domain}
		}
		return nil
	}
	_, err = collect(t.Context(), s.source(), adsync.ReadRequest{})
	require.ErrorIs(t, err, adsync.ErrIncomplete)
	require.NoError(t, elsewhere.Close())
	require.Empty(t, visited, "the host of a referral was contacted")
}

func TestAPageThatIsTooLargeIsAnError(t *testing.T) {
	s := newScripted(t, object{"user", "CN=Large," + domain, map[string][]string{"description": {strings.Repeat("x", 100_000)}}})
	src := s.source()
	src.MaxPageBytes = 50_000
	_, err := collect(t.Context(), src, adsync.ReadRequest{Attributes: []string{"description"}})
	require.ErrorIs(t, err, adsync.ErrIncomplete)
	require.ErrorContains(t, err, "MaxPageBytes")
}

func TestARefusedStartTLSIsAnErrorAndNothingGoesInClear(t *testing.T) {
	s := newScripted(t)
	s.refuseTLS = goldap.LDAPResultProtocolError
	_, err := collect(t.Context(), s.source(), adsync.ReadRequest{})
	require.ErrorContains(t, err, "refused StartTLS")
	require.Equal(t, adsync.CodeUnauthenticated, adsync.CodeOf(err))
	require.Empty(t, s.bound())
}

func TestOldTLSIsRefused(t *testing.T) {
	s := newScripted(t)
	s.tls.MaxVersion = 0x0302
	s.tls.MinVersion = 0x0302
	_, err := collect(t.Context(), s.source(), adsync.ReadRequest{})
	require.ErrorContains(t, err, "TLS")
	require.Empty(t, s.bound())
}

func TestThePasswordGoesInClearOnlyWhenAllowed(t *testing.T) {
	s := newScripted(t, users(1, unitPeople)...)
	src := s.source()
	src.StartTLS = false
	_, err := collect(t.Context(), src, adsync.ReadRequest{})
	require.ErrorContains(t, err, "in clear")
	require.Zero(t, s.connections(), "loopback is no exception")
	src.AllowInsecure = true
	mustCollect(t, src, adsync.ReadRequest{})
	require.Equal(t, []string{"sync@corp.example.com correct"}, s.bound())
}

func TestBindErrorsSayWhatToDo(t *testing.T) {
	const windows = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data %s, v4563\x00"
	for data, advice := range map[string]string{
		"52e": "password is wrong", "525": "does not know this name", "530": "hour", "531": "workstations", "532": "password has expired",
		"533": "disabled", "701": "account has expired", "773": "must change", "775": "locked",
	} {
		requireBindError(t, 49, fmt.Sprintf(windows, data), advice)
	}
	requireBindError(t, 49, "80090346: LdapErr: DSID-0C090597, comment: AcceptSecurityContext error, data 80090346, v4563", "channel binding")
	requireBindError(t, 8, "00002028: LdapErr: DSID-0C09028A, comment: The server requires binds to turn on integrity checking", "ldaps://")
	requireBindError(t, 49, "", "name or the password")
}

func requireBindError(t *testing.T, code uint16, said, advice string) {
	t.Helper()
	s := newScripted(t)
	s.bind = func(string, string) (uint16, string) { return code, said }
	_, err := collect(t.Context(), s.source(), adsync.ReadRequest{})
	require.ErrorContains(t, err, advice)
	require.Equal(t, adsync.CodeUnauthenticated, adsync.CodeOf(err))
	require.NotContains(t, err.Error(), "correct")
	require.NotContains(t, err.Error(), "\x00")
	require.Len(t, s.bound(), 1, "a refused password is not tried again")
}

func TestOnlyAServerThatDoesNotAnswerSendsTheReadToTheNext(t *testing.T) {
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	dead.Close()
	s := newScripted(t, users(2, unitPeople)...)
	src := s.source()
	src.Alternates = []string{src.URL}
	src.URL = "ldap://" + dead.Addr().String()
	require.Equal(t, 2, func() int { got := mustCollect(t, src, adsync.ReadRequest{}); return got.kind(adsync.User) }())

	src = s.source()
	src.Alternates = []string{src.URL}
	s.bind = func(string, string) (uint16, string) { return 49, "data 52e" }
	before := len(s.bound())
	_, err = collect(t.Context(), src, adsync.ReadRequest{})
	require.Error(t, err)
	require.Len(t, s.bound(), before+1, "a second try could lock the account")
}

func TestAMissingBaseEndsTheReadAndNamesIt(t *testing.T) {
	s := newScripted(t, users(2, unitPeople)...)
	src := s.source()
	src.BaseDNs = []string{domain, "OU=Renamed,DC=other,DC=example,DC=com"}
	got, err := collect(t.Context(), src, adsync.ReadRequest{})
	require.ErrorIs(t, err, adsync.ErrIncomplete)
	require.ErrorContains(t, err, "OU=Renamed")
	coded, _ := errors.AsType[*adsync.Error](err)
	require.Equal(t, "base-not-found", coded.Problem)
	require.Empty(t, got.objects)
}
