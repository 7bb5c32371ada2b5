package statetest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state/statetest"
)

// A store of your own is tested with one call.
func ExampleRun() {
	test := func(t *testing.T) {
		statetest.Run(t, func(*testing.T) adsync.StateStore { return adsync.NewMemoryState() })
	}
	_ = test // go test runs it
}

// A check also runs outside a test.
func ExampleCheck_Try() {
	for _, c := range statetest.Checks() {
		if faults := c.Try(context.Background(), adsync.NewMemoryState(), nil); len(faults) > 0 {
			fmt.Println(c.Name, faults[0])
		}
	}
	fmt.Println("done")
	// Output: done
}
