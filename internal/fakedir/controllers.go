package fakedir

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"
)

// forest is what the controllers of one directory have in common.
type forest struct {
	authority *authority
	mu        sync.Mutex // guards the count
	count     int
}

func (f *forest) next() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	return f.count
}

// controller is what makes one server different from the others.
type controller struct {
	number      int // from 1
	incarnation int // how often it was restored
}

// name is DC1, DC2 and so on; host is the DNS name.
func (c controller) name() string { return fmt.Sprintf("DC%d", c.number) }

func (c controller) host(domain string) string { return strings.ToLower(c.name()) + "." + domain }

// maker distinguishes the identifiers that this controller gives away. The first
// one, never restored, has none.
func (c controller) maker() string {
	if c == (controller{number: 1}) {
		return ""
	}
	return fmt.Sprintf("%s/%d/", c.name(), c.incarnation)
}

func (c controller) ridPool() uint32 {
	return uint32(10_000_000 + 50_000_000*(c.number-1) + 1_000_000*c.incarnation)
}

func (c controller) invocation(seed uint64) guid { return guidFor(seed, "invocation"+c.maker()) }

// Another starts one more controller of the same directory, called dc2, dc3 and
// so on in its certificate, signed by the same authority. It begins with what
// this one holds, counts changes by itself, and hears of others' changes only by
// [Server.ReplicateFrom]. Accounts, passwords and rights are the same; faults are
// its own. Address is where it listens, 127.0.0.1:0 when empty.
func (s *Server) Another(address string) (*Server, error) {
	c := s.cfg
	c.Address = cmp.Or(address, "127.0.0.1:0")
	if err := c.check(); err != nil {
		return nil, err
	}
	dc := controller{number: s.forest.next()}
	c.ReferralHost = dc.host(c.Domain)
	s.mu.Lock()
	s.org.addController(dc)
	org := s.org.copyFor(dc)
	rights := maps.Clone(s.rights)
	s.mu.Unlock()
	return serve(c, s.forest, org, s.password, rights)
}

// copyFor makes the same directory on another controller. The life of the
// company stays where it is: its people change on the first controller only.
func (c *company) copyFor(dc controller) *company {
	out := *c
	t := c.tree.clone()
	t.heard = c.tree.upToDate()
	t.invocation = dc.invocation(c.seed)
	out.staff, out.dc = nil, dc
	out.on(t)
	return &out
}

// Pass lets time pass on this controller. Tombstones grow old by it; nobody
// joins or leaves, as they do in [Server.Advance]. Controllers whose clocks
// should agree need the same calls.
func (s *Server) Pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view.now = s.view.now.Add(d)
	s.view.expire()
}

// Now is what the controller's clock shows. It stands still between
// [Server.Pass] and [Server.Advance].
func (s *Server) Now() time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.view.now
}

// InvocationID is the identity of the controller's database, in the bytes of the
// wire. A restore from a backup gives a new one.
func (s *Server) InvocationID() []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.view.invocation[:]
}

// HighestUSN is the number of the controller's last change.
func (s *Server) HighestUSN() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.view.usn
}
