package ldap_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
	"github.com/adsync/sdk/source/ldap"
)

const (
	dc1 = "dc1.corp.example.com"
	dc2 = "dc2.corp.example.com"
	dc3 = "dc3.corp.example.com"
)

func without(t testing.TB, name string) {
	t.Helper()
	restore, err := protection.Remove(name)
	require.NoError(t, err)
	t.Cleanup(restore)
}

// The certificate must bear the name of the controller that answers.
//
// Red when tlsConfig is given the host of URL, or no name but the domain.
func TestEachControllerIsKnownByItsOwnName(t *testing.T) {
	f := newForest(t)
	second := f.controller(dc2, users(3, unitPeople)...)
	src := f.source(f.dead(dc1), second.url(dc2))
	got := mustCollect(t, src, adsync.ReadRequest{})
	require.Equal(t, 3, got.kind(adsync.User))
	require.Contains(t, got.method.Why[0], "not read from "+dc1)

	second.tls = f.certify(dc1)
	before := len(second.bound())
	_, err := collect(t.Context(), f.source(f.dead(dc1), second.url(dc2)), adsync.ReadRequest{})
	require.Equal(t, adsync.CodeUnauthenticated, adsync.CodeOf(err), err)
	require.ErrorContains(t, err, dc2)
	require.Len(t, second.bound(), before, "the password went to a host that could not show who it is")
}

// Red when the protection refused-credentials is removed, as the second half does.
func TestRefusedCredentialsGoToNoOtherController(t *testing.T) {
	binds := func(t *testing.T) (first, second int) {
		f := newForest(t)
		a, b := f.controller(dc1), f.controller(dc2)
		a.bind = func(string, string) (uint16, string) { return 49, "data 52e" }
		b.bind = a.bind
		_, err := collect(t.Context(), f.source(a.url(dc1), b.url(dc2)), adsync.ReadRequest{})
		require.Error(t, err)
		return len(a.bound()), len(b.bound())
	}
	first, second := binds(t)
	require.Equal(t, [2]int{1, 0}, [2]int{first, second}, "a second try could lock the account")
	without(t, "refused-credentials")
	ldap.PauseFor(t, time.Millisecond)
	_, second = binds(t)
	require.NotZero(t, second)
}

// Controllers hold the same only after a while, so reads keep to the one that
// answered last: in one process, and over runs by the source's note.
//
// Red when the protection sticky-controller is removed, as the last part does.
func TestReadsKeepToTheControllerThatAnsweredLast(t *testing.T) {
	for name, c := range map[string]struct {
		removed bool
		again   int // reads at the first controller once it is back
	}{"in place": {false, 0}, "removed": {true, 1}} {
		t.Run(name, func(t *testing.T) {
			if c.removed {
				without(t, "sticky-controller")
			}
			f := newForest(t)
			a, b := f.controller(dc1, users(1, unitPeople)...), f.controller(dc2, users(1, unitPeople)...)
			kept := notes{}
			read := func(src *ldap.Source) { mustCollect(t, src, adsync.ReadRequest{Notes: kept}) }
			src := f.source(a.url(dc1), b.url(dc2))
			read(src)
			require.Equal(t, [2]int{1, 0}, [2]int{a.reads(), b.reads()})
			up := a.down()
			read(src)
			require.Equal(t, [2]int{0, 1}, [2]int{a.reads(), b.reads()})
			up()
			read(f.source(a.url(dc1), b.url(dc2))) // another process, with the same state
			require.Equal(t, [2]int{c.again, 1 - c.again}, [2]int{a.reads(), b.reads()})
			if !c.removed {
				mustCollect(t, src, adsync.ReadRequest{})
				require.Equal(t, [2]int{0, 1}, [2]int{a.reads(), b.reads()}, "the process remembers too")
			}
		})
	}
}

// A name may stand for several machines, in an order that changes with every
// question.
//
// Red when addresses does not put the last address first.
func TestReadsKeepToOneAddressOfAName(t *testing.T) {
	f := newForest(t)
	a := f.controller(dc1, users(1, unitPeople)...)
	b := f.twin(a)
	src := f.source(a.url(dc1))
	for i := range 6 {
		f.names.mu.Lock()
		f.names.hosts[dc1] = [][]string{{"127.0.0.1", "127.0.0.2"}, {"127.0.0.2", "127.0.0.1"}}[min(i, 1)]
		f.names.mu.Unlock()
		mustCollect(t, src, adsync.ReadRequest{})
	}
	require.Zero(t, b.connections())
	require.GreaterOrEqual(t, a.connections(), 6)

	a.listener.Close() // and when that one is gone, the other
	mustCollect(t, src, adsync.ReadRequest{})
	require.NotZero(t, b.connections())
}

// A read needs a second connection for some of its searches.
//
// Red when second resolves the name anew.
func TestASecondConnectionGoesToTheSameMachineOrNowhere(t *testing.T) {
	f := newForest(t)
	group := object{"group", "CN=G," + domain, map[string][]string{"primaryGroupToken": {"513"}, "cn": {"G"}}}
	a := f.controller(dc1, append(users(1, unitPeople), group)...)
	b := f.twin(a)
	f.names.hosts[dc1] = []string{"127.0.0.1", "127.0.0.2"}
	a.hook = func(q *search) *answer {
		if strings.Contains(q.filter, kindSigns["user"]) && !primaryID.MatchString(q.filter) {
			a.listener.Close()
		}
		return nil
	}
	_, err := collect(t.Context(), f.source(a.url(dc1)), adsync.ReadRequest{})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err), err)
	require.Zero(t, b.connections())
}

func TestALostConnectionEndsTheReadAndTheNextOneGoesElsewhere(t *testing.T) {
	f := newForest(t)
	a, b := f.controller(dc1, users(25, unitPeople)...), f.controller(dc2, users(25, unitPeople)...)
	src := f.source(a.url(dc1), b.url(dc2))
	src.PageSize = 10
	a.hook = func(q *search) *answer {
		if strings.Contains(q.filter, kindSigns["user"]) && q.cookie != "" {
			a.listener.Close()
			return &answer{cut: true}
		}
		return nil
	}
	_, err := collect(t.Context(), src, adsync.ReadRequest{})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	require.Zero(t, b.connections(), "a read never changes the controller")
	got := mustCollect(t, src, adsync.ReadRequest{})
	require.Equal(t, 25, got.kind(adsync.User))
	require.NotZero(t, b.reads())
}

// A controller that answers, and cannot serve, is as one that does not answer.
func TestAControllerThatFailsBeforeTheFirstPageSendsTheReadToTheNext(t *testing.T) {
	for name, fault := range map[string]*answer{"busy": {code: 51}, "going down": {code: 52}, "cut": {cut: true}} {
		t.Run(name, func(t *testing.T) {
			f := newForest(t)
			a, b := f.controller(dc1), f.controller(dc2, users(2, unitPeople)...)
			a.hook = func(*search) *answer { return fault }
			src := f.source(a.url(dc1), b.url(dc2))
			got := mustCollect(t, src, adsync.ReadRequest{})
			require.Equal(t, 2, got.kind(adsync.User))
			require.Contains(t, got.witness.Server, dc2)
			require.Zero(t, ldap.Connections(src))
		})
	}
}

func TestAControllerThatIsStartingIsWaitedFor(t *testing.T) {
	ldap.PauseFor(t, time.Millisecond)
	f := newForest(t)
	a := f.controller(dc1, users(2, unitPeople)...)
	tries := 0
	a.bind = func(string, string) (uint16, string) {
		if tries++; tries < 3 {
			return 52, "starting"
		}
		return 0, ""
	}
	mustCollect(t, f.source(a.url(dc1)), adsync.ReadRequest{})
	tries = -10
	_, err := collect(t.Context(), f.source(a.url(dc1)), adsync.ReadRequest{})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	require.Equal(t, -7, tries, "three rounds and no more")
}

func TestTheErrorSaysWhatWasTriedInWhichOrderAndWhy(t *testing.T) {
	ldap.PauseFor(t, time.Millisecond)
	f := newForest(t)
	busy := f.controller(dc2)
	busy.bind = func(string, string) (uint16, string) { return 51, "too busy" }
	_, err := collect(t.Context(), f.source(f.dead(dc1), busy.url(dc2), "ldap://"+dc3), adsync.ReadRequest{})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	text := err.Error()
	for _, part := range []string{"1. " + dc1, "refused", "2. " + dc2, "too busy", "3. " + dc3, "cannot be resolved", "the next run goes on"} {
		require.Contains(t, text, part)
		text = text[strings.Index(text, part):]
	}
	require.NotContains(t, err.Error(), "correct", "no password")
}

func TestAReadEndsAtItsDeadlineHoweverMuchTheServerGives(t *testing.T) {
	s := newScripted(t, users(3, unitPeople)...)
	page := 0
	s.hook = func(q *search) *answer {
		if strings.Contains(q.filter, kindSigns["user"]) {
			page++
			return &answer{entries: users(page+1, unitPeople)[page:], paged: true, cookie: strings.Repeat("x", page%100+1)}
		}
		return nil
	}
	src := s.source()
	src.ReadTimeout = 300 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got, err := collect(ctx, src, adsync.ReadRequest{})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err), err)
	require.ErrorContains(t, err, "ReadTimeout")
	require.False(t, got.done)
	require.NotEmpty(t, got.objects)
}

// One byte now and then keeps a connection alive for ever.
//
// Red when line.begin sets the deadline anew with each read.
func TestAServerThatDribblesIsLeft(t *testing.T) {
	for name, set := range map[string]func(*ldap.Source){
		"PageTimeout": func(s *ldap.Source) { s.PageTimeout = 100 * time.Millisecond },
		"ReadTimeout": func(s *ldap.Source) { s.ReadTimeout = 100 * time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScripted(t, users(25, unitPeople)...)
			s.hook = secondPage(&answer{dribble: true})
			src := s.source()
			src.PageSize = 10
			set(src)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_, err := collect(ctx, src, adsync.ReadRequest{})
			require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err), err)
			require.ErrorContains(t, err, name)
		})
	}
}
