package mapping

import (
	"errors"
	"net/mail"
	"strings"
	"unicode"
)

// emailAddress gives the address without white space at its ends, or says why
// it is none. The case is kept: comparing without case is the matcher's.
func emailAddress(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	return s, CheckEmail(s)
}

// CheckEmail tells why s is no plain e-mail address: local@domain as in
// RFC 5322, without a display name, comments or quotes, with a domain of at
// least two labels as in RFC 1123. Letters of any script may stand in both
// parts (RFC 6531). The error does not repeat s.
func CheckEmail(s string) error {
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s {
		return errors.New("the value is no plain e-mail address such as name@example.com")
	}
	at := strings.LastIndexByte(s, '@')
	if at > 64 {
		return errors.New("the part of the e-mail address before the @ is longer than 64 bytes")
	}
	return checkDomain(s[at+1:])
}

func checkDomain(domain string) error {
	if len(domain) > 253 {
		return errors.New("the domain of the e-mail address is longer than 253 bytes")
	}
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return errors.New("the domain of the e-mail address has no dot")
	}
	for _, l := range labels {
		if !isLabel(l) {
			return errors.New("the domain of the e-mail address is not made of letters, digits and inner hyphens")
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return errors.New("the domain of the e-mail address ends in a number")
	}
	return nil
}

func isLabel(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	return !strings.ContainsFunc(l, func(r rune) bool {
		return r != '-' && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	})
}

// primaryAddress takes the main address out of proxyAddresses: the one with
// upper-case SMTP; of several, the last (MS-OXLDAP 2.2.3.4).
func primaryAddress(values []string) ([]string, error) {
	for i := len(values) - 1; i >= 0; i-- {
		if address, ok := strings.CutPrefix(values[i], "SMTP:"); ok && address != "" {
			return []string{address}, nil
		}
	}
	return nil, nil
}

// otherAddresses takes the e-mail addresses that are not the main one.
func otherAddresses(values []string) ([]string, error) {
	primary, _ := primaryAddress(values)
	var out []string
	for _, v := range values {
		kind, address, ok := strings.Cut(v, ":")
		if !ok || !strings.EqualFold(kind, "smtp") || address == "" {
			continue
		}
		if len(primary) == 0 || !strings.EqualFold(address, primary[0]) {
			out = append(out, address)
		}
	}
	return out, nil
}
