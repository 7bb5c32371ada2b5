package ldap

import (
	"context"
	"maps"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// syncrepl follows the content synchronisation of RFC 4533, as OpenLDAP and
// others offer it, by one refresh for each part. It is asked for every entry
// and decides nothing by itself: what an entry is, and whether it is in scope,
// is read afterwards.
type syncrepl struct{ rd *reading }

// able tries the control on single entries: servers advertise it also
// when only another of their databases has it. Before a first read OpenLDAP is
// also asked for what changed since right now, which is nothing, unless it leaves
// out a part of the directory.
func (s *syncrepl) able(ctx context.Context, since []byte) (ability, error) {
	refused := s.rd.byNameRefused()
	if !s.rd.server.syncs {
		refused = "the server does not offer the Sync Request control; on OpenLDAP, the overlay syncprov does"
	}
	if refused != "" {
		return ability{refused: refused}, nil
	}
	tops, err := s.rd.followed(ctx)
	for _, top := range tops {
		var r *refresh
		r, err = s.rd.c.changes(ctx, s.query(top, goldap.ScopeBaseObject), nil, nil)
		if err == nil && len(r.cookie) > 0 && since == nil && s.rd.server.openLDAP {
			q := s.query(top, goldap.ScopeWholeSubtree)
			q.attrs = []string{"1.1"}
			_, err = s.rd.c.changes(ctx, q, r.cookie, nil)
		}
		switch {
		case ctx.Err() != nil || adsync.CodeOf(err) == adsync.CodeUnavailable:
			return ability{}, err
		case err != nil:
			return ability{refused: err.Error()}, nil
		case len(r.cookie) == 0:
			return ability{refused: "the server gave no cookie from which to go on"}, nil
		}
	}
	return ability{}, err
}

func (s *syncrepl) query(top directory.DN, scope int) query {
	return query{base: top.String(), scope: scope, filter: "(objectClass=*)", attrs: s.rd.sightAttributes(entryVersion)}
}

// start takes a cookie for each part and then notes what everything is called.
func (s *syncrepl) start(ctx context.Context) ([]byte, error) {
	cookies := map[string][]byte{}
	tops, err := s.rd.followed(ctx)
	if err != nil {
		return nil, err
	}
	for _, top := range tops {
		// OpenLDAP's cookie stands for the whole database, whatever was asked
		// for; another server's may stand for this very search.
		scope := goldap.ScopeWholeSubtree
		if s.rd.server.openLDAP {
			scope = goldap.ScopeBaseObject
		}
		r, err := s.rd.c.changes(ctx, s.query(top, scope), nil, nil)
		if err != nil {
			return nil, err
		}
		cookies[top.Folded()] = r.cookie
	}
	p, err := s.rd.makeRegister(ctx, []string{entryVersion})
	if err != nil {
		return nil, err
	}
	p.Cookies, p.Fresh = cookies, true
	return p.encode()
}

func (s *syncrepl) changed(ctx context.Context, position []byte, each func(touched) error) ([]byte, error) {
	p, err := decodeByName(position)
	if err != nil {
		return nil, err
	}
	next := byName{Cookies: maps.Clone(p.Cookies), Register: p.Register, Buckets: p.Buckets}
	a, err := newAftermath(ctx, s.rd, p)
	if err != nil {
		return nil, err
	}
	a.unstamped = true // every entry that is sent has changed
	tops, err := s.rd.followed(ctx)
	if err != nil {
		return nil, err
	}
	refreshes, err := s.refreshAll(ctx, tops, p)
	if err != nil {
		return nil, err
	}
	// Who left one part may have come to another: first those who went.
	for i, r := range refreshes {
		if err := s.takeGone(ctx, a, tops[i], r); err != nil {
			return nil, err
		}
	}
	for i, r := range refreshes {
		if err := s.takeChanged(ctx, a, r); err != nil {
			return nil, err
		}
		if len(r.cookie) > 0 {
			next.Cookies[tops[i].Folded()] = r.cookie
		}
	}
	if err := a.finish(ctx, each); err != nil {
		return nil, err
	}
	return next.encode()
}

func (s *syncrepl) refreshAll(ctx context.Context, tops []directory.DN, p byName) ([]*refresh, error) {
	var all []*refresh
	for _, top := range tops {
		cookie := p.Cookies[top.Folded()]
		if len(cookie) == 0 {
			return nil, gone("the cursor has no cookie for %s", top)
		}
		r, err := s.rd.c.changes(ctx, s.query(top, goldap.ScopeWholeSubtree), cookie, s.rd.sight)
		if err != nil {
			return nil, s.behind(err)
		}
		all = append(all, r)
	}
	return all, nil
}

// behind: a cookie that is newer than the server's data means that it lags
// behind another, or that its data was put back. Reading it in full would take
// those who came since for gone; so it is waited for, as long as for any server
// that has not caught up.
func (s *syncrepl) behind(err error) error {
	before := s.rd.before
	if !isOlder(err) || time.Since(before.At) >= s.rd.c.src.lagLimit() {
		return err
	}
	return adsync.Errorf(adsync.CodeUnavailable, "ldap: %s has not yet received all that was read from %s on %s; see how replication is doing: %w", s.rd.serverName, before.Address, before.At.Format(time.RFC3339), err)
}

func (s *syncrepl) takeGone(ctx context.Context, a *aftermath, top directory.DN, r *refresh) error {
	for _, uuid := range byPlace(r.touched) {
		if r.touched[uuid] != nil {
			continue
		}
		if err := a.part(ctx, uuid, top); err != nil {
			return err
		}
		if s.rd.native != "" { // its anchor cannot be told any more
			s.rd.out.sweep = true
		}
	}
	if !r.absent {
		return nil
	}
	s.rd.remarks = append(s.rd.remarks, presentPhase)
	missing, err := a.missing(ctx, top, r.names)
	if err != nil || len(missing) == 0 {
		return err
	}
	s.rd.out.sweep = true
	return a.drop(ctx, missing)
}

// presentPhase tells the administrator what makes runs slower than need be.
const presentPhase = "syncrepl: the server named all that is still there, not what was deleted, which takes the longer the larger it is; on OpenLDAP, a larger syncprov-sessionlog avoids that"

func (s *syncrepl) takeChanged(ctx context.Context, a *aftermath, r *refresh) error {
	for _, uuid := range byPlace(r.touched) {
		if seen := r.touched[uuid]; seen != nil {
			if err := a.meet(ctx, uuid, seen); err != nil {
				return err
			}
		}
	}
	return nil
}
