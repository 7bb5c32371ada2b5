package mapping

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalizer is something done to values, named in rules. Exactly one of Value
// and List is set. It is pure: the same values give the same result.
type Normalizer struct {
	Name string
	// Version is part of the map's digest: change it when the results change.
	Version string
	// Value turns one value into another; "" leaves it out. Its errors say
	// what is wrong and do not repeat the value.
	Value func(string) (string, error)
	// List turns all values of the attribute into others. In a rule it stands
	// before those that take one value.
	List func([]string) ([]string, error)
}

// builtin are the normalisers that every map knows.
//
//	text       drop control characters, white space to single spaces, trim, NFC; the default
//	lines      the same for each line; lines are joined by LF, empty ones dropped
//	raw        nothing at all; the value need not be text
//	trim       drop white space at both ends
//	collapse   white space, line breaks too, to single spaces
//	controls   drop control characters that are no white space
//	nfc        Unicode normalisation form C
//	lower      to lower case
//	upper      to upper case
//	email      trim; anything but a plain e-mail address is an error
//	primary-address   of proxyAddresses, the main SMTP address
//	other-addresses   of proxyAddresses, the other SMTP addresses
func builtin() []Normalizer {
	return []Normalizer{
		{Name: "text", Value: sure(text)},
		{Name: "lines", Value: sure(lines)},
		{Name: rawName, Value: sure(func(s string) string { return s })},
		{Name: "trim", Value: sure(strings.TrimSpace)},
		{Name: "collapse", Value: sure(collapse)},
		{Name: "controls", Value: sure(dropControls)},
		{Name: "nfc", Value: sure(norm.NFC.String)},
		{Name: "lower", Value: sure(strings.ToLower)},
		{Name: "upper", Value: sure(strings.ToUpper)},
		{Name: "email", Value: emailAddress},
		{Name: "primary-address", List: primaryAddress},
		{Name: "other-addresses", List: otherAddresses},
	}
}

// rawName names the normaliser whose values need not be UTF-8.
const rawName = "raw"

var errNotText = errors.New("the value is no UTF-8 text")

func sure(f func(string) string) func(string) (string, error) {
	return func(s string) (string, error) { return f(s), nil }
}

// text makes a value that people typed comparable: see builtin.
func text(s string) string {
	if isPlain(s) {
		return s
	}
	return norm.NFC.String(collapse(dropControls(s)))
}

// isPlain tells that text would change nothing, for most values at the cost of
// one look at each byte.
func isPlain(s string) bool {
	space := true // a space at the start is not plain
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space || s == ""
}

func lines(s string) string {
	if isPlain(s) {
		return s
	}
	var out []string
	for line := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = text(line); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

func dropControls(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func isBlank(s string) bool {
	if s != "" && s[0] > ' ' && s[0] < utf8.RuneSelf {
		return false
	}
	return strings.TrimSpace(s) == ""
}
