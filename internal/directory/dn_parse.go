package directory

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// ParseDN reads a distinguished name in the form of RFC 4514, and in two older
// ones: spaces around separators, and values in quotes (RFC 2253).
func ParseDN(text string) (DN, error) {
	p := parser{text: text, folded: make([]byte, 0, len(text)+8), starts: make([]start, 0, 1+strings.Count(text, ","))}
	p.spaces()
	if p.at == len(text) {
		return DN{}, nil
	}
	for {
		p.starts = append(p.starts, start{p.at, len(p.folded)})
		if err := p.relativeName(); err != nil {
			return DN{}, err
		}
		if p.at == len(text) {
			return p.dn(), nil
		}
		p.at++ // the comma
		p.folded = append(p.folded, ',')
		p.spaces()
	}
}

// parser walks over a name once.
type parser struct {
	text   string
	at     int
	folded []byte
	starts []start
	value  []byte // of the part being read, without escapes
	kept   int    // length of value that trailing spaces must not shrink
}

func (p *parser) dn() DN {
	if lead := p.starts[0].text; lead > 0 {
		for i := range p.starts {
			p.starts[i].text -= lead
		}
		p.text = p.text[lead:]
	}
	return DN{text: strings.Clone(p.text), folded: string(p.folded), starts: p.starts}
}

func (p *parser) fail(what string) error {
	return adsync.Errorf(adsync.CodeInvalid, "not a distinguished name: %s at byte %d of %d", what, p.at+1, len(p.text))
}

func (p *parser) spaces() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

// relativeName reads one or more type=value joined by plus signs, and ends at
// a comma or the end. Parts are put in order, since theirs has no meaning.
func (p *parser) relativeName() error {
	from := len(p.folded)
	if err := p.part(); err != nil {
		return err
	}
	if p.at == len(p.text) || p.text[p.at] == ',' {
		return nil
	}
	parts := [][]byte{bytes.Clone(p.folded[from:])}
	for p.at < len(p.text) && p.text[p.at] == '+' {
		p.at++
		p.folded = p.folded[:from]
		if err := p.part(); err != nil {
			return err
		}
		parts = append(parts, bytes.Clone(p.folded[from:]))
	}
	slices.SortFunc(parts, bytes.Compare)
	p.folded = append(p.folded[:from], bytes.Join(parts, []byte{'+'})...)
	return nil
}

// part reads type=value and appends its folded form.
func (p *parser) part() error {
	if err := p.attributeType(); err != nil {
		return err
	}
	p.spaces()
	p.value, p.kept = p.value[:0], 0
	if p.at < len(p.text) && p.text[p.at] == '#' {
		return p.hexValue()
	}
	read := p.plainValue
	if p.at < len(p.text) && p.text[p.at] == '"' {
		read = p.quotedValue
	}
	if err := read(); err != nil {
		return err
	}
	p.folded = appendValue(p.folded, p.value)
	return nil
}

func (p *parser) attributeType() error {
	p.spaces()
	from := p.at
	for p.at < len(p.text) && isTypeByte(p.text[p.at]) {
		p.at++
	}
	name := p.text[from:p.at]
	p.spaces()
	if name == "" || p.at == len(p.text) || p.text[p.at] != '=' {
		return p.fail("an attribute type and an equals sign are expected")
	}
	p.at++
	p.folded = append(append(p.folded, shortType(name)...), '=')
	return nil
}

func isTypeByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_'
}

// plainValue reads up to an unescaped comma or plus. Spaces at its end do not
// count.
func (p *parser) plainValue() error {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; c {
		case ',', '+':
			p.trim()
			return nil
		case ';', 0:
			return p.fail(fmt.Sprintf("%q must be escaped", c))
		case '\\':
			if err := p.escape(); err != nil {
				return err
			}
		default:
			p.value = append(p.value, c)
			p.at++
		}
	}
	p.trim()
	return nil
}

// trim drops unescaped spaces from the end.
func (p *parser) trim() {
	for len(p.value) > p.kept && p.value[len(p.value)-1] == ' ' {
		p.value = p.value[:len(p.value)-1]
	}
}

// escape reads a backslash with a character or two hexadecimal digits.
func (p *parser) escape() error {
	rest := p.text[p.at+1:]
	if len(rest) >= 2 {
		if b, err := hex.DecodeString(rest[:2]); err == nil {
			p.value = append(p.value, b[0])
			p.at += 3
			p.kept = len(p.value)
			return nil
		}
	}
	if rest == "" || !strings.ContainsRune(` "#+,;<=>\/*()`, rune(rest[0])) {
		return p.fail("a backslash must come before a special character or two hexadecimal digits")
	}
	p.value = append(p.value, rest[0])
	p.at += 2
	p.kept = len(p.value)
	return nil
}

// quotedValue reads a value in the quotes of RFC 2253.
func (p *parser) quotedValue() error {
	p.at++
	for p.at < len(p.text) {
		switch c := p.text[p.at]; c {
		case '"':
			p.at++
			return p.endOfPart()
		case '\\':
			if err := p.escape(); err != nil {
				return err
			}
		default:
			p.value = append(p.value, c)
			p.at++
		}
	}
	return p.fail("a closing quote is missing")
}

// hexValue reads #04024869: the BER encoding of the value. Strings are taken
// out of it, so that they equal the same value in plain form.
func (p *parser) hexValue() error {
	from := p.at + 1
	for p.at++; p.at < len(p.text) && strings.IndexByte(" ,+", p.text[p.at]) < 0; p.at++ {
	}
	raw, err := hex.DecodeString(p.text[from:p.at])
	if err != nil || len(raw) == 0 {
		return p.fail("a value that starts with # must be hexadecimal")
	}
	if inner, ok := berString(raw); ok {
		p.folded = appendValue(p.folded, inner)
	} else {
		p.folded = hex.AppendEncode(append(p.folded, '#'), raw)
	}
	return p.endOfPart()
}

func (p *parser) endOfPart() error {
	p.spaces()
	if p.at < len(p.text) && p.text[p.at] != ',' && p.text[p.at] != '+' {
		return p.fail("a comma is expected")
	}
	return nil
}

// berString gives the contents of an OCTET STRING, UTF8String, PrintableString
// or IA5String of at most 127 bytes.
func berString(raw []byte) ([]byte, bool) {
	if len(raw) < 2 || raw[1] > 127 || int(raw[1]) != len(raw)-2 {
		return nil, false
	}
	switch raw[0] {
	case 0x04, 0x0c, 0x13, 0x16:
		return raw[2:], true
	}
	return nil, false
}
