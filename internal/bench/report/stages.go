package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Stage is a part of a run, and the packages whose work it is.
type Stage struct {
	Name     string
	Packages []string
}

// Stages are those of a run. A sample counts for the first of these packages
// that is found going from what ran to what called it: SQLite's own work so
// counts for whoever asked for it.
var Stages = []Stage{
	{"reading: what is sent", []string{"github.com/go-ldap/ldap/v3", "github.com/go-asn1-ber/asn1-ber", "github.com/adsync/sdk/source/ldap/internal/"}},
	{"reading: making objects", []string{"github.com/adsync/sdk/source/ldap", "github.com/adsync/sdk/internal/directory"}},
	{"mapping", []string{"github.com/adsync/sdk/mapping", "github.com/expr-lang/expr"}},
	{"matching", []string{"github.com/adsync/sdk/match"}},
	{"the target's database", []string{"github.com/adsync/sdk/sink/localdb"}},
	{"the state's database", []string{"github.com/adsync/sdk/adsync/state"}},
	{"sorting on disk", []string{"github.com/adsync/sdk/internal/spill"}},
	{"the engine", []string{"github.com/adsync/sdk/adsync"}},
	{"collecting garbage", []string{"runtime.gcBgMarkWorker", "runtime.bgsweep", "runtime.bgscavenge", "runtime.gcAssist"}},
}

const elsewhere = "runtime and the rest"

// passing are packages' parts that all stages use: the caller's stage counts.
var passing = []string{
	"github.com/adsync/sdk/adsync.Attributes.", "github.com/adsync/sdk/adsync.(*Attributes).", "github.com/adsync/sdk/adsync.MakeAttributes",
	"github.com/adsync/sdk/source/ldap.(*line).", "github.com/adsync/sdk/source/ldap.upper.", "github.com/adsync/sdk/source/ldap.(*loan).", "github.com/adsync/sdk/source/ldap.whole.",
}

// ByStage adds up a profile as `go tool pprof -traces` prints it.
func ByStage(traces io.Reader) (map[string]time.Duration, error) {
	total := make(map[string]time.Duration)
	var value time.Duration
	stage := ""
	settle := func() {
		if value > 0 {
			total[cmp.Or(stage, elsewhere)] += value
		}
		value, stage = 0, ""
	}
	begun := false
	lines := bufio.NewScanner(traces)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "-----------+") {
			settle()
			begun = true
			continue
		}
		fields := strings.Fields(line)
		if !begun || len(fields) == 0 {
			continue
		}
		if d, err := time.ParseDuration(fields[0]); err == nil && len(fields) > 1 {
			value, fields = d, fields[1:]
		}
		if stage == "" {
			stage = stageOf(fields[0])
		}
	}
	settle()
	return total, lines.Err()
}

func stageOf(function string) string {
	if slices.ContainsFunc(passing, func(p string) bool { return strings.HasPrefix(function, p) }) {
		return ""
	}
	for _, s := range Stages {
		if slices.ContainsFunc(s.Packages, func(p string) bool { return belongs(function, p) }) {
			return s.Name
		}
	}
	return ""
}

// belongs tells whether a function is of a package, or of one below it.
func belongs(function, p string) bool {
	rest, ok := strings.CutPrefix(function, p)
	return ok && (strings.HasSuffix(p, "/") || strings.HasPrefix(p, "runtime.") || rest == "" || rest[0] == '.' || rest[0] == '/')
}

// WriteStages writes a table of stages: a column for each profile.
func WriteStages(w io.Writer, names []string, profiles []map[string]time.Duration, n int) error {
	all := make(map[string]bool)
	sums := make([]time.Duration, len(profiles))
	for i, p := range profiles {
		for stage, d := range p {
			all[stage] = true
			sums[i] += d
		}
	}
	fmt.Fprintf(w, "%-26s", "CPU µs/person")
	for _, name := range names {
		fmt.Fprintf(w, "%18s", name)
	}
	fmt.Fprintln(w)
	for _, stage := range slices.SortedFunc(maps.Keys(all), inOrder) {
		fmt.Fprintf(w, "%-26s", stage)
		for i, p := range profiles {
			fmt.Fprintf(w, "%10.1f (%3.0f %%)", perPerson(p[stage], n), 100*p[stage].Seconds()/sums[i].Seconds())
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%-26s", "all")
	for _, sum := range sums {
		fmt.Fprintf(w, "%10.1f        ", perPerson(sum, n))
	}
	_, err := fmt.Fprintln(w)
	return err
}

func perPerson(d time.Duration, n int) float64 { return float64(d.Microseconds()) / float64(n) }

func inOrder(a, b string) int { return cmp.Compare(place(a), place(b)) }

func place(stage string) int {
	i := slices.IndexFunc(Stages, func(s Stage) bool { return s.Name == stage })
	if i < 0 {
		return len(Stages)
	}
	return i
}
