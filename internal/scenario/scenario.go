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
// and a state of its own. The commands are listed in commands.go, and those for
// a directory that speaks LDAP in ldap.go.
//
// It is played by tests of the engine (package scenariotest, where a clock stands
// still but for the command advance) and by the incident museum, which is a
// program. It does not replace tests of single functions, and it reads no real
// directory.
package scenario

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Clock lets time pass for the command advance. Nil: time cannot be let pass,
// and a file that asks for it gets an error as its output.
type Clock func(time.Duration)

// Difference is a step that came out in another way than the file says.
type Difference struct {
	Step        // as the file has it
	Came string // what came instead of Output
}

// String shows what was said and what came.
func (d Difference) String() string {
	return fmt.Sprintf("%d: %s\nthe file says\n%sand this came\n%s", d.Line, d.Command, indent(d.Output), indent(d.Came))
}

func indent(text string) string {
	if text == "" {
		return "    (nothing)\n"
	}
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}

// Play runs the steps, puts what came of them in their place, and gives what
// differs. The error is not of the story: something could not be cleared away.
func Play(ctx context.Context, steps []Step, clock Clock) (differences []Difference, err error) {
	w := newWorld(ctx, clock)
	defer func() { err = errors.Join(err, w.close()) }()
	for i := range steps {
		s := &steps[i]
		if s.Command == "" {
			continue
		}
		came := w.do(s.Command, s.Input)
		if came != s.Output {
			differences = append(differences, Difference{*s, came})
		}
		s.Output = came
	}
	return differences, nil
}
