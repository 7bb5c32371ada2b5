package adsync

import (
	"cmp"
	"context"
	"iter"
	"slices"
)

// ScanMembers gives the memberships of one source.
func (s *memoryState) ScanMembers(ctx context.Context, source string) iter.Seq2[Membership, error] {
	return s.memberStream(ctx, source, compareMemberships, func(Membership) bool { return true })
}

// FindMembers gives the memberships of some groups.
func (s *memoryState) FindMembers(ctx context.Context, source string, groups []LinkKey) iter.Seq2[Membership, error] {
	wanted := make(map[LinkKey]bool, len(groups))
	for _, g := range groups {
		wanted[g] = true
	}
	return s.memberStream(ctx, source, compareMemberships, func(m Membership) bool { return wanted[m.Group] })
}

// MembershipsOf gives the memberships of some members.
func (s *memoryState) MembershipsOf(ctx context.Context, source string, members []LinkKey) iter.Seq2[Membership, error] {
	wanted := make(map[LinkKey]bool, len(members))
	for _, m := range members {
		wanted[m] = true
	}
	byMember := func(a, b Membership) int {
		return cmp.Or(compareKeys(a.Member, b.Member), compareKeys(a.Group, b.Group))
	}
	return s.memberStream(ctx, source, byMember, func(m Membership) bool { return wanted[m.Member] })
}

// WaitingMembers gives the memberships that wait.
func (s *memoryState) WaitingMembers(ctx context.Context, source string) iter.Seq2[Membership, error] {
	return s.memberStream(ctx, source, compareMemberships, func(m Membership) bool { return m.Waiting })
}

func (s *memoryState) memberStream(ctx context.Context, source string, order func(a, b Membership) int, keep func(Membership) bool) iter.Seq2[Membership, error] {
	return stream(ctx, func() (list []Membership, err error) {
		err = s.read(ctx, func(t *memoryTarget) {
			for group, members := range t.members[source] {
				for member, waiting := range members {
					if m := (Membership{group, member, waiting}); keep(m) {
						list = append(list, m)
					}
				}
			}
		})
		slices.SortFunc(list, order)
		return list, err
	}, func(m Membership) Membership { return m })
}

func compareMemberships(a, b Membership) int {
	return cmp.Or(compareKeys(a.Group, b.Group), compareKeys(a.Member, b.Member))
}

func (t *memoryTarget) join(m MembershipOf) {
	if t.members[m.Source] == nil {
		t.members[m.Source] = map[LinkKey]map[LinkKey]bool{}
	}
	groups := t.members[m.Source]
	if groups[m.Group] == nil {
		groups[m.Group] = map[LinkKey]bool{}
	}
	groups[m.Group][m.Member] = m.Waiting
}

func (t *memoryTarget) part(m MembershipOf) { delete(t.members[m.Source][m.Group], m.Member) }
