package ldap

import (
	"cmp"
	"context"
	"slices"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
	"github.com/adsync/sdk/internal/protection"
)

// show reads the objects that are there as a full read would, with the job's
// filter, bases and scope, and hands on what they are.
func (s *settling) show(ctx context.Context) error {
	for _, kind := range allKinds {
		if !s.delta.rd.wants(kind) {
			continue
		}
		for base := range s.delta.rd.bases {
			for _, whole := range []bool{false, true} {
				if err := s.showSome(ctx, kind, base, whole); err != nil {
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
func (s *settling) showSome(ctx context.Context, kind adsync.Kind, base int, whole bool) error {
	rd := s.delta.rd
	var ids []string
	for _, id := range s.order {
		p, there := s.places[id]
		if there && s.list[id].whole() == whole && rd.mayBe(kind, p) && p.ref.dn.Within(rd.bases[base].dn) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	q := rd.query(rd.bases[base].dn.String(), and(rd.kindAndScope(kind), rd.idFilter(ids)), rd.askChanged(kind, whole))
	q.pageSize = 0 // another search may be under way on this connection
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

// leave deals with the objects that a full read would not show.
func (s *settling) leave(ctx context.Context) error {
	var missing []string
	for _, id := range s.order {
		p, there := s.places[id]
		switch {
		case s.shown[id]:
		case !there:
			missing = append(missing, id)
		case p.anchor != "" && s.delta.rd.couldBeKnown(p):
			c := adsync.Change{Object: adsync.Object{Kind: p.kind, Anchor: p.anchor, Container: p.ref.dn.Parent().String()}, Presence: adsync.OutOfScope, Origin: s.list[id].origin}
			if err := s.delta.rd.out.add(c); err != nil {
				return err
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return s.vanish(ctx, missing)
}

// couldBeKnown tells whether an object may ever have been in scope.
func (rd *reading) couldBeKnown(p place) bool {
	return len(rd.c.src.Filters) > 0 || p.classed && rd.wants(p.kind)
}

// vanish deals with objects that cannot be seen at all. Only what the server
// itself says was deleted has gone; anything else may be hidden by a right.
func (s *settling) vanish(ctx context.Context, missing []string) error {
	rd := s.delta.rd
	left, err := rd.remains(ctx, missing)
	if err != nil {
		return err
	}
	for _, id := range missing {
		if rd.native != "" {
			continue // nothing tells its anchor; the sweep finds it missing
		}
		kind, deleted := left[id]
		if err := rd.out.add(s.vanished(id, cmp.Or(kind, s.list[id].kindOf()), deleted)); err != nil {
			return err
		}
	}
	return nil
}

func (s *settling) vanished(id string, kind adsync.Kind, deleted bool) adsync.Change {
	t := s.list[id]
	c := adsync.Change{Object: adsync.Object{Kind: kind, Anchor: adsync.Anchor(id)}, Presence: adsync.Deleted, Origin: t.origin}
	switch {
	case deleted || t.gone || protection.HiddenStays.Removed():
	case s.delta.rd.isOutside(t.dn):
		c.Presence = adsync.OutOfScope
	default:
		c.Presence, c.Problem = adsync.Present, hidden(id)
	}
	return c
}

// kindOf gives the kind as far as the report or an earlier read tells; 0 where
// neither does.
func (t *touched) kindOf() adsync.Kind {
	if kind, ok := classOf(t.class); ok {
		return kind
	}
	return t.kind
}

// isOutside tells of a name that it is in no part of the directory that the job
// covers. An account that may replicate is told the names of what it may not
// read.
func (rd *reading) isOutside(dn directory.DN) bool {
	return !dn.IsRoot() && !slices.ContainsFunc(rd.bases, func(b searchBase) bool { return dn.Within(b.dn) })
}

func hidden(id string) error {
	return adsync.Errorf(adsync.CodeDenied, "ldap: the object %s changed, and the account cannot see it, nor does the server say that it was deleted: let the account read it", id)
}

// remains finds what is left of deleted objects, and of which kind they were;
// 0 where the classes do not tell. Active Directory keeps it for some months
// (MS-ADTS 3.1.1.5.5); other servers keep nothing.
func (rd *reading) remains(ctx context.Context, ids []string) (map[string]adsync.Kind, error) {
	left := map[string]adsync.Kind{}
	if !rd.server.ad {
		return left, nil
	}
	err := rd.eachOf(ctx, ids, true, func(e *entry, id string) {
		if isTombstone(e) {
			left[id], _ = classOf(e.values("objectClass"))
		}
	})
	return left, err
}
