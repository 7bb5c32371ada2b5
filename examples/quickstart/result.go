package main

import (
	"fmt"

	"github.com/adsync/sdk/adsync"
)

// result shows how it ended and what happens next.
func (s *screen) result(r *adsync.Report) {
	wrote := wrote(r.Counts)
	switch {
	case r.Outcome == adsync.OutcomeRefused:
		s.text("", "RESULT refused: the guard stopped the plan; nothing was written.")
		s.text("  ", "%s If the plan is right, a program of your own can approve it: Engine.Approve with %s.", s.lookAt(), r.Plan)
	case s.reverts > 0 && !s.planOnly && done(r.Outcome):
		s.undone(r, wrote)
	case s.planOnly && r.Plan != "":
		s.text("", "RESULT %s: this was the plan; nothing was written.", r.Outcome)
		s.text("  ", "Run again without -plan to apply it.")
	case r.Outcome == adsync.OutcomeUnsure:
		s.text("", "RESULT unsure: the read cannot be trusted, so nobody was taken for gone; %s.", wrote)
		s.text("  ", "Look at the account's rights and at what is named above, then run again.")
	case !done(r.Outcome):
		s.text("", "RESULT %s: %s.", r.Outcome, wrote)
	case r.Counts.Writes() == 0:
		s.text("", "RESULT %s: there was nothing to do.", r.Outcome)
		s.next()
	default:
		s.text("", "RESULT %s: %s.", r.Outcome, wrote)
		s.text("  ", "Run it again: there is nothing to do.")
		s.number(r)
		s.next()
	}
}

// lookAt says what a refused plan may come of.
func (s *screen) lookAt() string {
	if s.reverts > 0 {
		return fmt.Sprintf("To undo run %d is more than the guard lets pass.", s.reverts)
	}
	return "Look at what the directory lost."
}

// undone shows what came of undoing a run.
func (s *screen) undone(r *adsync.Report, wrote string) {
	if r.Counts.Writes() == 0 {
		s.text("", "RESULT %s: nothing of run %d is left to undo.", r.Outcome, s.reverts)
		return
	}
	s.text("", "RESULT %s: run %d undone; %s.", r.Outcome, s.reverts, wrote)
	s.number(r)
}

// number says which run it was, since a run is undone by its number.
func (s *screen) number(r *adsync.Report) {
	s.text("  ", "This was run %d; -revert %d undoes it, under the guard.", r.Run, r.Run)
}

func done(o adsync.RunOutcome) bool {
	return o == adsync.OutcomeCompleted || o == adsync.OutcomeConflicts
}

// next says how to see more.
func (s *screen) next() {
	if !s.own {
		s.text("  ", "With -change a day passes in the made-up directory.")
	}
}
