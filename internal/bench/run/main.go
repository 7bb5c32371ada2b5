// Command run measures what a directory costs to read and to synchronise:
// wall time, processor time and peak memory, each row of its table a process
// of its own.
//
//	run table -url ldap://127.0.0.1:3890 -n 100000 -dir DIR
//	run row NAME -url ... -dir ...       one row's work (what table starts)
//
// bench.sh starts the server and then this. The figures are for one machine
// at one moment: compare rows of one table, never tables.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

// setting is what every row is told.
type setting struct {
	url  string // the directory
	base string // where its people are
	dir  string // an empty folder, for state and target
	n    int    // people in the directory
	runs int    // how often the table is measured; it shows medians
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
		return fmt.Errorf("want table or row")
	}
	verb, rest := args[0], args[1:]
	name := ""
	if verb == "row" && len(rest) > 0 {
		name, rest = rest[0], rest[1:]
	}
	s, err := parse(rest)
	if err != nil {
		return err
	}
	if verb == "table" {
		return table(ctx, s)
	}
	return work(ctx, name, s)
}

func parse(args []string) (setting, error) {
	var s setting
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&s.url, "url", "", "the directory")
	flags.StringVar(&s.base, "base", "ou=People,dc=example,dc=com", "where its people are")
	flags.StringVar(&s.dir, "dir", "", "an empty folder")
	flags.IntVar(&s.n, "n", 0, "people in the directory")
	flags.IntVar(&s.runs, "runs", 1, "how often to measure; the table shows medians")
	return s, flags.Parse(args)
}
