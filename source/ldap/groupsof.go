package ldap

import (
	"context"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// An object that comes into scope, or comes back, is a member of groups that
// did not change and are therefore not reported. Active Directory tells which
// they are: memberOf, and the primary group.

// askGroups lists what tells the groups of an object.
func (rd *reading) askGroups() []string {
	if !rd.server.ad || !rd.wants(adsync.Group) {
		return nil
	}
	return []string{"memberOf", "objectSid"}
}

// groupsOf says of each group in scope that an object is in that it is a member.
// Who is told so already takes it for nothing new.
func (rd *reading) groupsOf(ctx context.Context, e *entry, o adsync.Object) error {
	if o.Kind == adsync.OrganizationalUnit || !rd.wants(adsync.Group) {
		return nil
	}
	if o.Kind == adsync.User {
		if err := rd.primaryGroupOf(ctx, e, o); err != nil {
			return err
		}
	}
	return rd.eachValue(ctx, e, "memberOf", func(value string) error {
		ref, err := parseReference(value)
		if err != nil {
			return nil
		}
		group, err := rd.groupAtHand(ctx, ref.base(), func() ([]entry, error) { return rd.groupNamed(ctx, ref) })
		return rd.isMember(group, o.Anchor, err)
	})
}

// groupAtHand gives the anchor of a group in scope, "" for one that is not, and
// asks once for each.
func (rd *reading) groupAtHand(ctx context.Context, name string, find func() ([]entry, error)) (adsync.Anchor, error) {
	group, known := rd.groups[name]
	if known {
		return group, nil
	}
	found, err := find()
	if err != nil {
		return "", err
	}
	for i := range found {
		ref, err := parseReference(found[i].dn)
		if a, bad := rd.anchorOf(&found[i]); err == nil && bad == nil && rd.covers(&found[i], ref.dn) {
			group = a
		}
	}
	if rd.groups == nil {
		rd.groups = map[string]adsync.Anchor{}
	}
	rd.groups[strings.Clone(name)] = adsync.Anchor(strings.Clone(string(group)))
	return group, nil
}

func (rd *reading) groupNamed(ctx context.Context, ref reference) ([]entry, error) {
	if !slices.ContainsFunc(rd.bases, func(b searchBase) bool { return ref.dn.Within(b.dn) }) {
		return nil, nil
	}
	e, err := rd.c.one(ctx, ref.base(), rd.kindAndScope(adsync.Group), rd.server.extended, rd.anchors...)
	if e == nil || err != nil && isAbsent(err) {
		return nil, nil
	}
	return []entry{*e}, err
}

func (rd *reading) isMember(group, member adsync.Anchor, err error) error {
	if err != nil || group == "" {
		return err
	}
	c := membersOnly(adsync.Object{Anchor: group})
	c.Members = &adsync.MemberChange{Add: []adsync.Anchor{member}}
	return rd.out.add(c)
}

func (rd *reading) primaryGroupOf(ctx context.Context, e *entry, o adsync.Object) error {
	sid, ok := groupSID(e.value("objectSid"), e.value("primaryGroupID"))
	if !ok {
		return nil
	}
	group, err := rd.groupAtHand(ctx, sid, func() ([]entry, error) { return rd.groupWithSID(ctx, sid) })
	return rd.isMember(group, o.Anchor, err)
}

func (rd *reading) groupWithSID(ctx context.Context, sid string) (found []entry, err error) {
	for _, b := range rd.bases {
		q := rd.query(b.dn.String(), and(rd.kindAndScope(adsync.Group), equals("objectSid", sid)), rd.anchors)
		q.pageSize = 0
		for page, err := range rd.c.search(ctx, q) {
			if err != nil {
				return nil, err
			}
			found = append(found, page...)
		}
	}
	return found, nil
}

// groupSID puts the number of the primary group in the place of the user's own,
// since both are of one domain (MS-DTYP 2.4.2).
func groupSID(user, token string) (string, bool) {
	n, err := strconv.ParseUint(token, 10, 32)
	if _, bad := directory.SID(user); err != nil || bad != nil || len(user) < 12 {
		return "", false
	}
	return string(binary.LittleEndian.AppendUint32([]byte(user[:len(user)-4]), uint32(n))), true
}
