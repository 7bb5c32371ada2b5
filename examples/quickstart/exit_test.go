package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/internal/fakedir"
)

func TestExitCodes(t *testing.T) {
	unavailable := adsync.Errorf(adsync.CodeUnavailable, "no answer")
	for _, c := range []struct {
		outcome adsync.RunOutcome
		err     error
		want    int
	}{
		{adsync.OutcomeCompleted, nil, 0},
		{adsync.OutcomeConflicts, nil, 0},
		{adsync.OutcomePlanned, nil, 0},
		{adsync.OutcomePartial, nil, 1},
		{adsync.OutcomeFailed, errors.New("anything else"), 1},
		{adsync.OutcomeHalted, nil, 3},
		{adsync.OutcomeUnreachable, &adsync.SourceError{Source: "directory", Err: unavailable}, 5},
		{adsync.OutcomeUnreachable, &adsync.TargetError{Err: unavailable}, 6},
		{adsync.OutcomeRefused, nil, 7},
		{adsync.OutcomeUnsure, nil, 7},
		{adsync.OutcomeFailed, &adsync.SourceError{Source: "directory", Err: adsync.Errorf(adsync.CodeUnauthenticated, "wrong password")}, 64},
		{adsync.OutcomeFailed, &adsync.SourceError{Source: "directory", Err: adsync.Errorf(adsync.CodeIncomplete, "cut off")}, 1},
		{adsync.OutcomeFailed, &adsync.ConfigError{Faults: []error{errors.New("no sink")}}, 64},
		{"", usageError{errors.New("unknown flag")}, 64},
	} {
		require.Equal(t, c.want, exitCode(t.Context(), &adsync.Report{Outcome: c.outcome}, c.err), "%s, %v", c.outcome, c.err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, 130, exitCode(cancelled, &adsync.Report{Outcome: adsync.OutcomeCancelled}, context.Canceled))
}

func TestAWrongCommandLineIsRefused(t *testing.T) {
	for _, line := range []string{
		"-unknown", "stray", "-seed x", "-objects 0", "-objects -5", "-objects 2000000", "-base DC=example,DC=com",
		"-bind sync", "-password-file x", "-ca x", "-url ldaps://127.0.0.1 -seed 2", "-url ldaps://127.0.0.1 -change",
	} {
		ran := quickstart(t, append([]string{"-dir", t.TempDir()}, strings.Fields(line)...)...).exits(64)
		require.Empty(t, ran.out, line)
		require.Contains(t, ran.err, "-help shows all flags", line)
	}
}

func TestHelpShowsTheFlags(t *testing.T) {
	ran := quickstart(t, "-help").exits(0)
	for _, name := range []string{"-dir", "-objects", "-seed", "-change", "-url", "-bind", "-password-file", "-ca", "-base", "-plan", "-once", "-json"} {
		require.Contains(t, ran.err, "\n  "+name)
	}
}

func TestACancelledRunEndsWith130(t *testing.T) {
	o := startOwn(t)
	o.Inject(fakedir.Fault{Times: -1, Hang: true})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan ran, 1)
	go func() { ended <- quickstartUnder(ctx, t, o.flags(t.TempDir(), "-json")...) }()
	require.Eventually(t, func() bool { return len(o.Searches()) > 0 }, time.Minute, time.Millisecond)
	cancel()
	cancelled := <-ended
	cancelled.exits(130)
	require.Equal(t, adsync.OutcomeCancelled, cancelled.report().Outcome)
	require.Contains(t, cancelled.err, "run again to go on")
}

func TestAnInterruptEndsTheProgramWith130(t *testing.T) {
	o := startOwn(t)
	o.Inject(fakedir.Fault{Times: -1, Hang: true})
	program := exec.CommandContext(t.Context(), os.Args[0], o.flags(t.TempDir())...)
	program.Env = append(os.Environ(), asProgram+"=1")
	require.NoError(t, program.Start())
	require.Eventually(t, func() bool { return len(o.Searches()) > 0 }, time.Minute, time.Millisecond)
	require.NoError(t, program.Process.Signal(os.Interrupt))
	failed, ok := errors.AsType[*exec.ExitError](program.Wait())
	require.True(t, ok)
	require.Equal(t, 130, failed.ExitCode())
}

func TestASecondProcessWaitsForItsTurn(t *testing.T) {
	dir := t.TempDir()
	synced(t, "-dir", dir, "-objects", "20")
	store, err := state.Open(filepath.Join(dir, "state.db"))
	require.NoError(t, err)
	defer store.Close()
	other, err := store.Open(t.Context(), targetName)
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, other.Acquire(t.Context(), "another process", time.Minute))

	ran := quickstart(t, "-dir", dir, "-change", "-json", "-once").exits(1)
	require.Contains(t, ran.err, "another run is working on this target")
	require.Equal(t, adsync.OutcomeFailed, ran.report().Outcome)

	require.NoError(t, other.Acquire(t.Context(), "a process that was killed", 2*time.Second))
	require.Positive(t, synced(t, "-dir", dir).Counts.Writes(), "it waits until the hold has run out, and the day stays")
}

func TestDatabasesThatCannotBeUsed(t *testing.T) {
	for name, code := range map[string]int{"target.db": 6, "state.db": 1} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		text := strings.Repeat("this is no database\n", 300)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		ran := quickstart(t, "-dir", dir, "-objects", "20").exits(code)
		require.Contains(t, ran.err, path)
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(left), "it is left as it is")
	}
}
