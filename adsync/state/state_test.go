package state_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/adsync/state/statetest"
)

func TestTheFileStoreKeepsTheContract(t *testing.T) {
	var paths sync.Map
	statetest.Run(t, func(t *testing.T) adsync.StateStore {
		path := filepath.Join(t.TempDir(), "state.db")
		s, err := state.Open(path)
		require.NoError(t, err)
		paths.Store(s, path)
		return s
	}, statetest.Reopen(func(t *testing.T, closed adsync.StateStore) adsync.StateStore {
		path, _ := paths.Load(closed)
		s, err := state.Open(path.(string))
		require.NoError(t, err)
		return s
	}))
}
