// Command quickstart shows a whole synchronisation on one machine: it starts a
// made-up directory that speaks LDAP like Active Directory, plans what to write
// into a SQLite database, shows the plan, and applies it. Run it again and
// there is nothing to do; run it with -change and a day has passed in the
// directory. With -url it reads a directory of your own instead.
//
// It is an example and not an agent: it has no schedule and no configuration
// file. What it composes is in job.go, in some thirty lines.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/adsync/sdk/adsync"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run does one synchronisation and gives the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return exitUsage(err, stderr)
	}
	show := newScreen(o, stdout, stderr)
	report, err := synchronise(ctx, o, show)
	if report == nil && o.json && o.explain == "" {
		report = notBegun(ctx, err)
	}
	if report != nil {
		show.report(report)
	}
	if o.explain != "" && err == nil {
		return 0
	}
	code := exitCode(ctx, report, err)
	show.fault(err, code)
	return code
}

// notBegun is the report of a run that did not come to have one.
func notBegun(ctx context.Context, err error) *adsync.Report {
	now := time.Now()
	report := &adsync.Report{Outcome: adsync.OutcomeFailed, Target: targetName, Started: now, Ended: now, Sources: []adsync.SourceReport{}, Error: err.Error()}
	switch {
	case ctx.Err() != nil:
		report.Outcome = adsync.OutcomeCancelled
	case adsync.CodeOf(err) == adsync.CodeUnavailable:
		report.Outcome = adsync.OutcomeUnreachable
	}
	return report
}

func synchronise(ctx context.Context, o *options, show *screen) (*adsync.Report, error) {
	f, err := openFolder(o)
	if err != nil {
		return nil, err
	}
	d, err := startDirectory(ctx, o, f)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if o.explain == "" {
		show.begin(d, f)
	}
	job, closeState, err := newJob(d, f, show)
	if err != nil {
		return nil, err
	}
	defer closeState()
	engine, err := adsync.New(job)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	if o.explain != "" {
		return nil, errors.Join(f.keep(), explain(ctx, engine, o, show))
	}
	return planAndApply(ctx, engine, o, f, show)
}

// planAndApply shows the plan before it is applied. A plan that an earlier run
// began and could not finish is finished first.
func planAndApply(ctx context.Context, e *adsync.Engine, o *options, f *folder, show *screen) (*adsync.Report, error) {
	plan, err := planWhenFree(ctx, e, o, show)
	if begun, ok := errors.AsType[*adsync.UnfinishedError](err); ok {
		if show.planOnly {
			return nil, fmt.Errorf("%w; run again without -plan", err)
		}
		show.text("", "A plan of an earlier run was not finished; it is finished first.")
		if report, err := e.Apply(ctx, begun.Plan); err != nil {
			return report, err
		}
		plan, err = makePlan(ctx, e, o)
	}
	if plan == nil || err != nil {
		return reportOf(plan), err
	}
	if err := errors.Join(f.keep(), show.plan(ctx, plan)); err != nil {
		return nil, err
	}
	if show.planOnly || plan.Refused() != "" {
		return plan.Report(), nil
	}
	return e.Apply(ctx, plan.ID())
}

// planWhenFree waits for a run of another process to end, or, where that was
// killed, for its hold on the target to run out. With -once it does not wait.
func planWhenFree(ctx context.Context, e *adsync.Engine, o *options, show *screen) (*adsync.Plan, error) {
	end, told := time.Now().Add(leaseTime+time.Second), false
	for {
		plan, err := makePlan(ctx, e, o)
		if o.once || !errors.Is(err, adsync.ErrBusy) || time.Now().After(end) {
			return plan, err
		}
		if !told {
			told = true
			show.text("", "Another run has the target, or was killed a moment ago; waiting for it.")
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(leaseTime / 5):
		}
	}
}

func reportOf(plan *adsync.Plan) *adsync.Report {
	if plan == nil {
		return nil
	}
	return plan.Report()
}
