// Command run measures what a directory costs to read and to synchronise:
// wall time, processor time and peak memory, each row of its table a process
// of its own.
//
//	run proof -url ldap://127.0.0.1:3890 -n 100000 -limit DIR -dir DIR ...
//	run changes -ground slapd -ways syncrepl -n 100000 -changes 4000 ...
//	run stages -url ... -n 100000 -dir DIR          where the processor's time goes
//	run peers -url ... -n 100000 -dir DIR           other programs beside this module
//	run row NAME -url ... -dir ...       one row's work (what the tables start)
//
// bench.sh and changes.sh start the server and then this. The figures are for one machine
// at one moment: compare rows of one table, never tables.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"

	"github.com/adsync/sdk/source/ldap"
)

// setting is what every row is told.
type setting struct {
	url  string // the directory
	base string // where its people are
	dir  string // an empty folder, for state and target
	n    int    // people in the directory
	runs int    // how often the table is measured; it shows medians

	ca, bind, password string // files but for bind; without bind nobody is bound
	ad                 bool   // the directory is Active Directory, or shaped like it

	delta   string // the way to learn what changed
	changes int    // persons changed between two reads
	profile string // where a row leaves its processor profile; empty: nowhere

	page        int    // entries asked for at once
	filter, ask string // what the source asks of the directory; ask with commas
	postgres    string // a file with the DSN of the target; empty: SQLite
}

func defaults() setting {
	return setting{base: "ou=People,dc=example,dc=com", runs: 1, delta: string(ldap.DeltaOff), changes: 4000, page: 1000}
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(args) == 0 {
		return fmt.Errorf("want proof, changes, stages, peers or row")
	}
	verb, rest := args[0], args[1:]
	switch verb {
	case "proof":
		return proof(ctx, rest)
	case "changes":
		return changes(ctx, rest)
	case "peers":
		return peers(ctx, rest)
	case "stages":
		return stages(ctx, rest)
	case "row":
		return oneRow(ctx, rest)
	}
	return fmt.Errorf("there is no %q", verb)
}

func oneRow(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("want the row's name")
	}
	s := defaults()
	if err := s.flags().Parse(args[1:]); err != nil {
		return err
	}
	return profiled(s.profile, func() error { return work(ctx, args[0], s) })
}

// flags have what the setting holds as their defaults, so that they give it
// again for the process of a row.
func (s *setting) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&s.url, "url", s.url, "the directory")
	flags.StringVar(&s.base, "base", s.base, "where its people are")
	flags.StringVar(&s.dir, "dir", s.dir, "an empty folder")
	flags.IntVar(&s.n, "n", s.n, "people in the directory")
	flags.IntVar(&s.runs, "runs", s.runs, "how often to measure; the table shows medians")
	flags.StringVar(&s.ca, "ca", s.ca, "the authority of the directory's certificate, a file")
	flags.StringVar(&s.bind, "bind", s.bind, "the account; empty: nobody")
	flags.StringVar(&s.password, "password", s.password, "its password, a file")
	flags.BoolVar(&s.ad, "ad", s.ad, "the directory is Active Directory, or shaped like it")
	flags.StringVar(&s.delta, "delta", s.delta, "the way to learn what changed")
	flags.IntVar(&s.changes, "changes", s.changes, "persons changed between two reads")
	flags.StringVar(&s.profile, "profile", s.profile, "where a row leaves its processor profile")
	flags.IntVar(&s.page, "pagesize", s.page, "entries asked for at once")
	flags.StringVar(&s.filter, "filter", s.filter, "the filter that the source sends")
	flags.StringVar(&s.ask, "ask", s.ask, "the attributes that the source asks for, with commas")
	flags.StringVar(&s.postgres, "postgres", s.postgres, "a file with the DSN of a PostgreSQL target")
	return flags
}

func (s *setting) args() (list []string) {
	s.flags().VisitAll(func(f *flag.Flag) { list = append(list, "-"+f.Name+"="+f.Value.String()) })
	return list
}

// profiled does the work under the processor's profiler, when a file is named.
func profiled(file string, do func() error) error {
	if file == "" {
		return do()
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return do()
}
