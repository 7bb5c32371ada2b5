package mapping

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"Ada":                            "Ada",
		"  Ada \t Mae\r\nLovelace\u00a0": "Ada Mae Lovelace",
		"A\x00d\x07a\x7f\u009f":          "Ada",
		"Jose\u0301":                     "Jos\u00e9",
		"e\x01\u0301":                    "\u00e9", // composes once the control character is gone
		" ":                              "",
		"":                               "",
		"\u200dA":                        "\u200dA", // joiners carry meaning in some scripts
	} {
		require.Equal(t, want, text(in), "%q", in)
	}
}

func TestLines(t *testing.T) {
	for in, want := range map[string]string{
		"1 Main  St\r\nSuite 2": "1 Main St\nSuite 2",
		"\n\n 1 \r\r\n":         "1",
		"1 Main St":             "1 Main St",
		"\r\n":                  "",
		"Jose\u0301\nx":         "Jos\u00e9\nx",
	} {
		require.Equal(t, want, lines(in), "%q", in)
	}
}

func TestBuiltinNormalizers(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"trim", " a  b ", "a  b"},
		{"collapse", " a \n b ", "a b"},
		{"controls", "a\x00\tb", "a\tb"},
		{"nfc", "e\u0301", "\u00e9"},
		{"lower", "\u00c9A", "\u00e9a"},
		{"upper", "\u00e9a", "\u00c9A"},
		{"raw", " \xff", " \xff"},
		{"email", " Ada@example.com ", "Ada@example.com"},
		{"email", "  ", ""},
	} {
		got, err := one(t, c.name).Value(c.in)
		require.NoError(t, err)
		require.Equal(t, c.want, got, c.name)
	}
}

func one(t *testing.T, name string) Normalizer {
	t.Helper()
	for _, n := range builtin() {
		if n.Name == name {
			return n
		}
	}
	t.Fatalf("no normaliser %q", name)
	return Normalizer{}
}

func TestProxyAddresses(t *testing.T) {
	for _, c := range []struct{ give, primary, others []string }{
		{[]string{"smtp:b@example.com", "SMTP:a@example.com", "x500:/o=x", "sip:a@example.com"}, []string{"a@example.com"}, []string{"b@example.com"}},
		{[]string{"SMTP:a@example.com", "SMTP:b@example.com"}, []string{"b@example.com"}, []string{"a@example.com"}},
		{[]string{"smtp:a@example.com"}, nil, []string{"a@example.com"}},
		{[]string{"SMTP:a@example.com", "smtp:A@example.com"}, []string{"a@example.com"}, nil},
		{[]string{"SMTP:", "a@example.com", ""}, nil, nil},
	} {
		primary, err := one(t, "primary-address").List(c.give)
		require.NoError(t, err)
		require.Equal(t, c.primary, primary, "%q", c.give)
		others, err := one(t, "other-addresses").List(c.give)
		require.NoError(t, err)
		require.Equal(t, c.others, others, "%q", c.give)
	}
}

func TestCheckEmail(t *testing.T) {
	for _, good := range []string{
		"ada@example.com", "Ada.Lovelace+list@mail.example.co.uk", "o'neil@example.com", "a@b.cd",
		"ada@b\u00fccher.example", "\u03b1\u03b4\u03b1@example.com", "ada@xn--bcher-kva.example", "1@2.example",
		"ada@3com.example", strings.Repeat("a", 64) + "@example.com",
	} {
		require.NoError(t, CheckEmail(good), good)
	}
	for _, bad := range []string{
		"", "ada", "@example.com", "ada@", "ada@x", "ada@-x-.test", "ada@x-.test", "ada@.example.com", "ada@example.com.",
		"ada@example..com", "ada@exa_mple.com", "ada@[127.0.0.1]", "ada@127.0.0.1", "Ada <ada@example.com>", "<ada@example.com>",
		"ada@example.com ", " ada@example.com", "ada lovelace@example.com", `"ada l"@example.com`, `"ada"@example.com`,
		"ada@example.com (work)", "ada@example.com,bob@example.com", "ada@@example.com", ".ada@example.com", "ada.@example.com",
		"a..b@example.com", "ada@example.com\n", "ada@exam\x00ple.com", "mailto:ada@example.com", "ada@example.1",
		strings.Repeat("a", 65) + "@example.com", "ada@" + strings.Repeat("a", 64) + ".com", "ada@" + strings.Repeat("a.", 130) + "com",
		"\xff@example.com",
	} {
		require.Error(t, CheckEmail(bad), "%q", bad)
	}
}

func FuzzTextIsIdempotent(f *testing.F) {
	for _, s := range []string{"Ada", "e\x01\u0301", " \u00a0\x85", "a \u0301", "\u2000x\u037e", "\xff \xfe", "\u1100\x00\u1161"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, fn := range map[string]func(string) string{"text": text, "lines": lines} {
			once := fn(s)
			require.Equal(t, once, fn(once), "%s %q", name, s)
		}
		once := text(s)
		require.Equal(t, strings.TrimSpace(once), once)
		require.False(t, strings.ContainsFunc(once, unicode.IsControl))
		require.NotContains(t, once, "  ")
		require.True(t, norm.NFC.IsNormalString(once))
		require.Equal(t, isPlain(s), isPlain(s) && once == s, "plain text does not change")
	})
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"ada@example.com", "ada@x", "ada@-x-.test", `"a b"@example.com`, "a@b.c(d)", "=?utf-8?q?a?=@example.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := emailAddress(s)
		if err != nil || got == "" {
			return
		}
		require.Equal(t, strings.TrimSpace(s), got)
		require.False(t, strings.ContainsAny(got, " \t\r\n\x00<>()[]\\,;:\""), "%q", got)
		require.Equal(t, 1, strings.Count(got, "@"), "%q", got)
		require.Contains(t, got[strings.LastIndexByte(got, '@'):], ".")
	})
}
