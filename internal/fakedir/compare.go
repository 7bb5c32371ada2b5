package fakedir

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold gives the form in which Active Directory compares text: without case
// and without accents.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return strings.Map(dropMark, strings.ToLower(norm.NFD.String(s)))
}

func dropMark(r rune) rune {
	if unicode.Is(unicode.Mn, r) {
		return -1
	}
	return r
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// equalText compares a value with an assertion that is folded already.
func equalText(value, folded string) bool {
	if isASCII(value) {
		return len(value) == len(folded) && strings.EqualFold(value, folded)
	}
	return fold(value) == folded
}

// pattern is a substring assertion.
type pattern struct {
	initial, final string
	any            []string
}

// matches finds the parts in order, without overlap (RFC 4517 section 4.2.6).
func (p pattern) matches(s string) bool {
	s, ok := strings.CutPrefix(s, p.initial)
	if !ok {
		return false
	}
	if s, ok = strings.CutSuffix(s, p.final); !ok {
		return false
	}
	for _, part := range p.any {
		_, after, found := strings.Cut(s, part)
		if !found {
			return false
		}
		s = after
	}
	return true
}
