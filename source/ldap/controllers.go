package ldap

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/internal/protection"
)

// controller is one of the servers that a read may go to.
type controller struct {
	ldaps bool
	host  string // its own name: what its certificate must bear, for Kerberos and for texts
	port  string
	ip    string // where it was reached; empty: not yet
}

// address tells controllers apart, and is what is remembered of one.
func (c controller) address() string { return net.JoinHostPort(strings.ToLower(c.host), c.port) }

// maxControllers bounds the controllers that one read tries, and with that the
// time it takes to find that nobody answers.
const maxControllers = 16

// controllers lists those that a read may go to, in the order in which it asks
// them.
func (s *Source) controllers(ctx context.Context, preferred string) ([]controller, error) {
	list, err := s.configured()
	if s.Domain != "" {
		list, err = s.discover(ctx)
	}
	if err != nil {
		return nil, err
	}
	list = s.memory.arrange(list, preferred, time.Now())
	return list[:min(len(list), maxControllers)], nil
}

// configured are URL and Alternates.
func (s *Source) configured() (list []controller, err error) {
	for _, address := range s.servers() {
		u, err := s.parseURL(address)
		if err != nil {
			return nil, err
		}
		c := controller{ldaps: u.Scheme == "ldaps", host: u.Hostname(), port: u.Port()}
		c.port = cmp.Or(c.port, standardPort(c.ldaps))
		list = append(list, c)
	}
	return list, nil
}

func standardPort(ldaps bool) string {
	if ldaps {
		return goldap.DefaultLdapsPort
	}
	return goldap.DefaultLdapPort
}

// memory is what a source knows of its controllers while the process lives. The
// zero value knows nothing.
type memory struct {
	mu       sync.Mutex
	last     string // address of the one that answered last
	ips      map[string]string
	silent   map[string]silence
	answers  []controller // of the last discovery
	siteName string       // our own, as a controller told it
}

// silence is a controller that did not answer.
type silence struct {
	times int
	until time.Time // before that, it is asked only when nobody else answers
}

const (
	firstSilence = 30 * time.Second
	maxSilence   = 15 * time.Minute
)

// answered makes a controller the one that reads keep to: each holds the
// changes of the others a little later, and a read that goes from one to the
// next sees the past.
func (m *memory) answered(c controller) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = c.address()
	delete(m.silent, c.address())
	if m.ips == nil {
		m.ips = map[string]string{}
	}
	m.ips[c.address()] = c.ip
}

// failed remembers for a while, each time for longer, that a controller did not
// answer: a run does not wait for the same dead host again and again. The
// jitter keeps many agents from coming back at the same instant.
func (m *memory) failed(c controller, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.silent == nil {
		m.silent = map[string]silence{}
	}
	times := m.silent[c.address()].times + 1
	wait := jitter(doubled(firstSilence, times, maxSilence))
	m.silent[c.address()] = silence{times, now.Add(wait)}
}

func (m *memory) addressOf(c controller) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ips[c.address()]
}

// arrange puts the controller to keep to first, and those that did not answer
// lately last. preferred comes from an earlier run; empty: whoever answered last
// in this process. A controller that is not in the list is not asked, whatever
// is remembered.
func (m *memory) arrange(list []controller, preferred string, now time.Time) []controller {
	m.mu.Lock()
	defer m.mu.Unlock()
	preferred = cmp.Or(preferred, m.last)
	rank := func(c controller) int64 {
		if quiet, ok := m.silent[c.address()]; ok && now.Before(quiet.until) {
			return quiet.until.UnixNano()
		}
		if c.address() == preferred && !protection.StickyController.Removed() {
			return -1
		}
		return 0
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b controller) int { return cmp.Compare(rank(a), rank(b)) })
	return list
}

// doubled gives first, twice that, and so on, up to most.
func doubled(first time.Duration, times int, most time.Duration) time.Duration {
	for ; times > 1 && first < most; times-- {
		first *= 2
	}
	return min(first, most)
}

// jitter makes a wait up to a quarter shorter or longer.
func jitter(d time.Duration) time.Duration {
	return d - d/4 + rand.N(max(d/2, 1))
}
