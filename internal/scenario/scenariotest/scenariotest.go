// Package scenariotest plays files of package scenario as tests, with a clock
// that stands still but for the command advance.
//
// It stands apart because programs play scenarios, too, and link no testing
// package.
package scenariotest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsync/sdk/internal/scenario"
)

// Run runs every file that matches the pattern as a test of its own. With
// rewrite it writes what came of the steps into the files instead of
// complaining; that is reviewed as a difference.
func Run(t *testing.T, pattern string, rewrite bool) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("scenario: no file matches %s: %v", pattern, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		t.Run(name, func(t *testing.T) { runFile(t, file, rewrite) })
	}
}

func runFile(t *testing.T, file string, rewrite bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := scenario.Parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	synctest.Test(t, func(t *testing.T) {
		differences, err := scenario.Play(t.Context(), steps, time.Sleep)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for _, d := range differences {
			if !rewrite {
				t.Errorf("%s:%srun the test with -rewrite when that is right", file, d)
			}
		}
	})
	if rewrite && !t.Failed() {
		if err := os.WriteFile(file, []byte(scenario.Format(steps)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
