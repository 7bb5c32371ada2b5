package main

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func TestSomebodyIsExplainedAndADayIsReverted(t *testing.T) {
	dir := t.TempDir()
	synced(t, "-dir", dir)
	before := accounts(t, dir)
	day := synced(t, "-dir", dir, "-change")
	require.Positive(t, day.Counts.Rename)

	who := quickstart(t, "-dir", dir, "-explain", "Carla Sanders").exits(0)
	require.Contains(t, who.out, "Carla Sanders: active")
	require.Contains(t, who.out, "before: Carla Ebert")
	require.Contains(t, who.out, "rule       displayName, else expr words(givenName, sn)")
	var explained adsync.Explanation
	require.NoError(t, json.Unmarshal([]byte(quickstart(t, "-dir", dir, "-json", "-explain", "Carla Sanders").exits(0).out), &explained))
	require.Equal(t, adsync.StandingActive, explained.Standing)
	again := quickstart(t, "-dir", dir, "-explain", string(explained.Anchor)).exits(0)
	require.Equal(t, who.out, again.out, "by the anchor too")
	require.Contains(t, quickstart(t, "-dir", dir, "-explain", "Nobody Here").exits(0).out, "not-found")

	run := strconv.FormatInt(day.Run, 10)
	shown := quickstart(t, "-dir", dir, "-revert", run, "-plan").exits(0)
	require.Contains(t, shown.out, "undoes run "+run)
	require.Contains(t, shown.out, "(out of use again)")
	require.NotContains(t, shown.out, "(is disabled)", "nobody said so")
	require.NotEqual(t, before, accounts(t, dir), "nothing is written yet")
	reverted := synced(t, "-dir", dir, "-revert", run)
	require.Equal(t, adsync.OutcomeCompleted, reverted.Outcome)
	after := accounts(t, dir)
	for id, account := range before {
		require.Equal(t, account, after[id])
	}
	require.Contains(t, quickstart(t, "-dir", dir, "-revert", run).exits(0).out, "nothing of run "+run+" is left to undo")
	quickstart(t, "-dir", dir, "-revert", "99").exits(codeFailed)
}

func TestFlagsOfExplainAndRevertThatCannotBeMeant(t *testing.T) {
	for _, args := range [][]string{{"-explain", ""}, {"-explain", "x", "-change"}, {"-explain", "x", "-revert", "1"}, {"-revert", "0"}, {"-revert", "1", "-change"}} {
		quickstart(t, append(args, "-dir", t.TempDir())...).exits(codeConfiguration)
	}
}
