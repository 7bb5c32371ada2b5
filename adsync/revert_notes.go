package adsync

import (
	"fmt"
	"strings"
)

// What a revert leaves, or cannot undo, by reason.
const (
	noteIgnored   = "left out, since a person said to ignore them"
	noteGone      = "no longer in the target, or its link was given up"
	noteBusy      = "pending at the target, or held by another source"
	noteProtected = "protected, so never changed by rule"
	noteTakenOver = "took the target object over from another link, which is gone; sort them out with answers"
	noteSent      = "sent to a target that decides by itself, so it is not known whether it was made or changed"
	noteAdopted   = "stays linked: its values are put back; to part them, answer ignore or take away what they match by"
	noteMade      = "was made by that run and stays: the target cannot deactivate its kind, and the job does not delete it by name"
	noteMadeSince = "was deleted by that run and has been made anew since"
	noteNoRecord  = "was deleted by that run, and what is remembered of it is not enough to make it anew"
	noteReference = "a reference stays: what it named before is not in the target"
	noteTarget    = "changed in the target since, and left"
	noteLooked    = "put back, and written again by the next run unless mapping or directory are corrected first: something else of them waits or is wrong, so every run looks at them"
	noteMembers   = "members that no source object stands for were removed, and cannot be named to the target any more"
)

// notes collects whom a reason holds for.
type notes struct {
	order []string
	of    map[string]*noted
}

type noted struct {
	count int
	names []string
}

func newNotes() *notes { return &notes{of: map[string]*noted{}} }

func (n *notes) add(reason, name string) {
	one := n.of[reason]
	if one == nil {
		one = &noted{}
		n.of[reason] = one
		n.order = append(n.order, reason)
	}
	if one.count++; len(one.names) < namedOthers {
		one.names = append(one.names, name)
	}
}

// changed notes an attribute that a later run wrote again; run 0 is for one
// that is not as that run wrote it, and nobody knows why.
func (n *notes) changed(run int64, attr, name string) {
	reason := "not what that run wrote any more, and left"
	if run != 0 {
		reason = fmt.Sprintf("changed since by run %d, and left", run)
	}
	n.add(reason, attr+" of "+name)
}

func (n *noted) text() string {
	text := strings.Join(n.names, ", ")
	if more := n.count - len(n.names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

const (
	findingRevert     = "revert"
	findingRevertLeft = "revert-left"
)

// findings say what the plan undoes, what becomes of it, and what it leaves.
func (v *reverting) findings(plan *sealed) []Finding {
	out := []Finding{{Rule: findingRevert, Count: plan.ops, Text: v.summary(plan)}}
	warn := func(n int, format string) {
		if n > 0 {
			out = append(out, Finding{Rule: findingRevert, Count: n, Text: fmt.Sprintf(format, n)})
		}
	}
	warn(v.done.back, "%d object(s) that had left are made active again. If the directory does not show them, the next full read takes them for leavers again, under the guard: correct scope or mapping first, or answer ignore.")
	warn(v.done.again, "%d object(s) that the run made are deleted, since the job deletes leavers by name. The next run makes them anew unless the mapping or the scope is corrected, or they are answered ignore.")
	warn(v.done.remade, "%d object(s) that the run deleted are made anew from what was last applied: with a new id, and without passwords and memberships that others gave.")
	warn(v.done.members, "%d membership(s) are put back. They follow the directory again with the next run that shows the group.")
	for _, reason := range v.notes.order {
		one := v.notes.of[reason]
		out = append(out, Finding{Rule: findingRevertLeft, Count: one.count, Text: one.text() + ": " + reason})
	}
	return out
}

func (v *reverting) summary(plan *sealed) string {
	if plan.ops == 0 {
		return fmt.Sprintf("there is nothing of run %d left to undo", v.past.ID)
	}
	text := fmt.Sprintf("undoes run %d (plan %s) by %d operation(s). What is put back stays so until the directory changes the object, or the mapping or a policy changes; then it is compared again, under the guard.", v.past.ID, v.past.Plan, plan.ops)
	if v.job.Mapper.Digest() == "" {
		text += " This mapping cannot tell whether its rules changed: the next start of the program compares everything again."
	}
	return text
}
