package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// row is one line of the table. Without a command it is the two rows before it
// together.
type row struct {
	name, what string
	command    func(setting) []string
	before     func(context.Context, setting) error // not measured; nil: nothing
}

func (r row) measure(ctx context.Context, s setting, before []figures) (figures, error) {
	if r.command == nil {
		a, b := before[len(before)-2], before[len(before)-1]
		return figures{a.wall + b.wall, a.cpu + b.cpu, max(a.peak, b.peak)}, nil
	}
	if r.before != nil {
		if err := r.before(ctx, s); err != nil {
			return figures{}, err
		}
	}
	command := r.command(s)
	return measure(ctx, command[0], command[1:]...)
}

// ldapsearch is the yardstick: a C client that prints to nowhere.
func ldapsearch(s setting) []string {
	return []string{
		"sh", "-c", `exec ldapsearch "$@" >/dev/null`, "ldapsearch",
		"-x", "-LLL", "-H", s.url, "-b", s.base, "-E", "pr=500/noprompt", "(objectClass=inetOrgPerson)",
	}
}

// self gives the command by which this program does a row's work.
func self(name string) func(setting) []string {
	return func(s setting) []string {
		return append([]string{os.Args[0], "row", name}, s.args()...)
	}
}

// table measures all rows, as often as asked, and prints medians.
func table(ctx context.Context, s setting) error {
	all := append([]row{{name: "ldapsearch", what: "paged read, printed to nowhere", command: ldapsearch}}, rows()...)
	runs, err := repeat(ctx, s, all)
	if err != nil {
		return err
	}
	return write(os.Stdout, s, all, runs)
}

// repeat measures all rows as often as asked, each time in a new folder.
func repeat(ctx context.Context, s setting, all []row) (runs [][]figures, err error) {
	for k := range s.runs {
		in := s
		in.dir = filepath.Join(s.dir, fmt.Sprintf("run%d", k))
		if err := os.Mkdir(in.dir, 0o700); err != nil {
			return nil, err
		}
		measured, err := once(ctx, in, all)
		if err != nil {
			return nil, err
		}
		runs = append(runs, measured)
	}
	return runs, nil
}

// once measures each row once.
func once(ctx context.Context, s setting, all []row) (measured []figures, err error) {
	for _, r := range all {
		f, err := r.measure(ctx, s, measured)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		measured = append(measured, f)
	}
	return measured, nil
}

func write(w io.Writer, s setting, all []row, runs [][]figures) error {
	fmt.Fprintf(w, "%d persons, %d cores, %s, median of %d\n", s.n, runtime.NumCPU(), runtime.Version(), s.runs)
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "row\twall s\tpersons/s\tCPU s\tµs/person\tpeak MiB\t× ldapsearch wall\t× CPU\t")
	yardstick := median(runs, 0)
	for i, r := range all {
		f := median(runs, i)
		fmt.Fprintf(out, "%s\t%.2f\t%.0f\t%.2f\t%.1f\t%.0f\t%.2f\t%.2f\t\n", r.name,
			f.wall.Seconds(), float64(s.n)/f.wall.Seconds(), f.cpu.Seconds(), float64(f.cpu.Microseconds())/float64(s.n),
			float64(f.peak)/(1<<20), f.wall.Seconds()/yardstick.wall.Seconds(), f.cpu.Seconds()/yardstick.cpu.Seconds())
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for _, r := range all {
		fmt.Fprintf(w, "  %-12s %s\n", r.name, r.what)
	}
	return nil
}

// median gives the figures of one row, each by itself.
func median(runs [][]figures, row int) figures {
	return figures{
		wall: middle(runs, func(run []figures) time.Duration { return run[row].wall }),
		cpu:  middle(runs, func(run []figures) time.Duration { return run[row].cpu }),
		peak: middle(runs, func(run []figures) int64 { return run[row].peak }),
	}
}

func middle[T cmp.Ordered](runs [][]figures, of func([]figures) T) T {
	values := make([]T, len(runs))
	for i, run := range runs {
		values[i] = of(run)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
