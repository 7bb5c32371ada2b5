package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/bench/report"
)

// peer is a program that Debian packages.
type peer struct {
	pack string
	here func(context.Context) bool
	rows func() []row
}

// peers measures other programs beside this module, on the same server. What is
// not installed is named and left out.
func peers(ctx context.Context, args []string) error {
	b, out := bench{setting: defaults()}, pages{}
	flags := b.flags()
	out.flags(flags)
	flags.StringVar(&b.admin, "postgres-admin", "", "a file with the DSN of a superuser; empty: without PostgreSQL")
	flags.StringVar(&b.writer.bind, "writer", "", "an account that may read everything")
	flags.StringVar(&b.writer.password, "writer-password", "", "its password, a file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := b.learn(ctx); err != nil {
		return err
	}
	all, missing := b.peerRows(ctx)
	runs, err := repeat(ctx, b.setting, all)
	if err != nil {
		return err
	}
	results := &report.Results{Persons: b.n, Machine: b.machine(ctx), Rows: reported(all), Runs: runs}
	return out.showPeers(results, missing)
}

func (p pages) showPeers(r *report.Results, missing []string) error {
	var text bytes.Buffer
	for _, fact := range append(r.Machine, missing...) {
		fmt.Fprintln(&text, fact)
	}
	fmt.Fprintln(&text)
	if err := r.Table(&text, report.Read); err != nil {
		return err
	}
	fmt.Fprintln(&text)
	if err := r.JudgePeers(&text); err != nil {
		return err
	}
	fmt.Fprintln(&text, "ldap2pg and baton-ldap, the other peers of T9, are not packaged by Debian and were not run")
	return p.print("peers", text.String())
}

// peerRows are our rows and those of the peers that are here.
func (b *bench) peerRows(ctx context.Context) (all []row, missing []string) {
	all = append(b.wholeRows(), b.unitRows()...)
	for _, p := range b.peers() {
		if !p.here(ctx) {
			missing = append(missing, fmt.Sprintf("not measured: %s is not here (apt-get install --no-install-recommends %s)", p.pack, p.pack))
			continue
		}
		all = append(all, p.rows()...)
	}
	return all, missing
}

func (b *bench) peers() []peer {
	return []peer{
		{"python3-ldap", imports("ldap"), func() []row { return []row{b.script("python-ldap", "python_ldap.py")} }},
		{"python3-ldap3", imports("ldap3"), func() []row { return []row{b.script("ldap3", "ldap3_read.py")} }},
		{"slapd", installed("/usr/sbin/slapd"), b.consumerRows},
		{"ruby-pg-ldap-sync", b.hasPgLDAPSync, b.pgLDAPSyncRows},
	}
}

// wholeRows are ours for all persons.
func (b *bench) wholeRows() []row {
	return []row{
		{name: report.Read, what: "source/ldap alone, what the mapper reads", command: self("read")},
		{name: "plan", what: "first plan, stored in SQLite", command: self("plan")},
		{name: "apply", what: "that plan into an SQLite target", command: self("apply")},
		{name: report.First, what: "plan and apply together"},
		{name: report.Again, what: "a second full run; nothing has changed", command: self("again")},
	}
}

// unitRows are ours for one of the sixteen units.
func (b *bench) unitRows() []row {
	n := b.unit("").n
	return []row{
		{name: "unit plan", what: "the same for one unit", objects: n, command: b.onUnit("plan"), before: func(_ context.Context, s setting) error { return os.Mkdir(at(s, "unit"), 0o700) }},
		{name: "unit apply", what: "the same for one unit", objects: n, command: b.onUnit("apply")},
		{name: "unit again", what: "the same for one unit", objects: n, command: b.onUnit("again")},
	}
}

func (b *bench) onUnit(name string) func(setting) []string {
	return func(s setting) []string { return self(name)(b.unit(s.dir)) }
}

// unit is the setting for the first of the units that ldifgen makes.
func (b *bench) unit(dir string) setting {
	s := b.setting
	s.base, s.n, s.dir = "ou=Unit00,"+s.base, (s.n+15)/16, filepath.Join(dir, "unit")
	return s
}

// python is Debian's: its packages are for no other.
const python = "/usr/bin/python3"

func imports(module string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		return exec.CommandContext(ctx, python, "-c", "import "+module).Run() == nil
	}
}

func installed(program string) func(context.Context) bool {
	return func(context.Context) bool {
		_, err := exec.LookPath(program)
		return err == nil
	}
}

// script reads all persons by one of the scripts beside this program.
func (b *bench) script(name, file string) row {
	return row{
		name: name, what: "a paged read of what the source asks for, every value looked at", by: report.Others, check: b.sameTally,
		command: func(s setting) []string {
			line := []string{python, filepath.Join("internal", "bench", "peers", file), s.url, s.base, s.filter, strconv.Itoa(s.page)}
			return append(line, strings.Split(s.ask, ",")...)
		},
	}
}
