package ldap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/source/ldap"
)

// What holds for our own reader holds for go-ldap's loop too.
func TestGoLDAPsLoopDoesTheSame(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"conformance, fake": TestConformanceOnAFakeActiveDirectory, "conformance, slapd": TestConformanceOnSlapd,
		"mid-read": TestAFaultInMidReadIsNeverDone, "hangs": TestAServerThatHangsIsLeftWhenTheContextEnds, "deadline": TestAServerThatHangsIsLeftAtTheDeadlineOfThePage,
		"dribbles": TestAServerThatDribblesIsLeft, "closed": TestCloseCutsAReadUnderWay, "referrals": TestReferralsAreToleratedAndNeverFollowed,
		"too large": TestAPageThatIsTooLargeIsAnError, "ranges": TestMembersComeWholeWhateverTheServersRange, "torn group": TestAGroupThatChangesBetweenRangesIsReadAgain,
		"large groups": TestLargeGroupsComeWhole, "rounds": TestDirSyncGoesOnWhileThereIsMore, "cut round": TestARoundThatIsCutLosesNothing,
		"delete phase": TestSyncreplDeletePhase, "present phase": TestSyncreplPresentPhase, "cut refresh": TestSyncreplCutInTheMiddleRemovesNobody, "refused cookie": TestSyncreplRefusedCookieAsksForAFullRead,
	} {
		t.Run(name, func(t *testing.T) {
			ldap.ByGoLDAP(t)
			test(t)
		})
	}
}

// The same directory, read by both, gives the same objects, members and
// witness.
func TestBothReadersGiveTheSameDirectory(t *testing.T) {
	grounds := map[string]func(*testing.T) *ldap.Source{
		"fake": func(t *testing.T) *ldap.Source {
			_, s := fake(t, fakedir.Config{People: 700})
			return s
		},
		"slapd": func(t *testing.T) *ldap.Source {
			_, s := slapd(t, testserver.People(300))
			return s
		},
		"samba": func(t *testing.T) *ldap.Source {
			_, s := samba(t)
			return s
		},
	}
	for name, ground := range grounds {
		t.Run(name, func(t *testing.T) {
			s := ground(t)
			s.PageSize = 30
			r := adsync.ReadRequest{Attributes: []string{"cn", "sn", "mail", "manager", "telephoneNumber"}}
			own := mustCollect(t, s, r)
			ldap.ByGoLDAP(t)
			theirs := mustCollect(t, s, r)
			require.Equal(t, theirs.objects, own.objects)
			require.Equal(t, theirs.members, own.members)
			require.Equal(t, theirs.witness, own.witness)
		})
	}
}

// The next page is asked for, and arrives, while this one is worked on; a page
// after that is not. Red when the request waits for the loop to come back.
func TestTheNextPageIsReadAhead(t *testing.T) {
	s := newScripted(t, users(25, unitPeople)...)
	src := s.source()
	src.PageSize = 10
	batches := 0
	for _, err := range src.Read(t.Context(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}}) {
		require.NoError(t, err)
		if batches++; batches == 1 {
			require.Eventually(t, func() bool { return len(s.seen(kindSigns["user"])) == 2 }, time.Minute, time.Millisecond)
		}
	}
	require.Len(t, s.seen(kindSigns["user"]), 3)
}

// What a page held while the next was read, and the one after it, stays as it
// was: values are nobody else's, though lists of attributes are used again.
func TestPagesDoNotWriteIntoEachOther(t *testing.T) {
	s := newScripted(t, users(400, unitPeople)...)
	src := s.source()
	src.PageSize = 7
	got := mustCollect(t, src, adsync.ReadRequest{Attributes: []string{"cn", "mail"}})
	require.Equal(t, 400, got.kind(adsync.User))
	for _, c := range got.objects {
		if c.Object.Kind != adsync.User {
			continue
		}
		cn := c.Object.Attrs.Values("cn")
		require.Len(t, cn, 1)
		number := strings.TrimPrefix(cn[0], "User ")
		require.Equal(t, []string{fmt.Sprintf("user%s@example.com", number)}, c.Object.Attrs.Values("mail"))
	}
}

// A page beyond the bound is made objects of before the next is asked for: that
// is while its last batch is taken, and no sooner.
func TestALargePageIsNotReadAhead(t *testing.T) {
	ldap.ReadAheadBytes(t, 100)
	s := newScripted(t, users(25, unitPeople)...)
	src := s.source()
	src.PageSize = 10
	pages := 0
	for _, err := range src.Read(t.Context(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}}) {
		require.NoError(t, err)
		if pages++; pages < 3 {
			require.Never(t, func() bool { return len(s.seen(kindSigns["user"])) > pages+1 }, 100*time.Millisecond, 5*time.Millisecond)
		}
	}
}

// A read that is cancelled while the next page is read ahead is not done, and
// neither is one whose next page never comes.
func TestAPageReadAheadThatDoesNotComeEndsTheRead(t *testing.T) {
	for name, fault := range map[string]answer{
		"hangs": {hang: true}, "cut": {cut: true}, "refused": {code: 51}, "hangs after entries": {entries: users(3, unitPeople), hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScripted(t, users(25, unitPeople)...)
			s.hook = secondPage(&fault)
			src := s.source()
			src.PageSize, src.PageTimeout = 10, 300*time.Millisecond
			got, err := collect(t.Context(), src, adsync.ReadRequest{})
			require.Error(t, err)
			require.False(t, got.done)
			require.Len(t, got.objects, 10)
			require.Zero(t, ldap.Connections(src))
		})
	}
}
