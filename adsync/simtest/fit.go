package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/adsync/sdk/adsync"
)

// fitted checks the options and asks the sink under test what it can do, so that
// every world fits it.
func (o Options) fitted(t *testing.T) Options {
	t.Helper()
	for _, avoid := range o.Avoid {
		if err := checkAvoid(avoid); err != nil {
			t.Fatalf("simtest: Options.Avoid: %v", err)
		}
	}
	line := Step{Verb: "world"}
	if o.World != "" {
		script, err := Parse(o.World)
		if err != nil || len(script.Steps) > 0 {
			t.Fatalf("simtest: Options.World is one line, such as \"world people=6\"; it is %q: %v", o.World, err)
		}
		line = script.World
	}
	if o.Sink == nil {
		return o
	}
	var err error
	synctest.Test(t, func(t *testing.T) { err = o.askSink(t, line) })
	if err != nil {
		t.Fatalf("simtest: the sink: %v", err)
	}
	if err := o.contradicts(line); err != nil {
		t.Fatal(err)
	}
	return o
}

func checkAvoid(avoid string) error {
	name, what, pair := strings.Cut(avoid, "=")
	switch {
	case pair && !slices.Contains(map[string][]string{"read": readFaults, "sink": sinkFaults}[name], what):
		return fmt.Errorf("%q is no fault; there are read=%s, and sink=%s", avoid, strings.Join(readFaults, "|"), strings.Join(sinkFaults, "|"))
	case !pair && !slices.Contains(pairsOf["run"], avoid):
		if _, isVerb := arities[avoid]; !isVerb && deeds[avoid].do == nil {
			return fmt.Errorf("%q is neither a verb nor what a run may have; Verbs lists both", avoid)
		}
	}
	return nil
}

// askSink asks a sink of one's own for what the line of a world says of the kit's.
func (o *Options) askSink(t *testing.T, line Step) error {
	w := newWorld(line, *o)
	defer w.cleanUp()
	sink := o.Sink(w)
	if opener, ok := sink.(adsync.Opener); ok {
		if err := opener.Open(t.Context()); err != nil {
			return fmt.Errorf("Open: %w", err)
		}
		defer opener.Close()
	}
	var schema adsync.Schema
	if d, ok := sink.(adsync.Describer); ok {
		var err error
		if schema, err = d.Schema(t.Context()); err != nil {
			return fmt.Errorf("Schema: %w", err)
		}
	}
	o.able, o.accepts = pairsOfSink(sink, schema), accepts{schema.Kinds}
	return nil
}

func pairsOfSink(sink adsync.Sink, schema adsync.Schema) []string {
	_, batch := sink.(adsync.BatchSink)
	_, find := sink.(adsync.Finder)
	_, list := sink.(adsync.Lister)
	return []string{
		"sink=" + map[bool]string{true: "batch", false: "single"}[batch],
		"see=" + map[[2]bool]string{{true, true}: "both", {true, false}: "find", {false, true}: "list", {}: "blind"}[[2]bool{find, list}],
		"replay=" + map[adsync.Replay]string{adsync.ReplayKeyed: "keyed", adsync.ReplayByExternalID: "external", adsync.ReplayNone: "none"}[schema.Replay],
		"swap=" + map[adsync.Swap]string{adsync.SwapAtomic: "atomic", adsync.SwapPark: "park", adsync.SwapNone: "none"}[schema.Swap],
		"decides=" + map[bool]string{true: "yes", false: "no"}[schema.TargetDecides],
	}
}

// contradicts compares the line that was given with what the sink says.
func (o Options) contradicts(line Step) error {
	for _, pair := range o.able {
		name, value, _ := strings.Cut(pair, "=")
		if said := line.get(name, value); said != value {
			return fmt.Errorf("simtest: Options.World says %s=%s, and the sink says %s by its schema and methods; leave it out there, or correct the sink", name, said, pair)
		}
	}
	return nil
}

// fit makes a script such as the options allow.
func (o Options) fit(s Script) Script {
	if o.World != "" {
		if parsed, err := Parse(o.World); err == nil {
			s.World = parsed.World
		}
	}
	s = o.suit(s)
	var steps []Step
	for _, step := range s.Steps {
		keep := true
		for _, avoid := range o.Avoid {
			name, what, pair := strings.Cut(avoid, "=")
			switch {
			case !pair && step.Verb == avoid:
				keep = false
			case pair && hasFault(step.faults(name), what) || !pair && step.get(avoid, "") != "":
				step = step.without(name)
			}
		}
		if keep {
			steps = append(steps, step)
		}
	}
	s.Steps = steps
	return s
}

// suit makes the world of a script one for the sink under test.
func (o Options) suit(s Script) Script {
	for _, pair := range o.able {
		name, _, _ := strings.Cut(pair, "=")
		s.World = s.World.without(name)
		s.World.Args = append(s.World.Args, pair)
	}
	if s.World.get("replay", "keyed") == "keyed" {
		return s
	}
	s.Steps = slices.Clone(s.Steps)
	for i, step := range s.Steps { // what comes late undoes what came after it, where keys are not recognised
		for n, a := range step.Args {
			if strings.HasPrefix(a, "sink=") && hasFault(step.faults("sink"), "later") {
				step.Args = slices.Clone(step.Args)
				step.Args[n] = strings.ReplaceAll(a, "later:", "lose:")
				s.Steps[i] = step
			}
		}
	}
	return s
}
