package fakedir

import (
	"slices"

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
	flags := a.dirsync.Flags
	v := s.replica(flags)
	base := v.at(q.Base)
	switch {
	case a.paged:
		return refuse(codeOperationsError, "00002020: DirSync and paging exclude each other")
	case (base == nil || base.parent != nil) && flags&objectSecurity != 0:
		return refuse(codeUnwilling, "00002077: SvcErr: DSID-03140340, problem 5003 (WILL_NOT_PERFORM), data 0\x00")
	case base == nil || base.parent != nil, flags&objectSecurity == 0 && !s.may(ReplicateChanges):
		return refuse(codeInsufficientRights, "00002105: LdapErr: DSID-0C0906DC, comment: Error processing control, data 0, v4563\x00")
	}
	from, ok := parseCookie(a.dirsync.Cookie)
	if !ok || s.srv.faults.refusesCookie(from, v.invocation) != 0 {
		return refuse(max(codeUnavailableCritical, s.srv.faults.refusesCookie(from, v.invocation)),
			"00000057: LdapErr: DSID-0C0906DC, comment: Error processing control, data 0, v4563\x00")
	}
	r := &round{view: v, q: q, base: base, flags: flags, extended: a.extended, from: from.on(v.tree)}
	return r.answer(s.srv.cfg.DirSyncRound)
}

// round is one answer of DirSync in the making.
type round struct {
	*view
	q        *wire.Search
	base     *entry
	flags    uint32
	extended extended
	from     cookie
	sent     map[*entry]bool
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
	for e := range r.since(r.from.at) {
		if e.context() != r.base || !r.news(e) {
			continue
		}
		if len(list) == most {
			return list, r.from.upTo(list[most-1].usnChanged)
		}
		list = append(list, e)
	}
	return list, wholeCookie(r.tree)
}

// news reports whether anything of an entry was written since the cookie.
func (r *round) news(e *entry) bool {
	if r.isNew(e.born) {
		return true
	}
	if slices.ContainsFunc(e.stamps, func(s attrStamp) bool { return r.isNew(s.stamp) }) {
		return true
	}
	for _, s := range e.linkStamps {
		if r.isNew(s.stamp) {
			return true
		}
	}
	return false
}

func (r *round) isNew(s stamp) bool {
	return s.usn > r.from.base && s.originUSN > r.from.heard[s.origin]
}

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
