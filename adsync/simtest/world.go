package simtest

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adsync/sdk/adsync"
)

// Canaries stand where secrets do. None may turn up in a log, an error, the
// state or a plan.
const (
	stateCanary  = "canary-of-the-state-0123456789ab" // 32 bytes
	sourceCanary = "canary-of-the-source-password"
	sinkCanary   = "canary-of-the-sink-token"
)

// World is what a script plays in: directories with their controllers, the
// target, and the state that the engine keeps between runs.
type World struct {
	Directories []*Directory
	System      *System

	line    Step
	options Options
	store   adsync.StateStore
	late    lateCalls
	lives   int // processes so far
	values  int // fresh values so far
	hands   int // objects made by hand so far
	step    int
	lossy   bool // a read hid changes that its cursor covers

	// What the target answers with Pending, since when.
	pendingSince sync.Map
	// tainted objects were changed behind the engine's back.
	tainted map[adsync.Anchor]bool
	// Limits of the sink, for those who watch.
	inFlight, maxBatch atomic.Int64 // two processes may ask for the schema at once

	mu     sync.Mutex
	events []Event
	// pictures show the target after each step.
	pictures []string
	opened   []adsync.State
	ended    time.Time
	settling int64 // the first run of the world's coming to rest
	cleanups []func()
	// Policies of the job.
	guard   adsync.Guard
	leavers map[adsync.Kind]adsync.LeaverPolicy
}

func newWorld(line Step, o Options) *World {
	w := &World{
		line: line, options: o, System: newSystem(),
		tainted: map[adsync.Anchor]bool{},
		late:    lateCalls{latest: map[adsync.Anchor]string{}, refused: map[string]bool{}},
	}
	w.inFlight.Store(1)
	w.maxBatch.Store(500)
	w.System.Schema = systemSchema(line)
	w.System.effect = func(e Effect) { w.tell(Affected{w.step, e}) }
	w.System.marks = line.get("marks", "yes") == "yes"
	w.Directories = []*Directory{newDirectory("ad")}
	if line.number("sources", 1) > 1 {
		w.Directories = append(w.Directories, newDirectory("hr"))
	}
	w.people(line)
	return w
}

// people fills the directories.
func (w *World) people(line Step) {
	for n := 1; n <= line.number("people", 6); n++ {
		w.add(n)
		if n > 1 && n%2 == 0 {
			w.refer(n, n-1)
		}
	}
	for n := range line.number("contacts", 0) {
		w.add(firstContact + n)
	}
	if len(w.Directories) > 1 {
		for n := range 3 {
			w.add(firstOther + n)
		}
	}
	w.add(firstUnit)
	for n := range line.number("groups", 1) {
		w.add(firstGroup + n)
		for m := 1; m <= line.number("people", 6); m += n + 1 {
			w.join(firstGroup+n, m)
		}
	}
}

// tell writes down what happened.
func (w *World) tell(e Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// Cleanup has f called once the world has ended, in the reverse order: for the
// servers of vendors.
func (w *World) Cleanup(f func()) { w.cleanups = append(w.cleanups, f) }

func (w *World) cleanUp() {
	for _, f := range slices.Backward(w.cleanups) {
		f()
	}
}
