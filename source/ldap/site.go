package ldap

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
)

// learnSite asks a controller which site we are in, where nobody said. It tells
// whether that is news and the controller is of another, so that one of ours is
// the better choice. A controller that does not answer this changes nothing.
func (s *Source) learnSite(ctx context.Context, c *conn) (elsewhere bool) {
	if s.Domain == "" || s.Site != "" {
		return false
	}
	filter := "(&(DnsDomain=" + goldap.EscapeFilter(strings.TrimSuffix(s.Domain, ".")) + `)(NtVer=\06\00\00\00))`
	root, err := c.one(ctx, "", filter, false, "netlogon")
	if err != nil || root == nil {
		return false
	}
	theirs, ours, err := parseNetlogon([]byte(root.value("netlogon")))
	if err != nil || !isHostName(strings.ToLower(ours)) {
		return false
	}
	news := s.memory.setSite(ours)
	return news && !strings.EqualFold(theirs, ours)
}

func (m *memory) site() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.siteName
}

// setSite tells whether that was not known.
func (m *memory) setSite(name string) (news bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	news = m.siteName != name
	m.siteName = name
	return news
}

var errNetlogon = errors.New("not a NETLOGON_SAM_LOGON_RESPONSE_EX")

// parseNetlogon reads the site of the controller and the site of the asker out of
// NETLOGON_SAM_LOGON_RESPONSE_EX (MS-ADTS, section 6.3.1.9): operation 23, flags,
// GUID, and then names in the form of RFC 1035, section 4.1.4. The second is
// empty when the asker's address belongs to no site.
func parseNetlogon(raw []byte) (theirs, ours string, err error) {
	const names, dcSite, clientSite = 24, 6, 7
	if len(raw) < names || binary.LittleEndian.Uint16(raw) != 23 {
		return "", "", errNetlogon
	}
	at, name := names, ""
	for i := range clientSite + 1 {
		if name, at, err = compressedName(raw, at); err != nil {
			return "", "", err
		}
		if i == dcSite {
			theirs = name
		}
	}
	return theirs, name, nil
}

// compressedName reads one name, and gives the place after it. Each jump goes
// back, so that it ends.
func compressedName(raw []byte, at int) (name string, next int, err error) {
	var labels []string
	next, bound := -1, at+1
	for at < len(raw) {
		n := int(raw[at])
		switch {
		case n == 0:
			if next < 0 {
				next = at + 1
			}
			return strings.Join(labels, "."), next, nil
		case n >= 0xc0 && at+1 < len(raw):
			if next < 0 {
				next = at + 2
			}
			at = n&0x3f<<8 | int(raw[at+1])
			if at >= bound {
				return "", 0, errNetlogon
			}
			bound = at
		case n < 0x40 && at+1+n <= len(raw):
			labels = append(labels, string(raw[at+1:at+1+n]))
			at += 1 + n
		default:
			return "", 0, errNetlogon
		}
	}
	return "", 0, errNetlogon
}
