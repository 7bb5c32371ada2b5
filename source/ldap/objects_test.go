package ldap_test

import (
	"encoding/hex"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func TestAMissingUserAccountControlIsUnknown(t *testing.T) {
	all := users(2, unitPeople)
	delete(all[0].attrs, "userAccountControl")
	got := mustCollect(t, newScripted(t, all...).source(), adsync.ReadRequest{Attributes: []string{"cn", "accountEnabled"}})
	require.False(t, got.by(t, "cn", "User 0").Attrs.Has("accountEnabled"))
	require.Equal(t, "true", got.by(t, "cn", "User 1").Attrs.Get("accountEnabled"))
	require.Equal(t, 1, got.witness.Attributes["accountEnabled"])
}

func TestOneBadObjectDoesNotStopTheOthers(t *testing.T) {
	all := users(3, unitPeople)
	all[1].attrs["mail"] = []string{"\xff\xfe@example.com"}
	got := mustCollect(t, newScripted(t, all...).source(), adsync.ReadRequest{Attributes: []string{"cn", "mail"}})
	require.Len(t, got.objects, 3, "it counts as seen")
	require.Len(t, got.problems, 1)
	require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(got.problems[0]))
	require.ErrorContains(t, got.problems[0], "mail")
	require.ErrorContains(t, got.problems[0], "CN=User 1")
	require.Error(t, got.objects[anchors(all[1])[0]].Problem)
	require.Equal(t, 3, got.witness.Bases[0].Objects)
}

// A selection goes by names: whose name cannot be read is listed, and not taken
// to be outside.
func TestAnObjectWithoutAReadableNameIsListed(t *testing.T) {
	all := users(2, unitPeople)
	all[1].dn = "no name at all," + unitPeople
	s := newScripted(t, append(all, object{kind: "organizationalUnit", dn: unitPeople})...)
	s.hook = func(q *search) *answer {
		if strings.Contains(q.filter, kindSigns["user"]) {
			return q.page(all)
		}
		return nil
	}
	got := mustCollect(t, s.source(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Scope: &adsync.Scope{Units: []adsync.Unit{{DN: unitPeople}}}})
	require.Len(t, got.objects, 2)
	require.Error(t, got.objects[anchors(all[1])[0]].Problem)
}

func TestReferencesAreAnchors(t *testing.T) {
	all := users(3, unitPeople)
	all[1].attrs["manager"] = []string{all[0].dn}
	s := newScripted(t, all...)
	got := mustCollect(t, s.source(), adsync.ReadRequest{Attributes: []string{"cn", "MANAGER"}})
	require.Equal(t, map[string][]adsync.Anchor{"MANAGER": anchors(all[0])}, got.by(t, "cn", "User 1").Refs)
	require.Equal(t, 1, got.witness.Attributes["MANAGER"])
	require.Equal(t, unitPeople, got.by(t, "cn", "User 1").Container)
}

// The schema does not show here that this attribute holds names.
func TestALongNameIsMadeShortWhereNobodyKnewItWasOne(t *testing.T) {
	all := users(1, unitPeople)
	all[0].attrs["homeMDB"] = []string{"CN=Store," + domain}
	got := mustCollect(t, newScripted(t, all...).source(), adsync.ReadRequest{Attributes: []string{"homeMDB"}})
	require.Equal(t, "CN=Store,"+domain, got.objects[anchors(all[0])[0]].Object.Attrs.Get("homeMDB"))
}

// Another anchor than the GUID needs the directory's names first.
func TestReferencesAreAnchorsAlsoWithAnotherAnchorAttribute(t *testing.T) {
	all := users(4, unitPeople)
	for i := range all {
		all[i].attrs["employeeID"] = []string{strings.Repeat("E", i+1)}
	}
	delete(all[3].attrs, "employeeID")
	all[1].attrs["manager"], all[2].attrs["manager"] = []string{all[0].dn}, []string{all[3].dn}
	s := newScripted(t, append(all, groupOf("All", dns(all)...))...)
	src := s.source()
	src.AnchorAttribute = []string{"employeeID", "objectGUID"}
	got := mustCollect(t, src, adsync.ReadRequest{Attributes: []string{"cn", "manager"}})
	require.Equal(t, []adsync.Anchor{"E"}, got.objects["EE"].Object.Refs["manager"])
	require.Equal(t, anchors(all[3]), got.objects["EEE"].Object.Refs["manager"])
	require.ElementsMatch(t, append([]adsync.Anchor{"E", "EE", "EEE"}, anchors(all[3])...), got.members[got.by(t, "cn", "All").Anchor])
}

func TestTwoObjectsUnderOneAnchorAreAProblem(t *testing.T) {
	all := users(3, unitPeople)
	for i, id := range []string{"A1", "A1", "A2"} {
		all[i].attrs["employeeID"] = []string{id}
	}
	src := newScripted(t, all...).source()
	src.AnchorAttribute = []string{"employeeID"}
	got := mustCollect(t, src, adsync.ReadRequest{})
	require.Len(t, got.problems, 1)
	require.Equal(t, adsync.CodeConflict, adsync.CodeOf(got.problems[0]))
	require.Error(t, got.objects["A1"].Problem)
	require.NoError(t, got.objects["A2"].Problem)
}

// A rename in mid-read shows an object twice, under two names.
func TestAnObjectThatIsSeenTwiceIsNoTwinOfItself(t *testing.T) {
	before := object{"user", "CN=Before," + unitPeople, map[string][]string{"employeeID": {"A1"}, "objectGUID": {strings.Repeat("g", 16)}}}
	after := object{"user", "CN=After," + unitPeople, before.attrs}
	s := newScripted(t, before, after)
	for _, list := range [][]string{nil, {"employeeID"}} {
		src := s.source()
		src.AnchorAttribute = list
		got := mustCollect(t, src, adsync.ReadRequest{})
		require.Empty(t, got.problems)
		require.Len(t, got.objects, 1)
	}
}

func TestAnObjectWithoutTheChosenAnchorIsAProblem(t *testing.T) {
	all := users(2, unitPeople)
	all[0].attrs["employeeID"] = []string{"A1"}
	src := newScripted(t, all...).source()
	src.AnchorAttribute = []string{"employeeID"}
	got := mustCollect(t, src, adsync.ReadRequest{})
	require.Len(t, got.problems, 1)
	require.Len(t, got.objects, 2)
}

// objectGUID is on every object: where it does not show, a right was lost,
// and everybody would seem to have left.
func TestALostRightToReadTheAnchorEndsTheRead(t *testing.T) {
	all := users(2, unitPeople)
	all[1].attrs["objectGUID"] = []string{}
	_, err := collect(t.Context(), newScripted(t, all...).source(), adsync.ReadRequest{})
	require.ErrorIs(t, err, adsync.ErrIncomplete)
	require.ErrorContains(t, err, "objectGUID")
}

func TestSecretsAreNeverAskedFor(t *testing.T) {
	s := newScripted(t, users(1, unitPeople)...)
	for _, name := range []string{
		"ms-Mcs-AdmPwd", "MS-MCS-ADMPWD", "msLAPS-Password", "msLAPS-EncryptedPassword", "msDS-ManagedPassword", "msFVE-RecoveryPassword",
		"unicodePwd", "unicodePwd;binary", "supplementalCredentials", "dBCSPwd", "userPassword", "1.2.840.113556.1.4.90", "*", "+", "",
	} {
		_, err := collect(t.Context(), s.source(), adsync.ReadRequest{Attributes: []string{"cn", name}})
		require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(err), name)
		src := s.source()
		src.AnchorAttribute = []string{name}
		require.Error(t, src.Validate(), name)
	}
	for _, q := range s.seen("") {
		for _, name := range q.attrs {
			require.NotContains(t, strings.ToLower(name), "pwd")
		}
	}
}

func TestOnlyAsksForTheObjectsNamed(t *testing.T) {
	all := users(120, unitPeople)
	s := newScripted(t, all...)
	s.hook = func(q *search) *answer {
		if !strings.Contains(q.filter, "objectGUID=") {
			return nil
		}
		var found []object
		for _, o := range all {
			if q.matches(o) && strings.Contains(plain(q.filter), "objectGUID="+o.guidBytes()+")") {
				found = append(found, o)
			}
		}
		return &answer{entries: found, paged: true}
	}
	got := mustCollect(t, s.source(), adsync.ReadRequest{Only: anchors(all[3:100]...), Attributes: []string{"cn"}})
	require.ElementsMatch(t, anchors(all[3:100]...), keys(got.objects))
	require.Nil(t, got.witness)
	for _, q := range s.seen(kindSigns["user"]) {
		require.Contains(t, q.filter, "objectGUID=")
	}
	for b, err := range s.source().Read(t.Context(), adsync.ReadRequest{Only: anchors(all[0]), Scope: &adsync.Scope{Units: []adsync.Unit{{DN: unitPeople, Deselect: true}}}}) {
		require.Error(t, err, "the unit does not exist here")
		require.False(t, b.Snapshot)
	}
}

// plain undoes the escapes of a filter.
func plain(filter string) string {
	return regexp.MustCompile(`\\[0-9a-f]{2}`).ReplaceAllStringFunc(filter, func(e string) string {
		b, _ := hex.DecodeString(e[1:])
		return string(b)
	})
}

func TestACursorOfAnotherSourceAsksForASnapshot(t *testing.T) {
	_, err := collect(t.Context(), newScripted(t).source(), adsync.ReadRequest{Since: "x"})
	require.Equal(t, adsync.CodeGone, adsync.CodeOf(err))
}
