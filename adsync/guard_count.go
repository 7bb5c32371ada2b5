package adsync

import (
	"iter"
	"slices"
	"strings"
)

// count adds one op. References that follow an op of the same object, and
// parking, are part of what that op is counted as.
func (e *effects) count(op *PlannedOp) {
	switch op.Intent {
	case IntentDeactivate, IntentLeave:
		e.kind(op.Kind).Deactivate++
		e.leaves(op)
	case IntentDelete:
		e.kind(op.Kind).Delete++
		e.leaves(op)
	case IntentCreate, IntentSend:
		e.kind(op.Kind).Create++
	case IntentUpdate, IntentRename, IntentReactivate:
		e.kind(op.Kind).Update++
		e.changes(op)
	case IntentAdopt:
		e.kind(op.Kind).Adopt++
		e.changes(op)
	case IntentReference:
		e.changes(op)
	case IntentMembers:
		e.removesMembers(op, len(op.Remove)+len(op.RemoveTargets))
	}
}

// changes counts the values that an op takes away or replaces. What was blank
// before is no loss to anybody.
func (e *effects) changes(op *PlannedOp) {
	inactive := turnsInactive(op)
	if inactive {
		e.kind(op.Kind).Deactivate++
		e.leaves(op)
	}
	for name, old := range op.Old.All() {
		old, now := confirmed(old), op.Full.Values(name)
		switch {
		case isBlank(old) || sameValues(old, now) || inactive && sameName(name, AttrActive):
		case isBlank(now):
			e.attribute(op.Kind, name).Blanked++
		default:
			e.attribute(op.Kind, name).Rewritten++
		}
	}
}

// turnsInactive tells whether an op takes an object out of use by an attribute
// alone, where the target has no other way.
func turnsInactive(op *PlannedOp) bool {
	return op.Old.Has(AttrActive) && op.Old.Get(AttrActive) != "false" && op.Full.Get(AttrActive) == "false"
}

// leaves counts a leaver for every unit above it.
func (e *effects) leaves(op *PlannedOp) {
	for unit := range unitsAbove(op.Container) {
		e.unit(op.Source, op.Kind, unit).Leaving++
	}
	name := calledBy(op.Full)
	if op.Verb == Delete {
		name = calledBy(op.Old)
	}
	if list := e.leaverNames[op.Kind]; name != "" && len(list) < namesKept && !slices.Contains(list, name) {
		e.leaverNames[op.Kind] = append(list, name)
	}
}

func (e *effects) removesMembers(op *PlannedOp, n int) {
	if n > 0 {
		e.group(LinkRef{op.Source, op.Link}, calledBy(op.Full)).Removed += n
	}
}

// unitsAbove gives a container and what is above it, the nearest first, up to
// the domain. What is no distinguished name is one unit.
func unitsAbove(container string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for rest := strings.TrimSpace(container); rest != ""; {
			if len(rest) > 3 && strings.EqualFold(rest[:3], "dc=") || !yield(rest) {
				return
			}
			at := nextComma(rest)
			if at < 0 {
				return
			}
			rest = strings.TrimLeft(rest[at+1:], " ")
		}
	}
}

// nextComma finds the first comma that is not escaped or quoted (RFC 4514, and
// the quotes of RFC 2253); -1 where there is none.
func nextComma(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				return i
			}
		}
	}
	return -1
}

// foldUnit gives the form in which units are told apart. It need not know every
// spelling of a name: a server always gives the same one.
func foldUnit(unit string) string { return strings.ToLower(unit) }
