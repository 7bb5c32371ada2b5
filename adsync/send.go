package adsync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// send has a batch take effect, with retry and splitting. Each op sent has a
// result afterwards; an error says that the run cannot go on.
func (a *applier) send(ctx context.Context, w *work) error {
	if len(w.sent) == 0 {
		return nil
	}
	which := slices.Clone(w.sent)
	if w.doubtful {
		which = a.readBackAll(ctx, w, which)
	}
	return a.sendSome(ctx, w, w.key, which)
}

// sendSome tries until every op has a final result.
func (a *applier) sendSome(ctx context.Context, w *work, key string, which []int) error {
	gone := false
	for try := 1; len(which) > 0; try++ {
		whole := a.call(ctx, w, key, which)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if lost, ok := errors.AsType[*leaseError](whole); ok {
			return lost
		}
		code := CodeOf(whole)
		switch {
		case whole == nil:
		case code == CodeUnauthenticated:
			return &TargetError{fmt.Errorf("the credentials are refused: %w", whole)}
		case code == CodeTooLarge && w.middle(which) > 0:
			return a.split(ctx, w, key, which)
		case code == CodeGone && !gone && a.parts.runs != nil:
			gone = true
			if err := a.parts.runs.Begin(ctx, a.info.ID); err != nil {
				return &TargetError{fmt.Errorf("the run could not begin again: %w", err)}
			}
			continue
		default:
			for _, i := range which {
				w.results[i] = Result{Err: whole}
			}
		}
		w.notePerhaps(which)
		if try > 1 || w.doubtful {
			a.acceptRepeats(ctx, w, which)
		}
		again, wait := a.unsettled(w, which, try)
		a.lastLook(ctx, w, which, again, whole != nil && code != CodeTooLarge && code != CodeLimited)
		if len(again) == 0 {
			return nil
		}
		a.logRetry(ctx, w, which, try, wait.Seconds())
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		if limited := !slices.ContainsFunc(again, func(i int) bool { return CodeOf(w.results[i].Err) != CodeLimited }); limited {
			try-- // nothing took effect and the target said when to come back
		} else {
			again = a.readBackAll(ctx, w, again)
		}
		if len(again) < len(which) {
			key = w.restKey(again) // another batch than the one that was tried
		}
		which = again
	}
	return nil
}

// call sends ops once. The error is for all of them.
func (a *applier) call(ctx context.Context, w *work, key string, which []int) error {
	if err := a.engine.stillHeld(ctx); err != nil {
		return err
	}
	if a.parts.batch == nil {
		for n, i := range which {
			if err := a.engine.stillHeld(ctx); err != nil {
				return err
			}
			receipt, err := a.applyOne(ctx, w.ops[i])
			w.results[i] = Result{receipt, err}
			switch code := CodeOf(err); {
			case err == nil:
			case code == CodeUnauthenticated || ctx.Err() != nil:
				return err
			case code == CodeLimited: // so are the others, which wait with it
				for _, behind := range which[n+1:] {
					w.results[behind] = Result{Err: err}
				}
				return nil
			}
		}
		return nil
	}
	batch := OpBatch{Run: a.info.ID, N: w.n, Key: key, Ops: make([]Op, len(which))}
	for n, i := range which {
		batch.Ops[n] = w.ops[i]
	}
	results, err := a.applyBatch(ctx, batch)
	if err != nil {
		return err
	}
	if len(results) != len(which) {
		return Errorf(CodeOther, "the sink answered %d results to %d operations; this is a fault of the sink, and what took effect is not known", len(results), len(which))
	}
	for n, i := range which {
		w.results[i] = results[n]
		if err := results[n].Err; err != nil && CodeOf(err) == CodeUnauthenticated {
			return err
		}
	}
	return nil
}

// restKey gives the key of a part of a batch, which names its ops: the same part
// has the same key after a crash too.
func (w *work) restKey(which []int) string {
	sum := sha256.New()
	for _, i := range which {
		sum.Write([]byte(w.ops[i].Key))
	}
	return w.key + "-" + hex.EncodeToString(sum.Sum(nil)[:8])
}

// middle gives the place where a batch can be split without tearing an exchange
// of values apart, the nearest one to its middle; 0 where there is none.
func (w *work) middle(which []int) int {
	half := len(which) / 2
	for off := range len(which) {
		for _, at := range []int{half - off, half + off} {
			if at > 0 && at < len(which) && (w.ops[which[at]].Swap == 0 || w.ops[which[at]].Swap != w.ops[which[at-1]].Swap) {
				return at
			}
		}
	}
	return 0
}

// acceptRepeats takes a conflict for success where the object in the way is the
// one that an earlier attempt at the same create made: the target carries our
// own mark on it.
func (a *applier) acceptRepeats(ctx context.Context, w *work, which []int) {
	if a.parts.finder == nil {
		return
	}
	for _, i := range which {
		op := &w.ops[i]
		if !isCreate(op) || CodeOf(w.results[i].Err) != CodeConflict {
			continue
		}
		found, err := a.parts.finder.Find(ctx, op.Kind, []Key{{Attr: AttrExternalID, Value: string(op.Anchor)}})
		if err != nil {
			continue // the conflict stands, and a person sees it
		}
		for _, t := range found {
			if t.Attrs.Get(AttrExternalID) == string(op.Anchor) {
				w.results[i] = Result{Receipt: Receipt{Target: t.ID, Outcome: Created}}
			}
		}
	}
}

// split halves a batch that is too large. The halves' keys derive from its own.
func (a *applier) split(ctx context.Context, w *work, key string, which []int) error {
	half := w.middle(which)
	if err := a.sendSome(ctx, w, key+"a", which[:half]); err != nil {
		return err
	}
	return a.sendSome(ctx, w, key+"b", which[half:])
}

// unsettled gives the ops to try again, and how long to wait first.
func (a *applier) unsettled(w *work, which []int, try int) (again []int, wait time.Duration) {
	for _, i := range which {
		err := w.results[i].Err
		if err == nil {
			continue
		}
		switch CodeOf(err) {
		case CodeLimited:
			wait = max(wait, retryAfter(err), a.backOff(1))
		case CodeUnavailable:
			if try >= a.job.Retry.Tries {
				continue
			}
			wait = max(wait, retryAfter(err), a.backOff(try))
		default:
			continue
		}
		again = append(again, i)
	}
	return again, wait
}

func retryAfter(err error) time.Duration {
	if coded, ok := errors.AsType[*Error](err); ok {
		return coded.RetryAfter
	}
	return 0
}

// backOff doubles from First to Most, and takes between half and all of that.
func (a *applier) backOff(try int) time.Duration {
	wait := a.job.Retry.First
	for i := 1; i < try && wait < a.job.Retry.Most; i++ {
		wait *= 2
	}
	wait = min(wait, a.job.Retry.Most)
	return wait/2 + rand.N(wait/2+1)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// isCreate tells whether an op makes a new object.
func isCreate(op *Op) bool { return op.Verb == Put && op.Target == "" }

// lastLook is for creates that are not tried again and of which it is not known
// whether they took effect, at a sink that cannot recognise a repeated one:
// either they are found, or a person has to look.
func (a *applier) lastLook(ctx context.Context, w *work, tried, again []int, whole bool) {
	if a.schema.Replay != ReplayNone {
		return
	}
	for _, i := range tried {
		err := w.results[i].Err
		if err == nil || slices.Contains(again, i) || !isCreate(&w.ops[i]) || !whole && CodeOf(err) != CodeUnavailable {
			continue
		}
		a.settleBack(ctx, w, i)
	}
}

// settleBack reads one create back, and tells whether its result is final.
func (a *applier) settleBack(ctx context.Context, w *work, i int) bool {
	target, found, err := a.parts.readBack(ctx, a.job.Matcher, createdBy(&w.ops[i]))
	if cause := w.results[i].Err; err != nil && cause != nil {
		err = fmt.Errorf("%w (what went wrong: %w)", err, cause)
	}
	switch {
	case err != nil:
		w.results[i] = Result{Err: &Error{Code: CodeConflict, Problem: string(IssueUnknown), Err: err}}
	case found:
		w.results[i] = Result{Receipt: Receipt{Target: target, Outcome: Created}}
	}
	return err != nil || found
}

// readBackAll settles, for a sink that cannot recognise a repeated create,
// those creates that may have taken effect. It gives the ops still to send.
func (a *applier) readBackAll(ctx context.Context, w *work, which []int) []int {
	if a.schema.Replay != ReplayNone {
		return which
	}
	var again []int
	for _, i := range which {
		if !isCreate(&w.ops[i]) || !a.settleBack(ctx, w, i) {
			again = append(again, i) // changing to the same values twice is once
		}
	}
	return again
}
