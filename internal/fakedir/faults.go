package fakedir

import (
	"context"
	"sync"
	"time"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// Fault is a failure that strikes certain searches. Reads of the root DSE never
// count and never fail.
type Fault struct {
	Search int  // strikes the k-th search from now on; 0 means the next, as 1 does
	Paged  bool // counts only searches with the paging control, each page is one
	Times  int  // strikes that many searches in a row; 0 is one, -1 all from there on
	After  int  // entries that are sent before it strikes; at the end when there are fewer

	Code       int    // ends the search with this result code; 0 is an untimely success
	Diagnostic string // the message with it
	Cut        bool   // closes the connection without a word instead
	Hang       bool   // says nothing more instead, until the client leaves or Heal is called
}

// SearchSeen is a search some client sent.
type SearchSeen struct {
	Base       string
	Scope      int64
	Attributes []string
	Paged      bool
	Continued  bool // it brought a cookie
}

// maxSeen bounds the memory of searches.
const maxSeen = 10_000

// faults decides what goes wrong.
type faults struct {
	mu         sync.Mutex
	planned    []*plannedFault
	delay      time.Duration
	noStartTLS bool
	healed     chan struct{}
	seen       []SearchSeen
}

type plannedFault struct {
	Fault
	seen, struck int
}

// strike is what one search suffers; without a fault only its delay counts.
type strike struct {
	Fault
	on     bool
	delay  time.Duration
	healed <-chan struct{}
}

func (s *strike) hits() bool { return s.on }

// pause waits between entries of a slow answer.
func (s *strike) pause(ctx context.Context) bool {
	if s.delay == 0 {
		return true
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(s.delay):
		return true
	}
}

// strike notes a search and finds the fault that hits it.
func (f *faults) strike(q *wire.Search, a asked) *strike {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.seen) < maxSeen {
		f.seen = append(f.seen, SearchSeen{q.Base, q.Scope, q.Attributes, a.paged, a.cookie != ""})
	}
	if f.healed == nil {
		f.healed = make(chan struct{})
	}
	out := &strike{delay: f.delay, healed: f.healed}
	for _, p := range f.planned {
		if p.counts(a) && !out.on {
			out.Fault, out.on = p.Fault, true
		}
	}
	return out
}

func (p *plannedFault) counts(a asked) bool {
	if p.Paged && !a.paged {
		return false
	}
	p.seen++
	if p.seen < p.Search || p.Times >= 0 && p.struck >= max(1, p.Times) {
		return false
	}
	p.struck++
	return true
}

func (f *faults) refusesStartTLS() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.noStartTLS
}

// Inject plans a fault. Several may be planned; the first that hits wins.
func (s *Server) Inject(f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.planned = append(s.faults.planned, &plannedFault{Fault: f})
}

// Slow makes every entry take that long.
func (s *Server) Slow(perEntry time.Duration) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.delay = perEntry
}

// RefuseStartTLS makes StartTLS fail, as on a controller without a certificate.
func (s *Server) RefuseStartTLS() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.noStartTLS = true
}

// Searches lists what clients have searched for since the last Heal, oldest
// first, the first 10,000 of them.
func (s *Server) Searches() []SearchSeen {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return append([]SearchSeen(nil), s.faults.seen...)
}

// HideAttributes takes away everybody's right to read these attributes: they
// are missing from every entry and no filter on them is true.
func (s *Server) HideAttributes(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hidden := map[attrID]bool{}
	for id := range s.view.hidden {
		hidden[id] = true
	}
	for _, n := range names {
		hidden[must(n)] = true
	}
	s.view.hidden = hidden
}

// Blind makes every search succeed and find nothing, as for an account that lost
// its rights; single entries can still be read by their name.
func (s *Server) Blind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view.blind = true
}

// HideBelow takes away the right to read what lies below an entry; the entry
// itself stays readable. Searches there succeed and find nothing.
func (s *Server) HideBelow(dn string) error {
	return s.obscure(dn, &s.view.below)
}

// Vanish makes an entry and everything below it disappear: as a base it is no
// such object.
func (s *Server) Vanish(dn string) error {
	return s.obscure(dn, &s.view.lost)
}

func (s *Server) obscure(dn string, list *[]*entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.view.need(dn)
	if err == nil {
		*list = append(*list, e)
	}
	return err
}

// Heal ends every fault and forgets the searches seen. What was changed in the
// directory itself stays changed.
func (s *Server) Heal() {
	s.mu.Lock()
	s.view.hidden, s.view.below, s.view.lost, s.view.blind = nil, nil, nil, false
	s.mu.Unlock()
	f := &s.faults
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.healed != nil {
		close(f.healed)
	}
	f.planned, f.delay, f.noStartTLS, f.healed, f.seen = nil, 0, false, nil, nil
}
