package adsync

import (
	"fmt"
	"slices"
	"strings"
)

// tally counts the objects of one kind that a plan would touch.
type tally struct{ leaving, creates, updates, adoptions int }

// count adds an op to the plan's counts and to the guard's.
func (s *sealed) count(op *PlannedOp) {
	s.planned.countOp(op)
	t := s.tallies[op.Kind]
	if t == nil {
		t = &tally{}
		s.tallies[op.Kind] = t
	}
	switch op.Intent {
	case IntentDeactivate, IntentLeave, IntentDelete:
		t.leaving++
	case IntentCreate, IntentSend:
		t.creates++
	case IntentUpdate, IntentRename, IntentReactivate:
		t.updates++
		if turnsInactive(op) {
			t.leaving++
		}
	case IntentAdopt:
		t.adoptions++
	}
}

// turnsInactive tells whether an op takes an object out of use by an attribute
// alone, where the target has no other way.
func turnsInactive(op *PlannedOp) bool {
	return op.Old.Has(AttrActive) && op.Old.Get(AttrActive) != "false" && op.Full.Get(AttrActive) == "false"
}

// countOp counts what an op does. References that follow an op of the same
// object, and parking, are part of what that op is counted as.
func (c *Counts) countOp(op *PlannedOp) {
	switch op.Intent {
	case IntentCreate, IntentSend:
		c.Create++
	case IntentUpdate:
		c.Update++
	case IntentRename:
		c.Rename++
	case IntentReactivate:
		c.Reactivate++
	case IntentAdopt:
		c.Adopt++
	case IntentDeactivate, IntentLeave:
		c.Deactivate++
	case IntentDelete:
		c.Delete++
	case IntentMembers:
		c.Members += len(op.Add) + len(op.Remove) + len(op.RemoveTargets)
	}
}

// limit gives the number that a limit allows out of so many active links.
func (l Limit) of(standard Limit, active int) (most int, unlimited bool) {
	if l.Off {
		return 0, true
	}
	if l.Count == 0 && l.Percent == 0 {
		l = standard
	}
	return max(l.Count, int(float64(active)*l.Percent/100)), false
}

// rule is one of the guard's limits.
type rule struct {
	name     string
	limit    Limit
	standard Limit
	count    func(*tally) int
	says     string
}

func (g Guard) rules() []rule {
	return []rule{
		{"leaving", g.Leaving, Limit{Count: 10, Percent: 5}, func(t *tally) int { return t.leaving }, "deactivate or delete"},
		{"creates", g.Creates, Limit{Count: 200, Percent: 20}, func(t *tally) int { return t.creates }, "create"},
		{"updates", g.Updates, Limit{Count: 500, Percent: 30}, func(t *tally) int { return t.updates }, "change"},
		{"adoptions", g.Adoptions, Limit{Count: 50, Percent: 10}, func(t *tally) int { return t.adoptions }, "adopt"},
	}
}

// judge holds a plan against the limits. It is pure. freeCreates lifts the
// limit on creates, for a first run into an empty target.
func (g Guard) judge(tallies map[Kind]*tally, links map[Kind]LinkCount, freeCreates bool) []Finding {
	var out []Finding
	for _, kind := range []Kind{User, Group, Contact, OrganizationalUnit} {
		t := tallies[kind]
		if t == nil {
			continue
		}
		active := links[kind].Active
		for _, r := range g.rules() {
			n := r.count(t)
			most, unlimited := r.limit.of(r.standard, active)
			if unlimited || n <= most || r.name == "creates" && freeCreates {
				continue
			}
			out = append(out, Finding{
				Rule: r.name, Kind: kind, Count: n, Limit: most, Of: active, Refuses: true,
				Text: fmt.Sprintf("would %s %d of %d active %ss; the limit for one run is %d", r.says, n, active, kind, most),
			})
		}
	}
	return out
}

// Refusal gives the findings that refuse a plan, in words; "" when none does.
func refusal(findings []Finding) string {
	var texts []string
	for _, f := range findings {
		if f.Refuses {
			texts = append(texts, f.Text)
		}
	}
	return strings.Join(texts, "; ")
}

func refuses(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Refuses })
}
