package ldap

import (
	"cmp"
	"context"
	"slices"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
	"github.com/adsync/sdk/internal/protection"
)

// returned says first of those who were brought back that they had been deleted:
// the directory took them out of all groups then, and no group tells of it. The
// groups that they are in now are told with what they are now.
func (s *settling) returned(context.Context) error {
	for _, id := range s.order {
		p, there := s.places[id]
		t := s.list[id]
		if !there || !t.back || p.anchor == "" || !s.delta.rd.couldBeKnown(p) {
			continue
		}
		c := adsync.Change{Object: adsync.Object{Kind: p.kind, Anchor: p.anchor, Container: p.ref.dn.Parent().String()}, Presence: adsync.Deleted, Origin: t.origin}
		if err := s.delta.rd.out.add(c); err != nil {
			return err
		}
	}
	return nil
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
		case p.veiled && !s.delta.rd.isOutside(p.ref.dn) && p.anchor != "" && s.delta.rd.wants(p.kind):
			c := adsync.Change{Object: adsync.Object{Kind: p.kind, Anchor: p.anchor, Container: p.ref.dn.Parent().String()}, Problem: veiled(p), Origin: s.list[id].origin}
			if err := s.delta.rd.out.add(c); err != nil {
				return err
			}
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
		s.deleted[id] = true
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

func veiled(p place) error {
	return adsync.Errorf(adsync.CodeDenied, "ldap: %s changed, and the account cannot see its %s, which every account has, so nothing says whether it is in scope: let the account read it", clean(p.ref.dn.String()), accountType)
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
