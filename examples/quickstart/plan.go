package main

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/adsync/sdk/adsync"
)

// examplesShown is how many ops are shown of each number.
const examplesShown = 3

// example is an op that is shown below its number.
type example struct {
	person bool
	lines  []string
}

// plan shows what would be done: numbers, and examples of each.
func (s *screen) plan(ctx context.Context, p *adsync.Plan) error {
	s.progressDone()
	if s.json {
		return nil
	}
	examples, seen, err := examplesOf(ctx, p, s.reverts > 0)
	if err != nil {
		return err
	}
	s.read(p.Report())
	s.line("PLAN %s", p.ID())
	for _, r := range rows(p.Report().Counts) {
		s.line("%s", r)
		for _, e := range examples[r.name] {
			s.line("%s", strings.Join(e.lines, "\n"))
		}
		if more := seen[r.name] - len(examples[r.name]); more > 0 {
			s.line("            … and %d more", more)
		}
	}
	for _, f := range p.Report().Findings {
		s.text("  ! ", "%s", f.String())
	}
	s.line("")
	return nil
}

// examplesOf reads a plan and keeps some ops of each number, people first, and
// how many there are.
func examplesOf(ctx context.Context, p *adsync.Plan, reverts bool) (map[string][]example, map[string]int, error) {
	examples, seen, groups := map[string][]example{}, map[string]int{}, map[adsync.Anchor]string{}
	for op, err := range p.Ops(ctx) {
		if err != nil {
			return nil, nil, err
		}
		if op.Kind == adsync.Group && op.Verb == adsync.Put {
			groups[op.Anchor] = nameOf(op)
		}
		name := rowOf(op.Intent)
		if name == "" {
			continue
		}
		seen[name]++
		examples[name] = keep(examples[name], exampleOf(op, groups, reverts))
	}
	return examples, seen, nil
}

// rowOf names the number under which an op is counted; "" for one that only
// completes another.
func rowOf(i adsync.Intent) string {
	switch i {
	case adsync.IntentReference, adsync.IntentPark:
		return ""
	case adsync.IntentLeave:
		return adsync.IntentDeactivate.String()
	case adsync.IntentSend:
		return adsync.IntentCreate.String()
	}
	return i.String()
}

// keep adds an example while there is room; a person takes the place of
// something else.
func keep(list []example, e example) []example {
	if len(list) < examplesShown {
		return append(list, e)
	}
	for i := range list {
		if e.person && !list[i].person {
			list[i] = e
			break
		}
	}
	return list
}

func exampleOf(op adsync.PlannedOp, groups map[adsync.Anchor]string, reverts bool) example {
	name := nameOf(op)
	if known := groups[op.Anchor]; known != "" {
		name = known
	}
	e := example{person: op.Kind == adsync.User, lines: []string{"            " + printable(name) + remark(op, reverts)}}
	if op.Verb == adsync.Put && op.Intent != adsync.IntentCreate {
		for _, c := range op.Changes() {
			e.lines = append(e.lines, changed(c))
		}
	}
	return e
}

// changed shows a change in one line, or in two where one is too narrow.
func changed(c adsync.AttributeChange) string {
	before := "              " + printable(c.Attr) + ": " + values(c.Before)
	after := "→ " + values(c.After)
	if utf8.RuneCountInString(before+after) < screenWidth {
		return before + " " + after
	}
	return before + "\n                " + after
}

// remark is what else there is to say of an op.
func remark(op adsync.PlannedOp, reverts bool) string {
	switch {
	case op.Verb == adsync.Members:
		return fmt.Sprintf(": +%d −%d", len(op.Add), len(op.Remove)+len(op.RemoveTargets))
	case reverts && (op.Intent == adsync.IntentLeave || op.Intent == adsync.IntentDeactivate):
		return " (out of use again)"
	case op.Intent == adsync.IntentLeave:
		return " (has left)"
	case op.Intent == adsync.IntentDeactivate:
		return " (is disabled)"
	case op.Kind != adsync.User:
		return " (" + op.Kind.String() + ")"
	}
	return ""
}

func nameOf(op adsync.PlannedOp) string {
	for _, name := range []string{"displayName", "name", "logon"} {
		for _, from := range []adsync.Attributes{op.Full, op.Old} {
			if v := from.Get(name); v != "" {
				return v
			}
		}
	}
	return string(op.Anchor)
}

func values(v []string) string {
	if len(v) == 0 {
		return "(none)"
	}
	return printable(strings.Join(v, ", "))
}
