package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/adsync/sdk/internal/bench/report"
)

// profiledRows are those whose time is told stage by stage.
var profiledRows = []string{report.Read, "plan", "apply", report.Again}

// stages runs rows under the processor's profiler and says where their time went.
func stages(ctx context.Context, args []string) error {
	s, out := defaults(), pages{}
	flags := s.flags()
	flags.StringVar(&out.into, "into", "", "a page whose marked part is replaced")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var text bytes.Buffer
	var sums []map[string]time.Duration
	for _, name := range profiledRows {
		sum, err := profile(ctx, s, name)
		if err != nil {
			return err
		}
		sums = append(sums, sum)
	}
	fmt.Fprintf(&text, "%d persons, one run, %s\n", s.n, processor())
	if err := report.WriteStages(&text, profiledRows, sums, s.n); err != nil {
		return err
	}
	for _, name := range profiledRows {
		if err := heaviest(ctx, &text, s, name); err != nil {
			return err
		}
	}
	return out.print("stages", text.String())
}

// profile does a row's work in a process of its own.
func profile(ctx context.Context, s setting, name string) (map[string]time.Duration, error) {
	s.profile = profileOf(s, name)
	line := self(name)(s)
	if said, err := exec.CommandContext(ctx, line[0], line[1:]...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", name, err, said)
	}
	traces, err := readProfile(ctx, "-traces", s.profile)
	if err != nil {
		return nil, err
	}
	return report.ByStage(bytes.NewReader(traces))
}

func profileOf(s setting, name string) string { return filepath.Join(s.dir, name+".pprof") }

// ofModules matches functions that are not of the language's own library: what
// they call there counts for them.
const ofModules = "^(github|modernc)\\.(com|org)/"

// heaviest writes the functions in which most of the time was spent.
func heaviest(ctx context.Context, text *bytes.Buffer, s setting, name string) error {
	top, err := readProfile(ctx, "-top", "-nodecount=12", "-show="+ofModules, profileOf(s, name))
	if err != nil {
		return err
	}
	if _, list, ok := bytes.Cut(top, []byte("      flat")); ok {
		fmt.Fprintf(text, "\n%s\n      flat%s", name, list)
	}
	return nil
}

func readProfile(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"tool", "pprof"}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd.Output()
}
