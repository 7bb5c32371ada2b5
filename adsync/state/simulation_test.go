package state

import (
	"path/filepath"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/simtest"
)

// The engine's invariants hold on SQLite as they do in memory, with programs that
// die at any call.
func TestSimulationOnSQLite(t *testing.T) {
	simtest.Run(t, simtest.Options{Seeds: 40, Steps: 12, State: func(t testing.TB) adsync.StateStore {
		s, err := Open(filepath.Join(t.TempDir(), "state.db"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}})
}
