package report

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Table writes a line for each row: medians, and ratios to one row's.
func (r *Results) Table(w io.Writer, yardstick string) error {
	fmt.Fprintf(w, "%d persons, medians of %d\n", r.Persons, len(r.Runs))
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(out, "row\twall s\tobjects/s\tCPU s\tµs/object\tpeak MiB\t× %s wall\t× CPU\t\n", yardstick)
	limit := r.Median(r.row(yardstick))
	for i, row := range r.Rows {
		c := r.Median(i)
		fmt.Fprintf(out, "%s\t%.2f\t%.0f\t%.2f\t%.1f\t%.0f\t%.2f\t%.2f\t\n", row.Name,
			c.Wall.Seconds(), r.perSecond(i), c.CPU.Seconds(), float64(c.CPU.Microseconds())/float64(r.objects(i)),
			mebibytes(c.Peak), c.Wall.Seconds()/limit.Wall.Seconds(), c.CPU.Seconds()/limit.CPU.Seconds())
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for _, row := range r.Rows {
		fmt.Fprintf(w, "  %-18s %s\n", row.Name, row.What)
	}
	return nil
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
