package ldap

import (
	"encoding/hex"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	ber "github.com/go-asn1-ber/asn1-ber"

	"github.com/adsync/sdk/internal/directory"
)

var hostile = []string{"*)(objectClass=*", "\x00", "#1", `\`, `\2a`, "a*b", "(", ")", " lead", "ö", "\xff\xfe", "&", "|", "!", "", "x=y", ":dn:=", "1.1"}

// Whatever a value holds, the filter is one equality with exactly that value.
func FuzzFilterValues(f *testing.F) {
	for _, v := range hostile {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		compiled, err := goldap.CompileFilter(and("(objectClass=user)", equals("cn", value)))
		require.NoError(t, err)
		packet := ber.DecodePacket(compiled.Bytes()) // as a server sees it
		require.Len(t, packet.Children, 2)
		match := packet.Children[1]
		if value == "" {
			return // an equality with nothing: no server matches it
		}
		require.EqualValues(t, goldap.FilterEqualityMatch, match.Tag)
		require.Equal(t, "cn", string(match.Children[0].ByteValue))
		require.Equal(t, value, string(match.Children[1].ByteValue))
	})
}

// A secret's attribute is found in every filter that asks for it.
func FuzzFilterNamesASecret(f *testing.F) {
	for _, v := range hostile {
		f.Add(v, true)
	}
	f.Fuzz(func(t *testing.T, text string, secret bool) {
		filter := "(&(cn=" + escape(text) + ")(!(unicodePwd=" + escape(text) + ")))"
		if !secret {
			filter = "(description=" + escape(text) + ")"
		}
		_, found := forbiddenIn(filter)
		require.Equal(t, secret, found)
		_, _ = forbiddenIn(text)
	})
}

func FuzzExtendedDN(f *testing.F) {
	for _, v := range append(hostile, "<GUID=0a1b2c3d-0000-4000-8000-00000000000f>;<SID=S-1-5-21-1>;CN=a,DC=b",
		"<GUID=3d2c1b0a00000040800000000000000f>;CN=a", "<SID=01050000>;CN=a", "<GUID=", "<>;<>;", "<GUID=x>;CN=a", "CN=<a>\\;b,DC=c") {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, text string) {
		guid, dn := splitExtended(text)
		if guid != "" {
			canonical, ok := directory.ParseUUID(guid)
			require.True(t, ok)
			require.Equal(t, canonical, guid)
		}
		require.True(t, strings.HasSuffix(text, dn))
		if !strings.HasPrefix(text, "<") {
			require.Equal(t, text, dn)
		}
		if ref, err := parseReference(text); err == nil {
			require.Equal(t, ref.key(), ref.key())
		}
	})
}

func TestExtendedDNs(t *testing.T) {
	const want = "0a1b2c3d-4e5f-4000-8000-00000000000f"
	for _, text := range []string{
		"<GUID=0A1B2C3D-4E5F-4000-8000-00000000000F>;<SID=S-1-5-21-1>;CN=a,DC=b", "<GUID=3d2c1b0a5f4e00408000 00000000000f>;CN=a,DC=b",
		"<GUID=3d2c1b0a5f4e0040800000000000000f>;CN=a,DC=b", "<SID=0105>;<GUID=" + want + ">;CN=a,DC=b", "<guid=" + want + ">;CN=a,DC=b",
	} {
		guid, dn := splitExtended(text)
		if strings.Contains(text, " ") {
			require.Empty(t, guid)
		} else {
			require.Equal(t, want, guid)
		}
		require.Equal(t, "CN=a,DC=b", dn)
	}
	raw, err := hex.DecodeString("3d2c1b0a5f4e0040800000000000000f")
	require.NoError(t, err)
	guid, err := directory.GUID(string(raw))
	require.NoError(t, err)
	require.Equal(t, want, guid, "the control and objectGUID agree")
}

// The control is what MS-ADTS says: SEQUENCE { INTEGER 1 }, critical.
func TestExtendedDNControl(t *testing.T) {
	packet := extendedDNControl().Encode()
	require.Equal(t, oidExtendedDN, packet.Children[0].Value)
	require.Equal(t, true, packet.Children[1].Value)
	value := ber.DecodePacket(packet.Children[2].Data.Bytes())
	require.EqualValues(t, 1, value.Children[0].Value)
}

func FuzzRangedNames(f *testing.F) {
	for _, v := range []string{"member", "member;range=0-1499", "member;Range=1500-*", "member;range=5-2", "a;binary;range=0-9", "a;range=x", "a;range=1-", ";range=0-1", "a;range=0-99999999999999999999", "a;range=0-1;range=2-3"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, name string) {
		base, r, ok := parseRanged(name)
		if !ok {
			require.Zero(t, r)
			return
		}
		require.GreaterOrEqual(t, r.from, 0)
		require.True(t, r.last || r.to >= r.from)
		require.Less(t, len(base), len(name))
	})
}

func TestRangedNames(t *testing.T) {
	for name, want := range map[string]valueRange{"member;range=0-1499": {0, 1499, false}, "member;RANGE=1500-*": {1500, 0, true}} {
		base, r, ok := parseRanged(name)
		require.True(t, ok)
		require.Equal(t, "member", base)
		require.Equal(t, want, r)
	}
	base, _, ok := parseRanged("userCertificate;binary;range=3-9")
	require.True(t, ok)
	require.Equal(t, "userCertificate;binary", base)
	require.Equal(t, "member;range=200-1699", rangedName("member", 200, 1500))
}

func FuzzSchema(f *testing.F) {
	f.Add("( 2.5.4.31 NAME 'member' SUP distinguishedName )")
	f.Add("( 1.2.3 NAME ( 'a' 'b' ) DESC 'the SUP x SYNTAX y' SYNTAX 1.3.6.1.4.1.1466.115.121.1.12{64} )")
	f.Add("( 1 NAME (")
	f.Add("'")
	f.Fuzz(func(t *testing.T, text string) {
		s := schema{types: map[string]attributeType{}}
		s.add(text)
		for name := range s.types {
			s.isReference(name)
		}
	})
}

func TestSchemaTellsReferences(t *testing.T) {
	s := schema{types: map[string]attributeType{}}
	for _, text := range []string{
		"( 2.5.4.49 NAME 'distinguishedName' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )",
		"( 2.5.4.31 NAME 'member' DESC 'RFC2256: member SYNTAX 1' SUP distinguishedName )",
		"( 9.9.1 NAME ( 'mentor' 'tutor' ) SUP member SINGLE-VALUE )",
		"( 2.5.4.50 NAME 'uniqueMember' SYNTAX 1.3.6.1.4.1.1466.115.121.1.34{8} )",
		"( 2.5.4.3 NAME 'cn' SUP name )", "( 2.5.4.41 NAME 'name' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )",
		"( 9.9.2 NAME 'loop' SUP pool )", "( 9.9.3 NAME 'pool' SUP loop )",
		"( 1.2.840.113556.1.4.653 NAME 'managedBy' SYNTAX '1.3.6.1.4.1.1466.115.121.1.12' SINGLE-VALUE )",
	} {
		s.add(text)
	}
	for _, name := range []string{"member", "MENTOR", "tutor;lang-de", "uniqueMember", "managedBy", "9.9.1"} {
		require.True(t, s.isReference(name), name)
	}
	for _, name := range []string{"cn", "loop", "unknown"} {
		require.False(t, s.isReference(name), name)
	}
}

// The sub-code is found in whatever a server writes.
func FuzzDiagnosticText(f *testing.F) {
	f.Add("80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 52e, v4563\x00")
	f.Add("data ")
	f.Add("\x1b[31mred")
	f.Fuzz(func(t *testing.T, said string) {
		require.LessOrEqual(t, len([]rune(clean(said))), 301)
		require.NotContains(t, clean(said), "\x1b")
		require.Equal(t, -1, strings.IndexFunc(subCode(said), func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }))
	})
}
