package directory

import (
	"errors"
	"strings"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/stretchr/testify/require"
)

// raw makes attributes of "name=value" strings; a name may stand twice.
func raw(pairs ...string) adsync.Attributes {
	var a adsync.Attributes
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		a.Set(name, append(a.Values(name), value)...)
	}
	return a
}

func TestKinds(t *testing.T) {
	class := func(names ...string) []string {
		for i := range names {
			names[i] = "objectClass=" + names[i]
		}
		return names
	}
	adUser := class("top", "person", "organizationalPerson", "user")
	for _, c := range []struct {
		name string
		raw  []string
		want adsync.Kind
	}{
		{"user of Active Directory", append(adUser, "sAMAccountType=805306368", "userAccountControl=512"), adsync.User},
		{"inetOrgPerson", class("inetOrgPerson"), adsync.User},
		{"person", class("top", "person"), adsync.User},
		{"contact, which is a person", class("top", "person", "organizationalPerson", "contact"), adsync.Contact},
		{"computer, which is a user", class("top", "person", "organizationalPerson", "user", "computer"), 0},
		{"managed service account", class("user", "computer", "msDS-GroupManagedServiceAccount"), 0},
		{"trust account", append(adUser, "sAMAccountType=805306370"), 0},
		{"trust account without a type", append(adUser, "userAccountControl=2080"), 0},
		{"built-in account", append(adUser, "isCriticalSystemObject=TRUE"), 0},
		{"group", class("top", "GROUP"), adsync.Group},
		{"built-in group", append(class("group"), "isCriticalSystemObject=TRUE"), 0},
		{"groupOfNames", class("groupOfNames"), adsync.Group},
		{"posixGroup", class("posixGroup", "groupOfUniqueNames"), adsync.Group},
		{"organizational unit", class("organizationalUnit"), adsync.OrganizationalUnit},
		{"critical unit", append(class("organizationalUnit"), "isCriticalSystemObject=TRUE"), adsync.OrganizationalUnit},
		{"container", class("top", "container"), 0},
		{"nothing", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind, ok := Classify(raw(c.raw...))
			require.Equal(t, c.want, kind)
			require.Equal(t, c.want != 0, ok)
		})
	}
}

const guidBytes = "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"

func TestAnchorIsTheFirstAttributeOfTheListThatIsThere(t *testing.T) {
	for _, c := range []struct {
		name string
		list []string
		raw  adsync.Attributes
		want string
	}{
		{"objectGUID", DefaultAnchors, raw("objectGUID="+guidBytes, "entryUUID=x"), "33221100-5544-7766-8899-aabbccddeeff"},
		{"entryUUID", DefaultAnchors, raw("entryUUID=0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"), "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"},
		{"migrated", []string{"mS-DS-ConsistencyGuid", "objectGUID"}, raw("ms-ds-consistencyguid="+guidBytes, "objectGUID=1234567890123456"), "33221100-5544-7766-8899-aabbccddeeff"},
		{"not migrated", []string{"mS-DS-ConsistencyGuid", "objectGUID"}, raw("objectGUID=" + guidBytes), "33221100-5544-7766-8899-aabbccddeeff"},
		{"own attribute", []string{"employeeNumber"}, raw("employeeNumber=0042"), "0042"},
		{"GUID in text", DefaultAnchors, raw("objectGUID=33221100-5544-7766-8899-AABBCCDDEEFF"), "33221100-5544-7766-8899-aabbccddeeff"},
	} {
		t.Run(c.name, func(t *testing.T) {
			anchor, err := Anchor(c.list, c.raw)
			require.NoError(t, err)
			require.Equal(t, adsync.Anchor(c.want), anchor)
		})
	}
	for name, a := range map[string]adsync.Attributes{
		"none": {}, "wrong length": raw("objectGUID=abc"), "two": raw("entryUUID=a", "entryUUID=b"), "not UTF-8": raw("entryUUID=\xff"),
	} {
		_, err := Anchor(DefaultAnchors, a)
		require.Error(t, err, name)
		require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(err))
	}
}

const personDN = `CN=Lovelace\, Ada,OU=People,DC=example,DC=com`

func TestDecode(t *testing.T) {
	person := raw("givenName=Ada", "objectGUID="+guidBytes, "objectSid=\x01\x01\x00\x00\x00\x00\x00\x05\x12\x00\x00\x00",
		"userAccountControl=512", "accountExpires=132223104000000000", "pwdLastSet=0", "mail=old@example.com",
		"proxyAddresses=smtp:a@example.com", "proxyAddresses=SMTP:ada@example.com", "thumbnailPhoto=\xff\xd8",
		"manager=CN=Boss,DC=example,DC=com", "cn;lang-de=Ada", "userPassword=secret", "userCertificate=\xff",
		"groupType=-2147483646", "entryUUID=0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", "sn=")
	for _, c := range []struct {
		attr string
		want []string
	}{
		{"givenName", []string{"Ada"}},
		{"GIVENNAME", []string{"Ada"}},
		{"objectGUID", []string{"33221100-5544-7766-8899-aabbccddeeff"}},
		{"objectSid", []string{"S-1-5-18"}},
		{"accountEnabled", []string{"true"}},
		{"accountExpires", []string{"2020-01-01T00:00:00Z"}},
		{"pwdLastSet", nil},
		{"primaryMail", []string{"ada@example.com"}},
		{"mailAliases", []string{"a@example.com"}},
		{"thumbnailPhoto", []string{"\xff\xd8"}},
		{"userCertificate;binary", []string{"\xff"}},
		{"cn;lang-de", []string{"Ada"}},
		{"userPassword", nil},
		{"groupScope", []string{"global"}},
		{"groupSecurity", []string{"true"}},
		{"dn", []string{personDN}},
		{"distinguishedName", []string{personDN}},
		{"container", []string{"OU=People,DC=example,DC=com"}},
		{"entryUUID", []string{"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"}},
		{"sn", []string{""}},
		{"member", nil},
		{"missing", nil},
	} {
		t.Run(c.attr, func(t *testing.T) {
			got, err := Select([]string{c.attr}).Decode(dn(t, personDN), person)
			require.NoError(t, err)
			require.Equal(t, c.want, got.Attrs.Values(c.attr))
			require.Equal(t, c.want != nil, got.Attrs.Has(c.attr))
			require.LessOrEqual(t, got.Attrs.Len(), 1)
		})
	}
}

func TestUnknownIsAbsent(t *testing.T) {
	all := []string{"accountEnabled", "accountExpires", "pwdLastSet", "primaryMail", "mailAliases", "groupScope", "groupSecurity", "entryUUID", "objectSid"}
	got, err := Select(all).Decode(dn(t, personDN), raw("cn=Ada"))
	require.NoError(t, err)
	require.Zero(t, got.Attrs.Len())
}

func TestLockedForGoodIsInactive(t *testing.T) {
	s := Select([]string{"accountEnabled"})
	got, err := s.Decode(DN{}, raw("pwdAccountLockedTime=000001010000Z"))
	require.NoError(t, err)
	require.Equal(t, "false", got.Attrs.Get("accountEnabled"))
	got, err = s.Decode(DN{}, raw("pwdAccountLockedTime=20200101000000Z"))
	require.NoError(t, err)
	require.False(t, got.Attrs.Has("accountEnabled"))
}

func TestReferencesComeApart(t *testing.T) {
	s := Select([]string{"manager", "custom", "cn"}, References("custom"))
	got, err := s.Decode(DN{}, raw("manager=CN=Boss,DC=example", "custom=CN=a", "custom=CN=b", "cn=Ada"))
	require.NoError(t, err)
	require.Equal(t, "cn=boss,dc=example", got.Refs["manager"][0].Folded())
	require.Len(t, got.Refs["custom"], 2)
	require.Equal(t, 1, got.Attrs.Len())
}

func TestOptionsForUnknownSchemas(t *testing.T) {
	got, err := Select([]string{"badge"}, Binaries("badge")).Decode(DN{}, raw("badge=\xff"))
	require.NoError(t, err)
	require.Equal(t, "\xff", got.Attrs.Get("badge"))
}

func TestValueThatCannotBeReadNamesItsAttribute(t *testing.T) {
	for attr, bad := range map[string]string{
		"cn": "cn=\xff", "objectGUID": "objectGUID=x", "userAccountControl": "userAccountControl=yes", "accountExpires": "accountExpires=soon",
		"groupType": "groupType=x", "manager": "manager=nobody", "proxyAddresses": "proxyAddresses=\xff", "mail": "mail=\xff", "entryUUID": "entryUUID=1",
	} {
		asked := []string{"cn", "objectGUID", "accountEnabled", "accountExpires", "groupScope", "groupSecurity", "manager", "primaryMail", "entryUUID"}
		_, err := Select(asked).Decode(DN{}, raw(bad))
		coded, ok := errors.AsType[*adsync.Error](err)
		require.True(t, ok, attr)
		require.Equal(t, attr, coded.Attr)
		require.Equal(t, adsync.CodeInvalid, coded.Code)
		require.ErrorContains(t, err, "attribute "+attr)
	}
}

func TestRawListsWhatMustBeRead(t *testing.T) {
	s := Select([]string{"primaryMail", "mail", "dn", "accountEnabled", "cn", "CN", "member", "unicodePwd", "userCertificate;binary"})
	require.Equal(t, []string{"cn", "mail", "proxyAddresses", "pwdAccountLockedTime", "userAccountControl", "userCertificate;binary"}, s.Raw())
}

func FuzzDecode(f *testing.F) {
	f.Add("objectGUID", guidBytes)
	f.Add("manager", "CN=Boss,DC=example")
	f.Add("userAccountControl", "512")
	f.Add("proxyAddresses", "SMTP:a@example.com")
	f.Add("accountExpires", "9223372036854775807")
	f.Fuzz(func(t *testing.T, name, value string) {
		var a adsync.Attributes
		a.Set(name, value)
		Classify(a)
		Anchor([]string{name}, a)
		asked := []string{name, "accountEnabled", "primaryMail", "mailAliases", "groupScope", "accountExpires", "manager", "objectSid"}
		got, err := Select(asked).Decode(DN{}, a)
		if err != nil {
			if adsync.CodeOf(err) != adsync.CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		for attr := range got.Attrs.All() {
			if Forbidden(attr) {
				t.Fatalf("%s was given", attr)
			}
		}
	})
}
