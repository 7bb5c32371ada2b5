package ldap

import (
	"context"
	"encoding/binary"
	"strconv"

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

// groupsOf says of each group that an object is in that it is a member. Who is
// told so already takes it for nothing new.
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
		group, ok, err := rd.names.anchor(ctx, value)
		if err != nil || !ok {
			return err
		}
		return rd.isMember(group, o.Anchor)
	})
}

func (rd *reading) isMember(group, member adsync.Anchor) error {
	c := membersOnly(adsync.Object{Anchor: group})
	c.Members = &adsync.MemberChange{Add: []adsync.Anchor{member}}
	return rd.out.add(c)
}

func (rd *reading) primaryGroupOf(ctx context.Context, e *entry, o adsync.Object) error {
	sid, ok := groupSID(e.value("objectSid"), e.value("primaryGroupID"))
	if !ok {
		return nil
	}
	group, known := rd.bySID[sid]
	if !known {
		for _, name := range rd.dataContexts() {
			q := rd.query(name, equals("objectSid", sid), rd.anchors)
			q.pageSize = 0
			if err := rd.eachAnchor(ctx, q, func(a adsync.Anchor) { group = a }); err != nil {
				return err
			}
		}
		if rd.bySID == nil {
			rd.bySID = map[string]adsync.Anchor{}
		}
		rd.bySID[sid] = group
	}
	if group == "" {
		return nil
	}
	return rd.isMember(group, o.Anchor)
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
