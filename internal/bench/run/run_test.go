package main

import (
	"os"
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
	f, _, err := measure(t.Context(), os.Args[0])
	require.NoError(t, err)
	require.Greater(t, f.Peak, int64(64<<20))
	require.Less(t, f.Peak, int64(512<<20))
	require.Positive(t, f.CPU)
	require.GreaterOrEqual(t, f.Wall, 300*time.Millisecond)
}

func TestMeasureIgnoresTheParentsMemory(t *testing.T) {
	mine := make([]byte, 256<<20)
	for i := range mine {
		mine[i] = byte(i)
	}
	f, _, err := measure(t.Context(), "sleep", "0.05")
	require.NoError(t, err)
	require.Less(t, f.Peak, int64(32<<20))
	require.Equal(t, byte(1), mine[1])
}

func TestMeasureTellsWhatAFailedRowSaid(t *testing.T) {
	_, _, err := measure(t.Context(), "sh", "-c", "echo no directory >&2; exit 3")
	require.ErrorContains(t, err, "no directory")
}

func TestARowWithoutACommandIsTheTwoBeforeIt(t *testing.T) {
	f, err := row{}.measure(t.Context(), setting{}, []figures{{Wall: 9, CPU: 9, Peak: 9}, {Wall: 1, CPU: 30, Peak: 200}, {Wall: 3, CPU: 10, Peak: 100}})
	require.NoError(t, err)
	require.Equal(t, figures{Wall: 4, CPU: 40, Peak: 200}, f)
}
