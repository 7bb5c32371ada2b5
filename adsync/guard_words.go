package adsync

import (
	"fmt"
	"strconv"
	"strings"
)

// words is how a finding begins: "would VERB n of m active THINGS".
type words struct {
	verb, things, where string
	adds                bool // what it does comes on top of what is there
	plain               bool // the things are members, which are not active or inactive
}

// sentence says what, of how many, where, what the limit is, what is usual, and
// what to do.
func (w words) sentence(f *Finding, e *evidence, did func(*Effects) int) string {
	var b strings.Builder
	switch {
	case w.adds, f.Count > f.Of && !w.plain:
		fmt.Fprintf(&b, "would %s %s %s, where %s %s active now", w.verb, thousands(f.Count), w.things+w.where, thousands(f.Of), are(f.Of))
	case w.plain:
		fmt.Fprintf(&b, "would %s %s of %s %s", w.verb, thousands(f.Count), thousands(f.Of), w.things)
	default:
		fmt.Fprintf(&b, "would %s %s of %s active %s%s", w.verb, thousands(f.Count), thousands(f.Of), w.things, w.where)
	}
	if f.Before > 0 {
		fmt.Fprintf(&b, "; with %s in the last 24 hours that makes %s", thousands(f.Before), thousands(f.Count+f.Before))
	}
	fmt.Fprintf(&b, "; the limit is %s in 24 hours; %s.", thousands(f.Limit), e.past.said(f, did))
	fmt.Fprintf(&b, " If this is right, approve plan %s; if not, correct the directory or the job.", e.plan)
	return b.String()
}

// firstRun is what is said where a limit would have refused and does not hold.
func (e *evidence) firstRun(f Finding) Finding {
	f.Rule, f.Refuses, f.Usual, f.Runs = ruleFirstRun, false, 0, 0
	f.Text = fmt.Sprintf("would create %s %s on a first run; the limit of %s does not hold, since %s.", thousands(f.Count), plural(f.Kind), thousands(f.Limit), e.why)
	return f
}

// andMore adds to the last finding that there are others like it.
func andMore(findings []Finding, more int, things string) []Finding {
	if more > 0 {
		last := &findings[len(findings)-1]
		last.Text += fmt.Sprintf(" %s more %s are over the limit too.", thousands(more), things)
	}
	return findings
}

func leavingVerb(k KindEffects) string {
	switch {
	case k.Delete == 0:
		return "deactivate"
	case k.Deactivate == 0:
		return "delete"
	}
	return fmt.Sprintf("deactivate (%s) or delete (%s)", thousands(k.Deactivate), thousands(k.Delete))
}

func plural(kind Kind) string { return kind.String() + "s" }

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// thousands writes a number as people do: 2,005.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
