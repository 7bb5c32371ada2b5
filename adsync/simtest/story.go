package simtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// said gives what was seen, and what should have been.
func said(violations []Violation) string {
	var b strings.Builder
	says := map[string]string{}
	for _, o := range Oracles() {
		says[o.Name] = o.Says
	}
	violations = slices.Clone(violations)
	for i := range violations { // the same thing at the end of many runs is told once
		violations[i].Text = strings.ReplaceAll(strings.TrimSpace(violations[i].Text), "\n", "\n    ")
	}
	violations = slices.Compact(violations)
	for _, v := range violations[:min(len(violations), 5)] {
		fmt.Fprintf(&b, "  %s\n", v)
		if what := says[v.Oracle]; what != "" {
			fmt.Fprintf(&b, "    (it should be that %s)\n", what)
			says[v.Oracle] = ""
		}
	}
	if more := len(violations) - 5; more > 0 {
		fmt.Fprintf(&b, "  … and %d more\n", more)
	}
	return b.String()
}

// storyLines is how much of the end of a story is told.
const storyLines = 40

// story tells what passed between the engine and the sink, and what the engine
// says is wrong, for whoever looks for the cause of a failure.
func (t *Trace) story() string {
	var lines []string
	for _, e := range t.Events {
		for _, line := range linesOf(e) {
			lines = append(lines, strings.ReplaceAll(line, "\n", " "))
		}
	}
	lines = slices.Compact(lines)
	title := "What passed:\n"
	if cut := len(lines) - storyLines; cut > 0 {
		title = fmt.Sprintf("What passed, without the first %d lines:\n", cut)
		lines = lines[cut:]
	}
	for _, i := range t.Issues[:min(len(t.Issues), 10)] {
		lines = append(lines, fmt.Sprintf("in the end, an issue of %s %s: %s %s %s", i.Kind, numberOf(i.Anchor), i.Code, i.Attr, i.Detail))
	}
	return title + "  " + strings.Join(lines, "\n  ") + "\n"
}

func linesOf(e Event) (lines []string) {
	switch e := e.(type) {
	case Stepped:
		if e.Number == 0 {
			return []string{"and then, with nothing wrong any more, runs until nothing is written:"}
		}
		return []string{fmt.Sprintf("step %d: %s", e.Number, e.Step)}
	case Answered:
		for i, op := range e.Ops {
			lines = append(lines, "    "+textOf(op)+" → "+answerOf(e, i))
		}
	case Killed:
		return []string{fmt.Sprintf("  process %d dies", e.Process)}
	case Ran:
		switch {
		case e.Err != nil:
			return []string{fmt.Sprintf("  the run ends with an error: %v", e.Err)}
		case e.Report != nil:
			return []string{fmt.Sprintf("  run %d ends: %s", e.Report.Run, e.Report.Outcome)}
		}
	}
	return lines
}

func textOf(op adsync.Op) string {
	text := op.Verb.String()
	if op.Intent != 0 {
		text += " " + op.Intent.String()
	}
	text += fmt.Sprintf(" %s %s", op.Kind, numberOf(op.Anchor))
	if op.Target != "" {
		text += fmt.Sprintf(" (%s)", op.Target)
	}
	for name, values := range op.Set.All() {
		text += fmt.Sprintf(" %s=%q", name, values)
	}
	for _, id := range op.Add {
		text += fmt.Sprintf(" +%s", id)
	}
	for _, id := range op.Remove {
		text += fmt.Sprintf(" -%s", id)
	}
	return text
}

func answerOf(e Answered, i int) string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("the call failed: %s: %v", adsync.CodeOf(e.Err), e.Err)
	case i >= len(e.Results):
		return "no result"
	case e.Results[i].Err != nil:
		return fmt.Sprintf("%s: %v", adsync.CodeOf(e.Results[i].Err), e.Results[i].Err)
	}
	return fmt.Sprintf("%s %s", e.Results[i].Receipt.Outcome, e.Results[i].Receipt.Target)
}
