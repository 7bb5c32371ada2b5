// Package scenario runs stories about the engine that are written as text, and
// compares what happens with what the text says.
//
// A file is a list of steps. A step is a command with lines of input, a line
// "----", and what came of it up to an empty line:
//
//	# Ada leaves.
//	source ad
//	gone ada
//	----
//	ok
//
//	run
//	----
//	completed: deactivate 1, unchanged 1
//	sent deactivate/leave user ada (user-1): applied
//
// Lines that begin with # tell the story. Every file has a directory, a target
// and a state of its own, and a clock that stands still but for the command
// advance. What the text says is rewritten on request and reviewed as a
// difference. The commands are listed in commands.go.
//
// The package is for tests of the engine. It does not replace tests of single
// functions, and it reads no real directory.
package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

// Run runs every file that matches the pattern as a test of its own. With
// rewrite it writes what came of the steps into the files instead of
// complaining.
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
	steps, err := parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	synctest.Test(t, func(t *testing.T) {
		for _, fault := range play(t, steps) {
			if !rewrite {
				t.Errorf("%s:%s", file, fault)
			}
		}
	})
	if rewrite && !t.Failed() {
		if err := os.WriteFile(file, []byte(format(steps)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// play runs the steps, puts what came of them in their place, and gives what
// differs.
func play(t *testing.T, steps []step) []string {
	w := newWorld(t)
	defer w.close()
	var faults []string
	for i := range steps {
		s := &steps[i]
		if s.command == "" {
			continue
		}
		got := w.do(s.command, s.input)
		if got != s.output {
			faults = append(faults, s.difference(got))
		}
		s.output = got
	}
	return faults
}
