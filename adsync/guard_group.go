package adsync

import (
	"context"
	"slices"
)

// suspectGroups gives the groups that lose more members than pass in any case,
// with how many members would make that harmless.
func (g Guard) suspectGroups(would, was *effects) map[LinkRef]int {
	limit := g.limit(ruleMembers)
	out := map[LinkRef]int{}
	for ref, group := range would.groups {
		n := group.Removed
		if before := was.groups[ref]; before != nil {
			n += before.Removed
		}
		if need := limit.enough(n); need > 0 {
			out[ref] = need
		}
	}
	return out
}

// groupSizes counts the members of each suspect, until there are enough. Where
// the source is the authority, all that the target has count.
func (p *planner) groupSizes(ctx context.Context, suspects map[LinkRef]int) (map[LinkRef]int, error) {
	sizes := make(map[LinkRef]int, len(suspects))
	for ref, need := range suspects {
		sizes[ref] = 0
		for m, err := range p.state.FindMembers(ctx, ref.Source, []LinkKey{ref.Key}) {
			if err != nil {
				return nil, err
			}
			if !m.Waiting {
				sizes[ref]++
			}
			if sizes[ref] >= need {
				break
			}
		}
		if !p.job.MembersAuthoritative || sizes[ref] >= need {
			continue
		}
		n, err := p.countMembers(ctx, ref, need)
		if err != nil {
			return nil, err
		}
		sizes[ref] = max(sizes[ref], n)
	}
	return sizes, nil
}

// countMembers counts the members that a group has in the target, up to need.
func (p *planner) countMembers(ctx context.Context, group LinkRef, need int) (n int, err error) {
	links, err := p.state.Find(ctx, group.Source, []LinkKey{group.Key})
	if err != nil || len(links) == 0 {
		return 0, err
	}
	for _, err := range p.parts.members.ListMembers(ctx, links[0].Target) {
		if err != nil {
			return 0, p.targetError("list the members of", err)
		}
		if n++; n >= need {
			break
		}
	}
	return n, nil
}

// judgeGroups judges each group by itself.
func (g Guard) judgeGroups(e *evidence) []Finding {
	var out []Finding
	more := 0
	list := sortedValues(e.would.groups, compareGroupEffects)
	slices.SortStableFunc(list, func(a, b GroupEffects) int { return b.Removed - a.Removed })
	for _, group := range list {
		ref := LinkRef{group.Source, group.Group}
		if _, suspect := e.groups[ref]; !suspect {
			continue
		}
		f := Finding{Rule: ruleMembers, Kind: Group, Source: group.Source, Group: group.Name, Count: group.Removed}
		if before := e.was.groups[ref]; before != nil {
			f.Before = before.Removed
		}
		f.Of = e.groups[ref] + f.Before
		name := group.Name
		if name == "" {
			name = "with the key " + group.Group.String()
		}
		found := g.weigh(e, f, words{verb: "remove", things: "members of the group " + name, plain: true}, func(x *Effects) int { return x.group(ref) })
		if len(found) > 0 && len(out) == placesFound {
			more++
			continue
		}
		out = append(out, found...)
	}
	return andMore(out, more, "group(s)")
}

func (x *Effects) group(ref LinkRef) int {
	for _, g := range x.Groups {
		if g.Source == ref.Source && g.Group == ref.Key {
			return g.Removed
		}
	}
	return 0
}
