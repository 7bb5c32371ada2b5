package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/bench/report"
	"github.com/adsync/sdk/source/ldap"
)

// bench is a proof: all rows against the limits, and the targets.
type bench struct {
	setting
	limit  string // the folder of the programs in C, and of the readers' benchmark
	admin  string // a file with the DSN of a superuser of PostgreSQL; empty: without
	writer writer // who changes people

	seen    tally       // what the first reader of this run saw
	columns []string    // those that the target writes, the key first
	target  os.FileInfo // before a run that writes nothing
	title   string      // begins the titles of those who were changed last
}

// pages is where results go besides to the screen.
type pages struct{ into, plot string }

func (p *pages) flags(flags *flag.FlagSet) {
	flags.StringVar(&p.into, "into", "", "a page whose marked part is replaced")
	flags.StringVar(&p.plot, "plot", "", "the plot's file (SVG)")
}

func proof(ctx context.Context, args []string) (err error) {
	b, out := bench{setting: defaults()}, pages{}
	flags := b.flags()
	out.flags(flags)
	flags.StringVar(&b.limit, "limit", "", "the folder of the programs in C, and of the readers' benchmark")
	flags.StringVar(&b.admin, "postgres-admin", "", "a file with the DSN of a superuser; empty: without PostgreSQL")
	flags.StringVar(&b.writer.bind, "writer", "", "the account that changes people")
	flags.StringVar(&b.writer.password, "writer-password", "", "its password, a file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := b.learn(ctx); err != nil {
		return err
	}
	all := b.rows()
	runs, err := repeat(ctx, b.setting, all)
	if err != nil {
		return err
	}
	results := &report.Results{Persons: b.n, Machine: b.machine(ctx), Rows: reported(all), Runs: runs}
	return out.show(results)
}

// learn finds out what the source asks the directory for.
func (b *bench) learn(ctx context.Context) error {
	filter, attributes, err := listenIn(ctx, b.setting)
	b.filter, b.ask = filter, strings.Join(attributes, ",")
	return err
}

func reported(all []row) (rows []report.Row) {
	for _, r := range all {
		by := r.by
		if by == "" {
			by = report.Ours
		}
		rows = append(rows, report.Row{Name: r.name, What: r.what, By: by, Objects: r.objects})
	}
	return rows
}

// rows are all rows of the proof, in order: a row finds what the rows before it
// left in the folder.
func (b *bench) rows() []row {
	list := []row{
		{name: "ldapsearch", what: "OpenLDAP's client, all attributes, printed to nowhere", by: report.InC, command: everybody},
		{name: report.CRead, what: "libldap: what the source asks for, every value looked at", by: report.InC, command: b.readInC, before: b.forget, check: b.sameTally},
		{name: report.GoLDAP, what: "go-ldap's page loop, the same", by: report.Others, command: self("go-ldap"), check: b.sameTally},
		{name: report.OtherReader, what: "source/ldap's other reader: go-ldap's loop behind the same interface", by: report.Others, command: b.readBy("go-ldap"), check: b.sameTally},
		{name: report.Reader, what: "source/ldap's reader alone, every value looked at", command: b.readBy("own"), check: b.sameTally},
		{name: report.Read, what: "all of source/ldap, with the objects that it makes", command: self("read")},
		{name: "plan", what: "first plan: read, map, match, decide, store the plan in SQLite", command: self("plan")},
		{name: "apply", what: "that plan into an SQLite target", command: self("apply")},
		{name: report.First, what: "plan and apply together"},
		{name: report.CInsert, what: "SQLite's C API: the same rows into the same tables, as they were read", by: report.InC, command: b.insert(), before: b.dump, check: changedRows(b.n)},
		{name: report.CSorted, what: "the same, sorted by key first", by: report.InC, command: b.insert("sorted"), check: changedRows(b.n)},
		{name: report.Again, what: "a second full run; nothing has changed, nothing may be written", command: self("again"), before: b.lookAtTarget, check: b.untouched},
	}
	return slices.Concat(list, b.deltaRows(), b.postgresRows())
}

// readBy lets one of the source's two readers read everybody.
func (b *bench) readBy(reader string) func(setting) []string {
	return func(s setting) []string {
		return []string{
			"env", "BENCH_LDAP_URL=" + s.url, "BENCH_LDAP_BASE=" + s.base, "BENCH_LDAP_FILTER=" + s.filter, "BENCH_LDAP_ASK=" + s.ask,
			"BENCH_LDAP_PAGE=" + strconv.Itoa(s.page), filepath.Join(b.limit, "reader"),
			"-test.run=^$", "-test.bench=^BenchmarkReadEverybody$/^" + reader + "$", "-test.benchtime=1x",
		}
	}
}

// lookAtTarget remembers the target's file.
func (b *bench) lookAtTarget(_ context.Context, s setting) (err error) {
	b.target, err = os.Stat(at(s, "target.db"))
	return err
}

// untouched wants the file as it was.
func (b *bench) untouched(s setting, _ string) error {
	now, err := os.Stat(at(s, "target.db"))
	if err == nil && (now.Size() != b.target.Size() || !now.ModTime().Equal(b.target.ModTime())) {
		err = errors.New("the target was written to; nothing had changed")
	}
	return err
}

func everybody(s setting) []string {
	return silently(append(searchLine(s), "(objectClass=inetOrgPerson)"))
}

// deltaRows read what has changed by syncrepl and apply it.
func (b *bench) deltaRows() []row {
	return []row{
		{name: "position", what: "a full run that also leaves the position for reads of changes", command: byChanges("full")},
		{name: report.DeltaPlan, what: fmt.Sprintf("%d changes read, to the stored plan", b.changes), objects: b.changes, command: byChanges("changed"), before: b.alter},
		{name: report.Delta, what: "that plan applied", objects: b.changes, command: byChanges("written"), before: b.keepTarget},
		{name: report.CUpdate, what: "SQLite's C API: the same rows updated", by: report.InC, objects: b.changes, command: b.update, before: b.dumpUpdates, check: changedRows(b.changes)},
	}
}

// byChanges does a row's work with a source that reads changes by syncrepl.
func byChanges(name string) func(setting) []string {
	return func(s setting) []string {
		s.delta = string(ldap.DeltaSyncrepl)
		return self(name)(s)
	}
}

func (p pages) show(r *report.Results) error {
	var text bytes.Buffer
	for _, fact := range r.Machine {
		fmt.Fprintln(&text, fact)
	}
	fmt.Fprintln(&text)
	if err := r.Table(&text, report.CRead); err != nil {
		return err
	}
	fmt.Fprintln(&text)
	if err := r.Judge(&text); err != nil {
		return err
	}
	if p.plot != "" {
		if err := writeFile(p.plot, func(w *bufio.Writer) error { return r.Plot(w) }); err != nil {
			return err
		}
		if err := os.Chmod(p.plot, 0o644); err != nil { // it is for everybody, whatever the umask
			return err
		}
	}
	return p.print("measured", text.String())
}

// print shows a text, and puts it into the page.
func (p pages) print(part, text string) error {
	fmt.Print(text)
	if p.into == "" {
		return nil
	}
	return report.ReplaceIn(p.into, part, report.Block(text))
}

func writeFile(path string, write func(*bufio.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(write(w), w.Flush(), f.Close())
}

func at(s setting, name string) string { return filepath.Join(s.dir, name) }
