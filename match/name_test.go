package match_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/adsync/sdk/match"
)

func TestNormalizeKeepsLettersDigitsAndMarksOfAnyScript(t *testing.T) {
	for in, want := range map[string]string{
		"Ada":                    "ada",
		"  Ada-Mae  ":            "adamae",
		"O'Neil 3rd":             "oneil3rd",
		"JOSE\u0301":             "jos\u00e9",
		"Stra\u00dfer":           "strasser",
		"\u0394\u03af\u03c2":     "\u03b4\u03af\u03c3", // final sigma folds
		"\u674e \u5c0f\u9f99":    "\u674e\u5c0f\u9f99",
		"\u0939\u093f\u0928":     "\u0939\u093f\u0928", // vowel sign is a mark
		"\u0663":                 "\u0663",             // Arabic-Indic digit
		"\ufb01n":                "fin",
		"---":                    "",
		"":                       "",
		"\u200b\u202e":           "",
		"Ada\x00":                "ada",
		"\U0001f600":             "",
		"\u0130stanbul":          "i\u0307stanbul",
		"\u1e9e":                 "ss",
		"\u03b1\u0345 \u1fb3":    "\u03b1\u03b9\u03b1\u03b9",
		strings.Repeat("- ", 99): "",
	} {
		require.Equal(t, want, match.Normalize(in), "%q", in)
	}
}

func FuzzNormalizeIsIdempotentAndCaseless(f *testing.F) {
	for _, s := range []string{"Ada", "JOSE\u0301", "\u1e9e\u0345\u0130", "\u1f88\u0313", "a\u0315\u0300-\u05ae", "\xff\xfe", "\u03f4\u2126"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := match.Normalize(s)
		require.Equal(t, once, match.Normalize(once), "%q", s)
		require.Equal(t, once, norm.NFC.String(once), "%q", s)
		require.False(t, strings.ContainsFunc(once, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
		}), "%q", once)
		require.Equal(t, once, match.Normalize(norm.NFD.String(s)), "%q", s)
	})
}
