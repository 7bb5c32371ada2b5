package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/adsync/sdk/internal/bench/report"
)

// writeChanges prints the rows of one ground. A read of changes should cost what
// its changes cost, so the ratio that counts is the one to the full read.
func writeChanges(w io.Writer, name string, s setting, all []deltaRow, runs [][]figures) error {
	fmt.Fprintf(w, "\n%s: %d changed among %d persons, %d cores, %s, median of %d\n", name, s.changes, s.n, runtime.NumCPU(), runtime.Version(), s.runs)
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "row\twall s\tCPU s\tpeak MiB\tCPU µs/change\t÷ full wall\t÷ full CPU\t÷ search wall\t÷ search CPU\t")
	for i, r := range all {
		f, perChange := (&report.Results{Runs: runs}).Median(i), "-"
		if r.some {
			perChange = fmt.Sprintf("%.0f", float64(f.CPU.Microseconds())/float64(s.changes))
		}
		fmt.Fprintf(out, "%s\t%.2f\t%.2f\t%.0f\t%s\t%s\t%s\t\n", r.name, f.Wall.Seconds(), f.CPU.Seconds(),
			float64(f.Peak)/(1<<20), perChange, ratios(f, runs, r.full, i), ratios(f, runs, r.bare, i))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	said := map[string]bool{}
	for _, r := range all {
		if !said[r.what] {
			fmt.Fprintf(w, "  %-24s %s\n", r.name, r.what)
		}
		said[r.what] = true
	}
	return nil
}

// ratios compares with another row, if there is one.
func ratios(f figures, runs [][]figures, to, self int) string {
	if to < 0 || to == self {
		return "-\t-"
	}
	other := (&report.Results{Runs: runs}).Median(to)
	return ratio(f.Wall, other.Wall) + "\t" + ratio(f.CPU, other.CPU)
}

func ratio(a, b time.Duration) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f", a.Seconds()/b.Seconds())
}
