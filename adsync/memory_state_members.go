package adsync

import (
	"cmp"
	"context"
	"iter"
	"slices"
)

// ScanMembers gives the memberships of one source.
func (s *memoryState) ScanMembers(ctx context.Context, source string) iter.Seq2[Membership, error] {
	return s.memberStream(ctx, source, func(LinkKey) bool { return true })
}

// FindMembers gives the memberships of some groups.
func (s *memoryState) FindMembers(ctx context.Context, source string, groups []LinkKey) iter.Seq2[Membership, error] {
	wanted := make(map[LinkKey]bool, len(groups))
	for _, g := range groups {
		wanted[g] = true
	}
	return s.memberStream(ctx, source, func(g LinkKey) bool { return wanted[g] })
}

func (s *memoryState) memberStream(ctx context.Context, source string, keep func(group LinkKey) bool) iter.Seq2[Membership, error] {
	return stream(ctx, func() (list []Membership, err error) {
		err = s.read(ctx, func(t *memoryTarget) {
			for group, members := range t.members[source] {
				for member, waiting := range members {
					if keep(group) {
						list = append(list, Membership{group, member, waiting})
					}
				}
			}
		})
		slices.SortFunc(list, compareMemberships)
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
