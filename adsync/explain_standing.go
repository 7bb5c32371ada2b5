package adsync

import (
	"errors"
	"fmt"
	"strings"
)

// standing says where the object stands and why, the weightiest reason first.
func (x *explainer) standing(s *subject) {
	out := s.out
	switch {
	case s.link != nil && !s.link.State.detached():
		x.linkedStanding(s)
	default:
		x.unlinkedStanding(s)
	}
	if s.out.Written == nil {
		if last := s.history.lastDone(func(*PlannedOp) bool { return true }); last != nil {
			out.Written = last.written()
		}
	}
	x.planned(s)
	x.lastRun(s)
}

func (s *subject) because(format string, args ...any) {
	s.out.Why = append(s.out.Why, fmt.Sprintf(format, args...))
}

// linkedStanding is for objects that the target has.
func (x *explainer) linkedStanding(s *subject) {
	l := s.link
	s.out.Standing = standingOf(l)
	if s.answer.Verdict == AnswerIgnore {
		s.out.Standing = StandingIgnored
		s.because("%s said to leave it out from now on; it stays in the target as it is", by(s.answer))
	}
	switch s.out.Standing {
	case StandingLeft:
		x.whyLeft(s)
	case StandingInactive:
		x.whyInactive(s)
	case StandingPending:
		s.because("the target accepted it and has not said what became of it")
	case StandingShared:
		s.because("the same person is in another source, whose link holds the target object")
	}
	if x.isProtected(&Target{ID: l.Target, Kind: l.Kind, Attrs: l.Applied}) || s.present != nil && x.isProtected(s.present) {
		s.because("it is protected: it is never changed or removed by rule")
	}
	if s.asked && s.present == nil {
		s.because("the target does not have it any more; the next change of it finds that out, and it is then matched anew")
	}
	x.whyNotShown(s)
	for _, i := range s.issues {
		s.because("%s: %s", i.Code, i.Detail)
	}
}

func by(a Answer) string {
	if a.By == "" {
		return "somebody"
	}
	return a.By
}

// whyLeft says when it left, by which run and which fact.
func (x *explainer) whyLeft(s *subject) {
	op := s.history.lastDone(func(op *PlannedOp) bool { return op.Intent == IntentLeave })
	off := s.history.lastDone(func(op *PlannedOp) bool { return op.Verb == Deactivate })
	switch {
	case op == nil && off != nil:
		s.because("it left the directory or the selection by run %d, and was inactive already: run %d had deactivated it", s.link.Run, off.run.ID)
	case op == nil:
		s.because("it left the directory or the selection by run %d; the plan that deactivated it is not kept, or it was inactive before", s.link.Run)
	default:
		fact := op.op.Origin
		if fact == "" {
			fact = "it left the directory or the selection"
		}
		s.because("it left: %s; run %d deactivated it on %s", fact, op.run.ID, op.written().At.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if !s.link.Due.IsZero() {
		s.because("it is deleted when its days are over, on %s, if it does not come back", s.link.Due.UTC().Format("2006-01-02"))
	}
}

func (x *explainer) whyInactive(s *subject) {
	if op := s.history.lastDone(func(op *PlannedOp) bool { return op.Verb == Deactivate || op.Full.Get(AttrActive) == "false" }); op != nil {
		if op.op.Note != "" {
			s.because("run %d deactivated it (%s)", op.run.ID, op.op.Note)
			return
		}
		s.because("run %d deactivated it: the directory says that it is inactive%s", op.run.ID, inBrackets(op.op.Origin))
		return
	}
	s.because("it was inactive in the directory, or in the target, when it was last written")
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// whyNotShown is for linked objects that the directory does not show now.
func (x *explainer) whyNotShown(s *subject) {
	now := &s.out.Directory
	switch {
	case !now.Asked:
		s.because("the directory could not be asked: %s", now.Error)
	case !now.Shown:
		s.because("the directory does not show it now: it was deleted, or the account may not see it%s", x.willLeave(s))
	case len(now.OutOfScope) > 0:
		s.because("it is out of scope now: %s%s", strings.Join(now.OutOfScope, "; "), x.willLeave(s))
	}
}

func (x *explainer) willLeave(s *subject) string {
	if s.link == nil || s.link.Left || s.link.State != LinkActive {
		return ""
	}
	return "; the next run that finds this out applies the policy for leavers, under the guard"
}

// unlinkedStanding is for objects that the target does not have.
func (x *explainer) unlinkedStanding(s *subject) {
	now := &s.out.Directory
	lost := s.link != nil
	if lost && s.link.State == LinkSent {
		s.because("run %d sent it to be made, and no answer said whether it was; the next run looks for it, and sends it again where that makes no second one", s.link.Run)
	} else if lost {
		s.because("its object in the target is gone; the next plan matches it anew")
	}
	switch {
	case s.answer.Verdict == AnswerIgnore:
		s.out.Standing = StandingIgnored
		s.because("%s said to leave it out; answer retry to take it in again", by(s.answer))
	case !now.Asked:
		s.out.Standing = StandingUnknown
		s.because("the directory could not be asked: %s", now.Error)
		x.fromIssues(s)
	case !now.Shown:
		s.out.Standing = StandingUnknown
		s.because("the directory does not show it: there is no such object, or the account may not see it")
		x.fromIssues(s)
		x.deleted(s)
	case len(now.OutOfScope) > 0:
		s.out.Standing = StandingOutOfScope
		for _, rule := range now.OutOfScope {
			s.because("out of scope: %s", rule)
		}
	case s.sighting.Change.Problem != nil:
		s.out.Standing = StandingUnreadable
		s.because("it was seen and cannot be read: %v", s.sighting.Change.Problem)
	default:
		x.mappedStanding(s)
	}
	if lost && s.out.Standing == StandingWaiting {
		s.out.Standing = StandingLost
	}
}

// deleted says so when a kept plan removed it from the target.
func (x *explainer) deleted(s *subject) {
	if op := s.history.lastDone(func(op *PlannedOp) bool { return op.Verb == Delete }); op != nil {
		s.because("run %d deleted it from the target%s", op.run.ID, inBrackets(op.op.Origin))
	}
}

// mappedStanding is for objects that are in scope: the mapping, the target's
// kinds, and the engine's own rules decide.
func (x *explainer) mappedStanding(s *subject) {
	switch {
	case errors.Is(s.mapErr, ErrSkip):
		s.out.Standing = StandingLeftOut
		rule := s.trace.Decided
		if rule == "" {
			rule = "the mapping does not say by which rule"
		}
		s.because("the mapping leaves it out: %s", rule)
	case s.mapErr != nil:
		s.out.Standing = StandingUnreadable
		s.because("the mapping cannot make anything of it: %v", s.mapErr)
	case !x.takesKind(s.mapped.object.Kind):
		s.out.Standing = StandingLeftOut
		s.because("the job, or the target, takes no %s", s.mapped.object.Kind)
	default:
		x.decidedStanding(s)
	}
}

// fromIssues takes the standing from what the last run found wrong.
func (x *explainer) fromIssues(s *subject) bool {
	for n, i := range s.issues {
		if n == 0 {
			s.out.Standing = standingOfIssue(i.Code)
		}
		s.because("run %d: %s: %s%s", i.Run, i.Code, i.Detail, inConflictWith(i))
	}
	return len(s.issues) > 0
}

func inConflictWith(i Issue) string {
	var names []string
	for _, t := range i.Candidates {
		names = append(names, "target "+string(t.ID))
	}
	for _, a := range i.Others {
		names = append(names, i.Source+" "+string(a))
	}
	if len(names) == 0 {
		return ""
	}
	return "; in conflict with " + strings.Join(names, ", ")
}

// decidedStanding asks the decision that the next run would come to. What a run
// found, with all objects before it, comes first.
func (x *explainer) decidedStanding(s *subject) {
	d := s.decision
	if x.fromIssues(s) {
		return
	}
	switch {
	case len(d.issues) > 0:
		s.out.Standing = standingOfIssue(d.issues[0].Code)
		for _, i := range d.issues {
			s.because("%s: %s%s", i.Code, i.Detail, inConflictWith(i))
		}
	case d.skipped && s.mapped.activity == activityOff:
		s.out.Standing = StandingOff
		s.because("it is inactive in the directory and the target has nothing like it, so it is not created; the job's CreateInactive would")
	case d.skipped:
		s.out.Standing = StandingQuarantined
		lacks := x.missing(s.mapped.object.Kind, x.merge(s.mapped.object.Kind, Attributes{}, s.mapped.object.Attrs, true))
		s.because("it lacks %s, which is required, and the job skips whoever does", strings.Join(lacks, ", "))
	default:
		s.out.Standing = StandingWaiting
		for _, op := range d.ops {
			if op.Verb != 0 {
				s.because("nothing is in the way: the next run would %s it", op.Intent)
			}
		}
	}
}

// planned lists what a held or begun plan has for it.
func (x *explainer) planned(s *subject) {
	if len(s.history.held) == 0 {
		return
	}
	plan := s.history.plan
	for _, op := range s.history.held {
		s.out.Pending = append(s.out.Pending, fmt.Sprintf("plan %s: %s", plan.Plan, op.Intent))
	}
	switch {
	case refuses(plan.Findings) && plan.Approved == "":
		s.because("plan %s would write it, and the guard refused that plan: %s", plan.Plan, refusal(plan.Findings, func(f Finding) string { return f.Text }))
	case plan.State == RunApplying:
		s.because("plan %s is being applied, or was cut short, and has more to write to it", plan.Plan)
	default:
		s.because("plan %s waits to be applied, and writes it", plan.Plan)
	}
}

// lastRun says what held the last run back, where it may have held this object
// back too.
func (x *explainer) lastRun(s *subject) {
	last := s.history.last
	if last == nil {
		s.because("no run of this job has ended yet")
		return
	}
	for _, f := range last.Findings {
		switch {
		case f.Rule == findingHalted:
			s.because("run %d halted: %s", last.ID, f.Text)
		case (f.Rule == findingWitness || f.Rule == findingAudit || f.Rule == findingSourceFailed) && f.Source == s.source:
			s.because("run %d: %s", last.ID, f.Text)
		}
	}
}
