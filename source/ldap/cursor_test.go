package ldap

import (
	"encoding/base64"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func TestACursorComesBackAsItWent(t *testing.T) {
	c := cursor{
		Rung: "dirsync", Print: fingerprint{printBases: "a"}, Server: "dc1.example.com", Invocation: "b", Context: "DC=example,DC=com",
		Position: []byte("\x00MSDS\xff"), At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Blind: "sees nothing", Swept: time.Unix(1, 0).UTC(),
		Canaries: canaries{"OU=People,DC=example,DC=com": "c"}, Why: []string{"usn: no"},
	}
	text, err := c.encode()
	require.NoError(t, err)
	require.Regexp(t, `^[A-Za-z0-9_-]+$`, text)
	back, err := decodeCursor(text)
	require.NoError(t, err)
	c.Version = cursorVersion
	require.Equal(t, c, back)
	require.Equal(t, []string{"usn: no", "dirsync sees nothing"}, back.why())
}

// Red without the checksum: a server takes the position of another time for a good
// one, and says that nothing changed.
func TestADamagedCursorIsNotBelieved(t *testing.T) {
	good, err := cursor{Rung: "usn", Position: []byte("4711")}.encode()
	require.NoError(t, err)
	raw, err := base64.RawURLEncoding.DecodeString(string(good))
	require.NoError(t, err)
	for i := range raw {
		damaged := slices.Clone(raw)
		damaged[i] ^= 1
		_, err := decodeCursor(adsync.Cursor(base64.RawURLEncoding.EncodeToString(damaged)))
		require.Equal(t, adsync.CodeGone, adsync.CodeOf(err), "byte %d", i)
	}
}

func TestAFingerprintNamesWhatChanged(t *testing.T) {
	a, b := fingerprint{printBases: "1", printFilter: "2"}, fingerprint{printBases: "1", printFilter: "3"}
	require.Equal(t, []string{printFilter}, a.changed(b))
	require.Empty(t, a.changed(a))
	require.NotEqual(t, printOf("ab", "c"), printOf("a", "bc"))
}

// Whatever is handed in as a cursor, the worst is a full read.
func FuzzDecodeCursor(f *testing.F) {
	good, err := cursor{Rung: "usn", Position: []byte("1")}.encode()
	require.NoError(f, err)
	for _, text := range []string{string(good), "", "e30", "AAAA", "1", string(good[:10])} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := decodeCursor(adsync.Cursor(text))
		if err != nil {
			require.Equal(t, adsync.CodeGone, adsync.CodeOf(err))
			return
		}
		require.NotEmpty(t, c.Rung)
		require.NotEmpty(t, c.Position)
		again, err := c.encode()
		require.NoError(t, err)
		back, err := decodeCursor(again)
		require.NoError(t, err)
		require.Equal(t, c, back)
	})
}

func FuzzAttributesInAFilter(f *testing.F) {
	for _, filter := range []string{"(cn=a)", "(&(a=b)(!(c>=d))(|(e=*)(f=g*h*i)))", "(memberOf:1.2.840.113556.1.4.1941:=CN=x)", "(:dn:1.2.3:=x)", "((", "(userAccountControl:1.2.840.113556.1.4.803:=2)"} {
		f.Add(filter)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		for _, name := range attributesIn(filter) {
			require.NotNil(t, name)
		}
	})
}

func TestTheAttributesOfAFilterAreFollowed(t *testing.T) {
	for filter, want := range map[string][]string{
		"(department=Sales)":                             {"department"},
		"(&(a=b)(!(c>=d))(|(e=*)(f=g*h*i))(j~=k))":       {"a", "c", "e", "f", "j"},
		"(userAccountControl:1.2.840.113556.1.4.803:=2)": {"userAccountControl"},
		"(&(A=1)(a=2))":                                  {"A"},
	} {
		got := attributesIn(filter)
		require.True(t, slices.Equal(want, got), "%s: %v", filter, got)
	}
}

// Red when a second report of a deleted object, as the far end of a link, makes
// it look alive.
func TestWhoIsGoneIsGoneUntilBroughtBack(t *testing.T) {
	d := touched{id: "a", gone: true, fresh: true}
	d.join(touched{id: "a"})
	require.True(t, d.gone)
	d.join(touched{id: "a", fresh: true, back: true})
	require.False(t, d.gone)
	require.True(t, d.back)
}

func TestOnlyATombstoneIsDeleted(t *testing.T) {
	entryOf := func(dn, deleted string) *entry {
		return &entry{dn: dn, attrs: []attribute{{Name: "isDeleted", Values: []string{deleted}}}}
	}
	const buried = `CN=Ada\0ADEL:0c16f2f6-b1a3-4656-90ca-23a0194b4287,CN=Deleted Objects,DC=example,DC=com`
	require.True(t, isTombstone(entryOf(buried, "TRUE")))
	require.True(t, isTombstone(entryOf("<GUID=0c16f2f6-b1a3-4656-90ca-23a0194b4287>;"+buried, "TRUE")))
	require.False(t, isTombstone(entryOf(buried, "FALSE")))
	require.False(t, isTombstone(entryOf("CN=Ada,DC=example,DC=com", "TRUE")), "hidden, perhaps")
}

func TestTheSIDOfAPrimaryGroup(t *testing.T) {
	user := "\x01\x05\x00\x00\x00\x00\x00\x05" + "\x15\x00\x00\x00" + "aaaabbbbcccc" + "\x51\x04\x00\x00"
	group, ok := groupSID(user, "513")
	require.True(t, ok)
	require.Equal(t, user[:len(user)-4]+"\x01\x02\x00\x00", group)
	for _, bad := range [][2]string{{"", "513"}, {user, ""}, {user, "-1"}, {user[:9], "513"}, {user, "99999999999"}} {
		_, ok := groupSID(bad[0], bad[1])
		require.False(t, ok)
	}
}
