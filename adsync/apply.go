package adsync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/adsync/sdk/internal/protection"
)

// applier sends the batches of one plan and records what came of them. Up to
// Schema.InFlight batches of a phase are under way; they are recorded in order,
// while the next ones are sent.
type applier struct {
	*running
	engine *Engine
	parts  *parts
	state  State
	hash   *hasher
	next   map[string]bool // sources that are read by cursor
	// answered tells whether the target answered any op; silent counts those
	// that it did not answer since, and silence is the error of the last of them.
	answered bool
	silent   int
	silence  error
	tried    int // results seen
	denied   int // of them refused for lack of rights, from the start
	made     *made
	effects  *effects // of the whole run so far
}

// sending is a batch under way.
type sending struct {
	batch PlanBatch
	work  *work
	done  chan struct{}
	err   error // the run cannot go on
}

// carryOut applies a sealed or begun plan and ends its run.
func (e *Engine) carryOut(ctx context.Context, r *running) error {
	secret, err := e.state.Secret(ctx)
	if err != nil {
		return err
	}
	resumed := r.info.State == RunApplying
	if !resumed {
		r.info.State = RunApplying
		if err := e.state.Save(ctx, r.info); err != nil {
			return err
		}
	}
	a := &applier{running: r, engine: e, parts: e.parts, state: e.state, hash: newHasher(secret), next: map[string]bool{}, effects: newEffects()}
	a.info.Applied = a.tell.counts
	a.effects.add(&a.info.Effects)
	if a.made, err = newMade(ctx, e.state, a.info.Ops); err != nil {
		return err
	}
	for _, s := range r.info.Sources {
		a.next[s.Name] = s.Cursor != ""
	}
	err = a.all(ctx, resumed)
	if err == nil || protection.Outcomes.Removed() {
		err = a.finish(ctx)
	}
	if err != nil {
		err = lostLease(ctx, err)
		a.stopped(ctx, err)
	}
	e.logEnd(context.WithoutCancel(ctx), r, err)
	return err
}

// stopped notes why a run did not come to its end. It stays begun: the next
// run goes on from the journal.
func (a *applier) stopped(ctx context.Context, err error) {
	a.info.Outcome, a.info.Error = failureOutcome(ctx, err), err.Error()
	a.info.Ended = time.Now()
	saving := context.WithoutCancel(ctx)
	_ = a.tell.flush(saving)
	_ = a.state.Save(saving, a.info) // the journal holds what matters; this is for the history
}

func (a *applier) all(ctx context.Context, resumed bool) (err error) {
	if a.info.Recorded >= a.info.Batches {
		return nil
	}
	if a.parts.runs != nil {
		if err := a.parts.runs.Begin(ctx, a.info.ID); err != nil {
			return &TargetError{fmt.Errorf("the run could not begin: %w", err)}
		}
		defer func() {
			ended := a.parts.runs.End(context.WithoutCancel(ctx), a.info.ID, err == nil)
			if err == nil && ended != nil {
				err = &TargetError{fmt.Errorf("the run could not end: %w", ended)}
			}
		}()
	}
	first := a.info.Recorded
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var under []*sending
	defer func() { // nothing outlives the run
		cancel()
		for _, s := range under {
			<-s.done
		}
	}()
	phase := Phase(0)
	for batch, err := range a.state.Batches(ctx, a.info.ID, first) {
		if err != nil {
			return err
		}
		for len(under) > 0 && (len(under) >= a.inFlight() || batch.Ops[0].Phase != phase || sameObject(under[len(under)-1].batch, batch) || a.takesFrom(under, batch)) {
			if under, err = a.recordFirst(ctx, under); err != nil {
				return err
			}
		}
		phase = batch.Ops[0].Phase
		doubtful := resumed && batch.N < first+a.inFlight()
		s, err := a.start(ctx, batch, doubtful)
		if err != nil {
			return err
		}
		under = append(under, s)
	}
	for len(under) > 0 {
		if under, err = a.recordFirst(ctx, under); err != nil {
			return err
		}
	}
	if a.tried > 0 && !a.answered {
		return a.unreachable() // what was tried is recorded, and is planned anew
	}
	return nil
}

// sameObject tells whether a batch goes on with the object that the one before
// it ended with: two ops of one object are never under way together.
func sameObject(before, batch PlanBatch) bool {
	last, first := &before.Ops[len(before.Ops)-1], &batch.Ops[0]
	return last.Link == first.Link && last.Source == first.Source
}

// takesFrom tells whether a batch takes a unique value that one under way gives
// up: the target may not see the second before the first.
func (a *applier) takesFrom(under []*sending, batch PlanBatch) (takes bool) {
	given := map[string]bool{}
	for _, s := range under {
		for i := range s.batch.Ops {
			if s.batch.Ops[i].Old.Len() == 0 {
				continue // whoever is new gives nothing up
			}
			a.eachClaim(&s.batch.Ops[i], func(value string, what byte) {
				if what == claimGives {
					given[value] = true
				}
			})
		}
	}
	for i := range batch.Ops {
		if len(given) == 0 {
			return false
		}
		a.eachClaim(&batch.Ops[i], func(value string, what byte) { takes = takes || what == claimTakes && given[value] })
	}
	return takes
}

func (a *applier) inFlight() int { return max(1, a.schema.InFlight) }

// start sends a batch from a goroutine of its own.
func (a *applier) start(ctx context.Context, batch PlanBatch, doubtful bool) (*sending, error) {
	w, err := a.prepare(ctx, batch)
	if err != nil {
		return nil, err
	}
	w.doubtful = doubtful && !protection.ReadBack.Removed()
	s := &sending{batch: batch, work: w, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.err = a.send(ctx, w)
	}()
	return s, nil
}

// recordFirst waits for the oldest batch and stores its outcome.
func (a *applier) recordFirst(ctx context.Context, under []*sending) ([]*sending, error) {
	s := under[0]
	<-s.done
	if s.err != nil {
		if ctx.Err() != nil {
			return under, context.Cause(ctx)
		}
		return under, s.err
	}
	if err := a.judgeFailures(s.work); err != nil {
		return under, err
	}
	record, err := a.outcome(ctx, s)
	if err != nil {
		return under, err
	}
	if err := a.state.Record(ctx, record); err != nil {
		return under, err
	}
	a.info.Recorded++
	a.info.Applied, a.info.Effects = record.Applied, record.Effects
	a.tell.progress(Progress{Stage: "apply", Done: min(a.info.Recorded*a.batchSize(), a.info.Ops), Total: a.info.Ops})
	return under[1:], nil
}

// deniedAtFirst is how many refusals, from the first op of a run on, say that
// the account has no rights at all.
const deniedAtFirst = 20

var errAllDenied = errors.New("the first 20 operations of the run were all denied; check the rights of the account")

// silentAtMost is how many ops in a row the target may leave unanswered. Fewer
// may be the fault of the objects, and must not hold up all others.
const silentAtMost = 9

// judgeFailures stops the run where going on makes no sense.
func (a *applier) judgeFailures(w *work) error {
	for _, i := range w.sent {
		err := w.results[i].Err
		code := CodeOf(err)
		if err != nil && code == CodeDenied && a.denied == a.tried {
			a.denied++
		}
		a.tried++
		if a.denied >= deniedAtFirst && a.denied == a.tried {
			return &TargetError{fmt.Errorf("%w: %w", errAllDenied, err)}
		}
		if err != nil && code == CodeUnavailable {
			a.silent++
			a.silence = err
		} else {
			a.silent, a.answered = 0, true
		}
	}
	if a.silent > silentAtMost {
		return a.unreachable()
	}
	return nil
}

func (a *applier) unreachable() error {
	return &TargetError{fmt.Errorf("it does not answer: %w", a.silence)}
}

// finish ends the run: the cursors move with the last outcome.
func (a *applier) finish(ctx context.Context) error {
	if err := a.tell.flush(ctx); err != nil {
		return err
	}
	for _, s := range a.info.Sources {
		if s.Snapshot && s.Run == a.info.ID {
			if err := a.state.ResolveOlder(ctx, s.Name, a.info.ID); err != nil {
				return err
			}
		}
	}
	for _, f := range a.info.Findings {
		if f.Rule == findingAccepted {
			if err := a.state.DropAnswer(ctx, f.Source, ""); err != nil {
				return err
			}
		}
	}
	a.info.State, a.info.Ended, a.info.Applied = RunEnded, time.Now(), a.tell.counts
	a.info.Outcome, a.info.Error = a.endOutcome(), ""
	return a.state.Finish(ctx, a.info, a.info.Sources, a.job.KeepRuns)
}

func (a *applier) endOutcome() RunOutcome {
	rules := map[string]bool{}
	for _, f := range a.info.Findings {
		rules[f.Rule] = true
	}
	switch {
	case rules[findingHalted]:
		return OutcomeHalted
	case rules[findingWitness] || rules[findingAudit]:
		return OutcomeUnsure
	case a.failed || a.tell.failures > 0:
		return OutcomePartial
	case a.tell.counts.Conflicts > 0:
		return OutcomeConflicts
	}
	return OutcomeCompleted
}
