package adsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// Plan reads the sources, decides what to write and stores that as the held
// plan, in place of an earlier one. Nothing is written to the target. A plan
// that was begun must be finished first: *UnfinishedError.
func (e *Engine) Plan(ctx context.Context) (*Plan, error) {
	ctx, release, err := e.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if unfinished, err := e.unfinished(ctx); err != nil || unfinished != nil {
		return nil, cmp.Or(err, unfinishedError(unfinished))
	}
	r, err := e.makePlan(ctx)
	if r == nil {
		return nil, err
	}
	return &Plan{engine: e, info: r.info, report: r.report()}, err
}

func unfinishedError(info *RunInfo) error {
	if info == nil {
		return nil
	}
	return &UnfinishedError{info.Plan}
}

// Run finishes a plan that was begun, reads the sources, plans, and applies the
// plan unless the guard refuses it. The report is there whenever a run began;
// the error is set when the run could not be carried through: outcomes
// unreachable, failed and cancelled, and unsure where no source could be read
// whole.
func (e *Engine) Run(ctx context.Context) (*Report, error) {
	ctx, release, err := e.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if unfinished, err := e.unfinished(ctx); err != nil {
		return nil, err
	} else if unfinished != nil {
		r, err := e.resume(ctx, *unfinished)
		if err != nil {
			return nil, err
		}
		if err := e.carryOut(ctx, r); err != nil {
			return r.report(), err
		}
	}
	r, err := e.makePlan(ctx)
	if r == nil {
		return nil, err
	}
	if err != nil || refuses(r.info.Findings) && r.info.Approved == "" {
		return r.report(), err
	}
	err = e.carryOut(ctx, r)
	return r.report(), err
}

// Apply applies the held plan with this id. It refuses a plan that the guard
// refused and nobody approved (ErrNotApproved), one that a newer plan has
// superseded (*SupersededError), and one that no longer fits (*DriftError);
// nothing is written then. A plan that was begun is finished.
func (e *Engine) Apply(ctx context.Context, id string) (*Report, error) {
	ctx, release, err := e.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	info, err := e.findPlan(ctx, id)
	if err != nil {
		return nil, err
	}
	if refuses(info.Findings) && info.Approved == "" {
		return nil, fmt.Errorf("plan %s: %w: %s", id, ErrNotApproved, refusal(info.Findings))
	}
	r, err := e.resume(ctx, *info)
	if err != nil {
		return nil, err
	}
	if info.State == RunSealed {
		if err := e.checkDrift(ctx, r); err != nil {
			return nil, err
		}
	}
	err = e.carryOut(ctx, r)
	return r.report(), err
}

// Approve lets a plan be applied that the guard refused: this plan and no
// other. by names the person.
func (e *Engine) Approve(ctx context.Context, id, by string) error {
	if by == "" {
		return Errorf(CodeInvalid, "adsync: an approval needs the name of the person who gives it")
	}
	ctx, release, err := e.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	info, err := e.findPlan(ctx, id)
	if err != nil {
		return err
	}
	info.Approved = by
	return e.state.Save(ctx, *info)
}

// findPlan gives the held or begun plan with this id, or says what became of it.
func (e *Engine) findPlan(ctx context.Context, id string) (*RunInfo, error) {
	var newer string
	for info, err := range e.state.History(ctx) {
		if err != nil {
			return nil, err
		}
		held := info.State == RunSealed || info.State == RunApplying
		switch {
		case info.Plan == id && held:
			return &info, nil
		case held:
			newer = info.Plan
		case info.Plan == id && newer != "":
			return nil, &SupersededError{Plan: id, Newer: newer}
		case info.Plan == id && info.State == RunEnded:
			return nil, fmt.Errorf("%w: %s was applied already (run %d, %s)", ErrNoPlan, id, info.ID, info.Outcome)
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrNoPlan, id)
}

func (e *Engine) unfinished(ctx context.Context) (*RunInfo, error) {
	for info, err := range e.state.History(ctx) {
		if err != nil {
			return nil, err
		}
		if info.State == RunApplying {
			return &info, nil
		}
	}
	return nil, nil
}

// running is one run under way.
type running struct {
	*settings
	info RunInfo
	tell *teller
	// sources is what was read; empty when the run goes on from its journal.
	sources []SourceReport
	failed  bool // a source failed
	known   bool // there were links before the run
	err     error
}

// resume takes up a stored plan: what it counted and found wrong is part of
// the report of the run that applies it.
func (e *Engine) resume(ctx context.Context, info RunInfo) (*running, error) {
	r := &running{settings: e.settings, info: info, tell: &teller{job: e.job, state: e.state, run: info.ID}}
	r.tell.counts = info.Planned.notWrites()
	if info.Recorded > 0 {
		r.tell.counts = info.Applied
	}
	for _, f := range info.Findings {
		r.failed = r.failed || f.Rule == findingSourceFailed
	}
	for _, s := range info.Sources {
		r.sources = append(r.sources, SourceReport{Name: s.Name, Objects: s.Objects, Snapshot: s.Snapshot})
	}
	for issue, err := range e.state.ListIssues(ctx) {
		if err != nil {
			return nil, err
		}
		if issue.Run != info.ID {
			continue
		}
		if len(r.tell.issues) < reportedIssues {
			r.tell.issues = append(r.tell.issues, issue)
		}
		switch issue.Code {
		case IssueDenied, IssueUnavailable, IssueFailed, IssueTargetGone:
			r.tell.failures++
		}
	}
	return r, nil
}

// Findings that carry from the plan to the outcome of its run.
const (
	findingWitness      = "witness"
	findingHalted       = "halted"
	findingSourceFailed = "source-failed"
)

// notWrites gives the counts that do not change while a plan is applied.
func (c Counts) notWrites() Counts {
	return Counts{Unchanged: c.Unchanged, Skipped: c.Skipped, Issues: c.Issues, Conflicts: c.Conflicts, Quarantined: c.Quarantined}
}

func (r *running) report() *Report {
	report := &Report{Outcome: r.info.Outcome, Counts: r.info.Applied, Run: r.info.ID, Plan: r.info.Plan, Target: r.job.Target,
		Started: r.info.Started, Ended: r.info.Ended, Sources: r.sources, Findings: r.info.Findings, Issues: r.tell.issues, Error: r.info.Error}
	if r.info.State != RunEnded && r.info.State != RunApplying {
		report.Counts = r.info.Planned
	}
	return report
}

// makePlan reads, plans, judges and seals. A nil run means that none began.
func (e *Engine) makePlan(ctx context.Context) (*running, error) {
	r := &running{settings: e.settings, info: RunInfo{Started: time.Now(), Config: e.settings.config}}
	id, err := e.state.Begin(ctx, r.info.Started)
	if err != nil {
		return nil, err
	}
	r.info.ID = id
	r.tell = &teller{job: e.job, state: e.state, run: id}
	p, err := e.newPlanner(ctx, r)
	if err != nil {
		return r, e.fail(ctx, r, err)
	}
	defer p.close()
	plan, err := p.plan(ctx)
	r.sources = p.sourceReports()
	if err == nil {
		err = r.tell.flush(ctx)
	}
	if err == nil {
		err = p.allFailed()
	}
	if err != nil {
		r.known = !p.noLinks()
		return r, e.fail(ctx, r, err)
	}
	if err := e.sealPlan(ctx, r, p, plan); err != nil {
		return r, e.fail(ctx, r, err)
	}
	return r, nil
}

func (e *Engine) newPlanner(ctx context.Context, r *running) (*planner, error) {
	secret, err := e.state.Secret(ctx)
	if err != nil {
		return nil, err
	}
	p := &planner{settings: e.settings, parts: e.parts, state: e.state, run: r.info.ID, now: r.info.Started,
		hash: newHasher(secret), codec: newRecordCodec(), tell: r.tell, answer: map[answerKey]Answer{}, settled: map[objectRef]Result{},
		held: map[answerKey][]TargetID{}, unknown: map[answerKey]Issue{}, promised: map[TargetID][]objectRef{}, replaced: map[LinkRef]bool{}}
	if p.links, err = e.state.Count(ctx); err != nil {
		return nil, err
	}
	for a, err := range e.state.ListAnswers(ctx) {
		if err != nil {
			return nil, err
		}
		p.answer[answerKey{a.Source, a.Anchor}] = a
	}
	if err := p.recall(ctx); err != nil {
		return nil, err
	}
	before, err := e.state.Sources(ctx)
	if err != nil {
		return nil, err
	}
	for i, c := range e.job.Sources {
		s := &sourceRead{SourceConfig: c, number: i, notes: e.state.Notes(c.Name, r.info.ID)}
		for _, b := range before {
			if b.Name == c.Name {
				s.before, s.known = b, true
			}
		}
		p.sources = append(p.sources, s)
	}
	return p, p.narrowScope(ctx)
}

// recall reads what earlier runs found wrong, as far as decisions rest on it.
func (p *planner) recall(ctx context.Context) error {
	for issue, err := range p.state.ListIssues(ctx) {
		if err != nil {
			return err
		}
		at := answerKey{issue.Source, issue.Anchor}
		switch issue.Code {
		case IssueHeldByLeaver:
			for _, c := range issue.Candidates {
				p.held[at] = append(p.held[at], c.ID)
			}
		case IssueUnknown:
			p.unknown[at] = issue
		}
	}
	return nil
}

// narrowScope joins the target's side of the selection with the job's.
func (p *planner) narrowScope(ctx context.Context) error {
	if p.parts.scoper == nil {
		return nil
	}
	theirs, err := p.parts.scoper.Scope(ctx)
	if err != nil {
		return &TargetError{fmt.Errorf("the target cannot tell its selection: %w", err)}
	}
	for _, s := range p.sources {
		if s.Scope, err = narrow(s.Scope, theirs); err != nil {
			return fmt.Errorf("source %s: %w", s.Name, err)
		}
	}
	return nil
}

// sealPlan judges a stored plan and makes it the held one.
func (e *Engine) sealPlan(ctx context.Context, r *running, p *planner, plan *sealed) error {
	info := &r.info
	info.State, info.Plan, info.Sealed = RunSealed, plan.id, time.Now()
	info.Batches, info.Ops = plan.batches, plan.ops
	info.Planned = r.tell.counts
	info.Planned.addWrites(plan.planned)
	info.Findings = append(p.findings(plan), e.job.Guard.judge(plan.tallies, p.links, p.emptyFirst)...)
	info.Sources = p.sourceStates()
	r.failed = p.someFailed()
	info.Outcome = planOutcome(info.Findings)
	if err := e.keepApproval(ctx, info); err != nil {
		return err
	}
	r.tell.counts = info.Planned.notWrites()
	e.logPlan(ctx, r)
	return e.state.Save(ctx, *info)
}

// keepApproval lets the approval of an equal plan hold for this one.
func (e *Engine) keepApproval(ctx context.Context, info *RunInfo) error {
	for held, err := range e.state.History(ctx) {
		if err != nil {
			return err
		}
		if held.State == RunSealed && held.Plan == info.Plan {
			info.Approved = held.Approved
		}
	}
	return nil
}

func planOutcome(findings []Finding) RunOutcome {
	outcome := OutcomePlanned
	for _, f := range findings {
		switch {
		case f.Refuses:
			return OutcomeRefused
		case f.Rule == findingWitness:
			outcome = OutcomeUnsure
		}
	}
	return outcome
}

func (c *Counts) addWrites(w Counts) {
	c.Create += w.Create
	c.Update += w.Update
	c.Rename += w.Rename
	c.Deactivate += w.Deactivate
	c.Reactivate += w.Reactivate
	c.Adopt += w.Adopt
	c.Delete += w.Delete
	c.Members += w.Members
}

// findings are what the reads and the plan itself have to say.
func (p *planner) findings(plan *sealed) []Finding {
	out := p.witnessFindings()
	for _, s := range p.sources {
		if s.err != nil {
			out = append(out, Finding{Rule: findingSourceFailed, Source: s.Name, Text: "source " + s.Name + " failed and nothing of it was used: " + s.err.Error()})
		}
	}
	if p.halt != nil {
		out = append(out, Finding{Rule: findingHalted, Source: p.sources[p.halt.source].Name, Count: plan.withheld, Of: p.tell.counts.Quarantined,
			Text: fmt.Sprintf("halted: %d new object(s) lack a required attribute; %d operation(s) behind the first of them are withheld until the directory is completed", p.tell.counts.Quarantined, plan.withheld)})
	}
	return out
}

func (p *planner) sourceReports() []SourceReport {
	out := make([]SourceReport, len(p.sources))
	for i, s := range p.sources {
		out[i] = s.report
	}
	return out
}

func (p *planner) someFailed() bool {
	for _, s := range p.sources {
		if s.err != nil {
			return true
		}
	}
	return false
}

// allFailed gives the error of the first source when none could be read.
func (p *planner) allFailed() error {
	for _, s := range p.sources {
		if s.err == nil {
			return nil
		}
	}
	return &SourceError{p.sources[0].Name, p.sources[0].err}
}

// sourceStates says what becomes of each source's cursor when the run ends. A
// source that failed, and all sources of a run that halts, keep theirs. One
// whose absences are not believed starts with a snapshot, held against the
// last good witness.
func (p *planner) sourceStates() []SourceState {
	var out []SourceState
	for _, s := range p.sources {
		switch {
		case s.err != nil || p.halt != nil:
		case s.unsure != "":
			kept := s.before
			kept.Name, kept.Cursor, kept.Run, kept.Snapshot = s.Name, "", p.run, false
			out = append(out, kept)
		default:
			next := SourceState{Name: s.Name, Cursor: s.next, Witness: s.witness, Config: p.config.text(), Objects: s.report.Objects, Snapshot: s.snapshot, Run: p.run}
			if !s.snapshot {
				next.Witness, next.Objects = s.before.Witness, s.before.Objects
			}
			out = append(out, next)
		}
	}
	return out
}

// fail ends a run that could not be planned.
func (e *Engine) fail(ctx context.Context, r *running, err error) error {
	r.info.State, r.info.Ended, r.info.Error = RunEnded, time.Now(), err.Error()
	r.info.Outcome = r.failure(ctx, err)
	r.info.Applied = Counts{} // what was counted half-way says nothing
	saving := context.WithoutCancel(ctx)
	e.logEnd(saving, r, err)
	if saveErr := e.state.Finish(saving, r.info, nil, e.job.KeepRuns); saveErr != nil {
		return errors.Join(err, saveErr)
	}
	return err
}

// failure gives the outcome of a run without a plan. A read that was cut short,
// or that could not reach a base any more, is not to be trusted: that is unsure,
// and not a failure, where there is something to lose.
func (r *running) failure(ctx context.Context, err error) RunOutcome {
	_, source := errors.AsType[*SourceError](err)
	if source && r.known && CodeOf(err) == CodeIncomplete && ctx.Err() == nil {
		return OutcomeUnsure
	}
	return failureOutcome(ctx, err)
}

func failureOutcome(ctx context.Context, err error) RunOutcome {
	switch {
	case errors.Is(err, context.Canceled) || ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled):
		return OutcomeCancelled
	case CodeOf(err) == CodeUnavailable:
		return OutcomeUnreachable
	}
	return OutcomeFailed
}
