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
	"strconv"
	"text/tabwriter"
	"time"
)

// row is one line of the table.
type row struct {
	name, what string
	command    func(setting) []string
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
		return []string{os.Args[0], "row", name, "-url", s.url, "-base", s.base, "-dir", s.dir, "-n", strconv.Itoa(s.n)}
	}
}

// table measures all rows, as often as asked, and prints medians.
func table(ctx context.Context, s setting) error {
	all := append([]row{{"ldapsearch", "paged read, printed to nowhere", ldapsearch}}, rows()...)
	measured := make([][]figures, len(all))
	for k := range s.runs {
		in := s
		in.dir = filepath.Join(s.dir, fmt.Sprintf("run%d", k))
		if err := os.Mkdir(in.dir, 0o700); err != nil {
			return err
		}
		for i, r := range all {
			command := r.command(in)
			f, err := measure(ctx, command[0], command[1:]...)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			measured[i] = append(measured[i], f)
		}
	}
	return write(os.Stdout, s, all, measured)
}

func write(w io.Writer, s setting, all []row, measured [][]figures) error {
	fmt.Fprintf(w, "%d persons, %d cores, %s, median of %d\n", s.n, runtime.NumCPU(), runtime.Version(), s.runs)
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "row\twall s\tpersons/s\tCPU s\tµs/person\tpeak MiB\t× ldapsearch wall\t× CPU\t")
	yardstick := median(measured[0])
	for i, r := range all {
		f := median(measured[i])
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

// median takes each figure by itself.
func median(all []figures) figures {
	return figures{
		wall: middle(all, func(f figures) time.Duration { return f.wall }),
		cpu:  middle(all, func(f figures) time.Duration { return f.cpu }),
		peak: middle(all, func(f figures) int64 { return f.peak }),
	}
}

func middle[T cmp.Ordered](all []figures, of func(figures) T) T {
	values := make([]T, len(all))
	for i, f := range all {
		values[i] = of(f)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
