package state_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
)

func open(t *testing.T, path string) *state.Store {
	t.Helper()
	s, err := state.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// filled makes a state file with n links and closes it.
func filled(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	st := held(t, s)
	run := applying(t, st)
	require.NoError(t, st.Record(t.Context(), adsync.Record{Run: run, Links: people(0, n)}))
	require.NoError(t, st.Close())
	require.NoError(t, s.Close())
	return path
}

func held(t *testing.T, s adsync.StateStore) adsync.State {
	t.Helper()
	st, err := s.Open(t.Context(), "panel")
	require.NoError(t, err)
	require.NoError(t, st.Acquire(t.Context(), "test", time.Minute))
	return st
}

func applying(t *testing.T, st adsync.State) int64 {
	t.Helper()
	run, err := st.Begin(t.Context(), time.Now())
	require.NoError(t, err)
	require.NoError(t, st.Save(t.Context(), adsync.RunInfo{ID: run, State: adsync.RunApplying}))
	return run
}

// people makes links in key order.
func people(from, n int) []adsync.Link {
	list := make([]adsync.Link, n)
	for i := range list {
		k := from + i
		list[i] = adsync.Link{
			Source: "ad", Key: adsync.LinkKey{byte(k >> 16), byte(k >> 8), byte(k)}, Kind: adsync.User,
			Anchor: adsync.Anchor(fmt.Sprintf("person-%d", k)), Target: adsync.TargetID(fmt.Sprintf("%d", k)),
			Applied: adsync.MakeAttributes(
				adsync.Attribute{Name: "displayName", Values: []string{fmt.Sprintf("Person Number %d", k)}},
				adsync.Attribute{Name: "mail", Values: []string{fmt.Sprintf("person.%d@example.com", k)}},
			),
		}
	}
	return list
}

func count(t *testing.T, st adsync.State) (n int) {
	t.Helper()
	for _, err := range st.Scan(t.Context(), "ad", true) {
		require.NoError(t, err)
		n++
	}
	return n
}

func TestTheFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no file modes")
	}
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	applying(t, held(t, s))
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	require.NoError(t, s.Close())
	require.NoError(t, os.Chmod(path, 0o644))
	open(t, path)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "a copy that was restored for all to read")
}

func TestNothingIsLeftBesideAClosedFile(t *testing.T) {
	path := filled(t, 10)
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	_, err := state.Open(filepath.Join(t.TempDir(), "none", "state.db"))
	require.ErrorContains(t, err, "does not exist")
	_, err = state.Open(t.TempDir())
	require.Error(t, err)
}

func TestWhatIsNoStateIsRefusedAndLeftAlone(t *testing.T) {
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	db, err := sql.Open("sqlite", foreign)
	require.NoError(t, err)
	_, err = db.Exec("CREATE TABLE address (name TEXT); INSERT INTO address VALUES ('Ada')")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	database, err := os.ReadFile(foreign)
	require.NoError(t, err)

	for name, content := range map[string][]byte{
		"a database of another program": database,
		"a text":                        bytes.Repeat([]byte("dn: cn=Ada,dc=example,dc=com\n"), 50),
		"a short file":                  []byte("x"),
		"zeros":                         make([]byte, 8192),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			require.NoError(t, os.WriteFile(path, content, 0o600))
			_, err := state.Open(path)
			require.ErrorIs(t, err, adsync.ErrDamaged)
			require.ErrorContains(t, err, path)
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, after), "the file was changed")
			entries, err := os.ReadDir(filepath.Dir(path))
			require.NoError(t, err)
			require.Len(t, entries, 1)
		})
	}
}

func TestAFileThatIsCutShortIsRefused(t *testing.T) {
	path := filled(t, 2000)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, size := range []int{100, 4096, len(content) / 2, len(content) - 4096, len(content) - 1} {
		require.NoError(t, os.WriteFile(path, content[:size], 0o600))
		_, err = state.Open(path)
		require.ErrorIs(t, err, adsync.ErrDamaged, "cut to %d of %d bytes", size, len(content))
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(content[:size], after), "the file was changed")
	}
}

func TestDamageInTheMiddleIsFound(t *testing.T) {
	path := filled(t, 5000)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := len(content) / 2 &^ 4095; i < len(content)-4096; i++ { // whole pages: half of one may look like the end of a table
		content[i] ^= 0x5a
	}
	require.NoError(t, os.WriteFile(path, content, 0o600))
	s, err := state.Open(path)
	if err == nil {
		defer s.Close()
		err = s.Check(t.Context())
	}
	require.ErrorIs(t, err, adsync.ErrDamaged)
	if s == nil {
		return
	}
	st, err := s.Open(t.Context(), "panel")
	require.NoError(t, err)
	for _, err = range st.Scan(t.Context(), "ad", false) {
		if err != nil {
			break
		}
	}
	require.ErrorIs(t, err, adsync.ErrDamaged)
}

func TestASoundFilePassesTheCheck(t *testing.T) {
	require.NoError(t, open(t, filled(t, 5000)).Check(t.Context()))
}

func TestANewerSchemaIsRefusedAndLeftAlone(t *testing.T) {
	path := filled(t, 1)
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.Exec("INSERT INTO schema (version_id, is_applied) VALUES (99999, 1)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	_, err = state.Open(path)
	require.ErrorIs(t, err, adsync.ErrNewerSchema)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after), "the file was changed")
}

func TestAMissingLinkTableIsNotMadeAnew(t *testing.T) {
	path := filled(t, 1)
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.Exec("DROP TABLE link")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	st, err := open(t, path).Open(t.Context(), "panel")
	require.NoError(t, err)
	for _, err = range st.Scan(t.Context(), "ad", false) {
		break
	}
	require.Error(t, err)
}

func TestNamesThatLookLikeParametersArePaths(t *testing.T) {
	for _, name := range []string{"state?mode=memory", "a b%20c#d.db", "ü.db", "x&_pragma=journal_mode(OFF)"} {
		path := filepath.Join(t.TempDir(), name)
		s := open(t, path)
		held(t, s)
		require.NoError(t, s.Close())
		info, err := os.Stat(path)
		require.NoError(t, err, name)
		require.NotZero(t, info.Size(), name)
	}
}

func TestTwoProcessesShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	first, second := open(t, path), open(t, path)
	a := held(t, first)
	b, err := second.Open(t.Context(), "panel")
	require.NoError(t, err)
	err = b.Acquire(t.Context(), "other", time.Minute)
	require.ErrorIs(t, err, adsync.ErrBusy)
	require.ErrorContains(t, err, "test holds it")

	run := applying(t, a)
	require.NoError(t, a.Record(t.Context(), adsync.Record{Run: run, Links: people(0, 3)}))
	require.Equal(t, 3, count(t, b))
	require.NoError(t, a.Release(t.Context()))
	require.NoError(t, b.Acquire(t.Context(), "other", time.Minute))
	more := people(3, 1)
	more[0].Applied.Set("a name that only the second process knows", "x")
	require.NoError(t, b.Record(t.Context(), adsync.Record{Run: run, Batch: 1, Links: more}))
	require.ErrorIs(t, a.Renew(t.Context(), time.Minute), adsync.ErrFenced)
	found, err := a.Find(t.Context(), "ad", []adsync.LinkKey{more[0].Key})
	require.NoError(t, err)
	require.Equal(t, more, found, "names that another process added are looked up")
}

func TestManyOpenANewFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	failed := make(chan error, 4)
	for range cap(failed) {
		go func() {
			s, err := state.Open(path)
			if err == nil {
				_, err = s.Open(t.Context(), "panel")
				s.Close()
			}
			failed <- err
		}()
	}
	for range cap(failed) {
		require.NoError(t, <-failed)
	}
}
