package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/adsync/sdk/adsync"
)

// screen is what a person sees. With -json it shows the report only.
type screen struct {
	out, err io.Writer
	json     bool
	planOnly bool
	live     bool // standard error is a terminal
	drawn    bool
	names    map[adsync.Anchor]string // of groups, for their members
}

func newScreen(o *options, stdout, stderr io.Writer) *screen {
	return &screen{out: stdout, err: stderr, json: o.json, planOnly: o.planOnly, live: isTerminal(stderr), names: map[adsync.Anchor]string{}}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (s *screen) line(format string, args ...any) {
	if !s.json {
		fmt.Fprintf(s.out, format+"\n", args...)
	}
}

func (s *screen) note(text string) { s.line("%s", text) }

func (s *screen) directory(d *directory, f *folder) {
	s.line("%s", printable(d.says))
	s.line("goes into %s (what is remembered: %s)\n", printable(f.target()), printable(f.state()))
}

func (s *screen) progress(p adsync.Progress) {
	if !s.live {
		return
	}
	s.drawn = true
	if p.Total > 0 {
		fmt.Fprintf(s.err, "\r\x1b[K%s: %d of %d", p.Stage, p.Done, p.Total)
	} else {
		fmt.Fprintf(s.err, "\r\x1b[K%s: %d", p.Stage, p.Done)
	}
}

func (s *screen) progressDone() {
	if s.drawn {
		fmt.Fprint(s.err, "\r\x1b[K")
		s.drawn = false
	}
}

// examplesShown is how many ops of one intent are shown.
const examplesShown = 3

// plan shows what would be done: numbers, and examples of each.
func (s *screen) plan(ctx context.Context, p *adsync.Plan) error {
	s.progressDone()
	if s.json {
		return nil
	}
	s.line("PLAN %s", p.ID())
	s.counts(p.Report().Counts)
	shown := map[adsync.Intent]int{}
	for op, err := range p.Ops(ctx) {
		if err != nil {
			return err
		}
		if op.Kind == adsync.Group && op.Verb == adsync.Put {
			s.names[op.Anchor] = nameOf(op)
		}
		if shown[op.Intent]++; shown[op.Intent] <= examplesShown {
			s.op(op)
		}
	}
	for _, f := range p.Report().Findings {
		s.line("  ! %s", printable(f.Text))
	}
	s.line("")
	return nil
}

func (s *screen) op(op adsync.PlannedOp) {
	name := nameOf(op)
	if known := s.names[op.Anchor]; known != "" {
		name = known
	}
	s.line("  %-10s %-8s %s%s", op.Intent, op.Kind, printable(name), membersOf(op))
	if op.Verb != adsync.Put || op.Intent == adsync.IntentCreate || op.Intent == adsync.IntentReference {
		return
	}
	for _, c := range op.Changes() {
		s.line("             %s: %s → %s", printable(c.Attr), values(c.Before), values(c.After))
	}
}

func nameOf(op adsync.PlannedOp) string {
	for _, name := range []string{"displayName", "name", "logon"} {
		if v := op.Full.Get(name); v != "" {
			return v
		}
		if v := op.Old.Get(name); v != "" {
			return v
		}
	}
	return string(op.Anchor)
}

func membersOf(op adsync.PlannedOp) string {
	if op.Verb != adsync.Members {
		return ""
	}
	return fmt.Sprintf(" (+%d −%d members)", len(op.Add), len(op.Remove))
}

func values(v []string) string {
	if len(v) == 0 {
		return "(none)"
	}
	return printable(strings.Join(v, ", "))
}

func (s *screen) counts(c adsync.Counts) {
	rows := []struct {
		name string
		n    int
	}{
		{"create", c.Create}, {"adopt", c.Adopt}, {"update", c.Update}, {"rename", c.Rename}, {"reactivate", c.Reactivate},
		{"deactivate", c.Deactivate}, {"delete", c.Delete}, {"members", c.Members}, {"unchanged", c.Unchanged}, {"skipped", c.Skipped},
		{"quarantined", c.Quarantined}, {"conflicts", c.Conflicts}, {"issues", c.Issues},
	}
	for _, r := range rows {
		if r.n > 0 {
			s.line("  %6d  %s", r.n, r.name)
		}
	}
}

// report shows how it ended and what waits for a person.
func (s *screen) report(r *adsync.Report) {
	if s.json {
		text, err := json.Marshal(r)
		if err != nil {
			fmt.Fprintln(s.err, "quickstart:", err)
			return
		}
		fmt.Fprintf(s.out, "%s\n", text)
		return
	}
	s.issues(r)
	switch {
	case s.planOnly:
		s.line("RESULT %s: this was the plan; nothing was written. Run again without -plan to apply it.", r.Outcome)
	case r.Outcome == adsync.OutcomeRefused:
		s.line("RESULT refused: the guard stopped the plan before anything was written. Check the directory; an agent can approve plan %s by its id.", r.Plan)
	case r.Counts.Writes() == 0:
		s.line("RESULT %s: there was nothing to do.", r.Outcome)
	default:
		s.line("RESULT %s:", r.Outcome)
		s.counts(r.Counts)
		s.line("Run it again: there is nothing to do. With -change a day passes in the made-up directory first.")
	}
}

// issuesShown is how many issues of one code are shown.
const issuesShown = 3

func (s *screen) issues(r *adsync.Report) {
	byCode := map[adsync.IssueCode][]adsync.Issue{}
	var codes []adsync.IssueCode
	for _, i := range r.Issues {
		if len(byCode[i.Code]) == 0 {
			codes = append(codes, i.Code)
		}
		byCode[i.Code] = append(byCode[i.Code], i)
	}
	slices.Sort(codes)
	for _, code := range codes {
		list := byCode[code]
		s.line("%s (%d):", code, len(list))
		for _, i := range list[:min(len(list), issuesShown)] {
			name := i.Name
			if name == "" {
				name = string(i.Anchor)
			}
			s.line("  %s: %s", printable(name), printable(i.Detail))
		}
	}
	if r.Counts.Quarantined > 0 {
		s.line("Quarantined people are created as soon as the directory is completed. One line in job.go makes the run halt instead: OnMissing: adsync.Halt")
	}
}

// printableLines escapes each line of an error that lists several faults.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

// printable escapes what must not reach a terminal: control characters and
// marks that change the direction of text.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			fmt.Fprintf(&b, "\\u%04x", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
