package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// options are the command line.
type options struct {
	dir          string
	objects      int
	seed         uint64
	change       bool
	url          string
	bind         string
	passwordFile string
	ca           string
	bases        []string
	planOnly     bool
	explain      string
	revert       int64
	once         bool
	json         bool
	given        map[string]bool // flags that stand on the command line
}

const usageText = `quickstart synchronises a directory into a SQLite database, and shows the plan first.

  go run ./examples/quickstart                 a made-up directory of 200 people
  go run ./examples/quickstart                 again: there is nothing to do
  go run ./examples/quickstart -change         a day later: joiners, leavers, renames, moves
  go run ./examples/quickstart -explain WHO    why somebody is in the target as they are, or why not
  go run ./examples/quickstart -revert RUN     undo a run
  go run ./examples/quickstart -dir ./mine -url ldaps://dc1.example.com \
      -bind sync@example.com -password-file ./password -ca ./ca.pem

Flags:
`

// mostObjects is how many people the made-up directory may have.
const mostObjects = 1_000_000

// usageError is a fault of the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{given: map[string]bool{}}
	f := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	f.SetOutput(io.Discard) // a fault is told once, at the end
	f.StringVar(&o.dir, "dir", "", "`folder` for target.db and state.db (default: a folder in the user's cache, which is named)")
	f.IntVar(&o.objects, "objects", 200, "`number` of people in the made-up directory; groups, contacts and units come on top")
	f.Uint64Var(&o.seed, "seed", 1, "another `number` makes other people")
	f.BoolVar(&o.change, "change", false, "let a day pass in the made-up directory first")
	f.StringVar(&o.url, "url", "", "read this directory instead, such as ldaps://dc1.example.com")
	f.StringVar(&o.bind, "bind", "", "account to read with: a DN, user@domain or DOMAIN\\user")
	f.StringVar(&o.passwordFile, "password-file", "", "`file` with the account's password; others must not be able to read it")
	f.StringVar(&o.ca, "ca", "", "`file` with the certificates (PEM) to trust (default: those of the system)")
	f.Func("base", "`DN` to search below; may be repeated (default: the directory's own)", func(s string) error {
		o.bases = append(o.bases, s)
		return nil
	})
	f.BoolVar(&o.planOnly, "plan", false, "show the plan and stop; nothing is written to the target")
	f.StringVar(&o.explain, "explain", "", "say why `who` is in the target as they are, or why not: an address, a logon name, an id; nothing is written")
	f.Int64Var(&o.revert, "revert", 0, "undo the run with this `number`; with -plan only show how")
	f.BoolVar(&o.once, "once", false, "never wait for another run, and never serve")
	f.BoolVar(&o.json, "json", false, "print the report as JSON and nothing else")
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stderr, usageText)
		f.SetOutput(stderr)
		f.PrintDefaults()
	}
	if err != nil {
		return nil, usageError{err}
	}
	f.Visit(func(fl *flag.Flag) { o.given[fl.Name] = true })
	return o, o.check(f.Args())
}

// check refuses what cannot be meant.
func (o *options) check(rest []string) error {
	fail := func(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
	if len(rest) > 0 {
		return fail("unexpected argument %q", rest[0])
	}
	if o.objects < 1 || o.objects > mostObjects {
		return fail("-objects must be between 1 and %d", mostObjects)
	}
	if o.given["explain"] && (o.explain == "" || o.given["revert"] || o.given["change"] || o.given["plan"]) {
		return fail("-explain names somebody, and goes with neither -revert nor -change nor -plan")
	}
	if o.given["revert"] && (o.revert < 1 || o.given["change"]) {
		return fail("-revert takes the number of a run, and does not go with -change")
	}
	if o.url == "" {
		for _, name := range []string{"bind", "password-file", "ca", "base"} {
			if o.given[name] {
				return fail("-%s goes with -url", name)
			}
		}
		return nil
	}
	for _, name := range []string{"objects", "seed", "change"} {
		if o.given[name] {
			return fail("-%s is for the made-up directory and does not go with -url", name)
		}
	}
	if !strings.HasPrefix(o.url, "ldaps://") && !strings.HasPrefix(o.url, "ldap://") {
		return fail("-url must start with ldaps://, or with ldap:// for StartTLS")
	}
	if o.bind == "" || o.passwordFile == "" {
		return fail("-url needs -bind and -password-file")
	}
	return nil
}

func exitUsage(err error, stderr io.Writer) int {
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintln(stderr, "quickstart:", printable(err.Error()))
	fmt.Fprintln(stderr, "-help shows all flags.")
	return codeConfiguration
}
