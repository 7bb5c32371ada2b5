// Command museum plays what has gone wrong in public projects that synchronise
// directories, twenty-one incidents, against the engine of this module, and shows
// that it does not go wrong here:
//
//	go run ./examples/museum             # all of them, as a table
//	go run ./examples/museum -run P7     # one, with its story and every step
//	go run ./examples/museum -fault P7   # the same with its protection taken out
//
// It ends with 0 when everything came out as it should, with 1 when something
// did not, and with 64 when the command line is wrong. With -fault something has
// to go wrong.
//
// It needs no directory and no target: both are made up. Protections can be
// taken out here only because this program is part of the module.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/adsync/sdk/internal/scenario/incidents"
)

// Exit codes.
const (
	codeGreen     = 0
	codeRed       = 1
	codeUsage     = 64
	codeCancelled = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	all, err := incidents.All()
	if err != nil {
		fmt.Fprintln(stderr, "museum:", err)
		return codeRed
	}
	o, code := parseOptions(args, all, stderr)
	if o == nil {
		return code
	}
	show := newScreen(stdout)
	switch {
	case o.list:
		show.list(all)
		return codeGreen
	case o.one != nil && o.fault:
		code, err = playFault(ctx, *o.one, show)
	case o.one != nil:
		code, err = playOne(ctx, *o.one, show)
	default:
		code, err = playAll(ctx, all, show)
	}
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "museum: cancelled")
		return codeCancelled
	}
	if err != nil {
		fmt.Fprintln(stderr, "museum:", err)
		return codeRed
	}
	return code
}

func playAll(ctx context.Context, all []incidents.Incident, show *screen) (int, error) {
	show.head()
	red := 0
	for _, i := range all {
		_, differences, err := i.Play(ctx, false)
		if ctx.Err() != nil || err != nil {
			return codeRed, err
		}
		show.row(i, len(differences) == 0)
		if len(differences) > 0 {
			red++
		}
	}
	show.total(len(all), red)
	return colour(red), nil
}

// colour is the exit code for so many that came out otherwise.
func colour(red int) int {
	if red > 0 {
		return codeRed
	}
	return codeGreen
}

func playOne(ctx context.Context, i incidents.Incident, show *screen) (int, error) {
	steps, differences, err := i.Play(ctx, false)
	if ctx.Err() != nil || err != nil {
		return codeRed, err
	}
	show.story(steps)
	for _, d := range differences {
		show.difference(d)
	}
	show.verdict(i, differences)
	return colour(len(differences)), nil
}

func playFault(ctx context.Context, i incidents.Incident, show *screen) (int, error) {
	p, err := i.Protection()
	if err != nil {
		return codeRed, err
	}
	show.taken(i, p.Name(), p.What())
	_, differences, err := i.Play(ctx, true)
	if ctx.Err() != nil || err != nil {
		return codeRed, err
	}
	show.without(differences)
	return colour(len(differences)), nil
}
