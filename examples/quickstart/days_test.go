package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// freshOn makes a folder whose directory is on that day already, and fills it
// by one first run.
func freshOn(t *testing.T, objects, seed, day int) (dir string, report adsync.Report) {
	t.Helper()
	dir = t.TempDir()
	note := fmt.Sprintf(`{"objects":%d,"seed":%d,"day":%d}`, objects, seed, day)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "quickstart.json"), []byte(note), 0o600))
	return dir, synced(t, "-dir", dir)
}

func TestTenDaysEndWhereAFirstRunOfThatDayWouldEnd(t *testing.T) {
	for _, c := range []struct{ objects, seed int }{{20, 1}, {20, 9}, {200, 1}, {200, 2}, {200, 77}} {
		t.Run(fmt.Sprintf("%d people, seed %d", c.objects, c.seed), func(t *testing.T) {
			t.Parallel()
			daysOn(t, c.objects, c.seed, 10)
		})
	}
}

func TestDaysWithAGroupThatComesInRanges(t *testing.T) {
	if testing.Short() {
		t.Skip("3,000 people take a while")
	}
	dir := daysOn(t, 3000, 1, 3)
	require.Greater(t, largestGroup(t, dir), 1500)
}

func daysOn(t *testing.T, objects, seed, days int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	synced(t, "-dir", dir, "-objects", strconv.Itoa(objects), "-seed", strconv.Itoa(seed))
	joined := 0
	for day := range days {
		changed := synced(t, "-dir", dir, "-change")
		joined += changed.Counts.Create
		require.Positive(t, changed.Counts.Update, "day %d", day+1)
		require.Positive(t, changed.Counts.Rename+changed.Counts.Deactivate, "day %d", day+1)
		after := synced(t, "-dir", dir)
		require.Zero(t, after.Counts.Writes(), "the run after day %d", day+1)
		require.Equal(t, after.Counts.Conflicts, changed.Counts.Conflicts)
	}
	require.Positive(t, joined)
	compareWithFresh(t, dir, objects, seed, days)
	return dir
}

// compareWithFresh holds the active people against those of a first run on the
// same day. A first run has less: where two share an address, both wait, and
// only the newcomer does where the other was there before.
func compareWithFresh(t *testing.T, dir string, objects, seed, day int) {
	t.Helper()
	freshDir, report := freshOn(t, objects, seed, day)
	sharing := map[string]bool{}
	for _, issue := range report.Issues {
		if issue.Code == adsync.IssueSourceDuplicate {
			sharing[string(issue.Anchor)] = true
		}
	}
	have, want := activeOf(accounts(t, dir)), activeOf(accounts(t, freshDir))
	for id, a := range want {
		if _, known := want[have[id].manager]; a.manager == "" && !known {
			a.manager = have[id].manager // somebody who is not active any more; blank never erases
		}
		require.Equal(t, a, have[id], "person %s", id)
	}
	for id := range have {
		if _, ok := want[id]; !ok {
			require.True(t, sharing[id], "person %s is active and a first run does not make them", id)
		}
	}
}

func largestGroup(t *testing.T, dir string) (n int) {
	t.Helper()
	db := openTarget(t, dir)
	row := db.QueryRowContext(t.Context(), `SELECT max(n) FROM (SELECT count(*) AS n FROM memberships GROUP BY group_id)`)
	require.NoError(t, row.Scan(&n))
	return n
}
