package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/adsync/sdk/internal/bench/report"
)

// row is one line of the table. Without a command it is the two rows before it
// together.
type row struct {
	name, what string
	by         report.By
	objects    int // 0: as many as there are persons
	command    func(setting) []string
	before     func(context.Context, setting) error // not measured; nil: nothing
	check      func(setting, string) error          // of what it printed; nil: nothing is expected

	// work measures a row that ends only when it is stopped; it has no command.
	work func(context.Context, setting) (figures, error)
}

func (r row) measure(ctx context.Context, s setting, before []figures) (figures, error) {
	if r.command == nil && r.work == nil {
		a, b := before[len(before)-2], before[len(before)-1]
		return figures{Wall: a.Wall + b.Wall, CPU: a.CPU + b.CPU, Peak: max(a.Peak, b.Peak)}, nil
	}
	if r.before != nil {
		if err := r.before(ctx, s); err != nil {
			return figures{}, err
		}
	}
	if r.work != nil {
		return r.work(ctx, s)
	}
	command := r.command(s)
	f, printed, err := measure(ctx, command[0], command[1:]...)
	if err == nil && r.check != nil {
		err = r.check(s, printed)
	}
	return f, err
}

// self gives the command by which this program does a row's work.
func self(name string) func(setting) []string {
	return func(s setting) []string {
		return append([]string{os.Args[0], "row", name}, s.args()...)
	}
}

// repeat measures all rows as often as asked, each time in a new folder.
func repeat(ctx context.Context, s setting, all []row) (runs [][]figures, err error) {
	for k := range s.runs {
		in := s
		in.dir = filepath.Join(s.dir, fmt.Sprintf("run%d", k))
		if err := os.Mkdir(in.dir, 0o700); err != nil {
			return nil, err
		}
		measured, err := once(ctx, in, all)
		if err != nil {
			return nil, err
		}
		runs = append(runs, measured)
		if err := os.RemoveAll(in.dir); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

// once measures each row once.
func once(ctx context.Context, s setting, all []row) (measured []figures, err error) {
	for _, r := range all {
		f, err := r.measure(ctx, s, measured)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		measured = append(measured, f)
	}
	return measured, nil
}
