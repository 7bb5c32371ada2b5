package fakedir

import (
	"context"
	"slices"
	"strings"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// answer is what a search or a page of it will send.
type answer struct {
	entries  []*entry
	made     []made // instead of entries, by DirSync
	refs     []string
	result   wire.Result
	controls []wire.Control
	extended extended

	tombstones bool
}

func refuse(code int, diagnostic string) answer {
	return answer{result: wire.Result{Code: code, Diagnostic: diagnostic}}
}

func (s *session) search(ctx context.Context, m wire.Message, q *wire.Search) {
	if q.Base == "" && q.Scope == wire.BaseObject {
		s.rootDSE(m.ID, q)
		return
	}
	asked, a := s.asks(m.Controls)
	strike := s.srv.faults.strike(q, asked)
	if a.result.Code == codeSuccess {
		a = s.answer(q, asked)
	}
	a.extended, a.tombstones = asked.extended, asked.tombstones
	s.stream(ctx, m.ID, q, a, strike)
}

func (s *session) answer(q *wire.Search, asked asked) answer {
	if s.who == nil {
		return refuse(codeOperationsError, notBound)
	}
	if asked.dirsync != nil {
		return s.dirsync(q, asked)
	}
	if asked.cookie != "" {
		rest, ok := s.pages.take(asked.cookie, string(q.Raw))
		if !ok {
			return refuse(codeUnwilling, "00000057: LdapErr: DSID-0C090C3E, comment: Error processing control, data 0, v4563\x00")
		}
		return s.page(rest, asked.size)
	}
	s.srv.mu.RLock()
	defer s.srv.mu.RUnlock()
	v := s.sight(asked)
	base := v.at(q.Base)
	if base == nil || !v.sees(base) {
		return v.noBase(q.Base, s.srv.cfg.ReferralHost)
	}
	return s.first(v, q, asked, base)
}

// first begins a search: it finds everything, so that pages only deal it out.
func (s *session) first(v *view, q *wire.Search, asked asked, base *entry) answer {
	p := page{request: string(q.Raw), rest: v.find(base, q)}
	if q.SizeLimit > 0 && int(q.SizeLimit) < len(p.rest) {
		p.rest, p.over = p.rest[:q.SizeLimit], true
	}
	if q.Scope == wire.WholeSubtree && base == s.srv.org.root && !asked.domainScope {
		p.refs = s.srv.references()
	}
	if asked.paged {
		return s.page(p, asked.size)
	}
	if most := s.srv.cfg.MaxPageSize; len(p.rest) > most {
		p.rest, p.over = p.rest[:most], true
	}
	return p.last()
}

// page deals out the next entries.
func (s *session) page(p page, size int) answer {
	if size <= 0 || size > s.srv.cfg.MaxPageSize {
		size = s.srv.cfg.MaxPageSize
	}
	if size >= len(p.rest) {
		a := p.last()
		a.controls = []wire.Control{wire.PageControl(oidPaging, "")}
		return a
	}
	a := answer{entries: p.rest[:size]}
	p.rest = p.rest[size:]
	a.controls = []wire.Control{wire.PageControl(oidPaging, s.pages.keep(p))}
	return a
}

// last answers with all that is left.
func (p page) last() answer {
	a := answer{entries: p.rest, refs: p.refs}
	if p.over {
		a.result = wire.Result{Code: codeSizeLimit, Diagnostic: "000020EF: SvcErr: DSID-02080490, problem 5003 (WILL_NOT_PERFORM), data 0\x00"}
	}
	return a
}

func (v *view) find(base *entry, q *wire.Search) []*entry {
	if v.blind && q.Scope != wire.BaseObject {
		return nil
	}
	candidates := v.all()
	if list, ok := v.narrow(q.Filter); ok {
		candidates = slices.Values(list)
	}
	match := v.compile(q.Filter)
	var out []*entry
	for e := range candidates {
		if within(e, base, q.Scope) && match(e) == yes && v.sees(e) {
			out = append(out, e)
		}
	}
	return out
}

func within(e, base *entry, scope int64) bool {
	switch scope {
	case wire.BaseObject:
		return e == base
	case wire.SingleLevel:
		return e.parent == base
	}
	return e.below(base)
}

// noBase tells why a search has no base: no such object here, or another
// directory's business.
func (v *view) noBase(name, host string) answer {
	key, err := keyOf(name)
	if err != nil {
		return refuse(codeInvalidName, "0000208F: NameErr: DSID-03100225, problem 2006 (BAD_NAME), data 8350, best match of:\n\t'"+name+"'\n\x00")
	}
	root, _ := keyOf(v.base)
	if !strings.HasPrefix(name, "<") && key != root && !strings.HasSuffix(key, ","+root) {
		a := refuse(codeReferral, "0000202B: RefErr: DSID-0310078A, data 0, 1 access points\n\tref 1: '"+host+"'\n\x00")
		a.result.Referrals = []string{"ldap://" + host + "/" + name}
		return a
	}
	best := v.byKey[root]
	for ; key != ""; key = parentKey(key) {
		if e := v.byKey[key]; e != nil && v.sees(e) {
			best = e
			break
		}
	}
	a := refuse(codeNoSuchObject, "0000208D: NameErr: DSID-03100245, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'"+best.dn+"'\n\x00")
	a.result.Matched = best.dn
	return a
}

// references are the continuations that a search from the domain's root gets:
// to the other naming contexts.
func (s *Server) references() []string {
	var out []string
	for _, name := range []string{"DC=ForestDnsZones", "DC=DomainDnsZones", "CN=Configuration"} {
		out = append(out, "ldap://"+s.cfg.ReferralHost+"/"+name+","+s.org.base)
	}
	return out
}
