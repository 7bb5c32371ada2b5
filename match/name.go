package match

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// separator stands between the parts of a composed name. Normalize never
// leaves it in a part.
const separator = "/"

// PersonName composes the key of a person's name. The parts stay apart, so a
// middle name counts unless it is blank on both sides, and blank on one side
// only is no match. Without a first or a last name there is no key: half a
// name is no ground to take one person for another.
func PersonName(first, middle, last string) string {
	first, last = Normalize(first), Normalize(last)
	if first == "" || last == "" {
		return ""
	}
	return first + separator + Normalize(middle) + separator + last
}

// Normalize makes names comparable: Unicode normal form C, case folded, and
// only letters and digits of any script kept, with their marks. It is
// idempotent. A name of nothing else gives "", which matches nothing.
func Normalize(name string) string {
	if plain, ok := normalizeASCII(name); ok {
		return plain
	}
	for range 3 { // folding may bring forth what folds again; two rounds are the rule
		next := normalizeOnce(name)
		if next == name {
			break
		}
		name = next
	}
	return name
}

// normalizeOnce folds the decomposed form, as Unicode's canonical caseless
// matching does (chapter 3.13, D145).
func normalizeOnce(name string) string {
	folded := cases.Fold().String(norm.NFD.String(name))
	return norm.NFC.String(strings.Map(func(r rune) rune {
		r = foldCherokee(r)
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return r
		}
		return -1
	}, folded))
}

// foldCherokee folds Cherokee to its capital letters, as Unicode's table does.
// cases.Fold (x/text v0.43.0) exchanges the two instead.
func foldCherokee(r rune) rune {
	switch {
	case 0xAB70 <= r && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	case 0x13F8 <= r && r <= 0x13FD:
		return r - 8
	}
	return r
}

func normalizeASCII(name string) (string, bool) {
	out := make([]byte, 0, len(name))
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 0x80:
			return "", false
		case 'A' <= c && c <= 'Z':
			out = append(out, c+'a'-'A')
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			out = append(out, c)
		}
	}
	return string(out), true
}
