package simtest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adsync/sdk/adsync"
)

// Options say what is simulated, and how much of it. The zero value plays the
// kit's own source and sink.
type Options struct {
	// Seeds is the number of scripts; default 50. First is the seed of the first.
	Seeds int
	First uint64
	// Steps is the length of a script; default 24.
	Steps int
	// Source gives the source to try over a directory of the world. Nil: the
	// kit's own.
	Source func(*World, *Directory) adsync.Source
	// Sink gives the sink to try; it reaches World.System, through a server of
	// the vendor's. It is called once per life of the program, and once before,
	// to ask the sink what it can do: its schema and methods make the worlds.
	// Nil: the kit's own.
	Sink func(*World) adsync.Sink
	// State gives the store of one world, which the kit closes. Nil: memory.
	State func(testing.TB) adsync.StateStore
	// Job may change the job. What it does has to be the same each time.
	Job func(*adsync.Job)
	// World, when not empty, is the line that makes every world, such as
	// "world people=6 merge=wins"; else each seed has its own.
	World string
	// Avoid lists verbs and faults that the parts under test are not made for,
	// as a script writes them: "restore", "sink=later". A source that gives no
	// Witness cannot tell "read=empty", "read=unit" and "read=attribute".
	Avoid []string
	// Secrets are the passwords that the parts hold: none may turn up anywhere.
	Secrets []string
	// For is how long to go on, whatever Seeds says; for soaking.
	For time.Duration

	able    []string // what the sink can do, as pairs of the line of a world
	accepts accepts
}

func (o Options) store(t testing.TB) adsync.StateStore {
	if o.State != nil {
		return o.State(t)
	}
	return adsync.NewMemoryState()
}

// Run plays a script per seed and holds what happens against every oracle. A
// failure names the seed and shows the shortest script that still fails, which
// [Replay] plays.
func Run(t *testing.T, o Options) {
	t.Helper()
	o = o.fitted(t)
	seeds, steps := o.Seeds, o.Steps
	if seeds == 0 {
		seeds = 50
	}
	if steps == 0 {
		steps = 24
	}
	began, n := time.Now(), 0
	for ; n < seeds && o.For == 0 || time.Since(began) < o.For; n++ {
		if o.For > 0 && n > 0 && n%1000 == 0 {
			t.Logf("simtest: %d seeds done, in %.0f s", n, time.Since(began).Seconds())
		}
		seed := o.First + uint64(n)
		script := o.fit(Generate(seed, steps))
		if violations := try(t, script, o); len(violations) > 0 {
			t.Errorf("%s", o.tell(t, seed, script, violations))
			return
		}
	}
	t.Logf("simtest: %d seeds from %d, %d steps each, in %.1f s", n, o.First, steps, time.Since(began).Seconds())
}

// try plays a script, and the same one without deaths, and gives what is wrong.
func try(t *testing.T, script Script, o Options) []Violation {
	_, violations := tried(t, script, o)
	return violations
}

func tried(t *testing.T, script Script, o Options) (*Trace, []Violation) {
	trace := play(t, script, o)
	violations := trace.Check()
	if len(violations) > 0 {
		return trace, violations
	}
	if spared, kills := script.spared(); kills {
		violations = trace.differsFromTwin(play(t, spared, o))
	}
	return trace, violations
}

// spared gives the script without deaths, where it has some and can be compared
// with it: a fault at the n-th op is another fault when the run begins anew, and
// where the target neither recognises repeats nor can be asked, what may have
// taken effect waits for a person.
func (s Script) spared() (Script, bool) {
	out, kills := Script{World: s.World}, false
	if s.World.get("pending", "no") == "yes" || s.World.get("read", "delta") == "sweep" {
		return s, false // a repeated create is no longer pending; a further read sweeps
	}
	if see := s.World.get("see", "both"); s.World.get("replay", "keyed") == "none" && see != "both" && see != "find" {
		return s, false
	}
	for _, step := range s.Steps {
		if f := step.faults("read"); hasFault(f, "empty") || hasFault(f, "attribute") || hasFault(f, "unit") {
			return s, false // how much a lie hides depends on when a cursor moves
		}
		atOnce := step.get("with", "") != "" || s.World.number("flight", 1) > 1
		if atOnce && len(step.faults("sink")) > 0 {
			return s, false // which op is the n-th depends on which of two calls comes first
		}
		if step.get("kill", "") != "" {
			if len(step.faults("sink"))+len(step.faults("read")) > 0 {
				return s, false
			}
			step, kills = step.without("kill").without("again"), true
			step.Args = append(step.Args, "spared=yes")
		}
		out.Steps = append(out.Steps, step)
	}
	return out, kills
}

const shrinkPlays = 300

func (o Options) tell(t *testing.T, seed uint64, script Script, violations []Violation) string {
	first := violations[0].Oracle
	short := o.suit(shrink(script, shrinkPlays, func(s Script) bool {
		for _, v := range try(t, o.suit(s), o) {
			if v.Oracle == first {
				return true
			}
		}
		return false
	}))
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: an invariant does not hold\n", seed)
	trace, again := tried(t, short, o)
	if len(again) > 0 {
		violations = again
	}
	b.WriteString(said(violations))
	fmt.Fprintf(&b, "simtest.Replay plays this script, the shortest found, with the same Options:\n\n%s\n%s", short, trace.story())
	return b.String()
}

// Replay plays a script that a failure showed, and fails as it did.
func Replay(t *testing.T, script string, o Options) {
	t.Helper()
	s, err := Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	if o = o.fitted(t); o.able != nil {
		s = o.suit(s)
	}
	if trace, violations := tried(t, s, o); len(violations) > 0 {
		t.Errorf("an invariant does not hold\n%s\n%s", said(violations), trace.story())
	}
}

// SoakFor reads from the environment how long to go on; zero where it does not
// say. It is for a test of one's own that a make target runs for long.
func SoakFor() (time.Duration, uint64) {
	d, _ := time.ParseDuration(os.Getenv("SOAK"))
	first, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	return d, first
}
