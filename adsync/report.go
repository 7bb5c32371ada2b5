package adsync

import (
	"strings"
	"time"
)

// RunOutcome is how a run ended.
type RunOutcome string

// The outcomes of a run.
const (
	OutcomePlanned     RunOutcome = "planned"     // Plan only: the plan is held
	OutcomeCompleted   RunOutcome = "completed"   // everything agrees, or waits for the directory's owner
	OutcomeConflicts   RunOutcome = "conflicts"   // completed, and conflicts wait for a person
	OutcomePartial     RunOutcome = "partial"     // some objects or one source failed
	OutcomeHalted      RunOutcome = "halted"      // a required attribute was missing and the job halts on it
	OutcomeRefused     RunOutcome = "refused"     // the guard refused the plan; nothing was written
	OutcomeUnsure      RunOutcome = "unsure"      // the read could not be trusted; nobody left
	OutcomeUnreachable RunOutcome = "unreachable" // a source or the target did not answer
	OutcomeFailed      RunOutcome = "failed"      // anything else
	OutcomeCancelled   RunOutcome = "cancelled"   // the context was cancelled
	OutcomeVerified    RunOutcome = "verified"    // Verify only: what differed in the target was noted
)

// Counts counts objects by what happened, or, in a plan, by what would.
// Members counts memberships added and removed. Issues counts the issues that
// are tried again by themselves; Conflicts and Quarantined count objects.
type Counts struct {
	Create      int `json:"create"`
	Update      int `json:"update"`
	Rename      int `json:"rename"`
	Deactivate  int `json:"deactivate"`
	Reactivate  int `json:"reactivate"`
	Adopt       int `json:"adopt"`
	Delete      int `json:"delete"`
	Members     int `json:"members"`
	Unchanged   int `json:"unchanged"`
	Skipped     int `json:"skipped"`
	Issues      int `json:"issues"`
	Conflicts   int `json:"conflicts"`
	Quarantined int `json:"quarantined"`
}

// Writes sums what is written to the target.
func (c Counts) Writes() int {
	return c.Create + c.Update + c.Rename + c.Deactivate + c.Reactivate + c.Adopt + c.Delete + c.Members
}

// Finding is one thing that the guard or the witness found.
type Finding struct {
	// Rule names the limit or check: "leaving", "unit-leaving",
	// "members-removed", "blanked", "rewritten", "updates", "creates",
	// "adoptions", "first-run"; "witness", "audit", "identity", "source-failed",
	// "halted".
	Rule string `json:"rule"`
	Kind Kind   `json:"kind,omitzero"`
	// Source, for findings about a read, a unit or a group.
	Source string `json:"source,omitempty"`
	// Unit, Group and Attr say where, for the limits of each.
	Unit  string `json:"unit,omitempty"`
	Group string `json:"group,omitempty"`
	Attr  string `json:"attr,omitempty"`
	// Count is what the plan would do, Before what was done in the 24 hours
	// before it. Together they may be at most Limit. Of is what the percentage
	// is taken of: active links before the run, or members of the group.
	Count  int `json:"count"`
	Before int `json:"before,omitempty"`
	Limit  int `json:"limit"`
	Of     int `json:"of"`
	// Usual is the most that one of the last Runs runs did.
	Usual int `json:"usual,omitempty"`
	Runs  int `json:"runs,omitempty"`
	// Refuses says that the plan is not applied without approval.
	Refuses bool `json:"refuses"`
	// Text says it in words, and names nobody: it may stand in errors and logs.
	Text string `json:"text"`
	// Names are what some of the people or groups are called, for those who look
	// at the plan.
	Names []string `json:"names,omitempty"`
}

// String gives the finding in words, with the names.
func (f Finding) String() string {
	if len(f.Names) == 0 {
		return f.Text
	}
	return f.Text + " Among them: " + strings.Join(f.Names, ", ") + "."
}

// SourceReport is what one source gave in a run.
type SourceReport struct {
	Name     string `json:"name"`
	Objects  int    `json:"objects"`
	Snapshot bool   `json:"snapshot"`
	// Repeated counts objects that came more than once in one read.
	Repeated int `json:"repeated,omitempty"`
	// Why says why a snapshot was read where a delta would have done.
	Why string `json:"why,omitempty"`
	// Method is how the source says that it read.
	Method *Method `json:"method,omitempty"`
	// Sampled objects were read once more, each by itself, and held against what
	// is known of them; of Missed a change had never come.
	Sampled int    `json:"sampled,omitempty"`
	Missed  int    `json:"missed,omitempty"`
	Error   string `json:"error,omitempty"`
}

// Report is what a run has to say. Its JSON form is stable.
type Report struct {
	Outcome  RunOutcome     `json:"outcome"`
	Counts   Counts         `json:"counts"`
	Run      int64          `json:"run"`
	Plan     string         `json:"plan,omitempty"`
	Target   string         `json:"target"`
	Started  time.Time      `json:"started"`
	Ended    time.Time      `json:"ended"`
	Sources  []SourceReport `json:"sources"`
	Findings []Finding      `json:"findings,omitempty"`
	// Issues lists the first 1,000 that the run found, in order of source and
	// anchor; Engine.Issues gives all.
	Issues []Issue `json:"issues,omitempty"`
	// Verify is there when the run ended with a comparison of the target; see
	// Job.VerifyEvery.
	Verify *VerifyReport `json:"verify,omitempty"`
	Error  string        `json:"error,omitempty"`
}

// countOp counts what an op does. References that follow an op of the same
// object, and parking, are part of what that op is counted as.
func (c *Counts) countOp(op *PlannedOp) {
	switch op.Intent {
	case IntentCreate, IntentSend:
		c.Create++
	case IntentUpdate:
		c.Update++
	case IntentRename:
		c.Rename++
	case IntentReactivate:
		c.Reactivate++
	case IntentAdopt:
		c.Adopt++
	case IntentDeactivate, IntentLeave:
		c.Deactivate++
	case IntentDelete:
		c.Delete++
	case IntentMembers:
		c.Members += len(op.Add) + len(op.Remove) + len(op.RemoveTargets)
	}
}
