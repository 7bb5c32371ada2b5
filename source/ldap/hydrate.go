package ldap

import (
	"context"

	"github.com/adsync/sdk/adsync"
)

// show reads the objects that are there as a full read would, with the job's
// filter, bases and scope, and hands on what they are.
func (s *settling) show(ctx context.Context) error { return s.showAll(ctx, s.order) }

func (s *settling) showAll(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	for _, kind := range allKinds {
		if !s.delta.rd.wants(kind) {
			continue
		}
		for base := range s.delta.rd.bases {
			for _, whole := range []bool{false, true} {
				if err := s.showSome(ctx, ids, kind, base, whole); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// showSome shows the objects that may be of one kind and live below one base:
// those of which only attributes or single members changed, or those that are
// read whole.
func (s *settling) showSome(ctx context.Context, among []string, kind adsync.Kind, base int, whole bool) error {
	rd := s.delta.rd
	var ids []string
	for _, id := range among {
		p, there := s.places[id]
		if there && s.list[id].whole() == whole && rd.mayBe(kind, p) && p.ref.dn.Within(rd.bases[base].dn) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return inParts(ids, func(ids []string) error { return s.showThese(ctx, kind, base, whole, ids) })
}

func (s *settling) showThese(ctx context.Context, kind adsync.Kind, base int, whole bool, ids []string) error {
	rd := s.delta.rd
	q := rd.query(rd.bases[base].dn.String(), and(rd.kindAndScope(kind), rd.idFilter(ids)), rd.askChanged(kind, whole))
	q.pageSize = 0 // another search may be under way on this connection
	q.meanwhile = rd.out.flush
	for page, err := range rd.c.search(ctx, q) {
		if err == nil {
			s.shared, err = rd.shared(ctx, page)
		}
		if err != nil {
			return err
		}
		for i := range page {
			if err := s.object(ctx, kind, &page[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// whole tells whether all that is known of the object has to be told anew.
func (t *touched) whole() bool { return t.fresh || t.members }

// mayBe tells whether an object of these classes can be of a kind. A filter
// that somebody wrote may take anything for it.
func (rd *reading) mayBe(kind adsync.Kind, p place) bool {
	return rd.c.src.Filters[kind] != "" || p.classed && p.kind == kind
}

// askChanged lists what is asked of a changed object: its members and groups
// only where they are to be told anew.
func (rd *reading) askChanged(kind adsync.Kind, whole bool) []string {
	list := append(rd.askObject(kind), rd.own)
	switch {
	case whole:
		list = append(list, rd.askMembers(kind)...)
		list = append(list, rd.askGroups()...)
	case kind == adsync.Group && rd.server.ad:
		list = append(list, "primaryGroupToken")
	}
	return dedupe(list)
}

// object hands on one object of a kind, as read.go does in a full read, except
// that what is not in scope is said to be so.
func (s *settling) object(ctx context.Context, kind adsync.Kind, e *entry) error {
	rd := s.delta.rd
	id, ok := rd.idOf(e)
	t := s.list[id]
	if !ok || t == nil || !rd.isOf(kind, e) {
		return nil
	}
	s.shown[id] = true
	change, dn, err := rd.change(ctx, kind, e)
	if err != nil {
		return err
	}
	if s.shared[change.Object.Anchor] && change.Problem == nil {
		change.Problem = twin(rd, e)
	}
	if kind != adsync.OrganizationalUnit && !rd.covers(e, dn) {
		return rd.out.add(adsync.Change{Object: adsync.Object{Kind: kind, Anchor: change.Object.Anchor, Container: change.Object.Container}, Presence: adsync.OutOfScope, Origin: t.origin})
	}
	if err := rd.refs.note(ctx, change.Object); err != nil {
		return err
	}
	if err := s.handOn(ctx, e, change, t); err != nil || change.Problem != nil || !t.fresh {
		return err
	}
	return rd.groupsOf(ctx, e, change.Object)
}

func (s *settling) handOn(ctx context.Context, e *entry, change adsync.Change, t *touched) error {
	rd := s.delta.rd
	switch {
	case change.Object.Kind != adsync.Group || change.Problem != nil:
		return rd.out.add(change)
	case t.whole():
		return rd.group(ctx, e, change)
	}
	return rd.memberValues(ctx, e, change, t)
}
