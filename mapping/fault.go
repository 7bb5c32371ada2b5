package mapping

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// position is a place in the YAML text, counted from 1; zero where the rules
// were written in Go.
type position struct{ line, column int }

// source is the YAML text that rules came from.
type source string

// Fault is one thing that is wrong with a map. Load and New join all they
// find; errors.As reaches each.
type Fault struct {
	// Line and Column are counted from 1; zero for rules written in Go.
	Line, Column int
	// Text says which rule, what is wrong and what to do about it.
	Text    string
	snippet string
}

// Error gives the place, the text and the line with a caret below it.
func (f *Fault) Error() string {
	if f.Line == 0 {
		return "mapping: " + f.Text
	}
	return fmt.Sprintf("mapping: line %d, column %d: %s%s", f.Line, f.Column, f.Text, f.snippet)
}

// faults collects what is wrong.
type faults struct {
	text source
	list []error
}

// mostFaults bounds what is listed, so that a hostile file gives a short answer.
const mostFaults = 50

func (f *faults) add(at position, format string, args ...any) {
	if len(f.list) < mostFaults {
		f.list = append(f.list, &Fault{Line: at.line, Column: at.column, Text: fmt.Sprintf(format, args...), snippet: f.text.snippet(at)})
	}
}

// snippet shows the line with a caret below the column.
func (s source) snippet(at position) string {
	if at.line == 0 || s == "" {
		return ""
	}
	line := strings.TrimRight(s.line(at.line), "\r")
	if utf8.RuneCountInString(line) > 200 {
		return ""
	}
	var pad strings.Builder
	for _, r := range []rune(line)[:min(max(at.column-1, 0), utf8.RuneCountInString(line))] {
		if r != '\t' {
			r = ' '
		}
		pad.WriteRune(r)
	}
	number := fmt.Sprint(at.line)
	return fmt.Sprintf("\n  %s | %s\n  %s | %s^", number, line, strings.Repeat(" ", len(number)), pad.String())
}

func (s source) line(n int) string {
	for text := range strings.SplitSeq(string(s), "\n") {
		if n--; n == 0 {
			return text
		}
	}
	return ""
}

// suggest gives ", did you mean …?" when one of the names is close to name.
func suggest(name string, names iter.Seq[string]) string {
	best, distance := "", min(3, 1+len(name)/3)
	for _, n := range slices.Sorted(names) {
		if d := edits(strings.ToLower(name), strings.ToLower(n), distance); d < distance {
			best, distance = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// suggest is suggest while faults are still listed: it costs a look at every name.
func (f *faults) suggest(name string, names iter.Seq[string]) string {
	if len(f.list) >= mostFaults {
		return ""
	}
	return suggest(name, names)
}

// edits counts the bytes to add, drop, replace or exchange with their
// neighbour that turn a into b, or gives most when there are at least that many.
func edits(a, b string, most int) int {
	if len(a) > 64 || len(b) > 64 || len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	var cost [65][65]int
	for i := range len(a) + 1 {
		for j := range len(b) + 1 {
			cost[i][j] = editsUpTo(&cost, a, b, i, j)
		}
	}
	return min(most, cost[len(a)][len(b)])
}

func editsUpTo(cost *[65][65]int, a, b string, i, j int) int {
	if i == 0 || j == 0 {
		return i + j
	}
	if a[i-1] == b[j-1] {
		return cost[i-1][j-1]
	}
	best := 1 + min(cost[i-1][j-1], cost[i-1][j], cost[i][j-1])
	if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
		best = min(best, 1+cost[i-2][j-2])
	}
	return best
}

func (f *faults) error() error { return errors.Join(f.list...) }
