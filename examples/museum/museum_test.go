package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/scenario/incidents"
)

func played(t *testing.T, args ...string) (code int, out, problems string) {
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestTheWholeMuseumIsGreen(t *testing.T) {
	code, out, problems := played(t)
	require.Zero(t, code, out+problems)
	require.Empty(t, problems)
	require.Equal(t, 21, strings.Count(out, "  ok\n"), out)
	require.NotContains(t, out, "\x1b", "no colour where there is no terminal")
	for line := range strings.Lines(out) {
		require.LessOrEqual(t, len(line), 81, line)
	}
}

// Red when the fault is not taken into the play, or when its colour is not told.
func TestEveryFaultEndsRedAndSaysWhatItWouldHaveDone(t *testing.T) {
	all, err := incidents.All()
	require.NoError(t, err)
	for _, i := range all {
		t.Run(i.ID(), func(t *testing.T) {
			code, out, problems := played(t, "-fault", i.ID())
			require.Equal(t, 1, code, out+problems)
			require.Contains(t, out, "RED without this: ")
			require.Contains(t, out, "Taken out: "+i.Without)
			require.Contains(t, out, "the file says")
		})
	}
	code, out, _ := played(t, "-run", "P1")
	require.Zero(t, code, "the protection is back: %s", out)
}

func TestTheFirstFaultIsToldInWords(t *testing.T) {
	_, out, _ := played(t, "-fault", "1")
	require.Contains(t, out, "without this: 8 people would have been deactivated")
}

func TestOneIncidentShowsItsStoryAndItsSteps(t *testing.T) {
	code, out, _ := played(t, "-run", "p08")
	require.Zero(t, code)
	require.Contains(t, out, "# P8. ")
	require.Contains(t, out, "completed: create 4, issues 1")
	require.Contains(t, out, "ok P8: ")
}

func TestWrongCommandLines(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"unknown":  {[]string{"-run", "P99"}, "P21  "},
		"no name":  {[]string{"-fault", "everything"}, "P1   "},
		"both":     {[]string{"-run", "1", "-fault", "1"}, "one of"},
		"argument": {[]string{"P7"}, "flags only"},
		"flag":     {[]string{"-all"}, "not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, problems := played(t, c.args...)
			require.Equal(t, 64, code)
			require.Empty(t, out)
			require.Contains(t, problems, c.says)
		})
	}
	code, out, _ := played(t, "-list")
	require.Zero(t, code)
	require.Contains(t, out, "without witness: ")
}

func TestCancelledIsSaid(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	require.Equal(t, 130, run(ctx, nil, &stdout, &stderr))
	require.Contains(t, stderr.String(), "cancelled")
}
