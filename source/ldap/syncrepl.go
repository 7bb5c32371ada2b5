package ldap

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// syncrepl follows the content synchronisation of RFC 4533, as OpenLDAP and
// others offer it, by one refresh for each base. It is asked for every entry
// and decides nothing by itself: what an entry is, and whether it is in scope,
// is read afterwards.
type syncrepl struct{ rd *reading }

// byName is a position of the rungs whose servers know entries by name only.
type byName struct {
	// Cookies of syncrepl, by the folded name of the base.
	Cookies map[string][]byte `json:"cookies,omitempty"`
	// Since is the newest modifyTimestamp known of.
	Since string `json:"since,omitempty"`
	// Buckets is the size of the register.
	Buckets uint32 `json:"buckets"`
	// Fresh says that the register was made after this position was taken.
	Fresh bool `json:"fresh,omitempty"`
	// Server is the one that gave the position.
	Server string `json:"server"`
}

func (p byName) encode() ([]byte, error) { return json.Marshal(p) }

func decodeByName(position []byte) (p byName, err error) {
	if err := json.Unmarshal(position, &p); err != nil || p.Buckets == 0 || p.Buckets > 1<<24 {
		return byName{}, gone("the cursor's position cannot be read")
	}
	return p, nil
}

// able tries the control on the base entries alone: servers advertise it also
// when only another of their databases has it.
func (s *syncrepl) able(ctx context.Context, _ []byte) (ability, error) {
	refused := s.rd.byNameRefused()
	if !s.rd.server.syncs {
		refused = "the server does not offer the Sync Request control; on OpenLDAP, the overlay syncprov does"
	}
	for _, b := range s.rd.bases {
		if refused != "" {
			break
		}
		r, err := s.rd.c.changes(ctx, s.query(b, goldap.ScopeBaseObject), nil, s.rd.sight)
		switch {
		case ctx.Err() != nil || adsync.CodeOf(err) == adsync.CodeUnavailable:
			return ability{}, err
		case err != nil:
			refused = err.Error()
		case len(r.cookie) == 0:
			refused = "the server gave no cookie from which to go on"
		}
	}
	return ability{refused: refused}, nil
}

func (s *syncrepl) query(b searchBase, scope int) query {
	return query{base: b.dn.String(), scope: scope, filter: "(objectClass=*)", attrs: s.rd.sightAttributes()}
}

// start takes a cookie for each base and then notes what everything is called.
func (s *syncrepl) start(ctx context.Context) ([]byte, error) {
	p := byName{Cookies: map[string][]byte{}, Fresh: true, Server: s.rd.serverAddress()}
	for _, b := range s.rd.bases {
		// OpenLDAP's cookie stands for the whole database, whatever was asked
		// for; another server's may stand for this very search.
		scope := goldap.ScopeWholeSubtree
		if s.rd.server.openLDAP {
			scope = goldap.ScopeBaseObject
		}
		r, err := s.rd.c.changes(ctx, s.query(b, scope), nil, s.rd.sight)
		if err != nil {
			return nil, err
		}
		p.Cookies[b.dn.Folded()] = r.cookie
	}
	var err error
	if p.Buckets, _, err = s.rd.makeRegister(ctx, nil); err != nil {
		return nil, err
	}
	return p.encode()
}

func (s *syncrepl) changed(ctx context.Context, position []byte, each func(touched) error) ([]byte, error) {
	p, err := decodeByName(position)
	if err != nil {
		return nil, err
	}
	next := byName{Cookies: maps.Clone(p.Cookies), Buckets: p.Buckets, Server: s.rd.serverAddress()}
	a := newAftermath(s.rd, p)
	refreshes, err := s.refreshAll(ctx, p)
	if err != nil {
		return nil, err
	}
	// Who left one base may have come to another: first those who went.
	for i, r := range refreshes {
		if err := s.takeGone(ctx, a, s.rd.bases[i], r); err != nil {
			return nil, err
		}
	}
	for i, r := range refreshes {
		if err := s.takeChanged(ctx, a, r); err != nil {
			return nil, err
		}
		if len(r.cookie) > 0 {
			next.Cookies[s.rd.bases[i].dn.Folded()] = r.cookie
		}
	}
	if err := a.finish(ctx, each); err != nil {
		return nil, err
	}
	return next.encode()
}

func (s *syncrepl) refreshAll(ctx context.Context, p byName) ([]*refresh, error) {
	var all []*refresh
	for _, b := range s.rd.bases {
		cookie := p.Cookies[b.dn.Folded()]
		if len(cookie) == 0 {
			return nil, gone("the cursor has no cookie for the base %s", b.dn)
		}
		r, err := s.rd.c.changes(ctx, s.query(b, goldap.ScopeWholeSubtree), cookie, s.rd.sight)
		if err != nil {
			return nil, s.behind(p, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// behind: a cookie that is newer than the server's data means, on the server
// that gave it, that its data was put back. On another it means a replica that
// lags: reading that one in full would take new people for gone.
func (s *syncrepl) behind(p byName, err error) error {
	if adsync.CodeOf(err) != adsync.CodeGone || p.Server == s.rd.serverAddress() || !isOlder(err) {
		return err
	}
	return adsync.Errorf(adsync.CodeUnavailable, "ldap: %s is behind %s, from which the last read was; wait until it has caught up, or ask for a full read: %w", s.rd.serverAddress(), p.Server, err)
}

func (s *syncrepl) takeGone(ctx context.Context, a *aftermath, b searchBase, r *refresh) error {
	for _, uuid := range sortedUUIDs(r.touched) {
		if r.touched[uuid] != nil {
			continue
		}
		if err := a.part(ctx, uuid, b.dn); err != nil {
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
	missing, err := a.missing(ctx, b.dn, r.names)
	if err != nil || len(missing) == 0 {
		return err
	}
	s.rd.out.sweep = true
	return a.drop(ctx, missing)
}

// presentPhase tells the administrator what makes runs slower than need be.
const presentPhase = "syncrepl: the server named all that is still there, not what was deleted, which takes the longer the larger it is; on OpenLDAP, a larger syncprov-sessionlog avoids that"

func (s *syncrepl) takeChanged(ctx context.Context, a *aftermath, r *refresh) error {
	for _, uuid := range sortedUUIDs(r.touched) {
		if seen := r.touched[uuid]; seen != nil {
			if err := a.meet(ctx, uuid, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

func sortedUUIDs[V any](m map[key]V) []key { return slices.SortedFunc(maps.Keys(m), key.compare) }

// byNameRefused says why no rung that follows names fits this read.
func (rd *reading) byNameRefused() string {
	switch {
	case !strings.EqualFold(rd.own, "entryUUID"):
		return "the server's schema knows no entryUUID, by which entries are told apart"
	case rd.req.Notes == nil:
		return "it needs notes between reads, and the caller keeps none"
	case rd.req.Scope != nil && len(rd.req.Scope.Groups) > 0:
		return "the scope is made of groups, whose members would have to be compared one by one"
	}
	for _, name := range rd.req.Attributes {
		if rd.schema.unseen(name) {
			return "the server changes " + name + " without marking the entry as changed; take it out of the mapping to read changes only"
		}
	}
	return ""
}

// makeRegister notes what every entry below the bases is called, and gives the
// register's size and the newest modifyTimestamp, where it was asked for.
func (rd *reading) makeRegister(ctx context.Context, more []string) (buckets uint32, newest string, err error) {
	maker := newRegisterMaker()
	defer maker.close()
	err = rd.listBases(ctx, "(objectClass=*)", more, func(uuid key, e *entry) error {
		newest = max(newest, e.value("modifyTimestamp"))
		return maker.add(uuid, rd.sight(e).called)
	})
	if err != nil {
		return 0, "", err
	}
	buckets, err = maker.write(ctx, rd.req.Notes)
	return buckets, newest, err
}

// within tells whether a name is in a base or below it.
func within(name string, base directory.DN) bool {
	dn, err := directory.ParseDN(name)
	return err == nil && dn.Within(base)
}
