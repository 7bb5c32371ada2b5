package state_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
)

const (
	victimFile = "STATE_TEST_VICTIM"
	perBatch   = 20
)

// TestMain is also the program that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv(victimFile); path != "" {
		fmt.Fprintln(os.Stderr, victim(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// victim records batches until it is killed, and says so after each.
func victim(path string) error {
	ctx := context.Background()
	s, err := state.Open(path)
	if err != nil {
		return err
	}
	st, err := s.Open(ctx, "panel")
	if err != nil {
		return err
	}
	if err := st.Acquire(ctx, "victim", 0); err != nil {
		return err
	}
	for info, err := range st.History(ctx) {
		if err != nil {
			return err
		}
		for n := info.Recorded; ; n++ {
			if err := st.Record(ctx, adsync.Record{Run: info.ID, Batch: n, Links: people(n*perBatch, perBatch), Applied: adsync.Counts{Create: n}}); err != nil {
				return err
			}
			fmt.Println(n + 1)
		}
	}
	return nil
}

func TestAKilledProcessLosesNothingItWasToldIsStored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	st := held(t, s)
	run := applying(t, st)
	require.NoError(t, st.Close())
	require.NoError(t, s.Close())
	for round := range 4 {
		acknowledged := kill(t, path, 5+7*round)

		s := open(t, path)
		require.NoError(t, s.Check(t.Context()))
		st := held(t, s)
		for info, err := range st.History(t.Context()) {
			require.NoError(t, err)
			require.Equal(t, run, info.ID)
			require.GreaterOrEqual(t, info.Recorded, acknowledged)
			require.Equal(t, info.Recorded-1, info.Applied.Create, "counts and progress are one transaction")
			require.Equal(t, info.Recorded*perBatch, count(t, st), "links and progress are one transaction")
		}
		require.NoError(t, st.Close())
		require.NoError(t, s.Close())
	}
}

// kill lets the victim record some batches, kills it and gives how many it said.
func kill(t *testing.T, path string, batches int) (acknowledged int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimFile+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for range batches {
		require.True(t, lines.Scan(), "the victim ended by itself")
		acknowledged, err = strconv.Atoi(lines.Text())
		require.NoError(t, err)
	}
	require.NoError(t, cmd.Process.Kill())
	for lines.Scan() { // what it said before it died
		if n, err := strconv.Atoi(lines.Text()); err == nil {
			acknowledged = n
		}
	}
	cmd.Wait()
	return acknowledged
}
