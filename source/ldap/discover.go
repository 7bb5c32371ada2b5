package ldap

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// discover asks the name server for the domain's controllers: first those of
// our site, then all. When it does not answer, its last answer still holds.
func (s *Source) discover(ctx context.Context) ([]controller, error) {
	ctx, cancel := context.WithTimeout(ctx, s.dialTimeout())
	defer cancel()
	d := discovery{src: s}
	names := s.services()
	for i, name := range names {
		if i == len(names)-1 && len(d.found) > 0 {
			break // the last is for servers other than Active Directory
		}
		_, records, err := s.resolver().LookupSRV(ctx, "ldap", "tcp", name)
		d.take(name, records, err)
	}
	if len(d.found) > 0 {
		s.memory.discovered(d.found)
		return d.found, nil
	}
	if known := s.memory.discoveredLast(); d.broken && len(known) > 0 {
		return known, nil
	}
	return nil, d.fault()
}

// services are the names that controllers are registered under, below
// _ldap._tcp (MS-ADTS, section 6.3.2.3; the last is of RFC 2782 alone).
func (s *Source) services() []string {
	domain := strings.ToLower(strings.TrimSuffix(s.Domain, "."))
	var list []string
	if site := cmp.Or(s.Site, s.memory.site()); site != "" {
		list = append(list, site+"._sites.dc._msdcs."+domain)
	}
	return append(list, "dc._msdcs."+domain, domain)
}

// discovery collects what the name server answers.
type discovery struct {
	src     *Source
	found   []controller
	refused []string // hosts that no password is given to
	said    []string // what each lookup came to, in order
	broken  bool     // a lookup got no answer at all
}

func (d *discovery) take(name string, records []*net.SRV, err error) {
	said := "_ldap._tcp." + name + ": "
	var dns *net.DNSError
	switch {
	case err != nil && len(records) == 0 && errors.As(err, &dns) && dns.IsNotFound:
		said += "no such name"
	case err != nil && len(records) == 0:
		d.broken = true
		said += clean(err.Error())
	default:
		said += strconv.Itoa(d.add(records)) + " of " + strconv.Itoa(len(records)) + " records can be used"
	}
	d.said = append(d.said, said)
}

// add takes the hosts of records, and tells how many it took or had.
func (d *discovery) add(records []*net.SRV) (usable int) {
	for _, r := range orderSRV(records, rand.IntN) {
		host := strings.ToLower(strings.TrimSuffix(r.Target, "."))
		if host == "" { // RFC 2782: the service is not offered
			continue
		}
		if !d.src.mayGoTo(host) {
			d.refused = append(d.refused, clean(host))
			continue
		}
		usable++
		c := controller{ldaps: !d.src.StartTLS, host: host, port: discoveredPort(r.Port, !d.src.StartTLS)}
		if !slices.Contains(d.found, c) {
			d.found = append(d.found, c)
		}
	}
	return usable
}

// discoveredPort is that of the record, which is about LDAP without TLS from
// the start: LDAPS is at another.
func discoveredPort(port uint16, ldaps bool) string {
	if port == 0 || ldaps && port == 389 {
		return standardPort(ldaps)
	}
	return strconv.Itoa(int(port))
}

// mayGoTo tells whether a host is given the password. Names come from DNS, which
// anybody on the way may forge, and a certificate can be had for any name of
// one's own: only names inside the domain, or where ControllerDomains says, are
// the directory's.
func (s *Source) mayGoTo(host string) bool {
	if !isHostName(host) {
		return false
	}
	for _, domain := range append([]string{s.Domain}, s.ControllerDomains...) {
		if strings.HasSuffix(host, "."+strings.ToLower(strings.Trim(domain, "."))) {
			return true
		}
	}
	return false
}

// isHostName tells a host's name from an address and from what is neither. A
// certificate is for a name.
func isHostName(host string) bool {
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	}
	return len(host) <= 253 && !strings.ContainsFunc(host, odd) && net.ParseIP(host) == nil
}

func (d *discovery) fault() error {
	advice := "see that Domain is the directory's DNS name and that this computer asks the directory's name servers, or set URL"
	if len(d.refused) > 0 {
		advice = "the records name hosts outside the domain (" + strings.Join(d.refused[:min(len(d.refused), 5)], ", ") + "), which get no password; if they are controllers, name their domain in ControllerDomains"
	}
	return adsync.Errorf(adsync.CodeUnavailable, "ldap: DNS names no controller of %s (%s): %s", d.src.Domain, strings.Join(d.said, "; "), advice)
}

// orderSRV puts records in the order in which a client asks (RFC 2782): by
// priority, and within one by chance in proportion to the weight. pick gives a
// number from 0 up to n, less one.
func orderSRV(records []*net.SRV, pick func(n int) int) []*net.SRV {
	rest := slices.Clone(records)
	slices.SortStableFunc(rest, func(a, b *net.SRV) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Weight, b.Weight))
	})
	var ordered []*net.SRV
	for len(rest) > 0 {
		n := 1
		for n < len(rest) && rest[n].Priority == rest[0].Priority {
			n++
		}
		i := weighted(rest[:n], pick)
		ordered = append(ordered, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	return ordered
}

func weighted(equals []*net.SRV, pick func(n int) int) int {
	total := 0
	for _, r := range equals {
		total += int(r.Weight)
	}
	at := pick(total + 1)
	for i, r := range equals {
		if at -= int(r.Weight); at <= 0 {
			return i
		}
	}
	return len(equals) - 1
}

func (m *memory) discovered(list []controller) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers = slices.Clone(list)
}

func (m *memory) discoveredLast() []controller {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.answers)
}
