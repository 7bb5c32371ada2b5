package fakedir

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// FuzzFilter compiles whatever filter go-ldap can encode, finds entries with it
// and checks that the index agrees with reading everything.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"(cn=*)(objectClass=*)", "(cn=a\\00b)", "(&(|)(!(cn=*)))", "(member:1.2.840.113556.1.4.1941:=CN=Cycle A)",
		"(userAccountControl:1.2.840.113556.1.4.803:=99999999999999999999)", "(objectGUID=\\00)", "(memberOf=CN=)",
		"(cn:dn:=x)", "(:1.2.3:=x)", "(cn=*a**b*)", "(distinguishedName=\\2c)", "(objectSid=S-1-5-)", "(objectCategory=CN=)",
		strings.Repeat("(!", 80) + "(cn=x)" + strings.Repeat(")", 80), "(manager=<GUID=00>)", "(l>=\xff)", "(memberOf=<SID=S-1-5--1>)",
	} {
		f.Add(seed)
	}
	c := newCompany(Config{People: 30}.withDefaults())
	v := &view{tree: c.tree, base: c.base}
	f.Fuzz(func(t *testing.T, text string) {
		packet, err := ldap.CompileFilter(text)
		if err != nil {
			return
		}
		filter, err := wire.DecodeFilter(packet.Bytes())
		if err != nil {
			return
		}
		found := v.find(c.root, &wire.Search{Filter: filter, Scope: wire.WholeSubtree})
		match, all := v.compile(filter), []*entry{}
		for e := range v.all() {
			if e.below(c.root) && match(e) == yes && v.sees(e) {
				all = append(all, e)
			}
		}
		require.ElementsMatch(t, all, found)
	})
}

// FuzzRequest feeds raw bytes to the reader of requests.
func FuzzRequest(f *testing.F) {
	f.Add([]byte("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"))
	f.Add([]byte("\x30\x84\x7f\xff\xff\xff"))
	f.Add([]byte("\x30\x05\x02\x01\x01\x42\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := wire.Read(bufio.NewReader(bytes.NewReader(b)))
		if err == nil {
			require.NotNil(t, m.Op)
		}
	})
}

// FuzzCookie checks that bytes that are no cookie are found out, and that a
// cookie is the same after a round trip. Clients hand cookies around.
func FuzzCookie(f *testing.F) {
	whole := wholeCookie(newTree(start, guidFor(1, "a"), 0))
	f.Add([]byte(whole.String()))
	f.Add([]byte("MSDS"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, ok := parseCookie(string(b))
		if !ok || len(b) == 0 {
			return
		}
		again, ok := parseCookie(c.String())
		require.True(t, ok)
		require.Equal(t, c, again)
	})
}

// FuzzDirSyncValue feeds raw bytes to the reader of the control.
func FuzzDirSyncValue(f *testing.F) {
	f.Add([]byte("\x30\x0a\x02\x04\x80\x00\x00\x00\x02\x01\x00\x04\x00"))
	f.Add([]byte("\x30\x84\x7f\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := wire.DirSyncValue(b)
		if err == nil {
			require.LessOrEqual(t, len(d.Cookie), len(b))
		}
	})
}

// FuzzName checks that a name's key is the same for the name it stands for.
func FuzzName(f *testing.F) {
	for _, seed := range []string{`CN=a\,b,DC=x`, `cn=\23 x\20,dc=y`, `CN=\`, `=`, `CN= a ,DC=b`, "CN=\\ff\\fe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, dn string) {
		key, err := keyOf(dn)
		if err != nil {
			return
		}
		again, err := keyOf(key)
		require.NoError(t, err)
		require.Equal(t, key, again)
	})
}
