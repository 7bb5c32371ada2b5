package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// asProgram makes the test binary be the program, for what needs a process of
// its own.
const asProgram = "QUICKSTART_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// ran is what a run of the program came to.
type ran struct {
	t        *testing.T
	code     int
	out, err string
}

// quickstart runs the program in this process.
func quickstart(t *testing.T, args ...string) ran {
	t.Helper()
	return quickstartUnder(t.Context(), t, args...)
}

func quickstartUnder(ctx context.Context, t *testing.T, args ...string) ran {
	t.Helper()
	var out, err bytes.Buffer
	code := run(ctx, args, &out, &err)
	return ran{t, code, out.String(), err.String()}
}

func (r ran) exits(code int) ran {
	r.t.Helper()
	require.Equal(r.t, code, r.code, "standard error: %s", r.err)
	return r
}

// report reads standard output, which must hold one JSON object and no more.
func (r ran) report() adsync.Report {
	r.t.Helper()
	d := json.NewDecoder(bytes.NewBufferString(r.out))
	var report adsync.Report
	require.NoError(r.t, d.Decode(&report), "standard output: %s; standard error: %s", r.out, r.err)
	require.False(r.t, d.More(), "more than one value: %s", r.out)
	return report
}

// synced runs with -json, wants exit code 0, and gives the report.
func synced(t *testing.T, args ...string) adsync.Report {
	t.Helper()
	return quickstart(t, append(args, "-json")...).exits(0).report()
}

func TestTheFirstRunFillsTheFolderAndTheSecondHasNothingToDo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	first := synced(t, "-dir", dir)
	require.Equal(t, adsync.OutcomeConflicts, first.Outcome)
	require.Greater(t, first.Counts.Create, 180)
	require.Positive(t, first.Counts.Quarantined)
	for _, name := range []string{"target.db", "state.db"} {
		require.FileExists(t, filepath.Join(dir, name))
	}

	second := synced(t, "-dir", dir, "-once")
	require.Zero(t, second.Counts.Writes())
	require.True(t, first.Sources[0].Snapshot)
	require.False(t, second.Sources[0].Snapshot, "only what changed is read")
	require.Less(t, second.Counts.Unchanged, first.Counts.Create)
	require.Equal(t, first.Counts.Quarantined, second.Counts.Quarantined)
	require.Equal(t, first.Counts.Conflicts, second.Counts.Conflicts)
}

func TestTheReportIsOneObjectWithTheAgreedKeys(t *testing.T) {
	out := quickstart(t, "-dir", t.TempDir(), "-objects", "20", "-json").exits(0)
	var report map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(out.out), &report), "it is one object and nothing else")
	require.Contains(t, report, "outcome")
	var counts map[string]int
	require.NoError(t, json.Unmarshal(report["counts"], &counts), "all are integers")
	var keys []string
	for key := range counts {
		keys = append(keys, key)
	}
	require.ElementsMatch(t, []string{
		"create", "update", "rename", "deactivate", "reactivate", "adopt", "delete", "members",
		"unchanged", "skipped", "issues", "conflicts", "quarantined",
	}, keys)
	require.Empty(t, out.err, "standard error is no terminal")
}

func TestAPlanWritesNothingAndSaysWhatTheRunWillDo(t *testing.T) {
	dir := t.TempDir()
	steps := [][]string{{"-objects", "60"}, {"-change"}, {"-change"}, {}}
	for _, step := range steps {
		plan := synced(t, append(step, "-dir", dir, "-plan")...)
		again := synced(t, "-dir", dir, "-plan")
		require.Equal(t, adsync.OutcomePlanned, plan.Outcome)
		require.Equal(t, plan.Plan, again.Plan, "a plan changes nothing")
		require.Equal(t, plan.Counts, again.Counts)

		done := synced(t, "-dir", dir)
		require.Equal(t, plan.Plan, done.Plan)
		require.Equal(t, plan.Counts, done.Counts)
		require.Zero(t, synced(t, "-dir", dir, "-plan").Counts.Writes())
	}
}

func TestAPlanLeavesTheTargetEmpty(t *testing.T) {
	dir := t.TempDir()
	require.Positive(t, synced(t, "-dir", dir, "-objects", "20", "-plan").Counts.Create)
	require.Empty(t, accounts(t, dir))
}

func TestTheDefaultFolderIsNamed(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache) // where os.UserCacheDir looks, on Linux
	out := quickstart(t, "-objects", "20").exits(0)
	require.Contains(t, out.out, filepath.Join(cache, "adsync-quickstart", "target.db"))
	require.FileExists(t, filepath.Join(cache, "adsync-quickstart", "state.db"))
}

func TestIncompletePeopleAreKeptAsideAndThePersonIsTold(t *testing.T) {
	dir := t.TempDir()
	report := synced(t, "-dir", dir)
	lacking := map[adsync.Anchor]bool{}
	for _, issue := range report.Issues {
		if issue.Code == adsync.IssueRequiredMissing {
			lacking[issue.Anchor] = true
		}
	}
	require.Len(t, lacking, report.Counts.Quarantined)
	for id := range accounts(t, dir) {
		require.NotContains(t, lacking, adsync.Anchor(id))
	}
	require.Contains(t, quickstart(t, "-dir", dir).exits(0).out, "OnMissing: adsync.Halt")
	text, err := os.ReadFile("job.go")
	require.NoError(t, err)
	require.Contains(t, string(text), "OnMissing: adsync.Halt,", "the line that is promised")
}
