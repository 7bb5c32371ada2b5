package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/scenario/incidents"
)

type options struct {
	one   *incidents.Incident // nil: all
	fault bool
	list  bool
}

// parseOptions gives nil and the exit code where there is nothing to play.
func parseOptions(args []string, all []incidents.Incident, stderr io.Writer) (*options, int) {
	o := &options{}
	f := flag.NewFlagSet("museum", flag.ContinueOnError)
	f.SetOutput(stderr)
	one := f.String("run", "", "play this incident, such as P7, and show its story and steps")
	fault := f.String("fault", "", "play this incident with its protection taken out; it has to go wrong")
	f.BoolVar(&o.list, "list", false, "list the incidents and their protections")
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil, codeGreen
	case err != nil:
		return nil, codeUsage
	}
	number := *one + *fault
	switch {
	case f.NArg() > 0:
		fmt.Fprintf(stderr, "museum: %q is not understood; give flags only\n", f.Arg(0))
		return nil, codeUsage
	case *one != "" && *fault != "" || o.list && number != "":
		fmt.Fprintln(stderr, "museum: give one of -run, -fault and -list")
		return nil, codeUsage
	case number == "":
		return o, codeGreen
	}
	if o.one, o.fault = find(all, number), *fault != ""; o.one == nil {
		fmt.Fprintf(stderr, "museum: there is no incident %s; there are:\n", strconv.Quote(number))
		newScreen(stderr).list(all)
		return nil, codeUsage
	}
	return o, codeGreen
}

// find takes P7, p7, 7 and P07.
func find(all []incidents.Incident, text string) *incidents.Incident {
	n, err := strconv.Atoi(strings.TrimPrefix(strings.ToUpper(text), "P"))
	for i := range all {
		if err == nil && all[i].Number == n {
			return &all[i]
		}
	}
	return nil
}
