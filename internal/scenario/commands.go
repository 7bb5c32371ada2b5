package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// commands are what a step can do. Each gives its output, or an error, which is
// output too.
//
//	source NAME          lines: user|contact|group|unit NAME [ATTRIBUTE=VALUE…],
//	                     gone NAME…, never NAME (a deletion of somebody never seen), outside NAME… (out of scope); u1..u9 stands for nine
//	target               lines: user|contact|group|unit ID [ATTRIBUTE=VALUE…]
//	                     [inactive] [protected] [foreign], member GROUP ID, remove ID
//	job                  lines: the job's settings, in place of those before
//	mapping DIGEST       says that the rules changed
//	sink batch|single|blind|plain   what the target can do
//	fault SOURCE WHAT…   makes reads fail: see faultSource
//	refuse NAME CODE [PROBLEM], lose NAME, heal     makes the target fail, or not
//	plan [NAME], run [stop-after=N], apply NAME, approve NAME, answer SOURCE NAME VERDICT [TARGET]
//	verify [repair NAME]            NAME is for the plan that repairs
//	issues, history, show [ATTRIBUTE…]
//	explain WHOM         a name of the story, an id of the target, or a value
//	revert RUN [NAME]    makes the plan that undoes a run
//	advance DURATION     lets time pass; 48h, for example
//	patience DURATION    how long plans and runs may take from now on
//	deaf NAME…           the target says that it was done, and does nothing
//	changes NAME [sweep]  the source tells its changes from now on
//	ldap NAME, directory NAME [CONTROLLER], wrong NAME WHAT…    see the files ldap*.go
var commands map[string]func(w *world, args, input []string) (string, error)

func init() {
	commands = map[string]func(*world, []string, []string) (string, error){
		"source": (*world).doSource, "target": (*world).doTarget, "job": (*world).doJob, "mapping": (*world).doMapping,
		"sink": (*world).doSink, "fault": (*world).doFault, "refuse": (*world).doRefuse, "lose": (*world).doLose,
		"heal": (*world).doHeal, "plan": (*world).doPlan, "run": (*world).doRun, "apply": (*world).doApply,
		"approve": (*world).doApprove, "answer": (*world).doAnswer, "issues": (*world).doIssues,
		"explain": (*world).doExplain, "revert": (*world).doRevert,
		"history": (*world).doHistory, "show": (*world).doShow, "advance": (*world).doAdvance, "verify": (*world).doVerify,
		"changes": (*world).doChanges, "ldap": (*world).doLDAP, "directory": (*world).doDirectory, "wrong": (*world).doWrong, "deaf": (*world).doDeaf, "patience": (*world).doPatience,
	}
}

const ok = "ok\n"

// do runs one step and gives its output.
func (w *world) do(command string, input []string) string {
	args, err := words(command)
	out := ""
	if err == nil {
		run, known := commands[args[0]]
		if !known {
			return "error: no such command\n"
		}
		out, err = run(w, args[1:], input)
	}
	if err != nil {
		out += "error: " + strings.ReplaceAll(err.Error(), "\n", "\n  ") + "\n"
	}
	return w.plain(out)
}

// eachLine runs f on every line of input.
func eachLine(input []string, f func(args []string) error) (string, error) {
	for _, line := range input {
		args, err := words(line)
		if err == nil {
			err = f(args)
		}
		if err != nil {
			return "", fmt.Errorf("%q: %w", line, err)
		}
	}
	return ok, nil
}

func (w *world) doSource(args, input []string) (string, error) {
	if len(args) != 1 {
		return "", errors.New("source NAME")
	}
	d := w.source(args[0])
	return eachLine(input, func(args []string) error { return w.changeSource(d, args) })
}

func (w *world) changeSource(d *directory, args []string) error {
	switch args[0] {
	case "gone":
		var errs []error
		for _, arg := range args[1:] {
			for _, name := range crowd([]string{arg}) {
				errs = append(errs, d.remove(w.names.anchor(name[0])))
			}
		}
		return errors.Join(errs...)
	case "never":
		return d.never(w.names.anchor(strings.Join(args[1:], " ")))
	case "outside":
		for _, name := range args[1:] {
			d.outside[w.names.anchor(name)] = true
		}
		return nil
	}
	for _, name := range crowd(args) {
		o, members, err := w.object(name)
		if err != nil {
			return err
		}
		d.put(o)
		d.members[o.Anchor] = members
	}
	return nil
}

// crowd writes "user s1..s12 …" out as twelve lines.
func crowd(args []string) [][]string {
	for i, arg := range args {
		from, to, ok := strings.Cut(arg, "..")
		first := strings.TrimRight(from, "0123456789")
		a, errA := strconv.Atoi(from[len(first):])
		b, errB := strconv.Atoi(strings.TrimPrefix(to, first))
		if !ok || errA != nil || errB != nil || strings.Contains(arg, "=") {
			continue
		}
		var out [][]string
		for n := a; n <= b; n++ {
			line := slices.Clone(args)
			line[i] = first + strconv.Itoa(n)
			out = append(out, crowd(line)...)
		}
		return out
	}
	return [][]string{args}
}

func (w *world) doTarget(_, input []string) (string, error) {
	return eachLine(input, func(args []string) error {
		switch {
		case args[0] == "remove" && len(args) == 2:
			w.sink.Remove(adsync.TargetID(args[1]))
			return nil
		case args[0] == "member" && len(args) == 3:
			w.sink.AddMember(adsync.TargetID(args[1]), adsync.TargetID(args[2]))
			return nil
		}
		return w.putTarget(args)
	})
}

// putTarget makes an object in the target, or changes one as if by hand.
func (w *world) putTarget(args []string) error {
	kind, err := kindOf(args[0])
	if err != nil || len(args) < 2 {
		return fmt.Errorf("a kind and an id are needed: %w", err)
	}
	t, known := w.sink.Object(adsync.TargetID(args[1]))
	if !known {
		t = adsync.Target{ID: adsync.TargetID(args[1]), Kind: kind}
	}
	for _, arg := range args[2:] {
		name, value, isAttr := strings.Cut(arg, "=")
		switch {
		case isAttr:
			set(&t.Attrs, name, value)
		case arg == "inactive":
			t.Inactive = true
		case arg == "protected":
			t.Protected = true
		case arg == "foreign":
			t.Foreign = true
		default:
			return fmt.Errorf("%q is not understood", arg)
		}
	}
	w.sink.Add(t)
	return nil
}

func (w *world) doJob(_, input []string) (string, error) {
	w.job = input
	return ok, configure(&adsync.Job{}, input)
}

func (w *world) doMapping(args, _ []string) (string, error) {
	w.mapper.digest = strings.Join(args, " ")
	return ok, nil
}

func (w *world) doSink(args, _ []string) (string, error) {
	if len(args) != 1 {
		return "", errors.New("sink batch, single, blind or plain")
	}
	w.sink.Rules.Swap = adsync.SwapAtomic
	switch args[0] {
	case "batch":
		w.wrap = func(s *memory.Sink) adsync.Sink { return s }
	case "single": // no batches, so nothing is exchanged at once
		w.sink.Rules.Swap = adsync.SwapPark
		w.wrap = func(s *memory.Sink) adsync.Sink { return memory.Single(s) }
	case "blind":
		w.wrap = func(s *memory.Sink) adsync.Sink { return memory.Blind(s) }
	case "plain":
		w.wrap = func(s *memory.Sink) adsync.Sink { return memory.PlainSink{S: s} }
	default:
		return "", fmt.Errorf("%q is no kind of target", args[0])
	}
	return ok, nil
}

func (w *world) doAdvance(args, _ []string) (string, error) {
	if len(args) != 1 {
		return "", errors.New("advance DURATION")
	}
	d, err := time.ParseDuration(args[0])
	if err != nil {
		return "", err
	}
	if w.clock == nil {
		return "", errors.New("time cannot be let pass here, only in a test")
	}
	w.clock(d)
	return ok, nil
}

func (w *world) doPatience(args, _ []string) (_ string, err error) {
	w.patience, err = time.ParseDuration(strings.Join(args, ""))
	return ok, err
}

func (w *world) doPlan(args, _ []string) (string, error) {
	return w.with(func(ctx context.Context, e *adsync.Engine) (string, error) {
		plan, err := e.Plan(ctx)
		return w.showPlan(ctx, plan, err, args)
	})
}

// showPlan gives a plan op by op, and notes the name that the story gives it.
func (w *world) showPlan(ctx context.Context, plan *adsync.Plan, err error, name []string) (string, error) {
	if plan == nil {
		return "", err
	}
	if len(name) > 0 && plan.ID() != "" {
		w.plans[name[0]] = plan.ID()
	}
	out := showReport(plan.Report())
	for op, opErr := range plan.Ops(ctx) {
		if opErr != nil {
			return out, opErr
		}
		out += showOp(op)
	}
	return out, err
}

func (w *world) doRun(args, _ []string) (string, error) {
	return w.applying(args, func(ctx context.Context, e *adsync.Engine) (*adsync.Report, error) { return e.Run(ctx) })
}

func (w *world) doApply(args, _ []string) (string, error) {
	if len(args) == 0 {
		return "", errors.New("apply NAME")
	}
	return w.applying(args[1:], func(ctx context.Context, e *adsync.Engine) (*adsync.Report, error) {
		return e.Apply(ctx, w.plans[args[0]])
	})
}

// applying runs what writes to the target. With stop-after=N it is cancelled
// when the target has taken so many ops, as when the program is killed.
func (w *world) applying(args []string, run func(context.Context, *adsync.Engine) (*adsync.Report, error)) (string, error) {
	return w.with(func(ctx context.Context, e *adsync.Engine) (string, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		if err := w.stopAfter(args, cancel); err != nil {
			return "", err
		}
		defer func() { w.stop = nil }()
		report, err := run(ctx, e)
		out := ""
		if report != nil {
			out = showReport(report)
		}
		return out + w.showCalls(), err
	})
}

func (w *world) stopAfter(args []string, cancel func()) error {
	if len(args) == 0 {
		return nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(args[0], "stop-after="))
	taken := 0
	w.stop = func() {
		if taken++; taken > n {
			cancel()
		}
	}
	return err
}

func (w *world) doApprove(args, _ []string) (string, error) {
	return w.with(func(ctx context.Context, e *adsync.Engine) (string, error) {
		return ok, e.Approve(ctx, w.plans[strings.Join(args, " ")], "operator")
	})
}

func (w *world) doAnswer(args, _ []string) (string, error) {
	if len(args) < 3 {
		return "", errors.New("answer SOURCE NAME VERDICT [TARGET]")
	}
	a := adsync.Answer{Source: args[0], Anchor: w.names.anchor(args[1]), Verdict: adsync.Verdict(args[2]), By: "operator"}
	if len(args) > 3 {
		a.Target = adsync.TargetID(args[3])
	}
	return w.with(func(ctx context.Context, e *adsync.Engine) (string, error) { return ok, e.Answer(ctx, a) })
}
