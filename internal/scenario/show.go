package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// showReport gives outcome and counts in a line, then what was found.
func showReport(r *adsync.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.Outcome, showCounts(r.Counts))
	for _, f := range r.Findings {
		refuses := ""
		if f.Refuses {
			refuses = " (refuses)"
		}
		fmt.Fprintf(&b, "finding %s%s: %s\n", f.Rule, refuses, f)
	}
	for _, i := range r.Issues {
		b.WriteString(showIssue(i))
	}
	if r.Verify != nil {
		b.WriteString(showVerify(r.Verify))
	}
	return b.String()
}

func showCounts(c adsync.Counts) string {
	var parts []string
	for _, p := range []struct {
		name string
		n    int
	}{
		{"create", c.Create},
		{"update", c.Update},
		{"rename", c.Rename},
		{"deactivate", c.Deactivate},
		{"reactivate", c.Reactivate},
		{"adopt", c.Adopt},
		{"delete", c.Delete},
		{"members", c.Members},
		{"unchanged", c.Unchanged},
		{"skipped", c.Skipped},
		{"issues", c.Issues},
		{"conflicts", c.Conflicts},
		{"quarantined", c.Quarantined},
	} {
		if p.n != 0 {
			parts = append(parts, fmt.Sprintf("%s %d", p.name, p.n))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func showIssue(i adsync.Issue) string {
	var b strings.Builder
	fmt.Fprintf(&b, "issue %s %s %s", kindName(i.Kind), i.Anchor, i.Code)
	if i.Attr != "" {
		b.WriteString(" " + i.Attr)
	}
	for _, c := range i.Candidates {
		b.WriteString(" candidate=" + string(c.ID))
	}
	for _, a := range i.Others {
		b.WriteString(" other=" + string(a))
	}
	return b.String() + "\n"
}

// showOp gives one line of a plan. What a new object gets is left out: it is
// everything.
func showOp(op adsync.PlannedOp) string {
	var b strings.Builder
	fmt.Fprintf(&b, "op %d %s/%s %s %s", op.Phase, op.Verb, op.Intent, kindName(op.Kind), op.Anchor)
	if op.Target != "" {
		fmt.Fprintf(&b, " (%s)", op.Target)
	}
	if op.Intent != adsync.IntentCreate && op.Verb != adsync.Members {
		for _, c := range op.Changes() {
			fmt.Fprintf(&b, " %s %s -> %s", c.Attr, showValues(c.Before), showValues(c.After))
		}
	}
	showMembers(&b, op.Add, op.Remove)
	if op.Swap != 0 {
		fmt.Fprintf(&b, " swap %d", op.Swap)
	}
	if op.Note != "" {
		fmt.Fprintf(&b, " [%s]", op.Note)
	}
	return b.String() + "\n"
}

func showValues(values []string) string {
	if len(values) == 0 {
		return "nothing"
	}
	return strings.Join(values, "|")
}

func showMembers[ID ~string](b *strings.Builder, add, remove []ID) {
	for _, a := range add {
		b.WriteString(" +" + string(a))
	}
	for _, a := range remove {
		b.WriteString(" -" + string(a))
	}
}

// showCalls gives the ops that the target was offered since it was last asked.
func (w *world) showCalls() string {
	var b strings.Builder
	calls := w.sink.Calls()
	for _, c := range calls[w.shown:] {
		fmt.Fprintf(&b, "sent %s/%s %s %s", c.Op.Verb, c.Op.Intent, kindName(c.Op.Kind), c.Op.Anchor)
		if c.Op.Target != "" {
			fmt.Fprintf(&b, " (%s)", c.Op.Target)
		}
		if c.Op.Intent != adsync.IntentCreate {
			for name, values := range c.Op.Set.All() {
				fmt.Fprintf(&b, " %s=%s", name, showValues(values))
			}
		}
		showMembers(&b, c.Op.Add, c.Op.Remove)
		if c.Err != nil {
			fmt.Fprintf(&b, ": %s, %v\n", adsync.CodeOf(c.Err), c.Err)
			continue
		}
		fmt.Fprintf(&b, ": %s\n", c.Receipt.Outcome)
	}
	w.shown = len(calls)
	return b.String()
}

// doShow lists the target: ids, whose copy each is, and some attributes.
func (w *world) doShow(args, _ []string) (string, error) {
	var b strings.Builder
	for _, t := range w.sink.Objects() {
		fmt.Fprintf(&b, "%s %s", kindName(t.Kind), t.ID)
		if external := t.Attrs.Get(adsync.AttrExternalID); external != "" {
			b.WriteString(" is " + external)
		}
		if t.Inactive {
			b.WriteString(" inactive")
		}
		for _, name := range args {
			fmt.Fprintf(&b, " %s=%s", name, showValues(t.Attrs.Values(name)))
		}
		for _, m := range w.sink.Members(t.ID) {
			b.WriteString(" +" + string(m))
		}
		b.WriteByte('\n')
	}
	if b.Len() == 0 {
		return "empty\n", nil
	}
	return b.String(), nil
}

func (w *world) doIssues(_, _ []string) (string, error) {
	return w.with(func(ctx context.Context, e *adsync.Engine) (string, error) {
		out := ""
		for i, err := range e.Issues(ctx) {
			if err != nil {
				return out, err
			}
			out += showIssue(i)
		}
		if out == "" {
			out = "none\n"
		}
		return out, nil
	})
}

// doHistory lists the runs, oldest first.
func (w *world) doHistory(_, _ []string) (string, error) {
	return w.with(func(ctx context.Context, e *adsync.Engine) (string, error) {
		var lines []string
		for info, err := range e.History(ctx) {
			if err != nil {
				return "", err
			}
			lines = append(lines, fmt.Sprintf("run %d %s %s\n", info.ID, info.State, info.Outcome))
		}
		slices.Reverse(lines)
		return strings.Join(lines, ""), nil
	})
}
