package directory

import (
	"bytes"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/adsync/sdk/internal/protection"
)

// shortTypes gives the short name of the types that names are made of (RFC
// 4514 section 3, RFC 4519). Others stand for themselves.
var shortTypes = map[string]string{
	"commonname": "cn", "2.5.4.3": "cn",
	"surname": "sn", "2.5.4.4": "sn",
	"countryname": "c", "2.5.4.6": "c",
	"localityname": "l", "2.5.4.7": "l",
	"stateorprovincename": "st", "2.5.4.8": "st",
	"streetaddress": "street", "2.5.4.9": "street",
	"organizationname": "o", "2.5.4.10": "o",
	"organizationalunitname": "ou", "2.5.4.11": "ou",
	"userid": "uid", "0.9.2342.19200300.100.1.1": "uid",
	"domaincomponent": "dc", "0.9.2342.19200300.100.1.25": "dc",
}

func shortType(name string) string {
	name = strings.TrimPrefix(lowerASCII(name), "oid.")
	if short, ok := shortTypes[name]; ok {
		return short
	}
	return name
}

// lowerASCII allocates only where there is something to change.
func lowerASCII(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return strings.ToLower(s)
		}
	}
	return s
}

// Fold brings text to the form in which directories compare it: case folded,
// composed characters alike (NFC), spaces at both ends dropped and those
// between words made one (RFC 4518). Compatibility forms such as a superscript
// two stay different, as Active Directory keeps them. Bytes that are not UTF-8
// are left alone.
func Fold(text string) string { return string(fold(nil, []byte(text))) }

// fold appends the folded text to out.
func fold(out, text []byte) []byte {
	if isASCII(text) {
		from := len(out)
		out = append(out, text...)
		for i := from; i < len(out); i++ {
			if c := out[i]; 'A' <= c && c <= 'Z' {
				out[i] = c + 'a' - 'A'
			}
		}
		return squeeze(out, from)
	}
	from := len(out)
	if !utf8.Valid(text) {
		return squeeze(append(out, text...), from)
	}
	folded := bytes.Map(foldRune, norm.NFD.Bytes(text))
	return squeeze(norm.NFC.Append(out, folded...), from)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// foldRune gives one rune for all that differ by case only: the smallest of
// them, or the lower-case letter where that is ASCII. The iota subscript is
// left out, since it is a combining mark and its capital is a letter.
func foldRune(r rune) rune {
	const iotaSubscript = '\u0345'
	if r == iotaSubscript {
		return r
	}
	least := r
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		if o < least && o != iotaSubscript {
			least = o
		}
	}
	if 'A' <= least && least <= 'Z' {
		return least + 'a' - 'A'
	}
	return least
}

// squeeze drops spaces at both ends of out[from:] and doubled ones inside.
func squeeze(out []byte, from int) []byte {
	w := from
	for i := from; i < len(out); i++ {
		if out[i] == ' ' && (w == from || out[w-1] == ' ') {
			continue
		}
		out[w] = out[i]
		w++
	}
	if w > from && out[w-1] == ' ' {
		w--
	}
	return out[:w]
}

// appendValue appends the folded value with what is special in it escaped.
func appendValue(out, value []byte) []byte {
	from := len(out)
	if protection.Spelling.Removed() {
		return append(out, value...)
	}
	out = fold(out, value)
	if !bytes.ContainsFunc(out[from:], mustEscape) && utf8.Valid(out[from:]) {
		return out
	}
	folded := bytes.Clone(out[from:])
	out = out[:from]
	valid := utf8.Valid(folded)
	for i, c := range folded {
		switch {
		case c < ' ' || c == 0x7f || c >= utf8.RuneSelf && !valid:
			out = hex.AppendEncode(append(out, '\\'), folded[i:i+1])
		case c == '#' && i > 0:
			out = append(out, c)
		case mustEscape(rune(c)):
			out = append(out, '\\', c)
		default:
			out = append(out, c)
		}
	}
	return out
}

func mustEscape(r rune) bool {
	switch r {
	case '"', '#', '+', ',', ';', '<', '=', '>', '\\', 0x7f:
		return true
	}
	return r < ' '
}
