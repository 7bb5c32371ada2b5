package fakedir

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// Fault is a failure that strikes certain searches. Reads of the root DSE never
// count and never fail.
type Fault struct {
	Search int  // strikes the k-th search from now on; 0 means the next, as 1 does
	Paged  bool // counts only searches with the paging control, each page is one
	// DirSync counts only searches with the DirSync control, each round is one.
	// Together with Paged it counts both.
	DirSync   bool
	Continued bool // counts only searches that bring a cookie
	Times     int  // strikes that many searches in a row; 0 is one, -1 all from there on
	After     int  // entries that are sent before it strikes; at the end when there are fewer

	Code       int    // ends the search with this result code; 0 is an untimely success
	Diagnostic string // the message with it
	Cut        bool   // closes the connection without a word instead
	Hang       bool   // says nothing more instead, until the client leaves or Heal is called
	// Circle ends a round of DirSync with the cookie that the client brought, and
	// says that there is more.
	Circle bool
}

// SearchSeen is a search some client sent.
type SearchSeen struct {
	Base       string
	Scope      int64
	Attributes []string
	Paged      bool
	Continued  bool // it brought a cookie
	DirSync    bool
	Tombstones bool // it asked for deleted objects, too
}

// maxSeen bounds the memory of searches.
const maxSeen = 10_000

// faults decides what goes wrong.
type faults struct {
	mu         sync.Mutex
	planned    []*plannedFault
	delay      time.Duration // of each entry
	late       time.Duration // of each answer
	noStartTLS bool
	foreign    int         // refuses cookies of other controllers with this code
	bind       wire.Result // what whoever binds with a password is told; code 0: nothing special
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
	late   time.Duration
	healed <-chan struct{}
	cookie string // of DirSync, that the search brought
}

func (s *strike) hits() bool { return s.on }

// pause waits between entries of a slow answer, and wait before it.
func (s *strike) pause(ctx context.Context) bool { return sleep(ctx, s.delay) }

func (s *strike) wait(ctx context.Context) bool { return sleep(ctx, s.late) }

func sleep(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return true
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// result ends a search that the fault struck.
func (s *strike) result(host, base string) wire.Result {
	r := wire.Result{Code: s.Code, Diagnostic: s.Diagnostic}
	if s.Code == codeReferral {
		r.Referrals = []string{"ldap://" + host + "/" + base}
	}
	return r
}

// strike notes a search and finds the fault that hits it.
func (f *faults) strike(q *wire.Search, a asked) *strike {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.seen) < maxSeen {
		f.seen = append(f.seen, SearchSeen{q.Base, q.Scope, q.Attributes, a.paged, a.continued(), a.dirsync != nil, a.tombstones})
	}
	if f.healed == nil {
		f.healed = make(chan struct{})
	}
	out := &strike{delay: f.delay, late: f.late, healed: f.healed}
	if a.dirsync != nil {
		out.cookie = a.dirsync.Cookie
	}
	for _, p := range f.planned {
		if p.counts(a) && !out.on {
			out.Fault, out.on = p.Fault, true
		}
	}
	return out
}

func (p *plannedFault) counts(a asked) bool {
	kind := !p.Paged && !p.DirSync || p.Paged && a.paged || p.DirSync && a.dirsync != nil
	if !kind || p.Continued && !a.continued() {
		return false
	}
	p.seen++
	if p.seen < p.Search || p.Times >= 0 && p.struck >= max(1, p.Times) {
		return false
	}
	p.struck++
	return true
}

// refusesCookie gives the code with which a cookie is refused, or 0. What is no
// cookie at all always is.
func (f *faults) refusesCookie(c cookie, known bool, invocation guid) int {
	if !known {
		return codeUnavailableCritical
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.invocation == (guid{}) || c.invocation == invocation {
		return 0
	}
	return f.foreign
}

func (f *faults) refusedBind() wire.Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bind
}

// RefuseBinds tells whoever binds with a password this, whatever the password.
func (s *Server) RefuseBinds(code int, diagnostic string) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.bind = wire.Result{Code: code, Diagnostic: diagnostic}
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

// SlowAnswers makes every answer, and so every page and round, begin that late.
func (s *Server) SlowAnswers(by time.Duration) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.late = by
}

// RefuseForeignCookies makes DirSync refuse the cookies of other controllers, and
// those from before this one was restored, with a result code such as 12 or 53.
func (s *Server) RefuseForeignCookies(code int) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.foreign = code
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

// HideAttributesBelow takes away everybody's right to read these attributes of
// what lies below an entry.
func (s *Server) HideAttributesBelow(dn string, names ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	top, err := s.view.need(dn)
	if err != nil {
		return err
	}
	part := hiddenPart{top, map[attrID]bool{}}
	for _, n := range names {
		part.ids[must(n)] = true
	}
	s.view.parts = append(slices.Clone(s.view.parts), part)
	return nil
}

// Blind makes every search succeed and find nothing, as for an account that lost
// its rights; single entries can still be read by their name. DirSync
// succeeds and finds nothing, too, and its cookie moves on.
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
	s.view.hidden, s.view.parts, s.view.below, s.view.lost, s.view.blind = nil, nil, nil, nil, false
	s.mu.Unlock()
	f := &s.faults
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.healed != nil {
		close(f.healed)
	}
	f.planned, f.delay, f.late, f.noStartTLS, f.foreign, f.healed, f.seen = nil, 0, 0, false, 0, nil, nil
	f.bind = wire.Result{}
}
