package localdb

import (
	"database/sql"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// setMembers adds and removes members, all or none. Adding one that is in and
// removing one that is not are no errors.
func (s *Sink) setMembers(db *session, op adsync.Op, group string) (adsync.Receipt, error) {
	g := s.layouts[op.Kind]
	if op.Kind != adsync.Group || len(s.members) == 0 {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnsupported, "localdb: a %s has no members here", op.Kind)
	}
	if there, err := g.exists(db, group); err != nil || !there {
		return adsync.Receipt{}, orNotFound(err, op)
	}
	changed := int64(0)
	for _, id := range op.Remove {
		n, err := s.removeMember(db, group, id)
		if err != nil {
			return adsync.Receipt{}, err
		}
		changed += n
	}
	for _, id := range op.Add {
		n, err := s.addMember(db, group, id)
		if err != nil {
			return adsync.Receipt{}, err
		}
		changed += n
	}
	r := adsync.Receipt{Target: g.id(group), Outcome: adsync.Updated}
	if changed == 0 {
		r.Outcome = adsync.Unchanged
	}
	return r, nil
}

func orNotFound(err error, op adsync.Op) error {
	if err != nil {
		return err
	}
	return notFound(op)
}

func (s *Sink) addMember(db *session, group string, id adsync.TargetID) (int64, error) {
	m, l, key := s.member(id)
	if l == nil {
		return 0, invalid("member-unknown", "members", "%q cannot be a member of a group here", id)
	}
	if there, err := l.exists(db, key); err != nil || !there {
		if err == nil || faultOf(err) == faultBadKey {
			err = invalid("member-unknown", "members", "%q cannot become a member: it is not there", id)
		}
		return 0, err
	}
	if !l.constrained {
		if in, err := m.holds(db, group, key); err != nil || in {
			return 0, err
		}
	}
	n, _, err := db.exec("INSERT INTO "+quoteTable(m.Name)+" ("+quote(m.Group)+", "+quote(m.Member)+") VALUES ($1, $2) ON CONFLICT DO NOTHING", group, key)
	return n, err
}

func (m MemberTable) holds(db *session, group, member string) (bool, error) {
	found := false
	row := func(*sql.Rows) error { found = true; return nil }
	err := db.query(row, "SELECT 1 FROM "+quoteTable(m.Name)+" WHERE "+quote(m.Group)+" = $1 AND "+quote(m.Member)+" = $2", group, member)
	return found, err
}

func (s *Sink) removeMember(db *session, group string, id adsync.TargetID) (int64, error) {
	m, l, key := s.member(id)
	if l == nil {
		return 0, nil
	}
	n, _, err := db.exec("DELETE FROM "+quoteTable(m.Name)+" WHERE "+quote(m.Group)+" = $1 AND "+quote(m.Member)+" = $2", group, key)
	return n, err
}

// member gives the table of a member's kind, and its key there.
func (s *Sink) member(id adsync.TargetID) (MemberTable, *layout, string) {
	for _, kind := range slices.Backward(kindsOf(s.members)) {
		if key, ok := s.layouts[kind].keyOf(id); ok {
			return s.members[kind], s.layouts[kind], key
		}
	}
	return MemberTable{}, nil, ""
}
