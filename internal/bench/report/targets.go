package report

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Target is a bound on a ratio. Both sides of it come from one run, and the
// middle of the runs' ratios is what counts.
type Target struct {
	Name, What     string
	Bound, Stretch float64 // Stretch 0: there is none
	AtLeast        bool    // the ratio may not be below; otherwise not above
	Later          string  // why it is not measured yet
	of             func(costs) (float64, bool)
}

// costs are those of one run, by the names of the rows.
type costs struct {
	results *Results
	run     []Cost
}

func (c costs) of(row string) (Cost, bool) {
	i := c.results.row(row)
	if i < 0 {
		return Cost{}, false
	}
	return c.run[i], true
}

// over divides the sums of some rows' figures; false when a row is missing.
func over(figure func(Cost) float64, above, below []string) func(costs) (float64, bool) {
	return func(c costs) (float64, bool) {
		a, ok := c.sum(figure, above)
		b, there := c.sum(figure, below)
		return a / b, ok && there && b > 0
	}
}

func (c costs) sum(figure func(Cost) float64, rows []string) (total float64, ok bool) {
	for _, row := range rows {
		cost, ok := c.of(row)
		if !ok {
			return 0, false
		}
		total += figure(cost)
	}
	return total, true
}

func wall(c Cost) float64 { return c.Wall.Seconds() }
func cpu(c Cost) float64  { return c.CPU.Seconds() }

// The names of the rows that targets speak of.
const (
	CRead       = "C read"
	CInsert     = "C insert"
	CSorted     = "C insert sorted"
	CUpdate     = "C update"
	GoLDAP      = "go-ldap"
	OtherReader = "reader by go-ldap"
	Reader      = "reader"
	Read        = "read"
	First       = "first"
	Again       = "again"
	DeltaPlan   = "delta plan"
	Delta       = "delta apply"
	Copy        = "psql copy"
	PgApply     = "pg apply"
)

// Targets are those of this module. T9, the peers, has a table of its own.
func Targets() []Target {
	return []Target{
		{Name: "T1", What: "CPU of the reader, to libldap's in C", Bound: 1.8, Stretch: 1.3, of: over(cpu, rows(Reader), rows(CRead))},
		{Name: "T2", What: "CPU of the reader, to go-ldap's page loop", Bound: 1.0 / 8, Stretch: 1.0 / 12, of: over(cpu, rows(Reader), rows(GoLDAP))},
		{Name: "T3", What: "first run into SQLite, to C reading and inserting", Bound: 1, Stretch: 0.8, of: over(wall, rows(First), rows(CRead, CInsert))},
		{Name: "T3b", What: "the same, to C reading, sorting and inserting", Bound: 1.8, Stretch: 1.3, of: over(wall, rows(First), rows(CRead, CSorted))},
		{Name: "T4", What: "unchanged full run, to C reading", Bound: 1.3, Stretch: 1, of: over(wall, rows(Again), rows(CRead))},
		{Name: "T5", What: "changes read to the stored plan, to C reading all", Bound: 1.0 / 10, Stretch: 1.0 / 20, of: over(wall, rows(DeltaPlan), rows(CRead))},
		{Name: "T5 apply", What: "those changes applied, to C updating the same rows", Bound: 2.5, Stretch: 1.5, of: over(wall, rows(Delta), rows(CUpdate))},
		{Name: "T6", What: "highest peak of our runs, to its bound", Bound: 1, of: peak},
		{Name: "T7", What: "rows/s into PostgreSQL, to psql \\copy", Bound: 1 / 2.5, AtLeast: true, of: over(wall, rows(Copy), rows(PgApply))},
		{Name: "T8", What: "HTTP sink: CPU and throughput", Later: "there is no HTTP sink yet"},
	}
}

func rows(names ...string) []string { return names }

// peak: at most 128 MiB, and at most 64 MiB and 64 bytes an object.
func peak(c costs) (float64, bool) {
	bound, highest := min(128<<20, 64<<20+64*int64(c.results.Persons)), int64(0)
	for i, row := range c.results.Rows {
		if row.By == Ours {
			highest = max(highest, c.run[i].Peak)
		}
	}
	return float64(highest) / float64(bound), highest > 0
}

// Measured gives the middle of the runs' ratios; false when it was not measured.
func (t Target) Measured(r *Results) (float64, bool) {
	var ratios []float64
	for _, run := range r.Runs {
		if t.of == nil {
			break
		}
		if ratio, ok := t.of(costs{r, run}); ok {
			ratios = append(ratios, ratio)
		}
	}
	if len(ratios) == 0 {
		return 0, false
	}
	return middle(ratios), true
}

// Verdict says whether a ratio meets the target.
func (t Target) Verdict(ratio float64) string {
	switch {
	case t.within(ratio, t.Stretch) && t.Stretch > 0:
		return "met, stretch too"
	case t.within(ratio, t.Bound):
		return "met"
	}
	return "NOT met"
}

func (t Target) within(ratio, bound float64) bool {
	if t.AtLeast {
		return ratio >= bound
	}
	return ratio <= bound
}

// Judge writes a line for each target.
func (r *Results) Judge(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "target\twanted\tstretch\tmeasured\tverdict\twhat")
	for _, t := range Targets() {
		sign, stretch, measured, verdict := "≤", "", "-", "not measured"
		if t.AtLeast {
			sign = "≥"
		}
		wanted := fmt.Sprintf("%s %.3g", sign, t.Bound)
		if t.Stretch > 0 {
			stretch = fmt.Sprintf("%s %.3g", sign, t.Stretch)
		}
		if t.Later != "" {
			wanted, verdict = "-", "later: "+t.Later
		}
		if ratio, ok := t.Measured(r); ok {
			measured, verdict = fmt.Sprintf("%.3f", ratio), t.Verdict(ratio)
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", t.Name, wanted, stretch, measured, verdict, t.What)
	}
	return out.Flush()
}
