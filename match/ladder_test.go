package match_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/match"
)

// object makes an object of name and value pairs.
func object(kind adsync.Kind, anchor adsync.Anchor, pairs ...string) adsync.Object {
	o := adsync.Object{Kind: kind, Anchor: anchor}
	for i := 0; i < len(pairs); i += 2 {
		o.Attrs.Set(pairs[i], pairs[i+1])
	}
	return o
}

func ada(kind adsync.Kind) adsync.Object {
	return object(kind, "a-1", "logon", "Ada@Example.com", "samName", "ADA", "email", " Ada@Example.com ",
		"firstName", "Ada", "lastName", "Lovelace", "name", "Analysts ", "displayName", "Ada L")
}

func TestReadyLaddersGiveTheirRungs(t *testing.T) {
	key := func(rung int, attr, value string) adsync.Key { return adsync.Key{Rung: rung, Attr: attr, Value: value} }
	id := key(2, "externalId", "a-1")
	logon, sam := key(3, "logon", "ada@example.com"), key(4, "samName", "ada")
	for _, c := range []struct {
		name   string
		ladder *match.Matcher
		kind   adsync.Kind
		want   []adsync.Key
	}{
		{"local user", match.Local(), adsync.User, []adsync.Key{id, logon, sam}},
		{"local contact", match.Local(), adsync.Contact, []adsync.Key{id, key(5, "email", "ada@example.com")}},
		{"local group", match.Local(), adsync.Group, []adsync.Key{id}},
		{"local unit", match.Local(), adsync.OrganizationalUnit, []adsync.Key{id}},
		{"passly user", match.Passly(), adsync.User, []adsync.Key{id, logon, sam}},
		{"panel user", match.Panel(), adsync.User, []adsync.Key{id, logon, sam, key(5, "email", "ada@example.com")}},
		{"panel contact", match.Panel(), adsync.Contact, []adsync.Key{id, key(5, "email", "ada@example.com")}},
		{"panel group", match.Panel(), adsync.Group, []adsync.Key{id}},
		{"autotask contact", match.Autotask(), adsync.Contact, []adsync.Key{id, key(3, "email", "ada@example.com"), key(4, "name", "ada//lovelace")}},
		{"autotask user", match.Autotask(), adsync.User, []adsync.Key{id, key(3, "email", "ada@example.com"), key(4, "name", "ada//lovelace")}},
		{"autotask group", match.Autotask(), adsync.Group, []adsync.Key{id, key(4, "name", "analysts")}},
		{"autotask unit", match.Autotask(), adsync.OrganizationalUnit, []adsync.Key{id}},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, c.ladder.Keys(ada(c.kind))) })
	}
}

func TestExternalIDComesFromTheAttributeElseTheAnchor(t *testing.T) {
	ladder := match.Ladder(match.ExternalID())
	source := object(adsync.User, "a-1")
	target := object(adsync.User, "", "externalId", "a-1")
	require.Equal(t, ladder.Keys(source), ladder.Keys(target))
	require.Empty(t, ladder.Keys(object(adsync.User, "")))
	require.NotEqual(t, ladder.Keys(object(adsync.User, "A-1")), ladder.Keys(target), "an external id is compared as it is")
}

func TestBlankValuesGiveNoKey(t *testing.T) {
	blank := object(adsync.User, "", "logon", " ", "samName", "", "email", "\t", "firstName", "-", "lastName", "…")
	require.Empty(t, match.Ladder(match.ExternalID(), match.Logon(), match.SamName(), match.Email(), match.Name()).Keys(blank))
}

func TestContactsNeverHaveALogonOrShortName(t *testing.T) {
	require.Empty(t, match.Ladder(match.Logon(), match.SamName()).Keys(ada(adsync.Contact)))
}

func TestEmailComparesWithoutCaseAndWithoutTricks(t *testing.T) {
	ladder := match.Ladder(match.Email())
	keys := func(mail string) []adsync.Key { return ladder.Keys(object(adsync.User, "", "email", mail)) }
	require.Equal(t, keys("ada@example.com"), keys(" ADA@EXAMPLE.COM "))
	require.Equal(t, keys("jos\u00e9@example.com"), keys("jose\u0301@example.com"))
	require.NotEqual(t, keys("a.da@example.com"), keys("ada@example.com"))
	require.NotEqual(t, keys("ada+list@example.com"), keys("ada@example.com"))
}

func TestNameComparesMiddleNamesUnlessBlankOnBothSides(t *testing.T) {
	ladder := match.Ladder(match.Name())
	keys := func(first, middle, last string) []adsync.Key {
		return ladder.Keys(object(adsync.Contact, "", "firstName", first, "middleName", middle, "lastName", last))
	}
	for _, c := range []struct {
		name string
		a, b [3]string
		same bool
	}{
		{"blank on both sides", [3]string{"Ada", "", "Lovelace"}, [3]string{"ADA", " - ", "lovelace"}, true},
		{"the same", [3]string{"Ada", "K.", "Lovelace"}, [3]string{"Ada", "k", "Lovelace"}, true},
		{"blank on one side", [3]string{"Ada", "K", "Lovelace"}, [3]string{"Ada", "", "Lovelace"}, false},
		{"different", [3]string{"Ada", "K", "Lovelace"}, [3]string{"Ada", "B", "Lovelace"}, false},
		{"a first name of two words is no middle name", [3]string{"Anna Maria", "", "Berg"}, [3]string{"Anna", "Maria", "Berg"}, false},
		{"special characters", [3]string{"Jean-Luc", "", "O'Neil"}, [3]string{"jean luc", "", "ONeil"}, true},
		{"accents count", [3]string{"Jos\u00e9", "", "Berg"}, [3]string{"Jose", "", "Berg"}, false},
		{"composed and decomposed", [3]string{"Jos\u00e9", "", "Berg"}, [3]string{"Jose\u0301", "", "Berg"}, true},
		{"sharp s", [3]string{"Ada", "", "Stra\u00dfer"}, [3]string{"ada", "", "STRASSER"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := keys(c.a[0], c.a[1], c.a[2]), keys(c.b[0], c.b[1], c.b[2])
			require.NotEmpty(t, a)
			require.Equal(t, c.same, a[0] == b[0], "%v %v", a, b)
		})
	}
	require.Empty(t, keys("", "", "Berg"), "half a name is no key")
	require.Empty(t, keys("Ada", "", "***"), "half a name is no key")
}

func TestGroupNamesKeepTheirPunctuation(t *testing.T) {
	ladder := match.Ladder(match.Name())
	c, cpp := ladder.Keys(object(adsync.Group, "", "name", "C")), ladder.Keys(object(adsync.Group, "", "name", "C++"))
	require.NotEqual(t, c, cpp)
}

func TestRungsKeepTheirNumberWhenAnEarlierOneHasNoKey(t *testing.T) {
	keys := match.Panel().Keys(object(adsync.User, "", "email", "ada@example.com"))
	require.Equal(t, []adsync.Key{{Rung: 5, Attr: "email", Value: "ada@example.com"}}, keys)
}
