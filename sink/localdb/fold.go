package localdb

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold gives a value in the form in which equal values are equal: composed,
// without case, without surrounding blanks. The databases fold ASCII letters
// only, or as their locale has it, so both sides of a comparison are folded here.
func fold(value string) string {
	value = strings.TrimSpace(value)
	for i := range len(value) {
		if value[i] >= 0x80 {
			return norm.NFC.String(cases.Fold().String(norm.NFC.String(value)))
		}
	}
	return strings.ToLower(value)
}

// loose gives what is left of a value whichever way a matcher normalises it:
// its letters and digits, without case and marks.
func loose(value string) string {
	keep := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}
	return strings.Map(keep, cases.Fold().String(norm.NFKD.String(value)))
}
