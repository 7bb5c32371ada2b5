package simtest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Script is a simulation as text: the line that makes the world, and one line
// for each thing that happens in it. The same script plays the same way, so a
// failure is a script that can be kept.
//
//	world people=8 groups=1 read=delta replay=keyed
//	run
//	leave 3
//	run kill=17
//
// Lines that are empty or begin with # say nothing.
type Script struct {
	World Step
	Steps []Step
}

// Step is one line: a verb, and words or name=value pairs.
type Step struct {
	Verb string
	Args []string
}

// String gives the script's text, which Parse reads.
func (s Script) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, s.World)
	for _, step := range s.Steps {
		fmt.Fprintln(&b, step)
	}
	return b.String()
}

// String gives the step's line.
func (s Step) String() string { return strings.Join(append([]string{s.Verb}, s.Args...), " ") }

// Parse reads a script. The error names the line at fault.
func Parse(text string) (Script, error) {
	var script Script
	for n, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		step := Step{words[0], words[1:]}
		if err := step.check(); err != nil {
			return Script{}, fmt.Errorf("simtest: line %d (%s): %w", n+1, step, err)
		}
		switch {
		case step.Verb != "world":
			script.Steps = append(script.Steps, step)
		case script.World.Verb != "":
			return Script{}, fmt.Errorf("simtest: line %d: a script has one line that begins with world", n+1)
		default:
			script.World = step
		}
	}
	if script.World.Verb == "" {
		return Script{}, errors.New("simtest: the script has no line that begins with world")
	}
	return script, nil
}

// arities says how many plain words a verb takes, at least.
var arities = map[string]int{"world": 0, "run": 0, "plan": 0, "accept": 0, "approve": 0}

func (s Step) check() error {
	least, known := arities[s.Verb]
	if d, ok := deeds[s.Verb]; ok {
		least, known = d.words, true
	}
	if !known {
		return fmt.Errorf("there is no verb %q; Verbs lists them", s.Verb)
	}
	plain := 0
	for _, a := range s.Args {
		name, value, pair := strings.Cut(a, "=")
		switch {
		case !pair:
			plain++
		case !slices.Contains(pairsOf[s.Verb], name):
			return fmt.Errorf("%s knows no %s=; it knows %s", s.Verb, name, strings.Join(pairsOf[s.Verb], ", "))
		case value == "":
			return fmt.Errorf("%s= has no value", name)
		}
	}
	if plain < least {
		return fmt.Errorf("%s needs %d word(s) behind it (%s)", s.Verb, least, explain(s.Verb))
	}
	return s.checkFaults()
}

// pairsOf lists the name=value pairs that a verb takes.
var pairsOf = map[string][]string{
	"world": {"people", "groups", "contacts", "sources", "read", "members", "sink", "see", "replay", "pending", "decides", "merge", "swap", "marks", "flight", "batch", "inactive", "leavers"},
	"run":   {"spared", "kill", "again", "suspend", "with", "read", "sink", "from"},
	"plan":  {"from"},
}

func (s Step) checkFaults() error {
	if s.Verb != "run" {
		return nil
	}
	for _, one := range []struct {
		name  string
		known []string
	}{{"read", readFaults}, {"sink", sinkFaults}} {
		for _, f := range s.faults(one.name) {
			if !slices.Contains(one.known, f.what) {
				return fmt.Errorf("there is no fault %s=%s; there are %s", one.name, f.what, strings.Join(one.known, ", "))
			}
		}
	}
	return nil
}

// fault is one thing that goes wrong, and at which call or with what.
type fault struct {
	what string
	at   int
	with string
}

// faults reads what:at,what:at from a pair.
func (s Step) faults(name string) []fault {
	var out []fault
	for _, one := range strings.Split(s.get(name, ""), ",") {
		if one == "" {
			continue
		}
		what, with, _ := strings.Cut(one, ":")
		at, _ := strconv.Atoi(with)
		out = append(out, fault{what, at, with})
	}
	return out
}

// get gives the value of a pair, or else.
func (s Step) get(name, otherwise string) string {
	for _, a := range s.Args {
		if n, value, ok := strings.Cut(a, "="); ok && n == name {
			return value
		}
	}
	return otherwise
}

func (s Step) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(s.get(name, "")); err == nil {
		return n
	}
	return otherwise
}

// word gives the n-th plain word, and arg the n-th as a number.
func (s Step) word(n int) string {
	for _, a := range s.Args {
		if strings.Contains(a, "=") {
			continue
		}
		if n == 0 {
			return a
		}
		n--
	}
	return ""
}

func (s Step) arg(n int) int {
	number, _ := strconv.Atoi(s.word(n))
	return number
}

// without gives the step without a pair.
func (s Step) without(name string) Step {
	args := slices.DeleteFunc(slices.Clone(s.Args), func(a string) bool { return strings.HasPrefix(a, name+"=") })
	return Step{s.Verb, args}
}

// killed gives the call at which a run's process dies: "17" before the call has
// any effect, "17+" right after it.
func (s Step) killed() (at int, after bool) {
	text, after := strings.CutSuffix(s.get("kill", ""), "+")
	at, _ = strconv.Atoi(text)
	return at, after
}
