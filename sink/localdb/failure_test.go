package localdb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/localdb"
)

var sprintf = fmt.Sprintf

func creates(from, n int) []adsync.Op {
	var ops []adsync.Op
	for i := from; i < from+n; i++ {
		logon := fmt.Sprintf("person%06d@example.com", i)
		ops = append(ops, put(adsync.Anchor(fmt.Sprintf("%08d", i)), "", "logon", logon, "email", logon,
			"description", strings.Repeat("x", 500)))
	}
	return ops
}

func send(t *testing.T, s *localdb.Sink, ops []adsync.Op) {
	t.Helper()
	results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
	require.NoError(t, err)
	for _, r := range results {
		require.NoError(t, r.Err)
	}
}

func TestAFullDiskWritesNothingAndTheNextTryWorks(t *testing.T) {
	s := opened(t, newSQLite(t))
	send(t, s, creates(0, 10))
	require.NoError(t, localdb.Exec(t.Context(), s, "PRAGMA max_page_count = 60"))
	ops := creates(10, 490)
	_, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	require.ErrorContains(t, err, "no space is left")
	require.Len(t, list(t, s, adsync.User), 10, "half of the batch was written")

	require.NoError(t, localdb.Exec(t.Context(), s, "PRAGMA max_page_count = 100000"))
	send(t, s, ops)
	require.Len(t, list(t, s, adsync.User), 500)
}

func TestABatchCancelledHalfwayWritesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		send(t, s, creates(0, 1))
		ctx := &expiring{Context: t.Context()}
		ctx.left.Store(200)
		_, err := s.ApplyBatch(ctx, adsync.OpBatch{Ops: interleaved(t, s, 300)})
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, list(t, s, adsync.User), 1)
		send(t, s, creates(1, 5))
	})
}

// interleaved gives creates and updates in turn, so that each is a statement.
func interleaved(t *testing.T, s *localdb.Sink, n int) []adsync.Op {
	target := list(t, s, adsync.User)[0].ID
	var ops []adsync.Op
	for i, op := range creates(1, n/2) {
		ops = append(ops, op, put("00000000", target, "title", fmt.Sprint(i)))
	}
	return ops
}

// expiring is cancelled when it has been asked a number of times.
type expiring struct {
	context.Context
	left atomic.Int64
}

func (e *expiring) Err() error {
	if e.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestAFileThatIsNoDatabaseIsLeftAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.txt")
	letter := []byte(strings.Repeat("Dear Ada, this is no database.\n", 50))
	require.NoError(t, os.WriteFile(path, letter, 0o600))
	require.Error(t, (&localdb.Sink{Path: path}).Open(t.Context()))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, letter, got)
}

func TestTheFileIsForItsOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes; the folder's rights hold")
	}
	s := opened(t, newSQLite(t))
	send(t, s, creates(0, 1))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(s.Path + suffix)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), suffix)
	}
}

func TestAClosedSinkSaysSo(t *testing.T) {
	s := newSQLite(t)
	_, err := s.Apply(t.Context(), put("a1", "", "logon", "x"))
	require.ErrorContains(t, err, "call Open first")
	require.NoError(t, s.Close())
}

// envVictim makes this test binary write until it is killed.
const envVictim = "ADSYNC_TEST_LOCALDB_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(envVictim); path != "" {
		fmt.Fprintln(os.Stderr, writeForEver(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver sends batches of 50 and says after each that it was committed.
func writeForEver(path string) error {
	s := &localdb.Sink{Path: path}
	if err := s.Open(context.Background()); err != nil {
		return err
	}
	for n := 0; ; n++ {
		results, err := s.ApplyBatch(context.Background(), adsync.OpBatch{Ops: creates(n*50, 50)})
		if err != nil {
			return err
		}
		for _, r := range results {
			if r.Err != nil {
				return r.Err
			}
		}
		fmt.Println(n)
	}
}

func TestKilledWhileWritingKeepsWholeBatchesAndEveryOneThatWasAnswered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "people.db")
	answered := -1
	for round := range 5 {
		if n := killedAfter(t, path, 3+2*round); n > answered {
			answered = n
		}
		s := &localdb.Sink{Path: path}
		require.NoError(t, s.Open(t.Context()))
		rows := len(list(t, s, adsync.User))
		require.NoError(t, s.Close())
		require.Zero(t, rows%50, "half a batch is there")
		require.GreaterOrEqual(t, rows, (answered+1)*50, "an answered batch is lost")
	}
}

// killedAfter starts a writer, kills it while it writes, and gives the last
// batch that it said was committed.
func killedAfter(t *testing.T, path string, batches int) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), envVictim+"="+path)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	last := -1
	for range batches {
		if _, err := fmt.Fscanln(out, &last); err != nil {
			t.Errorf("the writer ended by itself: %v", err)
			break
		}
	}
	require.NoError(t, cmd.Process.Kill())
	var ended *exec.ExitError
	require.True(t, errors.As(cmd.Wait(), &ended))
	return last
}
