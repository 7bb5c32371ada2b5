package main

import (
	"context"
	"fmt"
	"os"

	"github.com/adsync/sdk/adsync"
)

// The work of the rows that read changes. Each refuses figures of a run that
// read in another way than it says, or did not do all of its work.

// seed is the first run. Of a directory with awkward people some are left out.
func seed(ctx context.Context, s setting) error {
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return err
	}
	report, err := runOnce(ctx, s, everything)
	if err == nil && report.Counts.Create < s.n*9/10 {
		err = fmt.Errorf("the first run created %d of %d: %s", report.Counts.Create, s.n, report.Outcome)
	}
	return err
}

// full reads everything again; it also leaves the position for this way.
func full(ctx context.Context, s setting) error { return idle(ctx, s, everything) }

func none(ctx context.Context, s setting) error { return idle(ctx, s, changesOnly) }

func sweep(ctx context.Context, s setting) error { return idle(ctx, s, changesAndSweep) }

// idle runs when nothing has changed.
func idle(ctx context.Context, s setting, read extent) error {
	report, err := runOnce(ctx, s, read)
	if err == nil && report.Counts.Writes() != 0 {
		err = fmt.Errorf("%d objects were written; nothing had changed", report.Counts.Writes())
	}
	return err
}

func runOnce(ctx context.Context, s setting, read extent) (*adsync.Report, error) {
	e, closeAll, err := engine(s, read)
	if err != nil {
		return nil, err
	}
	defer closeAll()
	report, err := e.Run(ctx)
	if err == nil {
		err = readAs(report, s, read)
	}
	return report, err
}

// readAs refuses a run that did not read as the row says.
func readAs(report *adsync.Report, s setting, read extent) error {
	switch report.Outcome {
	case adsync.OutcomeCompleted, adsync.OutcomeConflicts, adsync.OutcomePlanned:
	default:
		return fmt.Errorf("the run ended %s: %+v", report.Outcome, report.Findings)
	}
	for _, from := range report.Sources {
		m := from.Method
		if from.Snapshot != (read == everything) || m == nil || read != everything && m.Name != s.delta {
			return fmt.Errorf("not read by %s but by %+v: %s", s.delta, m, from.Why)
		}
	}
	return nil
}

// changed reads the changes and stores the plan.
func changed(ctx context.Context, s setting) error {
	e, closeAll, err := engine(s, changesOnly)
	if err != nil {
		return err
	}
	defer closeAll()
	p, err := e.Plan(ctx)
	if err != nil {
		return err
	}
	if text := p.Refused(); text != "" {
		return fmt.Errorf("the plan is refused: %s", text)
	}
	if err := readAs(p.Report(), s, changesOnly); err != nil {
		return err
	}
	if err := expect("updates planned", p.Report().Counts.Update, s.changes, true); err != nil {
		return err
	}
	return os.WriteFile(planFile(s), []byte(p.ID()), 0o600)
}

// written applies that plan.
func written(ctx context.Context, s setting) error {
	id, err := os.ReadFile(planFile(s))
	if err != nil {
		return err
	}
	e, closeAll, err := engine(s, changesOnly)
	if err != nil {
		return err
	}
	defer closeAll()
	report, err := e.Apply(ctx, string(id))
	if err != nil {
		return err
	}
	return expect("updated", report.Counts.Update, s.changes, true)
}
