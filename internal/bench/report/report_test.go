package report

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// seconds makes results of one row for each name, and a run for each list.
func seconds(names []string, runs ...[]float64) *Results {
	r := &Results{Persons: 1000}
	for _, name := range names {
		r.Rows = append(r.Rows, Row{Name: name, What: "what " + name + " does", By: Ours})
	}
	for _, run := range runs {
		var costs []Cost
		for _, s := range run {
			d := time.Duration(s * float64(time.Second))
			costs = append(costs, Cost{Wall: d, CPU: 2 * d, Peak: 8 << 20})
		}
		r.Runs = append(r.Runs, costs)
	}
	return r
}

func TestMedianTakesEachFigureByItself(t *testing.T) {
	r := &Results{Runs: [][]Cost{{{}, {Wall: 1, CPU: 30, Peak: 200}}, {{}, {Wall: 3, CPU: 10, Peak: 300}}, {{}, {Wall: 2, CPU: 20, Peak: 100}}}}
	require.Equal(t, Cost{Wall: 2, CPU: 20, Peak: 200}, r.Median(1))
}

func TestTheTableShowsRatiosToTheYardstick(t *testing.T) {
	var out strings.Builder
	r := seconds([]string{CRead, Read, DeltaPlan}, []float64{1, 2, 0.5})
	r.Rows[2].Objects = 10
	require.NoError(t, r.Table(&out, CRead))
	require.Regexp(t, `read +2\.00 +500 +4\.00 +4000\.0 +8 +2\.00 +2\.00`, out.String())
	require.Regexp(t, `delta plan +0\.50 +20 +1\.00 +100000\.0 +8 +0\.50 +0\.50`, out.String())
	require.Contains(t, out.String(), "what read does")
}

func target(t *testing.T, name string) Target {
	t.Helper()
	for _, target := range Targets() {
		if target.Name == name {
			return target
		}
	}
	t.Fatal("no target " + name)
	return Target{}
}

// Red when the ratio is that of medians: a machine that slows down between two
// runs would then be in it.
func TestBothSidesOfARatioComeFromOneRun(t *testing.T) {
	r := seconds([]string{CRead, Reader}, []float64{1, 1}, []float64{10, 20}, []float64{3, 9})
	ratio, ok := target(t, "T1").Measured(r)
	require.True(t, ok)
	require.InDelta(t, 2.0, ratio, 1e-9)
}

func TestTheFirstRunIsHeldAgainstReadingAndInserting(t *testing.T) {
	r := seconds([]string{CRead, CInsert, CSorted, First}, []float64{1, 4, 2, 6})
	ratio, _ := target(t, "T3").Measured(r)
	require.InDelta(t, 6.0/5, ratio, 1e-9)
	ratio, _ = target(t, "T3b").Measured(r)
	require.InDelta(t, 6.0/3, ratio, 1e-9)
}

func TestATargetThatMayNotBeBelowIsMetAbove(t *testing.T) {
	r := seconds([]string{Copy, PgApply}, []float64{1, 2})
	fast := target(t, "T7")
	ratio, ok := fast.Measured(r)
	require.True(t, ok)
	require.Equal(t, "met", fast.Verdict(ratio))
	require.Equal(t, "NOT met", fast.Verdict(0.39))
	slow := target(t, "T1")
	require.Equal(t, "met, stretch too", slow.Verdict(1.3))
	require.Equal(t, "met", slow.Verdict(1.8))
	require.Equal(t, "NOT met", slow.Verdict(1.81))
}

// Red when rows of others count, and when the bound does not fall with the
// number of persons.
func TestThePeakIsOurHighestAgainstTheLowerBound(t *testing.T) {
	r := seconds([]string{"a", "b", "c"}, []float64{1, 1, 1})
	r.Runs[0][1].Peak, r.Runs[0][2].Peak = 32<<20, 900<<20
	r.Rows[2].By = Others
	ratio, ok := target(t, "T6").Measured(r)
	require.True(t, ok)
	require.InDelta(t, float64(32<<20)/float64(64<<20+64*1000), ratio, 1e-9)
	r.Persons = 10_000_000
	ratio, _ = target(t, "T6").Measured(r)
	require.InDelta(t, 0.25, ratio, 1e-9)
}

func TestWhatWasNotMeasuredIsNotJudged(t *testing.T) {
	var out strings.Builder
	require.NoError(t, seconds([]string{CRead, Again}, []float64{1, 2}).Judge(&out))
	require.Regexp(t, `T4 +≤ 1\.3 +≤ 1 +2\.000 +NOT met`, out.String())
	require.Regexp(t, `T7 +≥ 0\.4 +- +not measured`, out.String())
	require.Regexp(t, `T8 +- +- +later`, out.String())
}

func TestThePlotIsWellFormedAndLongerForFaster(t *testing.T) {
	var out strings.Builder
	r := seconds([]string{"slow & steady", "fast"}, []float64{10, 0.1})
	require.NoError(t, r.Plot(&out))
	for d := xml.NewDecoder(strings.NewReader(out.String())); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
	}
	p := &plot{low: 1, high: 5}
	require.Equal(t, float64(nameWidth), p.x(10))
	require.Equal(t, float64(plotWidth-valueWidth), p.x(100000))
	require.Less(t, p.x(100), p.x(10000))
	require.Contains(t, out.String(), "slow &amp; steady")
	require.Contains(t, out.String(), ">10,000<")
}

func TestWholeNumbersAreGroupedByThousands(t *testing.T) {
	for f, want := range map[float64]string{0: "0", 999.6: "1,000", 12: "12", 1234567: "1,234,567"} {
		require.Equal(t, want, thousands(f))
	}
}

func TestOnlyTheMarkedPartOfAPageIsReplaced(t *testing.T) {
	page := "before\n<!-- a: begin -->\nold\n<!-- a: end -->\nafter\n<!-- b: begin -->\n<!-- b: end -->\n"
	path := filepath.Join(t.TempDir(), "page.md")
	require.NoError(t, os.WriteFile(path, []byte(page), 0o600))
	require.NoError(t, ReplaceIn(path, "a", "new\n"))
	require.NoError(t, ReplaceIn(path, "a", "newer\n"))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, strings.Replace(page, "old", "newer", 1), string(got))
	require.ErrorContains(t, ReplaceIn(path, "c", ""), `no part "c"`)
	_, err = Replace([]byte("<!-- a: begin -->\nold\n"), "a", "")
	require.Error(t, err)
}

const traces = `File: run
Type: cpu
Duration: 1s
-----------+-------------------------------------------------------
     2s   runtime.mallocgc
             github.com/adsync/sdk/adsync.(*Attributes).Set
             github.com/adsync/sdk/mapping.(*binder).bind
             github.com/adsync/sdk/adsync.(*planning).take
-----------+-------------------------------------------------------
      10ms   modernc.org/sqlite/lib._sqlite3VdbeExec
             database/sql.(*Stmt).ExecContext
             github.com/adsync/sdk/adsync/state/internal/sqlstate.(*Store).put
             github.com/adsync/sdk/adsync.(*planning).seal
-----------+-------------------------------------------------------
      20ms   runtime.scanobject
             runtime.gcDrain
             runtime.gcBgMarkWorker
-----------+-------------------------------------------------------
      30ms   runtime.futex
-----------+-------------------------------------------------------
      40ms   github.com/adsync/sdk/adsync.(*planning).take
`

// Red when the engine takes what it only called, or attributes that a stage
// filled count for the engine.
func TestASampleCountsForTheStageThatAskedForIt(t *testing.T) {
	sums, err := ByStage(strings.NewReader(traces))
	require.NoError(t, err)
	require.Equal(t, map[string]time.Duration{
		"mapping": 2 * time.Second, "the state's database": 10 * time.Millisecond, "collecting garbage": 20 * time.Millisecond,
		elsewhere: 30 * time.Millisecond, "the engine": 40 * time.Millisecond,
	}, sums)
	var out strings.Builder
	require.NoError(t, WriteStages(&out, []string{"plan"}, []map[string]time.Duration{sums}, 100_000))
	require.Regexp(t, `mapping +20\.0 \( 95 %\)`, out.String())
	require.Regexp(t, `all +21\.0`, out.String())
	require.Less(t, strings.Index(out.String(), "mapping"), strings.Index(out.String(), "the engine"))
}

func TestAPackageBesideAStagesIsNotOfIt(t *testing.T) {
	require.Equal(t, "reading: making objects", stageOf("github.com/adsync/sdk/source/ldap.(*reading).raw"))
	require.Equal(t, "reading: what is sent", stageOf("github.com/adsync/sdk/source/ldap/internal/ber.(*Reader).Next"))
	require.Empty(t, stageOf("github.com/adsync/sdk/source/ldapish.Read"))
	require.Empty(t, stageOf("github.com/adsync/sdk/source/ldap.(*line).Read"), "whoever reads the socket takes it")
	require.Equal(t, "mapping", stageOf("github.com/adsync/sdk/mapping/phone.Format"))
}

// Red when speed alone decides.
func TestAPeerIsBeatenInSpeedAndMemory(t *testing.T) {
	r := seconds([]string{First, "syncrepl consumer", Read, "ldap3"}, []float64{2, 4, 1, 3})
	r.Rows[1].By = Others
	var out strings.Builder
	require.NoError(t, r.JudgePeers(&out))
	require.Regexp(t, `syncrepl consumer +first +≥ 1\.5 × +2\.00 × +0\.50 × +1\.00 × +met`, out.String())
	require.Regexp(t, `ldap3 +read +- +3\.00 ×`, out.String())
	require.NotContains(t, out.String(), "pg_ldap_sync")
	v := Versus{Wanted: 1.5}
	require.Equal(t, "NOT met", v.verdict(1.4, 0.5))
	require.Equal(t, "NOT met: more memory", v.verdict(2, 1.2))
}
