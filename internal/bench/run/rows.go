package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/mapping"
	"github.com/adsync/sdk/match"
	"github.com/adsync/sdk/sink/localdb"
	"github.com/adsync/sdk/source/ldap"
)

// rows are what this module does with the directory, in order: a row finds
// what the rows before it left in the folder.
func rows() []row {
	return []row{
		{"read", "source/ldap alone, the attributes that the mapper reads", self("read")},
		{"plan", "first plan: read, map, match, decide, store the plan in SQLite", self("plan")},
		{"apply", "that plan into an SQLite target", self("apply")},
		{"first", "plan and apply together", nil},
		{"again", "a second full run; nothing has changed, nothing may be written", self("again")},
	}
}

// work does one row's work in this process.
func work(ctx context.Context, name string, s setting) error {
	steps := map[string]func(context.Context, setting) error{"read": read, "plan": plan, "apply": apply, "again": again}
	step, ok := steps[name]
	if !ok {
		return fmt.Errorf("there is no row %q", name)
	}
	return step(ctx, s)
}

func source(s setting) *ldap.Source {
	return &ldap.Source{URL: s.url, BaseDNs: []string{s.base}, Anonymous: true}
}

// read counts what the source gives, to be sure that it gave everything.
func read(ctx context.Context, s setting) error {
	from := source(s)
	if err := from.Open(ctx); err != nil {
		return err
	}
	defer from.Close()
	seen, done := 0, false
	request := adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Attributes: mapping.OpenLDAP().Attributes()}
	for batch, err := range from.Read(ctx, request) {
		if err != nil {
			return err
		}
		seen, done = seen+len(batch.Changes), batch.Done
	}
	return expect("persons read", seen, s.n, done)
}

// engine opens the job on the row's folder: the state tells it what the row
// before it did.
func engine(s setting) (_ *adsync.Engine, closeAll func(), err error) {
	store, err := state.Open(filepath.Join(s.dir, "state.db"))
	if err != nil {
		return nil, nil, err
	}
	e, err := adsync.New(adsync.Job{
		Target:         "bench",
		Sources:        adsync.From("directory", source(s)),
		Sink:           &localdb.Sink{Path: filepath.Join(s.dir, "target.db")},
		Mapper:         mapping.OpenLDAP(),
		Matcher:        match.Local(),
		State:          store,
		Kinds:          []adsync.Kind{adsync.User},
		CreateInactive: true, // 1 in 20 is disabled
		Snapshot:       true,
	})
	if err != nil {
		store.Close()
		return nil, nil, err
	}
	return e, func() { e.Close(); store.Close() }, nil
}

// planFile is where the row "plan" leaves the plan's id for the row "apply".
func planFile(s setting) string { return filepath.Join(s.dir, "plan") }

func plan(ctx context.Context, s setting) error {
	e, closeAll, err := engine(s)
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
	e, closeAll, err := engine(s)
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
	e, closeAll, err := engine(s)
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
