package adsync

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// leaseError says that the target may be another's by now.
type leaseError struct{ err error }

func (e *leaseError) Error() string { return e.err.Error() }
func (e *leaseError) Unwrap() error { return e.err }

// lostLease gives the loss of the lease as the error of a run that ended for it:
// what is under way sees no more than that it is cancelled.
func lostLease(ctx context.Context, err error) error {
	if lost, ok := errors.AsType[*leaseError](context.Cause(ctx)); ok && err != nil {
		return lost
	}
	return err
}

// keepLease renews the lease three times in its life. A renewal that fails for
// another reason than a lost lease is tried again until the lease has run out.
func (e *Engine) keepLease(ctx context.Context, cancel context.CancelCauseFunc) {
	ticks := time.NewTicker(e.job.LeaseTime / 3)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		err := e.renew(ctx)
		if errors.Is(err, ErrFenced) || err != nil && e.ranOut() {
			cancel(err)
			return
		}
	}
}

func (e *Engine) renew(ctx context.Context) error {
	asked := time.Now() // an answer that takes its time makes the lease no longer
	if err := e.state.Renew(ctx, e.job.LeaseTime); err != nil {
		return &leaseError{fmt.Errorf("adsync: the lease of target %s could not be renewed: %w", e.job.Target, err)}
	}
	e.renewed.Store(&asked)
	return nil
}

// ranOut tells whether the lease has run out since it was renewed last, by
// either clock: one of them stands still while a machine sleeps.
func (e *Engine) ranOut() bool {
	last := *e.renewed.Load()
	return max(time.Since(last), time.Now().Round(0).Sub(last.Round(0))) >= e.job.LeaseTime
}

// stillHeld is asked before anything is sent: a process that slept past its
// lease finds out first whether another has taken the target over. The state
// refuses what such a process writes, but nobody else refuses what it sends.
func (e *Engine) stillHeld(ctx context.Context) error {
	if !e.ranOut() {
		return nil
	}
	return e.renew(ctx)
}
