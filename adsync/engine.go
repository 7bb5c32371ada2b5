package adsync

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Engine runs one job. Its methods may be called from several goroutines; runs
// of one target follow each other, over all processes.
type Engine struct {
	job   Job
	parts *parts
	log   *slog.Logger

	mu       sync.Mutex // guards what open makes
	settings *settings
	state    State
	working  chan struct{}             // full while a run is under way in this process
	renewed  atomic.Pointer[time.Time] // when the lease was asked for last, which was before it began
}

// New checks a job and gives its engine. It asks nobody: connectors are opened
// by the first call that needs them. The error is a *ConfigError that lists
// every fault of every part.
func New(job Job) (*Engine, error) {
	job = job.withDefaults()
	p := lookUpParts(&job)
	if faults := job.faults(p); len(faults) > 0 {
		return nil, &ConfigError{faults}
	}
	return &Engine{job: job, parts: p, working: make(chan struct{}, 1), log: newLog(&job)}, nil
}

// open opens state and connectors and reads the sink's schema, once.
func (e *Engine) open(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.settings != nil {
		return nil
	}
	if err := e.openState(ctx); err != nil {
		return err
	}
	if err := e.parts.open(ctx); err != nil {
		return err
	}
	var schema Schema
	if e.parts.describer != nil {
		var err error
		if schema, err = e.parts.describer.Schema(ctx); err != nil {
			closeParts(e.parts.all)
			return fmt.Errorf("adsync: the sink cannot tell its schema: %w", err)
		}
	}
	for kind := range schema.Kinds {
		if !kind.valid() {
			closeParts(e.parts.all)
			return &ConfigError{[]error{fmt.Errorf("the sink's schema names %s, which is no kind of object; this is a fault of the sink", kind)}}
		}
	}
	s := newSettings(e.job, schema)
	if faults := s.schemaFaults(e.parts); len(faults) > 0 {
		closeParts(e.parts.all)
		return &ConfigError{faults}
	}
	e.settings = s
	return nil
}

func (e *Engine) openState(ctx context.Context) (err error) {
	if e.state == nil {
		if e.state, err = e.job.State.Open(ctx, e.job.Target); err != nil {
			return fmt.Errorf("adsync: the state of target %s cannot be opened: %w", e.job.Target, err)
		}
	}
	return nil
}

// onlyState gives the state, opened where it is not. Who reads without holding
// the target keeps what this gives: the engine may be closed meanwhile.
func (e *Engine) onlyState(ctx context.Context) (State, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.openState(ctx)
	return e.state, err
}

// reading gives an open engine for a question that needs no lease. It keeps its
// state and settings when this one is closed meanwhile; what is asked of them
// then fails.
func (e *Engine) reading(ctx context.Context) (*Engine, error) {
	if err := e.open(ctx); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.settings == nil {
		return nil, Errorf(CodeInvalid, "adsync: the engine was closed meanwhile")
	}
	return &Engine{job: e.job, parts: e.parts, log: e.log, settings: e.settings, state: e.state, working: e.working}, nil
}

// Check tries every part without writing anything: address, certificate,
// credentials, rights, schema. It gives all that is wrong, joined.
func (e *Engine) Check(ctx context.Context) error {
	if err := e.open(ctx); err != nil {
		return err
	}
	return e.parts.check(ctx)
}

// Close waits for a run that is under way and closes the connectors and the
// state. The StateStore is the caller's. A call after Close opens them anew, and
// Close has to follow it again.
func (e *Engine) Close() error {
	e.working <- struct{}{}
	defer func() { <-e.working }()
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	if e.settings != nil {
		errs = append(errs, closeParts(e.parts.all))
	}
	if e.state != nil {
		errs = append(errs, e.state.Close())
	}
	e.settings, e.state = nil, nil
	return errors.Join(errs...)
}

// hold takes the target for one run. The context it gives ends when the lease
// is lost; release gives the target up.
func (e *Engine) hold(ctx context.Context) (_ context.Context, release func(), err error) {
	select {
	case e.working <- struct{}{}:
	default: // not one select: of two that are ready it takes either
		select {
		case e.working <- struct{}{}:
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("adsync: cancelled while another run of this engine was under way: %w", context.Cause(ctx))
		}
	}
	if err := e.open(ctx); err != nil {
		<-e.working
		return nil, nil, err
	}
	asked := time.Now()
	if err := e.state.Acquire(ctx, e.job.Owner, e.job.LeaseTime); err != nil {
		<-e.working
		return nil, nil, err
	}
	e.renewed.Store(&asked)
	ctx, cancel := context.WithCancelCause(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() { e.keepLease(ctx, cancel) })
	return ctx, func() {
		cancel(nil)
		keeper.Wait()
		_ = e.state.Release(context.WithoutCancel(ctx)) // it runs out by itself otherwise
		<-e.working
	}, nil
}

// Issues gives what is remembered to be wrong, in order of source and anchor.
func (e *Engine) Issues(ctx context.Context) iter.Seq2[Issue, error] {
	return func(yield func(Issue, error) bool) {
		state, err := e.onlyState(ctx)
		if err != nil {
			yield(Issue{}, err)
			return
		}
		for issue, err := range state.ListIssues(ctx) {
			if !yield(issue, err) {
				return
			}
		}
	}
}

// Answer remembers what a person decided about an object; the next plan
// follows it. [AnswerRetry] forgets an earlier answer.
func (e *Engine) Answer(ctx context.Context, a Answer) error {
	switch a.Verdict {
	case AnswerLink:
		if a.Target == "" {
			return Errorf(CodeInvalid, "adsync: the answer link needs the id of the target's object")
		}
	case AnswerCreate, AnswerIgnore, AnswerRelink, AnswerRelease, AnswerRetry:
	default:
		return Errorf(CodeInvalid, "adsync: %q is no answer; use link, create, ignore, relink, release or retry", a.Verdict)
	}
	if a.Source == "" || a.Anchor == "" {
		return Errorf(CodeInvalid, "adsync: an answer needs the source and the anchor of the object")
	}
	if err := e.hasSource(a.Source); err != nil {
		return err
	}
	state, err := e.onlyState(ctx)
	if err != nil {
		return err
	}
	if a.Verdict == AnswerRetry {
		return state.DropAnswer(ctx, a.Source, a.Anchor)
	}
	if a.At.IsZero() {
		a.At = time.Now()
	}
	return state.PutAnswer(ctx, a)
}

func (e *Engine) hasSource(name string) error {
	if !slices.ContainsFunc(e.job.Sources, func(s SourceConfig) bool { return s.Name == name }) {
		return Errorf(CodeInvalid, "adsync: the job has no source %q", name)
	}
	return nil
}

// AcceptRead says that the next complete read of a source is to be believed,
// whatever it lacks: the base really is empty, the attribute really is gone. It
// holds until a run has been applied, and does not lift the guard's limits. by
// names the person.
func (e *Engine) AcceptRead(ctx context.Context, source, by string) error {
	if by == "" {
		return Errorf(CodeInvalid, "adsync: accepting a read needs the name of the person who does")
	}
	if err := e.hasSource(source); err != nil {
		return err
	}
	state, err := e.onlyState(ctx)
	if err != nil {
		return err
	}
	return state.PutAnswer(ctx, Answer{Source: source, Verdict: answerAccept, By: by, At: time.Now()})
}

// History gives the runs that are remembered, newest first.
func (e *Engine) History(ctx context.Context) iter.Seq2[RunInfo, error] {
	return func(yield func(RunInfo, error) bool) {
		state, err := e.onlyState(ctx)
		if err != nil {
			yield(RunInfo{}, err)
			return
		}
		for info, err := range state.History(ctx) {
			if !yield(info, err) {
				return
			}
		}
	}
}
