package simtest

import (
	"fmt"
)

// Oracle is one thing that has to be true of everything that happens, whatever
// the script. Its name begins with the number of the invariant that it holds
// the engine to.
type Oracle struct {
	Name string
	// Says is the invariant in words.
	Says  string
	check func(*Trace, *complaints)
}

// Violation is a place where something was not as an oracle says.
type Violation struct {
	Oracle string
	Step   int // the line of the script; 0 when everything was to come to rest
	Text   string
}

// String gives the oracle, the step and what was seen.
func (v Violation) String() string {
	if v.Step == 0 {
		return fmt.Sprintf("%s, in the end: %s", v.Oracle, v.Text)
	}
	return fmt.Sprintf("%s, step %d: %s", v.Oracle, v.Step, v.Text)
}

// complaints collects what one oracle finds.
type complaints struct {
	oracle string
	step   int
	list   []Violation
}

func (c *complaints) say(format string, args ...any) {
	c.list = append(c.list, Violation{c.oracle, c.step, fmt.Sprintf(format, args...)})
}

// each calls what with every event, and knows of which step it is.
func (c *complaints) each(t *Trace, what func(Event)) {
	for _, e := range t.Events {
		if s, ok := e.(Stepped); ok {
			c.step = s.Number
		}
		what(e)
	}
	c.step = 0
}

// Oracles are all oracles, in the order of the invariants.
func Oracles() []Oracle {
	return []Oracle{
		{"I1 read, guard, then write", "nothing is written before the read has ended with Done and the guard has passed", checkOrder},
		{"I1 limits", "a plan over the guard's limits is applied only when a person approved it", checkLimits},
		{"I2 absence", "only who is gone in the directory leaves, and only a read that ended well says so", checkAbsence},
		{"I2 unknown", "nobody is reactivated, deactivated or cleared but by what the directory really says", checkUnknown},
		{"I3 cursor", "a cursor moves only with the outcome of everything it covers", checkCursor},
		{"I3 nothing lost", "in the end every object agrees with the directory, or an issue names it", checkNothingLost},
		{"I3 at rest", "once nothing is wrong any more, no op is refused without a reason, unanswered, or answered with the id of another object", checkAtRest},
		{"I4 once", "no op takes effect twice", checkOnce},
		{"I4 keys", "another effect has another key", checkKeys},
		{"I4 one object", "no directory object stands twice in the target", checkOneObject},
		{"I4 twin", "a run that was killed and run again ends as if it had not been", nil}, // needs a second world; see Check
		{"I5 blank", "blank never erases, unless the job says so", checkBlank},
		{"I5 deletion", "absence never deletes, unless the job says so", checkDeletion},
		{"I5 members", "no member is removed that we did not add", checkMembers},
		{"I6 ambiguity", "ambiguity is never a guess, and nothing protected is touched", checkAmbiguity},
		{"I7 one bad object", "one bad object or source stops no other, and nothing stops without a reason", checkOthersGoOn},
		{"I8 secrets", "no secret turns up in a log, an error, the state or a plan", checkSecrets},
		{"I9 bounds", "what is held and asked for at once is bounded", checkBounds},
		{"I10 one at a time", "only the holder of the lease writes to the target", checkLease},
		{"I11 same plan", "the same directory, target, state and instant give the same plan", checkSamePlan},
	}
}

// Check gives everything that the oracles find wrong in a trace.
func (t *Trace) Check() []Violation {
	var out []Violation
	for _, o := range Oracles() {
		if o.check == nil {
			continue
		}
		c := &complaints{oracle: o.Name}
		o.check(t, c)
		out = append(out, c.list...)
	}
	return out
}

// differsFromTwin compares a trace with that of the same script without deaths,
// unless the target was changed behind the engine's back: how that ends depends
// on which run finds out.
func (t *Trace) differsFromTwin(twin *Trace) []Violation {
	if len(t.World.tainted)+len(twin.World.tainted) > 0 {
		return nil
	}
	for n := range t.pictures {
		if n < len(twin.pictures) && t.pictures[n] != twin.pictures[n] {
			return []Violation{{"I4 twin", n + 1, "the target is\n" + t.pictures[n] + "\nand without deaths it would be\n" + twin.pictures[n]}}
		}
	}
	return nil
}
