package fakedir

import (
	"github.com/adsync/sdk/internal/fakedir/wire"
)

// Flags of the DirSync control ([MS-ADTS] section 3.1.1.3.4.1.3).
const (
	objectSecurity    = 0x00000001
	ancestorsFirst    = 0x00000800
	incrementalValues = 0x80000000

	moreData = 1 // in an answer
)

// dirsync answers a search with the DirSync control: one round of what changed
// since the cookie.
func (s *session) dirsync(q *wire.Search, a asked) answer {
	s.srv.mu.RLock()
	defer s.srv.mu.RUnlock()
	v := s.replica(a.dirsync.Flags)
	base := v.at(q.Base)
	from, known := parseCookie(a.dirsync.Cookie)
	if code := s.refusesDirSync(a, base); code != codeSuccess {
		return refuse(code, "00002105: LdapErr: DSID-0C0906DC, comment: Error processing control, data 0, v4563\x00")
	}
	if code := s.srv.faults.refusesCookie(from, known, v.invocation); code != codeSuccess {
		return refuse(code, "00000057: LdapErr: DSID-0C0906DC, comment: Error processing control, data 0, v4563\x00")
	}
	r := &round{
		view: v, q: q, base: base, flags: a.dirsync.Flags, extended: a.extended, from: from.on(v.tree),
		most: s.srv.cfg.MaxValRange, portionSize: s.srv.cfg.DirSyncValues,
	}
	return r.answer(s.srv.cfg.DirSyncRound)
}

// refusesDirSync gives the result code with which a request is refused, as
// measured on Samba, or 0.
func (s *session) refusesDirSync(a asked, base *entry) int {
	restricted := a.dirsync.Flags&objectSecurity != 0
	context := base != nil && base.parent == nil
	switch {
	case a.paged:
		return codeOperationsError
	case !context && restricted:
		return codeUnwilling
	case !context, !restricted && !s.may(ReplicateChanges):
		return codeInsufficientRights
	}
	return codeSuccess
}

// round is one answer of DirSync in the making.
type round struct {
	*view
	q        *wire.Search
	base     *entry
	flags    uint32
	extended extended
	from     cookie
	most     int // values of a link at once, when all of them come

	portionSize int // values of an entry's links in one round; 0 is no limit
}

func (r *round) answer(most int) answer {
	list, next := r.next(most)
	if r.flags&ancestorsFirst != 0 {
		list = r.withAncestors(list)
	}
	a := answer{}
	if !r.blind {
		a.made = r.make(list)
	}
	out := wire.DirSync{Cookie: next.String()}
	if !next.whole {
		out.Flags = moreData
	}
	a.controls = []wire.Control{wire.DirSyncControl(oidDirSync, out)}
	return a
}

// next finds the entries of this round, in the order of their change numbers, and
// where the following one begins. What changes between rounds takes a higher
// number, so a later round has it.
func (r *round) next(most int) ([]*entry, cookie) {
	var list []*entry
	at := r.from.at
	for e := range r.since(at) {
		if e.context() != r.base || !r.news(e) {
			continue
		}
		if len(list) == most {
			return list, r.from.upTo(at)
		}
		list = append(list, e)
		if place, more := r.split(e); more {
			return list, r.from.within(at, e.usnChanged, place)
		}
		at = e.usnChanged
	}
	return list, wholeCookie(r.tree)
}

// news reports whether anything of an entry was written since the cookie.
func (r *round) news(e *entry) bool { return e.news(r.from.heard) }

func (r *round) isNew(s stamp) bool { return s.newTo(r.from.heard) }

// withAncestors puts parents that are news before their children, even when
// their own turn comes later: then they come again.
func (r *round) withAncestors(list []*entry) []*entry {
	var out []*entry
	seen := map[*entry]bool{}
	var put func(e *entry)
	put = func(e *entry) {
		if e == nil || seen[e] {
			return
		}
		seen[e] = true
		put(e.parent)
		if r.news(e) {
			out = append(out, e)
		}
	}
	for _, e := range list {
		put(e)
	}
	return out
}

// make renders the entries that the filter, as they are now, lets through.
func (r *round) make(list []*entry) []made {
	match := r.compile(r.q.Filter)
	sel := parseSelection(r.q)
	var out []made
	for _, e := range list {
		if !r.sees(e) || match(e) != yes {
			continue
		}
		if attrs := r.changed(e, sel); len(attrs) > 0 {
			out = append(out, made{r.extended.name(e), r.identified(e, attrs)})
		}
	}
	return out
}
