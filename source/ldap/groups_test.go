package ldap_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

func groupOf(name string, members ...string) object {
	return object{"group", "CN=" + name + ",OU=Groups," + domain, map[string][]string{
		"cn": {name}, "member": members, "uSNChanged": {"100"},
	}}
}

func dns(objects []object) (list []string) {
	for _, o := range objects {
		list = append(list, o.dn)
	}
	return list
}

func anchors(objects ...object) (list []adsync.Anchor) {
	for _, o := range objects {
		list = append(list, adsync.Anchor(o.guid()))
	}
	return list
}

func TestMembersComeWholeWhateverTheServersRange(t *testing.T) {
	all := users(3700, unitPeople)
	for _, limit := range []int{0, 97, 1500, 5000} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			s := newScripted(t, append(all[:3700:3700], groupOf("All", dns(all)...), groupOf("None"))...)
			s.limit = limit
			got := mustCollect(t, s.source(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.Group}, Attributes: []string{"cn"}})
			require.Equal(t, anchors(all...), got.members[got.by(t, "cn", "All").Anchor])
			require.Empty(t, got.members[got.by(t, "cn", "None").Anchor])
			require.Equal(t, 1, got.witness.Attributes["member"])
		})
	}
}

func TestRangesThatNobodyAskedForAreCompleted(t *testing.T) {
	var addresses []string
	for i := range 40 {
		addresses = append(addresses, fmt.Sprintf("smtp:alias%02d@example.com", i))
	}
	s := newScripted(t, object{"user", "CN=Many," + domain, map[string][]string{"proxyAddresses": addresses, "uSNChanged": {"1"}}})
	s.limit = 15
	got := mustCollect(t, s.source(), adsync.ReadRequest{Attributes: []string{"mailAliases"}})
	for _, c := range got.objects {
		require.Len(t, c.Object.Attrs.Values("mailAliases"), 40)
	}
}

func TestAMemberListIsSpreadOverSeveralChanges(t *testing.T) {
	all := users(2500, unitPeople)
	s := newScripted(t, groupOf("All", dns(all)...))
	var changes []adsync.Change
	for b, err := range s.source().Read(t.Context(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.Group}}) {
		require.NoError(t, err)
		changes = append(changes, b.Changes...)
	}
	require.Len(t, changes, 3)
	for i, c := range changes {
		require.Equal(t, i == 0, c.Members.Reset)
		require.Equal(t, i < 2, c.Members.More)
		require.Equal(t, i > 0, c.MembersOnly)
		require.LessOrEqual(t, len(c.Members.Add), 1000)
	}
}

// When the group changes between two ranges, values move and one could be
// missed: the list starts over.
func TestAGroupThatChangesBetweenRangesIsReadAgain(t *testing.T) {
	all := users(900, unitPeople)
	group := groupOf("All", dns(all)...)
	s := newScripted(t, group)
	asked := 0
	s.hook = func(q *search) *answer {
		if strings.HasPrefix(q.base, "<GUID=") {
			if asked++; asked == 1 {
				return &answer{entries: []object{{"group", group.dn, map[string][]string{"member": group.attrs["member"][1:], "uSNChanged": {"101"}}}}}
			}
		}
		return nil
	}
	got := mustCollect(t, s.source(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.Group}})
	require.Empty(t, got.problems)
	require.Equal(t, anchors(all...), got.members[anchors(group)[0]])
	require.Greater(t, asked, 1)
}

// Beyond what is held back, the list is on its way and cannot be taken back.
func TestAVeryLargeGroupThatChangesWhileItIsReadEndsTheRead(t *testing.T) {
	ldap.HoldMembers(t, 500)
	all := users(900, unitPeople)
	group := groupOf("All", dns(all)...)
	s := newScripted(t, group)
	got := mustCollect(t, s.source(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.Group}})
	require.Equal(t, anchors(all...), got.members[anchors(group)[0]])
	moved := false
	s.hook = func(q *search) *answer {
		if moved || len(q.attrs) == 0 || q.attrs[0] != "member;range=700-2199" {
			return nil
		}
		moved = true // once: a second try would succeed, and it is too late for one
		return &answer{entries: []object{{"group", group.dn, map[string][]string{"uSNChanged": {"101"}}}}}
	}
	s.limit = 500
	got, err := collect(t.Context(), s.source(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.Group}})
	require.ErrorIs(t, err, adsync.ErrIncomplete)
	require.ErrorContains(t, err, "CN=All")
	require.False(t, got.done)
}

func TestAGroupThatNeverRestsIsAProblemOfItsOwn(t *testing.T) {
	all := users(900, unitPeople)
	busy, calm := groupOf("Busy", dns(all)...), groupOf("Calm", all[0].dn)
	s := newScripted(t, busy, calm)
	version := 100
	s.hook = func(q *search) *answer {
		if strings.HasPrefix(q.base, "<GUID="+busy.guid()) {
			version++
			return &answer{entries: []object{{"group", busy.dn, map[string][]string{"member": busy.attrs["member"], "uSNChanged": {fmt.Sprint(version)}}}}}
		}
		return nil
	}
	got := mustCollect(t, s.source(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.Group}})
	require.Len(t, got.problems, 1)
	require.ErrorContains(t, got.problems[0], "CN=Busy")
	require.Equal(t, anchors(all[0]), got.members[anchors(calm)[0]])
	require.NotContains(t, got.members, anchors(busy)[0], "half a list is no list")
}

func TestThePrimaryGroupsMembersAreMembers(t *testing.T) {
	all := users(30, unitPeople)
	domainUsers, other := groupOf("Domain Users"), groupOf("Other")
	domainUsers.attrs["primaryGroupToken"], other.attrs["primaryGroupToken"] = []string{"513"}, []string{"514"}
	s := newScripted(t, append(all, domainUsers, other)...)
	for _, kinds := range [][]adsync.Kind{nil, {adsync.Group}} {
		got := mustCollect(t, s.source(), adsync.ReadRequest{Kinds: kinds})
		require.Equal(t, anchors(all...), got.members[anchors(domainUsers)[0]])
		require.Empty(t, got.members[anchors(other)[0]])
	}
}

func TestAScopeOfGroupsIsExpandedThroughNestingAndCycles(t *testing.T) {
	all := users(6, unitPeople)
	inner := groupOf("Inner", all[1].dn, "CN=Outer,OU=Groups,"+domain)
	outer := groupOf("Outer", all[0].dn, inner.dn, inner.dn)
	top := groupOf("Top", all[3].dn, outer.dn)
	apart := groupOf("Apart", all[2].dn)
	s := newScripted(t, append(all, inner, outer, apart, top)...)
	s.hook = func(q *search) *answer {
		if strings.Contains(plain(q.filter), "objectGUID="+top.guidBytes()) {
			return &answer{entries: []object{top}, paged: true}
		}
		return nil
	}
	for _, name := range []string{outer.dn, strings.ToUpper(outer.dn)} {
		got := mustCollect(t, s.source(), adsync.ReadRequest{Scope: &adsync.Scope{Groups: []string{name}}})
		require.ElementsMatch(t, anchors(all[0], all[1], inner, outer), keys(got.objects))
	}
	got := mustCollect(t, s.source(), adsync.ReadRequest{Scope: &adsync.Scope{Groups: []string{top.guid()}}})
	require.NotContains(t, got.objects, anchors(top)[0], "its members are selected, not the group itself")
}

func TestAScopeOfAPrimaryGroupCoversItsPeople(t *testing.T) {
	all := users(3, unitPeople)
	all[2].attrs["primaryGroupID"] = []string{"515"}
	group := groupOf("Domain Users")
	group.attrs["primaryGroupToken"] = []string{"513"}
	s := newScripted(t, append(all, group)...)
	got := mustCollect(t, s.source(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Scope: &adsync.Scope{Groups: []string{group.dn}}})
	require.ElementsMatch(t, anchors(all[:2]...), keys(got.objects))
}

func TestAScopeWithAGroupThatIsGoneEndsTheRead(t *testing.T) {
	s := newScripted(t, users(3, unitPeople)...)
	for _, name := range []string{"CN=Gone," + domain, "00000000-0000-4000-8000-000000000001"} {
		_, err := collect(t.Context(), s.source(), adsync.ReadRequest{Scope: &adsync.Scope{Groups: []string{name}}})
		require.ErrorIs(t, err, adsync.ErrIncomplete)
		require.ErrorContains(t, err, name)
	}
}

func keys(objects map[adsync.Anchor]adsync.Change) (list []adsync.Anchor) {
	for a := range objects {
		list = append(list, a)
	}
	return list
}
