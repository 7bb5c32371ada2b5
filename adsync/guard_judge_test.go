package adsync

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// planned counts ops as a plan would.
func planned(ops ...PlannedOp) *effects {
	e := newEffects()
	for i := range ops {
		e.count(&ops[i])
	}
	return e
}

func many(n int, op PlannedOp) []PlannedOp { return slices.Repeat([]PlannedOp{op}, n) }

func leaver(container string) PlannedOp {
	return PlannedOp{Phase: PhaseDeactivate, Verb: Deactivate, Intent: IntentLeave, Kind: User, Source: "ad", Container: container}
}

// changing gives an update that makes one attribute into another.
func changing(name, before, after string) PlannedOp {
	op := PlannedOp{Phase: PhasePeople, Verb: Put, Intent: IntentUpdate, Kind: User, Source: "ad"}
	op.Old.Set(name, before)
	if after != "" {
		op.Full.Set(name, after)
	}
	return op
}

func intending(intent Intent) PlannedOp {
	return PlannedOp{Verb: Put, Intent: intent, Kind: User, Source: "ad"}
}

const sales, company = "OU=Sales,OU=Company,DC=example,DC=com", "OU=Company,DC=example,DC=com"

// The limits at their defaults, each at the number that passes and at the next.
//
// Red when the rule is taken out of judge, when its default is another, and when
// what was done in the last 24 hours is left out.
func TestEachDefaultLimit(t *testing.T) {
	group := LinkRef{Source: "ad", Key: LinkKey{7}}
	parting := PlannedOp{Verb: Members, Intent: IntentMembers, Kind: Group, Source: "ad", Link: group.Key, Remove: []Anchor{"x"}}
	unit := unitRef{"ad", User, foldUnit(sales)}
	off := Limit{Off: true}
	for _, c := range []struct {
		rule   string
		op     PlannedOp
		guard  Guard // what is off so that the rule is seen by itself
		active int   // of the kind, of the unit, or in the group
		most   int
	}{
		{ruleLeaving, leaver(""), Guard{}, 12, 10},
		{ruleLeaving, leaver(""), Guard{}, 200, 10},
		{ruleLeaving, leaver(""), Guard{}, 2000, 100},
		{ruleLeaving, PlannedOp{Verb: Delete, Intent: IntentDelete, Kind: User}, Guard{}, 2000, 100},
		{ruleLeaving, changing(AttrActive, "true", "false"), Guard{}, 2000, 100},
		{ruleUnitLeaving, leaver(sales), Guard{Leaving: Limit{Percent: 1000}}, 12, 10},
		{ruleUnitLeaving, leaver(sales), Guard{Leaving: Limit{Percent: 1000}}, 33, 10},
		{ruleUnitLeaving, leaver(sales), Guard{Leaving: Limit{Percent: 1000}}, 100, 30},
		{ruleMembers, parting, Guard{}, 30, 20},
		{ruleMembers, parting, Guard{}, 1000, 200},
		{ruleBlanked, changing("title", "Clerk", ""), Guard{}, 400, 20},
		{ruleBlanked, changing("title", "Clerk", ""), Guard{}, 2000, 40},
		{ruleRewritten, changing("title", "Clerk", "Boss"), Guard{Updates: Limit{Percent: 1000}}, 600, 500},
		{ruleRewritten, changing("title", "Clerk", "Boss"), Guard{Updates: Limit{Percent: 1000}}, 2000, 600},
		{ruleUpdates, changing("title", "", "Boss"), Guard{}, 600, 500},
		{ruleUpdates, changing("title", "", "Boss"), Guard{}, 2000, 600},
		{ruleUpdates, intending(IntentReactivate), Guard{}, 2000, 600},
		{ruleUpdates, intending(IntentRename), Guard{}, 2000, 600},
		{ruleCreates, intending(IntentCreate), Guard{}, 500, 200},
		{ruleCreates, intending(IntentSend), Guard{}, 2000, 400},
		{ruleAdoptions, intending(IntentAdopt), Guard{}, 0, 50},
		{ruleAdoptions, intending(IntentAdopt), Guard{}, 2000, 200},
	} {
		for before := range 3 {
			name := fmt.Sprintf("%s of %d, %d before, %s", c.rule, c.active, before, c.op.Intent)
			for extra, refused := range []bool{false, true} {
				judge := func(guard Guard) []Finding {
					n := c.most - before + extra
					e := &evidence{
						plan: "0123456789abcdef", would: planned(many(n, c.op)...), was: planned(many(before, c.op)...), past: &past{},
						links: map[Kind]LinkCount{User: {Active: c.active - planned(many(before, c.op)...).leaving(User)}},
						units: map[unitRef]int{}, groups: map[LinkRef]int{},
					}
					for ref := range guard.suspectUnits(e.would, e.was) {
						e.units[ref] = e.links[User].Active
					}
					for ref := range guard.suspectGroups(e.would, e.was) {
						e.groups[ref] = c.active - before
					}
					return guard.judge(e)
				}
				found := judge(c.guard)
				if !refused {
					require.Empty(t, found, name)
					continue
				}
				require.Len(t, found, 1, name)
				f := found[0]
				require.Equal(t, c.rule, f.Rule, name)
				require.True(t, f.Refuses, name)
				require.Equal(t, []int{c.most - before + 1, before, c.most, c.active}, []int{f.Count, f.Before, f.Limit, f.Of}, name)
				require.Contains(t, f.Text, "approve plan 0123456789abcdef", name)
				require.Empty(t, judge(turnedOff(c.guard, c.rule, off)), "%s: turned off by name", name)
			}
		}
	}
	require.Equal(t, unit, unitRef{"ad", User, foldUnit(strings.ToUpper(sales))}, "units are told apart without case")
}

func turnedOff(g Guard, rule string, off Limit) Guard {
	*map[string]*Limit{
		ruleLeaving: &g.Leaving, ruleUnitLeaving: &g.UnitLeaving, ruleMembers: &g.MembersRemoved, ruleBlanked: &g.Blanked,
		ruleRewritten: &g.Rewritten, ruleUpdates: &g.Updates, ruleCreates: &g.Creates, ruleAdoptions: &g.Adoptions,
	}[rule] = off
	return g
}

// A plan that does nothing of a kind is not held up by what others did.
//
// Red when weigh does not look at what the plan itself does.
func TestWhatOthersDidRefusesNoPlanThatAddsNothing(t *testing.T) {
	e := &evidence{would: planned(intending(IntentCreate)), was: planned(many(90, leaver(sales))...), past: &past{}, links: map[Kind]LinkCount{User: {Active: 100}}}
	require.Empty(t, Guard{}.judge(e))
}

// What is no loss is not counted, and an op that is part of another is counted once.
func TestWhatIsCounted(t *testing.T) {
	follows := changing("manager", "x", "")
	follows.Intent = IntentReference
	parked := changing("logon", "ada", "parked-1-ada")
	parked.Intent = IntentPark
	adopts := changing("title", "Boss", "Clerk")
	adopts.Intent = IntentAdopt
	for name, c := range map[string]struct {
		op   PlannedOp
		want Effects
	}{
		"a value where there was none":       {changing("title", "", "Boss"), Effects{Kinds: []KindEffects{{Kind: User, Update: 1}}}},
		"a reference of an object written":   {follows, Effects{Attributes: []AttributeEffects{{Kind: User, Name: "manager", Blanked: 1}}}},
		"a value set aside":                  {parked, Effects{}},
		"an op that only remembers":          {PlannedOp{Kind: User}, Effects{}},
		"members that are added":             {PlannedOp{Verb: Members, Intent: IntentMembers, Kind: Group, Add: []Anchor{"a"}}, Effects{}},
		"an adoption that changes something": {adopts, Effects{Kinds: []KindEffects{{Kind: User, Adopt: 1}}, Attributes: []AttributeEffects{{Kind: User, Name: "title", Rewritten: 1}}}},
		"turning inactive is no rewriting": {changing(AttrActive, "true", "false"), Effects{
			Kinds: []KindEffects{{Kind: User, Update: 1, Deactivate: 1}},
		}},
		"becoming active again": {changing(AttrActive, "false", "true"), Effects{
			Kinds: []KindEffects{{Kind: User, Update: 1}}, Attributes: []AttributeEffects{{Kind: User, Name: AttrActive, Rewritten: 1}},
		}},
		"leaving counts for every unit above": {leaver(sales), Effects{
			Kinds: []KindEffects{{Kind: User, Deactivate: 1}},
			Units: []UnitEffects{{Source: "ad", Kind: User, Unit: company, Leaving: 1}, {Source: "ad", Kind: User, Unit: sales, Leaving: 1}},
		}},
	} {
		require.Equal(t, c.want, planned(c.op).stored(), name)
	}
}

func TestUnitsAbove(t *testing.T) {
	for container, want := range map[string][]string{
		"":                                nil,
		"DC=example,DC=com":               nil,
		sales:                             {sales, company},
		"ou=a, ou=b , dc=example,dc=com":  {"ou=a, ou=b , dc=example,dc=com", "ou=b , dc=example,dc=com"},
		`OU=Sales\, East,OU=x`:            {`OU=Sales\, East,OU=x`, "OU=x"},
		`OU="Sales, East",OU=x`:           {`OU="Sales, East",OU=x`, "OU=x"},
		`OU=broken\`:                      {`OU=broken\`},
		"4c1e9c1e-administrative-unit":    {"4c1e9c1e-administrative-unit"},
		"OU=dc=not,DC=example":            {"OU=dc=not,DC=example"},
		"CN=Users,DC=example,DC=com":      {"CN=Users,DC=example,DC=com"},
		"OU=\x00\xff,OU=Ärger,dc=EXAMPLE": {"OU=\x00\xff,OU=Ärger,dc=EXAMPLE", "OU=Ärger,dc=EXAMPLE"},
		" , ,":                            {", ,", ","},
	} {
		require.Equal(t, want, slices.Collect(unitsAbove(container)), container)
	}
}

func FuzzUnitsAbove(f *testing.F) {
	f.Add(sales)
	f.Add(`OU=a\,b,"x,y",,`)
	f.Fuzz(func(t *testing.T, container string) {
		last := len(container) + 1
		for unit := range unitsAbove(container) {
			require.Less(t, len(unit), last, "each is shorter than the one below")
			require.True(t, strings.HasSuffix(strings.TrimSpace(container), unit))
			last = len(unit)
		}
	})
}

// The number of units and groups that are told apart is bounded, and the largest
// are kept.
//
// Red when unit does not forget, and when the largest are not those kept.
func TestEffectsAreBounded(t *testing.T) {
	e := newEffects()
	for n := range 5 * effectsCounted {
		op := leaver(fmt.Sprintf("OU=%d,DC=example,DC=com", n))
		e.count(&op)
		big := leaver("OU=big,DC=example,DC=com")
		e.count(&big)
		e.group(LinkRef{"ad", LinkKey{byte(n), byte(n >> 8), byte(n >> 16)}}, "").Removed += 1 + n%2
		require.LessOrEqual(t, len(e.units), effectsCounted)
		require.LessOrEqual(t, len(e.groups), effectsCounted)
	}
	stored := e.stored()
	require.Len(t, stored.Units, effectsKept)
	require.Len(t, stored.Groups, effectsKept)
	require.Equal(t, 5*effectsCounted, stored.unit(unitRef{"ad", User, "ou=big,dc=example,dc=com"}))
	require.Equal(t, 10*effectsCounted, e.leaving(User))
}

// Effects that were stored and read back go on as if nothing had happened.
func TestEffectsGoOnFromWhatIsStored(t *testing.T) {
	ops := append(many(3, leaver(sales)), changing("title", "Boss", ""), changing("title", "a", "b"))
	ops = append(ops, PlannedOp{Intent: IntentMembers, Kind: Group, Source: "ad", Link: LinkKey{1}, RemoveTargets: []TargetID{"1", "2"}})
	again := newEffects()
	stored := planned(ops...).stored()
	again.add(&stored)
	for i := range ops {
		again.count(&ops[i])
	}
	require.Equal(t, planned(append(ops, ops...)...).stored(), again.stored())
}

// A unit is told by itself, not once more for each unit above it.
func TestUnitsAreToldOnce(t *testing.T) {
	east, west := "OU=East,"+sales, "OU=West,"+sales
	guard := Guard{UnitLeaving: Limit{Count: 2, Percent: 50}, Leaving: Limit{Percent: 1000}}
	for name, c := range map[string]struct {
		ops   []PlannedOp
		sizes map[string]int
		want  []string
	}{
		"both offices by themselves": {append(many(3, leaver(east)), many(4, leaver(west))...), map[string]int{east: 3, west: 4, sales: 7, company: 100}, []string{west, east}},
		"only together":              {append(many(2, leaver(east)), many(2, leaver(west))...), map[string]int{sales: 5, company: 100}, []string{sales}},
		"one of them, and more":      {append(many(3, leaver(east)), many(3, leaver(sales))...), map[string]int{east: 3, sales: 6, company: 7}, []string{east, sales}},
	} {
		e := &evidence{would: planned(c.ops...), was: newEffects(), past: &past{}, links: map[Kind]LinkCount{User: {Active: 100}}, units: map[unitRef]int{}}
		for unit, n := range c.sizes {
			e.units[unitRef{"ad", User, foldUnit(unit)}] = n
		}
		var got []string
		for _, f := range guard.judge(e) {
			got = append(got, f.Unit)
		}
		require.Equal(t, c.want, got, name)
	}
}

func TestManyUnitsAreCountedRatherThanListed(t *testing.T) {
	e := &evidence{would: newEffects(), was: newEffects(), past: &past{}, units: map[unitRef]int{}}
	for n := range 15 {
		unit := fmt.Sprintf("OU=%d,DC=example,DC=com", n)
		for _, op := range many(11, leaver(unit)) {
			e.would.count(&op)
		}
		e.units[unitRef{"ad", User, foldUnit(unit)}] = 11
	}
	found := Guard{Leaving: Limit{Count: 1000}}.judge(e)
	require.Len(t, found, placesFound)
	require.Contains(t, found[placesFound-1].Text, "5 more unit(s)")
}

func TestTheWordsOfAFinding(t *testing.T) {
	deleting := PlannedOp{Verb: Delete, Intent: IntentDelete, Kind: User, Source: "ad", Container: sales}
	e := &evidence{
		plan: "db523a80fbd6c60b", would: planned(many(412, leaver(sales))...), was: newEffects(), links: map[Kind]LinkCount{User: {Active: 2005}},
		past: &past{runs: slices.Repeat([]Effects{planned(many(3, leaver(""))...).stored()}, 30)},
	}
	require.Equal(t, "would deactivate 412 of 2,005 active users, all below "+sales+"; the limit is 100 in 24 hours; last 30 runs: at most 3."+
		" If this is right, approve plan db523a80fbd6c60b; if not, correct the directory or the job.", Guard{}.judge(e)[0].Text)

	e.would = planned(append(many(90, leaver(sales)), many(20, deleting)...)...)
	e.past = &past{runs: []Effects{{}}, approved: []Effects{planned(many(1500, leaver(""))...).stored()}}
	require.Contains(t, Guard{}.judge(e)[0].Text, "would deactivate (90) or delete (20) 110 of 2,005 active users")
	require.Contains(t, Guard{}.judge(e)[0].Text, "last 2 runs: at most 0, and 1,500 in one that a person approved")

	e.would = planned(append(many(200, leaver(sales)), many(20, leaver(company))...)...)
	require.Contains(t, Guard{}.judge(e)[0].Text, "users, 200 of them below "+sales+";")
	require.Equal(t, sales, Guard{}.judge(e)[0].Unit)
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 2005: "2,005", 123456: "123,456", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		require.Equal(t, want, thousands(n))
	}
}

func TestEnough(t *testing.T) {
	limit := Limit{Count: 10, Percent: 30}
	for n := 11; n < 500; n++ {
		need := limit.enough(n)
		most, _ := limit.of(need)
		less, _ := limit.of(need - 1)
		require.GreaterOrEqual(t, most, n, "%d is enough for %d", need, n)
		require.Less(t, less, n, "%d is the least for %d", need, n)
	}
	require.Zero(t, limit.enough(10))
	require.Zero(t, Limit{Off: true}.enough(1000))
	require.Positive(t, Limit{Percent: 1e-18}.enough(1), "as good as none, and no number that turned round")
}

// The window is 24 hours, whatever the clock does, and approved runs and the
// creates of a first run are left out of it.
func TestThePast(t *testing.T) {
	now := time.Date(2031, 3, 5, 12, 0, 0, 0, time.UTC)
	run := func(ended time.Time, n int, change func(*RunInfo)) func(int64) RunInfo {
		return func(id int64) RunInfo {
			info := RunInfo{ID: id, State: RunEnded, Plan: "p", Started: ended, Ended: ended, Effects: planned(append(many(n, leaver("")), intending(IntentCreate))...).stored()}
			if change != nil {
				change(&info)
			}
			return info
		}
	}
	for name, c := range map[string]struct {
		run             func(int64) RunInfo
		leaving, create int
		runs, approved  int
	}{
		"a day ago":                 {run(now.Add(-24*time.Hour), 3, nil), 0, 0, 1, 0},
		"just less":                 {run(now.Add(-24*time.Hour+time.Nanosecond), 3, nil), 3, 1, 1, 0},
		"the clock was set back":    {run(now.Add(time.Hour), 3, nil), 3, 1, 1, 0},
		"approved":                  {run(now, 3, func(i *RunInfo) { i.Approved = "Ada" }), 0, 0, 0, 1},
		"a first run":               {run(now, 3, func(i *RunInfo) { i.Effects.First = true }), 3, 0, 1, 0},
		"held, and not applied":     {run(now, 3, func(i *RunInfo) { i.State = RunSealed }), 0, 0, 0, 0},
		"a run without a plan":      {run(now, 3, func(i *RunInfo) { i.Plan = "" }), 0, 0, 0, 0},
		"begun long ago, ended now": {run(now, 3, func(i *RunInfo) { i.Started = now.AddDate(0, 0, -3) }), 3, 1, 1, 0},
	} {
		st, err := NewMemoryState().Open(t.Context(), "app")
		require.NoError(t, err)
		require.NoError(t, st.Acquire(t.Context(), "test", time.Hour))
		id, err := st.Begin(t.Context(), now)
		require.NoError(t, err)
		require.NoError(t, st.Save(t.Context(), c.run(id)))
		p, err := recallPast(t.Context(), st, now)
		require.NoError(t, err)
		require.Equal(t, c.leaving, p.was.leaving(User), name)
		require.Equal(t, c.create, p.was.of(User).Create, name)
		require.Len(t, p.runs, c.runs, name)
		require.Len(t, p.approved, c.approved, name)
	}
}

// A long history is read only as far back as it matters.
func TestOnlyTheLastThirtyRunsSayWhatIsUsual(t *testing.T) {
	now := time.Now()
	st, err := NewMemoryState().Open(t.Context(), "app")
	require.NoError(t, err)
	require.NoError(t, st.Acquire(t.Context(), "test", time.Hour))
	for n := range 50 {
		id, err := st.Begin(t.Context(), now)
		require.NoError(t, err)
		ended := now.AddDate(0, 0, n-60)
		require.NoError(t, st.Save(t.Context(), RunInfo{ID: id, State: RunEnded, Plan: "p", Ended: ended, Effects: planned(many(50-n, leaver(""))...).stored()}))
	}
	p, err := recallPast(t.Context(), st, now)
	require.NoError(t, err)
	most, runs := p.usual(func(x *Effects) int { return leavingOf(x, User) })
	require.Equal(t, 30, runs)
	require.Equal(t, 30, most, "the older ones did more")
}
