package adsync

import (
	"math"
	"slices"
	"strings"
)

// of gives the number that a limit allows out of so many.
func (l Limit) of(base int) (most int, unlimited bool) {
	return max(l.Count, int(float64(base)*l.Percent/100)), l.Off
}

// or gives the default for a limit that says nothing.
func (l Limit) or(standard Limit) Limit {
	if l.Count == 0 && l.Percent == 0 && !l.Off {
		return standard
	}
	return l
}

// enough gives how many there must be for n to be within the limit; 0 when n is
// so however few there are, and no number when none is enough.
func (l Limit) enough(n int) int {
	switch {
	case l.Off || n <= l.Count:
		return 0
	case l.Percent == 0:
		return math.MaxInt
	}
	return int(min(math.Ceil(float64(n)*100/l.Percent), math.MaxInt32)) // of a tiny share there are never enough
}

// namedLimit is a limit of a job with the rule it stands for.
type namedLimit struct {
	rule  string
	limit Limit
}

// The rules of the guard.
const (
	ruleLeaving     = "leaving"
	ruleUnitLeaving = "unit-leaving"
	ruleMembers     = "members-removed"
	ruleBlanked     = "blanked"
	ruleRewritten   = "rewritten"
	ruleUpdates     = "updates"
	ruleCreates     = "creates"
	ruleAdoptions   = "adoptions"
	ruleFirstRun    = "first-run"
)

// limits gives the limits as the job has them, with the defaults filled in.
func (g Guard) limits() []namedLimit {
	g.UnitLeaving.Off = g.UnitLeaving.Off || g.Leaving.Off
	g.Rewritten.Off = g.Rewritten.Off || g.Updates.Off
	return []namedLimit{
		{ruleLeaving, g.Leaving.or(Limit{Count: 10, Percent: 5})},
		{ruleUnitLeaving, g.UnitLeaving.or(Limit{Count: 10, Percent: 30})},
		{ruleMembers, g.MembersRemoved.or(Limit{Count: 20, Percent: 20})},
		{ruleBlanked, g.Blanked.or(Limit{Count: 20, Percent: 2})},
		{ruleRewritten, g.Rewritten.or(Limit{Count: 500, Percent: 30})},
		{ruleUpdates, g.Updates.or(Limit{Count: 500, Percent: 30})},
		{ruleCreates, g.Creates.or(Limit{Count: 200, Percent: 20})},
		{ruleAdoptions, g.Adoptions.or(Limit{Count: 50, Percent: 10})},
	}
}

func (g Guard) limit(rule string) Limit {
	all := g.limits()
	return all[slices.IndexFunc(all, func(l namedLimit) bool { return l.rule == rule })].limit
}

// refusal gives the findings that refuse a plan, in words; "" when none does.
func refusal(findings []Finding, words func(Finding) string) string {
	var texts []string
	for _, f := range findings {
		if f.Refuses {
			texts = append(texts, words(f))
		}
	}
	return strings.Join(texts, " ")
}

func refuses(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Refuses })
}
