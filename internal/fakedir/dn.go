package fakedir

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// splitDN cuts a distinguished name at its unescaped commas (RFC 4514).
func splitDN(dn string) []string {
	var out []string
	start := 0
	for i := 0; i < len(dn); i++ {
		switch dn[i] {
		case '\\':
			i++
		case ',', ';':
			out = append(out, dn[start:i])
			start = i + 1
		}
	}
	return append(out, dn[start:])
}

// parseRDN gives type and unescaped value of one component.
func parseRDN(rdn string) (kind, value string, err error) {
	kind, raw, ok := strings.Cut(rdn, "=")
	if !ok {
		return "", "", fmt.Errorf("fakedir: %q is no type=value", rdn)
	}
	value, err = unescape(strings.TrimLeft(raw, " "))
	return strings.TrimSpace(kind), value, err
}

// unescape undoes \, and \2c; spaces at the end are dropped unless escaped.
func unescape(raw string) (string, error) {
	var b strings.Builder
	keep := 0
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			b.WriteByte(raw[i])
			if raw[i] != ' ' {
				keep = b.Len()
			}
			continue
		}
		n, err := writeEscaped(&b, raw[i+1:])
		if err != nil {
			return "", err
		}
		i += n
		keep = b.Len()
	}
	return b.String()[:keep], nil
}

func writeEscaped(b *strings.Builder, rest string) (int, error) {
	if rest == "" {
		return 0, fmt.Errorf("fakedir: a name ends in a backslash")
	}
	if len(rest) >= 2 {
		if x, err := hex.DecodeString(rest[:2]); err == nil {
			b.Write(x)
			return 2, nil
		}
	}
	b.WriteByte(rest[0])
	return 1, nil
}

// EscapeRDN escapes one value for a distinguished name as Active Directory
// writes it.
func EscapeRDN(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		c := value[i]
		edge := i == 0 && (c == ' ' || c == '#') || i == len(value)-1 && c == ' '
		switch {
		case edge, strings.IndexByte(`,\+"<>;=`, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ':
			fmt.Fprintf(&b, "\\%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// keyOf gives the form of a name that is the same for all its spellings.
func keyOf(dn string) (string, error) {
	if dn == "" {
		return "", nil
	}
	parts := splitDN(dn)
	for i, rdn := range parts {
		kind, value, err := parseRDN(rdn)
		if err != nil {
			return "", err
		}
		parts[i] = rdnKey(kind, value)
	}
	return strings.Join(parts, ","), nil
}

func rdnKey(kind, value string) string {
	return strings.ToLower(kind) + "=" + EscapeRDN(strings.ToLower(value))
}

// parentKey gives the key of the container.
func parentKey(key string) string {
	for i := 0; i < len(key); i++ {
		switch key[i] {
		case '\\':
			i++
		case ',':
			return key[i+1:]
		}
	}
	return ""
}
