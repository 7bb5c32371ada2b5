package simtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsync/sdk/adsync"
)

// Trace is what happened while a script was played.
type Trace struct {
	Script Script
	World  *World
	Events []Event
	// Issues are those that the engine remembers in the end.
	Issues []adsync.Issue
	// Settled tells whether the world came to rest once nothing was wrong any more.
	Settled  bool
	pictures []string
	links    int
}

// play plays a script in a bubble of its own, in which time passes as the
// script needs it.
func play(t *testing.T, script Script, o Options) *Trace {
	trace := &Trace{Script: script}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(script.World, o)
		w.store = o.store(t)
		w.playAll(script)
		trace.Settled = w.settle()
		w.finish(trace)
	})
	return trace
}

func (w *World) playAll(script Script) {
	for n, step := range script.Steps {
		w.step = n + 1
		w.tell(Stepped{n + 1, step})
		w.playStep(step)
		w.late.Wait()
		w.pictures = append(w.pictures, w.picture())
	}
}

func (w *World) playStep(step Step) {
	switch step.Verb {
	case "run":
		w.run(step)
	case "plan":
		w.planTwice(step)
	case "accept":
		w.accept(step)
	case "approve":
		w.alone(step, approve)
	default:
		deeds[step.Verb].do(w, step)
	}
}

// alone starts a program that does one thing and ends.
func (w *World) alone(step Step, do func(context.Context, *adsync.Engine) error) {
	p, ctx := w.process(Step{Verb: step.Verb})
	defer p.cancel()
	w.as(p, step, func(e *adsync.Engine) {
		if err := do(ctx, e); err != nil {
			w.tell(Said{"error", err.Error()})
		}
	})
}

// accept says that what the sources show is all there is.
func (w *World) accept(step Step) {
	w.alone(step, func(ctx context.Context, e *adsync.Engine) error {
		var errs []error
		for _, d := range w.Directories {
			errs = append(errs, e.AcceptRead(ctx, d.Name, "Ada"))
		}
		return errors.Join(errs...)
	})
}

// approve approves the held plan, if there is one, and applies it.
func approve(ctx context.Context, e *adsync.Engine) error {
	for info, err := range e.History(ctx) {
		if err != nil {
			return err
		}
		if info.State == adsync.RunSealed {
			if err := e.Approve(ctx, info.Plan, "Ada"); err != nil {
				return err
			}
			_, err := e.Apply(ctx, info.Plan)
			return err
		}
	}
	return nil
}

// runLimit is how long a run may take, in the time of the bubble. Longer is
// stuck.
const runLimit = 48 * time.Hour

// process starts a life of the program, as a step of the script wants it.
func (w *World) process(step Step) (*process, context.Context) {
	w.lives++
	ctx, cancel := context.WithTimeout(context.Background(), runLimit)
	p := &process{number: w.lives, world: w, cancel: cancel, suspendAt: step.number("suspend", 0)}
	p.killAt, p.killAfter = step.killed()
	return p, ctx
}

// as makes an engine for a process and has it do something.
func (w *World) as(p *process, step Step, do func(*adsync.Engine)) {
	w.trouble(step)
	defer w.trouble(Step{})
	e, err := adsync.New(w.job(p, step))
	if err != nil {
		w.tell(Said{"error", err.Error()})
		w.tell(Ran{p.number, nil, err, step})
		return
	}
	do(e)
	if err := e.Close(); err != nil && !p.isDead() {
		w.tell(Said{"error", err.Error()})
	}
	if p.isDead() { // its handles are the world's to close, once all is over
		w.opened = append(w.opened, p.opened...)
	}
}

// trouble makes the first directory answer as the step says. While the target is
// empty it does not: a first read has nothing that it could be held against.
func (w *World) trouble(step Step) {
	d := w.Directories[0]
	d.fault = directoryFault{}
	if w.System.isEmpty() {
		return
	}
	for _, f := range step.faults("read") {
		switch f.what {
		case "empty":
			d.fault.empty, w.lossy = true, true
		case "attribute":
			d.fault.attribute, w.lossy = f.with, true
		case "unit":
			d.fault.unit, w.lossy = f.with, true
		}
	}
}

// run runs the engine, and again after each death, until a run was not killed.
// What a run leaves to the next one is done too then, so that a script can be
// compared with one without deaths, in which there are fewer runs.
func (w *World) run(step Step) {
	if step.get("kill", "") != "" || step.get("spared", "") != "" {
		defer w.rest()
	}
	_, _, killed := w.runOnce(step)
	for next := step; killed; {
		time.Sleep(2 * time.Minute) // until the dead one's lease has run out
		again := next.get("again", "")
		next = next.without("kill").without("again").without("suspend").without("with")
		if again != "" {
			next.Args = append(next.Args, "kill="+again)
		}
		_, _, killed = w.runOnce(next)
	}
}

// rest runs until nothing more is written, a few times at most.
func (w *World) rest() {
	for range 4 {
		report, err, _ := w.runOnce(Step{Verb: "run"})
		if err != nil || report.Counts.Writes() == 0 {
			return
		}
	}
}

func (w *World) runOnce(step Step) (report *adsync.Report, err error, killed bool) {
	p, ctx := w.process(step)
	defer p.cancel()
	var others sync.WaitGroup
	start := func() {
		others.Go(func() { w.second(step) })
		time.Sleep(time.Second) // this one waits while the other one tries
	}
	p.meanwhileAt, p.meanwhile = step.number("with", 0), start
	if p.suspendAt > 0 { // while it stands still, another one takes over
		others.Go(func() { w.takeOver(p) })
	}
	w.as(p, step, func(e *adsync.Engine) { report, err = guarded(ctx, e.Run) })
	p.end()
	others.Wait()
	if !p.isDead() {
		w.ran(p, step, report, err)
	}
	return report, err, p.isDead()
}

// guarded turns a panic of the engine into an error.
func guarded(ctx context.Context, run func(context.Context) (*adsync.Report, error)) (report *adsync.Report, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{fmt.Sprint(r), string(debug.Stack())}
		}
	}()
	return run(ctx)
}

// PanicError is a panic of the engine.
type PanicError struct{ Value, Stack string }

// Error gives what the engine panicked with.
func (e *PanicError) Error() string { return "the engine panicked: " + e.Value }

// second is another program that runs the same job while the first one does.
func (w *World) second(step Step) {
	p, ctx := w.process(Step{})
	defer p.cancel()
	job := w.job(p, Step{})
	e, err := adsync.New(job)
	if err != nil {
		return
	}
	report, err := guarded(ctx, e.Run)
	w.ran(p, Step{Verb: "second"}, report, err)
	_ = e.Close()
}

// takeOver waits until a process stands still and its lease has run out, and
// then runs in its place.
func (w *World) takeOver(first *process) {
	for !first.standsStill() {
		if first.isOver() {
			return
		}
		time.Sleep(time.Second)
	}
	time.Sleep(10 * time.Minute)
	w.second(Step{})
}

func (w *World) ran(p *process, step Step, report *adsync.Report, err error) {
	w.tell(Ran{p.number, report, err, step})
	if err != nil {
		w.tell(Said{"error", err.Error()})
	}
	if report != nil {
		w.tell(Said{"report", fmt.Sprintf("%+v", *report)})
	}
}

// planTwice plans, and then another program plans the same.
func (w *World) planTwice(step Step) {
	var texts []string
	for range 2 {
		w.alone(step, func(ctx context.Context, e *adsync.Engine) error {
			plan, err := e.Plan(ctx)
			if err != nil {
				return err
			}
			var text bytes.Buffer
			if err := plan.WriteLines(ctx, &text); err != nil {
				return err
			}
			w.tell(Said{"plan", text.String()})
			texts = append(texts, plan.ID()+"\n"+text.String())
			return nil
		})
	}
	if len(texts) == 2 {
		w.tell(Replanned{texts[0], texts[1]})
	}
}

// restRounds are enough, two hours apart, for a limit that counts a whole day to
// let go of what came before.
const restRounds = 16

// settle heals everything that only the world can heal, and runs until nothing
// more is written. People approve what the guard refuses, and accept what a read
// shows.
func (w *World) settle() bool {
	w.step = 0
	w.tell(Stepped{0, Step{Verb: "settle"}})
	for _, d := range w.Directories {
		for _, c := range d.controllers {
			c.lags, c.applied = false, len(d.log)
		}
	}
	quiet := 0
	for range restRounds {
		time.Sleep(2 * time.Hour)
		step := Step{Verb: "run", Args: []string{"from=settle"}}
		if w.lossy {
			step.Args = []string{"from=full"}
		}
		report, err, _ := w.runOnce(step)
		if err == nil {
			w.lossy = false
		}
		if report != nil && w.settling == 0 {
			w.settling = report.Run
		}
		switch {
		case report == nil:
		case report.Outcome == adsync.OutcomeRefused:
			w.alone(Step{Verb: "approve"}, approve)
		case report.Outcome == adsync.OutcomeUnsure:
			w.accept(Step{Verb: "accept"})
		case err == nil && report.Counts.Writes() == 0:
			if quiet++; quiet == 2 {
				return true
			}
			continue
		}
		quiet = 0
	}
	return false
}

// finish looks at what remains, and closes it.
func (w *World) finish(trace *Trace) {
	p, ctx := w.process(Step{})
	defer p.cancel()
	w.ended = time.Now()
	st, err := w.store.Open(ctx, "target")
	if err == nil {
		w.dump(ctx, st, trace)
		_ = st.Close()
	}
	for _, st := range w.opened {
		_ = st.Close()
	}
	_ = w.store.Close()
	w.cleanUp()
	trace.World, trace.Events, trace.pictures = w, w.events, w.pictures
}
