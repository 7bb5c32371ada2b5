package ldif

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/stretchr/testify/require"
)

func parse(text string, most int) ([]entry, error) {
	e := &entries{lines: newLines(strings.NewReader(text), most), most: most}
	var list []entry
	for {
		one, err := e.next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		list = append(list, one)
	}
}

func render(list []entry) string {
	var b strings.Builder
	for _, e := range list {
		fmt.Fprintf(&b, "%d %q %v", e.line, e.dn, e.closed)
		for _, f := range e.fields {
			fmt.Fprintf(&b, " %s=%q", f.name, f.value)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestEntries(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"only comments", "# a\n# b\n\n\n", ""},
		{"one", "dn: cn=a\ncn: a\n\n", `1 "cn=a" true cn="a"`},
		{"CRLF", "version: 1\r\ndn: cn=a\r\ncn: a\r\n\r\n", `2 "cn=a" true cn="a"`},
		{"no end of line", "dn: cn=a\ncn: a", `1 "cn=a" false cn="a"`},
		{"no empty line", "dn: cn=a\ncn: a\n", `1 "cn=a" false cn="a"`},
		{"two", "dn: cn=a\n\n\n\ndn: cn=b\n", "1 \"cn=a\" true\n5 \"cn=b\" false"},
		{"folded", "dn: cn=a\n b\ncn: x\n  y\n z\n", `1 "cn=ab" false cn="x yz"`},
		{"folded CRLF", "dn: cn=a\r\n b\r\n\r\n", `1 "cn=ab" true`},
		{"folded comment", "# a\n dn: cn=no\ndn: cn=a\n", `3 "cn=a" false`},
		{"comment inside", "dn: cn=a\n# x\ncn: a\n", `1 "cn=a" false cn="a"`},
		{"base64", "dn:: Y249YQ==\ncn::   w6Q=\n", `1 "cn=a" false cn="ä"`},
		{"base64 folded", "dn: cn=a\ncn:: YW\n Jj\n", `1 "cn=a" false cn="abc"`},
		{"options", "dn: cn=a\ncn;lang-de: a\n", `1 "cn=a" false cn;lang-de="a"`},
		{"no space behind the colon", "dn:cn=a\ncn:a\n", `1 "cn=a" false cn="a"`},
		{"empty value", "dn:\ncn:\n", `1 "" false cn=""`},
		{"value with a colon", "dn: cn=a\ncn: a: b\n", `1 "cn=a" false cn="a: b"`},
		{"spaces at the end stay", "dn: cn=a\ncn: a \n", `1 "cn=a" false cn="a "`},
		{"byte order mark", "\xef\xbb\xbfdn: cn=a\n", `1 "cn=a" false`},
		{"search result", "dn: cn=a\n\n# search result\nsearch: 2\nresult: 0 Success\ncontrol: 1.2.3 false\n\nref: ldap://example.com/\n", `1 "cn=a" true`},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := parse(c.text, 1<<20)
			require.NoError(t, err)
			require.Equal(t, c.want, strings.TrimSuffix(render(list), "\n"))
		})
	}
}

func TestFaultsNameTheirLine(t *testing.T) {
	for _, c := range []struct {
		name, text string
		line       int
		code       adsync.Code
		want       string
	}{
		{"no dn", "cn: a\n", 1, adsync.CodeInvalid, "begins with dn"},
		{"no colon", "dn: cn=a\nnonsense\n", 2, adsync.CodeInvalid, "colon"},
		{"no name", "dn: cn=a\n: x\n", 2, adsync.CodeInvalid, "colon"},
		{"name with spaces", "dn: cn=a\nc n: x\n", 2, adsync.CodeInvalid, "colon"},
		{"bad base64", "dn: cn=a\n\ndn: cn=b\ncn:: a b\n", 4, adsync.CodeInvalid, "base64"},
		{"fold of nothing", "\n x\n", 2, adsync.CodeInvalid, "continues nothing"},
		{"fold at the beginning", " x\n", 1, adsync.CodeInvalid, "continues nothing"},
		{"second dn", "dn: cn=a\ndn: cn=b\n", 2, adsync.CodeInvalid, "empty line is missing"},
		{"change record", "dn: cn=a\nchangetype: delete\n", 2, adsync.CodeUnsupported, "change record"},
		{"control", "dn: cn=a\ncontrol: 1.2.3 true\n", 2, adsync.CodeUnsupported, "change record"},
		{"version 2", "version: 2\n", 1, adsync.CodeUnsupported, "version"},
		{"late version", "dn: cn=a\n\nversion: 1\n", 3, adsync.CodeUnsupported, "version"},
		{"value in a file", "dn: cn=a\ncn:< file:///etc/passwd\n", 2, adsync.CodeUnsupported, "FilesDir"},
		{"export that failed", "dn: cn=a\n\nsearch: 2\nresult: 4 Size limit exceeded\n", 4, adsync.CodeIncomplete, "Size limit exceeded"},
		{"long line", "dn: cn=a\ncn: " + strings.Repeat("x", 2000) + "\n", 2, adsync.CodeInvalid, "MaxLine"},
		{"long folded line", "dn: cn=a\ncn: " + strings.Repeat("x\n ", 2000) + "\n", 0, adsync.CodeInvalid, "MaxLine"},
		{"long comment", "# " + strings.Repeat("x", 2000), 1, adsync.CodeInvalid, "MaxLine"},
		{"large entry", "dn: cn=a\n" + strings.Repeat("cn: xxxxxxxxxx\n", 200), 1, adsync.CodeInvalid, "MaxEntry"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parse(c.text, 1000)
			require.ErrorContains(t, err, c.want)
			require.Equal(t, c.code, adsync.CodeOf(err))
			if c.line > 0 {
				require.ErrorContains(t, err, fmt.Sprintf("line %d", c.line))
			}
			require.Less(t, len(err.Error()), 300)
		})
	}
}

func TestValuesInFiles(t *testing.T) {
	dir := t.TempDir()
	inside, outside := filepath.Join(dir, "in"), filepath.Join(dir, "secret")
	require.NoError(t, os.Mkdir(inside, 0o700))
	require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(inside, "photo"), []byte("\xff\xd8"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(inside, "link")))
	f, err := openFiles(inside)
	require.NoError(t, err)
	defer f.close()
	for _, prefix := range []string{"file://", "file://localhost"} {
		value, err := f.read(prefix+filepath.ToSlash(inside)+"/photo", 100)
		require.NoError(t, err)
		require.Equal(t, "\xff\xd8", value)
	}
	for name, reference := range map[string]string{
		"above":         "file://" + outside,
		"dots":          "file://" + inside + "/../secret",
		"encoded dots":  "file://" + inside + "/%2e%2e/secret",
		"link":          "file://" + inside + "/link",
		"directory":     "file://" + inside,
		"missing":       "file://" + inside + "/missing",
		"other machine": "file://server/share/x",
		"web":           "http://example.com/x",
		"no URL":        "photo",
		"bad URL":       "file://%zz",
	} {
		t.Run(name, func(t *testing.T) {
			value, err := f.read(reference, 100)
			require.Error(t, err)
			require.NotContains(t, value, "secret")
		})
	}
	_, err = f.read("file://"+inside+"/photo", 1)
	require.ErrorContains(t, err, "larger than 1 bytes")
}

func TestIndexKeepsAnchorsOfAllForms(t *testing.T) {
	anchors := []adsync.Anchor{
		"33221100-5544-7766-8899-aabbccddeeff", "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001",
		"00000000-0000-0000-8000-000000000001", "33221100-5544-7766-8899-AABBCCDDEEFF", "employee 42", "", "3322110055447766-8899-aabb-ccddeeff-",
		"+3221100-5544-7766-8899-aabbccddeeff",
	}
	for range 300 {
		anchors = append(anchors, adsync.Anchor(fmt.Sprint("more ", len(anchors))))
	}
	var x index
	for i, a := range anchors {
		x.add(hashOf(fmt.Sprint(i)), a)
	}
	x.sort()
	for i, a := range anchors {
		got, ok := x.find(hashOf(fmt.Sprint(i)))
		require.True(t, ok)
		require.Equal(t, a, got)
	}
	_, ok := x.find(hashOf("missing"))
	require.False(t, ok)
}

func FuzzEntries(f *testing.F) {
	company, err := os.ReadFile("testdata/company.ldif")
	require.NoError(f, err)
	f.Add(string(company))
	f.Add("dn: cn=a\r\ncn:: YW\r\n Jj\r\n\r\n")
	f.Add("version: 1\ndn:< file:///x\nresult: 4 x\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parse(text, 4096)
		if err != nil && adsync.CodeOf(err) == adsync.CodeOther {
			t.Fatalf("an error without a code: %v", err)
		}
		size := 0
		for _, e := range list {
			size += len(e.dn)
			for _, f := range e.fields {
				size += len(f.name) + len(f.value)
				if f.name == "" || strings.EqualFold(f.name, "dn") {
					t.Fatalf("field %q", f.name)
				}
			}
		}
		if size > len(text) {
			t.Fatalf("%d bytes of text became %d", len(text), size)
		}
	})
}
