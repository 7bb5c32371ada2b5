package adsync

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// placesFound is how many units, or groups, are listed of one rule.
const placesFound = 10

// suspects gives the units from which more leave than pass in any case, with how
// many active links below each would make that harmless.
func (g Guard) suspectUnits(would, was *effects) map[unitRef]int {
	limit := g.limit(ruleUnitLeaving)
	out := map[unitRef]int{}
	for ref, u := range would.units {
		n := u.Leaving
		if before := was.units[ref]; before != nil {
			n += before.Leaving
		}
		if need := limit.enough(n); need > 0 {
			out[ref] = need
		}
	}
	return out
}

// unitSizes counts the active links below each suspect, until there are enough
// below all of them: in a large flat directory that is soon.
func unitSizes(ctx context.Context, links Links, suspects map[unitRef]int) (map[unitRef]int, error) {
	sizes := make(map[unitRef]int, len(suspects))
	open := map[string]int{} // suspects of each source that are not cleared yet
	for ref := range suspects {
		open[ref.source]++
		sizes[ref] = 0
	}
	for _, source := range sortedNames(open) {
		for link, err := range links.Scan(ctx, source, false) {
			if err != nil {
				return nil, err
			}
			if link.State != LinkActive {
				continue
			}
			for unit := range unitsAbove(link.Container) {
				ref := unitRef{source, link.Kind, foldUnit(unit)}
				need, suspect := suspects[ref]
				if !suspect {
					continue
				}
				if sizes[ref]++; sizes[ref] == need {
					open[source]--
				}
			}
			if open[source] == 0 {
				break
			}
		}
	}
	return sizes, nil
}

// judgeUnits judges each unit by itself, the deepest first. One that holds only
// what is found below it already is not told again, and neither is the one that
// the finding about all leavers names.
func (g Guard) judgeUnits(e *evidence, kind Kind, leaving []Finding) []Finding {
	limit := g.limit(ruleUnitLeaving)
	var out []Finding
	var told []Finding
	more := 0
	for _, u := range e.would.deepestFirst(kind) {
		ref := unitRef{u.Source, kind, foldUnit(u.Unit)}
		f := Finding{Rule: ruleUnitLeaving, Kind: kind, Source: u.Source, Unit: u.Unit, Count: u.Leaving}
		if before := e.was.units[ref]; before != nil {
			f.Before = before.Leaving
		}
		f.Of = e.units[ref] + f.Before
		if _, suspect := e.units[ref]; !suspect || f.Count+f.Before-within(told, u) <= limit.Count {
			continue
		}
		does := words{verb: leavingVerb(e.would.of(kind)), things: plural(kind) + " below " + u.Unit}
		found := g.weigh(e, f, does, func(x *Effects) int { return x.unit(ref) })
		if len(found) == 0 {
			continue
		}
		told = append(told, f)
		if len(leaving) > 0 && leaving[0].Source == u.Source && foldUnit(leaving[0].Unit) == ref.unit {
			continue
		}
		if len(out) == placesFound {
			more++
			continue
		}
		out = append(out, found...)
	}
	return andMore(out, more, "unit(s)")
}

// within sums who leaves from below a unit out of units told already.
func within(told []Finding, u *UnitEffects) (n int) {
	for _, t := range told {
		if t.Source == u.Source && below(t.Unit, u.Unit) {
			n += t.Count + t.Before
		}
	}
	return n
}

// below tells whether a unit is below another one, or it itself.
func below(unit, other string) bool {
	for above := range unitsAbove(unit) {
		if foldUnit(above) == foldUnit(other) {
			return true
		}
	}
	return false
}

func depth(unit string) (n int) {
	for range unitsAbove(unit) {
		n++
	}
	return n
}

func (e *effects) deepestFirst(kind Kind) []*UnitEffects {
	var list []*UnitEffects
	for ref, u := range e.units {
		if ref.kind == kind {
			list = append(list, u)
		}
	}
	slices.SortFunc(list, func(a, b *UnitEffects) int {
		return cmp.Or(cmp.Compare(depth(b.Unit), depth(a.Unit)), cmp.Compare(b.Leaving, a.Leaving), strings.Compare(a.Source, b.Source), strings.Compare(a.Unit, b.Unit))
	})
	return list
}

func (x *Effects) unit(ref unitRef) int {
	for _, u := range x.Units {
		if u.Source == ref.source && u.Kind == ref.kind && foldUnit(u.Unit) == ref.unit {
			return u.Leaving
		}
	}
	return 0
}

// mostly is the share of the leavers, in percent, from which on one unit is
// named as the place they leave from.
const mostly = 80

// whence gives the deepest unit below which nearly all of them leave, and how
// that is said; nil when there is none.
func (e *effects) whence(kind Kind, leaving int) (*UnitEffects, string) {
	for _, u := range e.deepestFirst(kind) {
		switch {
		case leaving > 1 && u.Leaving == leaving:
			return u, ", all below " + u.Unit
		case leaving > 1 && u.Leaving*100 >= leaving*mostly:
			return u, ", " + thousands(u.Leaving) + " of them below " + u.Unit
		}
	}
	return nil, ""
}
