package localdb_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/localdb"
	"github.com/adsync/sdk/sink/sinktest"
)

func newSQLite(t testing.TB) *localdb.Sink {
	s := &localdb.Sink{Path: filepath.Join(t.TempDir(), "people & places 100%.db")}
	return s
}

func opened(t testing.TB, s *localdb.Sink) *localdb.Sink {
	require.NoError(t, s.Open(t.Context()))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestSQLiteKeepsTheContract(t *testing.T) {
	sinktest.Run(t, sinktest.Config{
		Concurrency: 4,
		Keys:        []string{"email"},
		New: func(t testing.TB) sinktest.Target {
			s := newSQLite(t)
			return sinktest.Target{Sink: s, Members: membersOf(s)}
		},
	})
}

func membersOf(s *localdb.Sink) func(context.Context, adsync.TargetID) ([]adsync.TargetID, error) {
	return func(ctx context.Context, group adsync.TargetID) ([]adsync.TargetID, error) {
		return localdb.MembersOf(ctx, s, group)
	}
}
