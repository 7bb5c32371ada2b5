package adsync

import (
	"context"
	"fmt"
	"time"

	"github.com/adsync/sdk/internal/spill"
)

// makePlan reads, plans, judges and seals. A nil run means that none began.
func (e *Engine) makePlan(ctx context.Context) (*running, error) {
	r, p, err := e.beginPlan(ctx)
	if err != nil {
		return r, err
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

// beginPlan begins a run that makes a plan. A nil run means that none began.
func (e *Engine) beginPlan(ctx context.Context) (*running, *planner, error) {
	r := &running{settings: e.settings, info: RunInfo{Started: time.Now(), Config: e.settings.config}}
	id, err := e.state.Begin(ctx, r.info.Started)
	if err != nil {
		return nil, nil, err
	}
	r.info.ID = id
	r.tell = &teller{job: e.job, state: e.state, run: id}
	if r.past, err = recallPast(ctx, e.state, r.info.Started); err != nil {
		return r, nil, e.fail(ctx, r, err)
	}
	r.info.Verified = r.past.verifiedBefore(r.info.Started)
	p, err := e.newPlanner(ctx, r)
	if err != nil {
		return r, nil, e.fail(ctx, r, err)
	}
	return r, p, nil
}

func (e *Engine) newPlanner(ctx context.Context, r *running) (*planner, error) {
	secret, err := e.state.Secret(ctx)
	if err != nil {
		return nil, err
	}
	p := &planner{
		settings: e.settings, parts: e.parts, state: e.state, run: r.info.ID, now: r.info.Started,
		hash: newHasher(secret), codec: newRecordCodec(), tell: r.tell, answer: map[answerKey]Answer{}, settled: map[objectRef]*Result{},
		held: map[answerKey][]TargetID{}, unknown: map[answerKey]Issue{}, promised: map[TargetID][]objectRef{}, replaced: map[LinkRef]bool{},
		keyHashes: spill.NewNumbers(""),
	}
	if p.links, err = e.state.Count(ctx); err != nil {
		return nil, err
	}
	for a, err := range e.state.ListAnswers(ctx) {
		if err != nil {
			return nil, err
		}
		p.answer[answerKey{a.Source, a.Anchor}] = a
	}
	before, err := e.state.Sources(ctx)
	if err != nil {
		return nil, err
	}
	for i, c := range e.job.Sources {
		s := &sourceRead{SourceConfig: c, number: i, again: map[LinkKey][]string{}}
		for _, b := range before {
			if b.Name == c.Name {
				s.before = b
			}
		}
		p.sources = append(p.sources, s)
	}
	return p, p.narrowScope(ctx)
}

// recall reads, once for all sources, what earlier runs found wrong, as far as
// decisions rest on it or a read of changes has to make good for it.
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
		if s := p.sourceNamed(issue.Source); s != nil && s.since != "" {
			s.recalled = append(s.recalled, issue)
		}
	}
	return nil
}

// sourceNamed gives nil for a source that the job has no more.
func (p *planner) sourceNamed(name string) *sourceRead {
	for _, s := range p.sources {
		if s.Name == name {
			return s
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
	judged, err := p.judgePlan(ctx, plan, r.past)
	if err != nil {
		return err
	}
	info.Findings = append(p.findings(plan), judged...)
	info.Effects.First = p.emptyFirst
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
	held, err := e.state.Held(ctx)
	for _, h := range held {
		if h.State == RunSealed && h.Plan == info.Plan {
			info.Approved = h.Approved
		}
	}
	return err
}

func planOutcome(findings []Finding) RunOutcome {
	outcome := OutcomePlanned
	for _, f := range findings {
		switch {
		case f.Refuses:
			return OutcomeRefused
		case f.Rule == findingWitness || f.Rule == findingAudit:
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
	out := append(p.extra, p.witnessFindings()...)
	for _, s := range p.sources {
		if s.err != nil {
			out = append(out, Finding{Rule: findingSourceFailed, Source: s.Name, Text: "source " + s.Name + " failed and nothing of it was used: " + s.err.Error()})
		}
	}
	if made := plan.planned.Create; p.job.Identity != "" && len(p.sources) > 1 && !p.identified && made > 0 {
		out = append(out, Finding{Rule: findingIdentity, Count: made, Refuses: true, Text: fmt.Sprintf(
			"nobody in any source has %s, by which the job joins them, and %d object(s) would be made, some of them twice; see that the mapping gives it and reads what it is made of", p.job.Identity, made)})
	}
	if p.halt != nil {
		out = append(out, Finding{
			Rule: findingHalted, Source: p.sources[p.halt.source].Name, Count: plan.withheld, Of: p.tell.counts.Quarantined,
			Text: fmt.Sprintf("halted: %d new object(s) lack a required attribute; %d operation(s) behind the first of them are withheld until the directory is completed", p.tell.counts.Quarantined, plan.withheld),
		})
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
			next := SourceState{Name: s.Name, Cursor: s.next, Witness: s.witness, Config: s.config, Objects: s.report.Objects, Snapshot: s.snapshot, Run: p.run, Full: p.now}
			if s.snapshot && s.report.Objects == 0 { // nothing to go on from: it is read whole until it shows something
				next.Cursor = ""
			}
			if !s.snapshot {
				next.Witness, next.Objects, next.Full = s.before.Witness, s.before.Objects, s.before.Full
			}
			out = append(out, next)
		}
	}
	return out
}
