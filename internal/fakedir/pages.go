package fakedir

import (
	"crypto/rand"
	"slices"
	"sync"
)

// maxOpenPages is how many paged searches one connection may have open; the
// oldest is forgotten for the next.
const maxOpenPages = 12

// page is what is left of a paged search. Its cookie is good once, on the same
// connection and for the same request.
type page struct {
	cookie  string
	request string
	rest    []*entry
	refs    []string
	over    bool // the client's size limit ends it
}

type pages struct {
	mu   sync.Mutex
	open []page
}

// keep remembers the rest of a search and gives its cookie.
func (p *pages) keep(rest page) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.open) == maxOpenPages {
		p.open = p.open[1:]
	}
	rest.cookie = rand.Text()
	p.open = append(p.open, rest)
	return rest.cookie
}

// take finds what a cookie stands for, and forgets it.
func (p *pages) take(cookie, request string) (page, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.open, func(x page) bool { return x.cookie == cookie && x.request == request })
	if i < 0 {
		return page{}, false
	}
	found := p.open[i]
	p.open = slices.Delete(p.open, i, i+1)
	return found, true
}

func (p *pages) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = nil
}
