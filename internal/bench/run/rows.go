package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/adsync/sdk/adsync"
)

// work does one row's work in this process.
func work(ctx context.Context, name string, s setting) error {
	steps := map[string]func(context.Context, setting) error{
		"go-ldap": goLDAP, "read": read, "plan": plan, "apply": apply, "again": again,
		"seed": seed, "full": full, "none": none, "changed": changed, "written": written, "sweep": sweep,
	}
	step, ok := steps[name]
	if !ok {
		return fmt.Errorf("there is no row %q", name)
	}
	return step(ctx, s)
}

// read counts what the source gives, to be sure that it gave everything.
func read(ctx context.Context, s setting) error {
	from := source(s, everything)
	if err := from.Open(ctx); err != nil {
		return err
	}
	defer from.Close()
	seen, done := 0, false
	for batch, err := range from.Read(ctx, request(s)) {
		if err != nil {
			return err
		}
		seen, done = seen+len(batch.Changes), batch.Done
	}
	return expect("persons read", seen, s.n, done)
}

// planFile is where the row "plan" leaves the plan's id for the row "apply".
func planFile(s setting) string { return filepath.Join(s.dir, "plan") }

func plan(ctx context.Context, s setting) error {
	e, closeAll, err := engine(s, everything)
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
	if err := expect("creates planned", p.Report().Counts.Create, s.n, true); err != nil {
		return err
	}
	return os.WriteFile(planFile(s), []byte(p.ID()), 0o600)
}

func apply(ctx context.Context, s setting) error {
	id, err := os.ReadFile(planFile(s))
	if err != nil {
		return err
	}
	e, closeAll, err := engine(s, everything)
	if err != nil {
		return err
	}
	defer closeAll()
	report, err := e.Apply(ctx, string(id))
	if err != nil {
		return err
	}
	return expect("created", report.Counts.Create, s.n, report.Outcome == adsync.OutcomeCompleted)
}

func again(ctx context.Context, s setting) error {
	e, closeAll, err := engine(s, everything)
	if err != nil {
		return err
	}
	defer closeAll()
	report, err := e.Run(ctx)
	if err != nil {
		return err
	}
	if n := report.Counts.Writes(); n != 0 {
		return fmt.Errorf("the second run wrote %d objects; nothing had changed", n)
	}
	return expect("unchanged", report.Counts.Unchanged, s.n, report.Outcome == adsync.OutcomeCompleted)
}

// expect refuses figures of a run that did not do all of its work.
func expect(what string, got, want int, complete bool) error {
	if got != want || !complete {
		return fmt.Errorf("%s: %d of %d, complete: %t", what, got, want, complete)
	}
	return nil
}
