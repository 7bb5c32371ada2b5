package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

type outcome struct {
	pkg, test, why string
	seconds        float64
}

// tally is what a run came to.
type tally struct {
	packages, passed int
	failed, skipped  []outcome
	durations        []outcome
}

func (s *tally) add(e event, output string) {
	o := outcome{pkg: e.Package, test: e.Test, seconds: e.Elapsed}
	switch {
	case e.Action == "fail":
		s.failed = append(s.failed, o)
	case e.Action == "skip" && e.Test != "":
		o.why = reason(output)
		s.skipped = append(s.skipped, o)
	case e.Action == "pass" && e.Test != "":
		s.passed++
	}
	if e.Test == "" && (e.Action == "pass" || e.Action == "fail") {
		s.packages++
		s.durations = append(s.durations, o)
	}
}

// reason is what t.Skip said: the line that starts with a file and a line
// number.
func reason(output string) string {
	for line := range strings.Lines(output) {
		if _, after, ok := strings.Cut(strings.TrimSpace(line), ".go:"); ok {
			_, text, _ := strings.Cut(after, ": ")
			return text
		}
	}
	return "no reason given"
}

func closing(r io.Reader, w io.Writer) (failed bool, err error) {
	var s tally
	err = read(r, s.add)
	failed = len(s.failed) > 0 || s.packages == 0 // nothing tested is no success
	verdict := "PASS"
	if failed || err != nil {
		verdict = "FAIL"
	}
	fmt.Fprintf(w, "%s  %d packages, %d tests passed, %d failed, %d skipped\n",
		verdict, s.packages, s.passed, countTests(s.failed), len(s.skipped))
	for _, o := range s.failed {
		fmt.Fprintf(w, "  failed   %s %s\n", o.pkg, o.test)
	}
	writeSkipped(w, s.skipped)
	slices.SortFunc(s.durations, func(a, b outcome) int { return cmp.Compare(b.seconds, a.seconds) })
	for _, o := range s.durations[:min(5, len(s.durations))] {
		fmt.Fprintf(w, "  %6.1f s %s\n", o.seconds, o.pkg)
	}
	return failed, err
}

// writeSkipped groups by reason: one missing server skips many tests.
func writeSkipped(w io.Writer, skipped []outcome) {
	byReason := make(map[string][]string)
	for _, o := range skipped {
		byReason[o.why] = append(byReason[o.why], path.Base(o.pkg)+"."+o.test)
	}
	for _, why := range slices.Sorted(maps.Keys(byReason)) {
		fmt.Fprintf(w, "  skipped  %s\n           %s\n", why, few(byReason[why]))
	}
}

// few names two and counts the others.
func few(names []string) string {
	if len(names) <= 3 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:2], ", "), len(names)-2)
}

// countTests leaves out the packages: one fails with each of its tests.
func countTests(all []outcome) int {
	n := 0
	for _, o := range all {
		if o.test != "" {
			n++
		}
	}
	return n
}
