package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMain makes this test binary a process that takes memory, for the test
// that measures one.
func TestMain(m *testing.M) {
	if os.Getenv("BENCH_TEST_CHILD") == "" {
		os.Exit(m.Run())
	}
	memory := make([]byte, 64<<20)
	for i := range memory {
		memory[i] = byte(i) // touched, so that it is resident
	}
	time.Sleep(300 * time.Millisecond) // longer than the pause between two looks, also on a busy machine
	os.Exit(int(memory[0]))
}

func TestMeasureSeesTheChildsOwnMemory(t *testing.T) {
	t.Setenv("BENCH_TEST_CHILD", "1")
	f, err := measure(t.Context(), os.Args[0])
	require.NoError(t, err)
	require.Greater(t, f.peak, int64(64<<20))
	require.Less(t, f.peak, int64(512<<20))
	require.Positive(t, f.cpu)
	require.GreaterOrEqual(t, f.wall, 300*time.Millisecond)
}

func TestMeasureIgnoresTheParentsMemory(t *testing.T) {
	mine := make([]byte, 256<<20)
	for i := range mine {
		mine[i] = byte(i)
	}
	f, err := measure(t.Context(), "sleep", "0.05")
	require.NoError(t, err)
	require.Less(t, f.peak, int64(32<<20))
	require.Equal(t, byte(1), mine[1])
}

func TestMeasureTellsWhatAFailedRowSaid(t *testing.T) {
	_, err := measure(t.Context(), "sh", "-c", "echo no directory >&2; exit 3")
	require.ErrorContains(t, err, "no directory")
}

func TestMedianTakesEachFigureByItself(t *testing.T) {
	runs := [][]figures{{{}, {1, 30, 200}}, {{}, {3, 10, 300}}, {{}, {2, 20, 100}}}
	require.Equal(t, figures{2, 20, 200}, median(runs, 1))
}

func TestARowWithoutACommandIsTheTwoBeforeIt(t *testing.T) {
	f, err := row{}.measure(t.Context(), setting{}, []figures{{9, 9, 9}, {1, 30, 200}, {3, 10, 100}})
	require.NoError(t, err)
	require.Equal(t, figures{4, 40, 200}, f)
}

func TestTableShowsRatios(t *testing.T) {
	var out strings.Builder
	all := []row{{name: "ldapsearch", what: "yardstick"}, {name: "read", what: "ours"}}
	err := write(&out, setting{n: 1000, runs: 1}, all, [][]figures{{
		{wall: time.Second, cpu: time.Second, peak: 1 << 20},
		{wall: 2 * time.Second, cpu: 3 * time.Second, peak: 64 << 20},
	}})
	require.NoError(t, err)
	require.Regexp(t, `read +2\.00 +500 +3\.00 +3000\.0 +64 +2\.00 +3\.00`, out.String())
}
