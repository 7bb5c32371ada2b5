package statetest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state/statetest"
)

func TestMemoryStateKeepsTheContract(t *testing.T) {
	statetest.Run(t, func(*testing.T) adsync.StateStore { return adsync.NewMemoryState() })
}

func TestNamesOfChecksAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range statetest.Checks() {
		require.False(t, seen[c.Name], c.Name)
		seen[c.Name] = true
	}
	require.Greater(t, len(seen), 80)
}
