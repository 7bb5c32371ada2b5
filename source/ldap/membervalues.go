package ldap

import (
	"context"

	"github.com/adsync/sdk/adsync"
)

// memberValues hands on a group together with the members that came and went,
// which is much less than its list of members.
func (rd *reading) memberValues(ctx context.Context, e *entry, change adsync.Change, t *touched) error {
	added, err := rd.anchorsOf(ctx, t.added)
	if err != nil {
		return err
	}
	removed, err := rd.anchorsOf(ctx, t.removed)
	if err == nil {
		removed, err = rd.notByPrimaryGroup(ctx, e.value("primaryGroupToken"), removed)
	}
	if err != nil {
		return err
	}
	for first := true; first || len(added)+len(removed) > 0; first = false {
		m := &adsync.MemberChange{}
		m.Add, added = firstOf(added, memberChunk)
		m.Remove, removed = firstOf(removed, memberChunk)
		if change.Members = m; len(m.Add)+len(m.Remove) == 0 {
			change.Members = nil
		}
		if err := rd.out.add(change); err != nil {
			return err
		}
		change = membersOnly(change.Object)
	}
	return nil
}

// membersOnly is a change that speaks of a group's members and of nothing else.
func membersOnly(group adsync.Object) adsync.Change {
	return adsync.Change{Object: adsync.Object{Kind: adsync.Group, Anchor: group.Anchor}, MembersOnly: true}
}

func firstOf(list []adsync.Anchor, n int) (first, rest []adsync.Anchor) {
	n = min(n, len(list))
	return list[:n:n], list[n:]
}

func (rd *reading) anchorsOf(ctx context.Context, values []string) (list []adsync.Anchor, err error) {
	for _, value := range values {
		a, ok, err := rd.names.anchor(ctx, value)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, a)
		}
	}
	return list, nil
}

// notByPrimaryGroup leaves out those who stay members because the group is now
// their primary group: Active Directory then takes them out of member.
func (rd *reading) notByPrimaryGroup(ctx context.Context, token string, removed []adsync.Anchor) (list []adsync.Anchor, err error) {
	if token == "" || len(removed) == 0 {
		return removed, nil
	}
	stay := map[adsync.Anchor]bool{}
	filter := and(rd.filter(adsync.User), equals("primaryGroupID", token))
	for rest := removed; len(rest) > 0; {
		var some []adsync.Anchor
		some, rest = firstOf(rest, onlyChunk)
		for _, b := range rd.bases {
			q := rd.query(b.dn.String(), and(filter, rd.anchorFilter(some)), rd.anchors)
			q.pageSize = 0
			if err := rd.eachAnchor(ctx, q, func(a adsync.Anchor) { stay[a] = true }); err != nil {
				return nil, err
			}
		}
	}
	for _, a := range removed {
		if !stay[a] {
			list = append(list, a)
		}
	}
	return list, nil
}

func (rd *reading) eachAnchor(ctx context.Context, q query, use func(adsync.Anchor)) error {
	for page, err := range rd.c.search(ctx, q) {
		if err != nil {
			return err
		}
		for i := range page {
			if a, err := rd.anchorOf(&page[i]); err == nil {
				use(a)
			}
		}
	}
	return nil
}
