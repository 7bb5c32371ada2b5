package adsync

import (
	"slices"

	"github.com/adsync/sdk/internal/protection"
)

// evidence is all that a judgement rests on. Judging reads nothing else.
type evidence struct {
	plan string // its id
	// would is what the plan would do; was is what was done in the 24 hours
	// before it, apart from what people approved.
	would, was *effects
	past       *past
	links      map[Kind]LinkCount
	// units and groups are the active links below suspicious units and the
	// members of suspicious groups, or as many of them as make it harmless.
	units  map[unitRef]int
	groups map[LinkRef]int
	// free lifts the limit on creates, for a first run; why says for what reason.
	free bool
	why  string
}

var judgedKinds = []Kind{User, Group, Contact, OrganizationalUnit}

// judge holds a plan against the limits. It is pure.
func (g Guard) judge(e *evidence) []Finding {
	var out []Finding
	for _, kind := range judgedKinds {
		leaving := g.judgeLeaving(e, kind)
		out = append(out, leaving...)
		out = append(out, g.judgeUnits(e, kind, leaving)...)
		out = append(out, g.judgeAttributes(e, kind)...)
		out = append(out, g.judgeKind(e, kind)...)
	}
	return append(out, g.judgeGroups(e)...)
}

// weigh holds one number against its limit. A plan that does nothing of the
// kind is not refused for what others did before it.
func (g Guard) weigh(e *evidence, f Finding, does words, did func(*Effects) int) []Finding {
	limit := g.limit(f.Rule)
	most, unlimited := limit.of(f.Of)
	if unlimited || f.Count == 0 || f.Count+f.Before <= most {
		return nil
	}
	f.Limit, f.Refuses = most, !protection.Guard.Removed()
	f.Usual, f.Runs = e.past.usual(did)
	f.Text = does.sentence(&f, e, did)
	return []Finding{f}
}

// active gives the active links of a kind before the run and the 24 hours: those
// who left meanwhile were active.
func (e *evidence) active(kind Kind) int {
	return e.links[kind].Active + e.was.leaving(kind)
}

func (e *effects) leaving(kind Kind) int {
	if k := e.kinds[kind]; k != nil {
		return k.Deactivate + k.Delete
	}
	return 0
}

func leavingOf(x *Effects, kind Kind) int {
	k := x.kind(kind)
	return k.Deactivate + k.Delete
}

func (x *Effects) kind(kind Kind) (k KindEffects) {
	if i := slices.IndexFunc(x.Kinds, func(k KindEffects) bool { return k.Kind == kind }); i >= 0 {
		k = x.Kinds[i]
	}
	return k
}

func (e *effects) of(kind Kind) KindEffects {
	if k := e.kinds[kind]; k != nil {
		return *k
	}
	return KindEffects{Kind: kind}
}

func (g Guard) judgeLeaving(e *evidence, kind Kind) []Finding {
	f := Finding{Rule: ruleLeaving, Kind: kind, Count: e.would.leaving(kind), Before: e.was.leaving(kind), Of: e.active(kind), Names: e.would.leaverNames[kind]}
	where, below := e.would.whence(kind, f.Count)
	if where != nil {
		f.Source, f.Unit = where.Source, where.Unit
	}
	does := words{verb: leavingVerb(e.would.of(kind)), things: plural(kind), where: below}
	return g.weigh(e, f, does, func(x *Effects) int { return leavingOf(x, kind) })
}

// judgeKind judges what the other limits of a kind are for.
func (g Guard) judgeKind(e *evidence, kind Kind) (out []Finding) {
	would, was := e.would.of(kind), e.was.of(kind)
	for _, r := range []struct {
		rule, verb string
		count      func(KindEffects) int
	}{
		{ruleUpdates, "change", func(k KindEffects) int { return k.Update }},
		{ruleAdoptions, "adopt", func(k KindEffects) int { return k.Adopt }},
		{ruleCreates, "create", func(k KindEffects) int { return k.Create }},
	} {
		did := func(x *Effects) int {
			if r.rule == ruleCreates && x.First {
				return 0
			}
			return r.count(x.kind(kind))
		}
		f := Finding{Rule: r.rule, Kind: kind, Count: r.count(would), Before: r.count(was), Of: e.active(kind)}
		found := g.weigh(e, f, words{verb: r.verb, things: plural(kind), adds: r.rule != ruleUpdates}, did)
		if len(found) > 0 && r.rule == ruleCreates && e.free {
			found = []Finding{e.firstRun(found[0])}
		}
		out = append(out, found...)
	}
	return out
}

// judgeAttributes judges each attribute by itself: one that goes blank, or
// changes, in many objects at once.
func (g Guard) judgeAttributes(e *evidence, kind Kind) (out []Finding) {
	for _, a := range e.would.stored().Attributes {
		if a.Kind != kind {
			continue
		}
		ref := attributeRef{kind, foldName(a.Name)}
		var was AttributeEffects
		if known := e.was.attributes[ref]; known != nil {
			was = *known
		}
		f := Finding{Rule: ruleBlanked, Kind: kind, Attr: a.Name, Count: a.Blanked, Before: was.Blanked, Of: e.active(kind)}
		out = append(out, g.weigh(e, f, words{verb: "blank " + a.Name + " of", things: plural(kind)}, func(x *Effects) int {
			return x.attribute(ref).Blanked
		})...)
		f = Finding{Rule: ruleRewritten, Kind: kind, Attr: a.Name, Count: a.Rewritten, Before: was.Rewritten, Of: e.active(kind)}
		out = append(out, g.weigh(e, f, words{verb: "rewrite " + a.Name + " of", things: plural(kind)}, func(x *Effects) int {
			return x.attribute(ref).Rewritten
		})...)
	}
	return out
}

func (x *Effects) attribute(ref attributeRef) (a AttributeEffects) {
	for _, a := range x.Attributes {
		if a.Kind == ref.kind && foldName(a.Name) == ref.name {
			return a
		}
	}
	return a
}
