package localdb

import (
	"context"
	"errors"
	"fmt"

	"github.com/adsync/sdk/adsync"
)

// Apply carries out one op, in a transaction of its own.
func (s *Sink) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	results, err := s.ApplyBatch(ctx, adsync.OpBatch{Ops: []adsync.Op{op}})
	if err != nil {
		return adsync.Receipt{}, err
	}
	return results[0].Receipt, results[0].Err
}

// ApplyBatch carries out a batch in one transaction. An op that fails has no
// effect and does not stop the others. An error of the batch means that nothing
// was written, or, when the connection broke during the commit, that this is
// not known.
func (s *Sink) ApplyBatch(ctx context.Context, batch adsync.OpBatch) ([]adsync.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("localdb: nothing was written: %w", err)
	}
	if len(batch.Ops) > maxBatch {
		return nil, adsync.Errorf(adsync.CodeTooLarge, "localdb: a batch takes %d ops, not %d", maxBatch, len(batch.Ops))
	}
	var results []adsync.Result
	err := s.with(ctx, func(db *session) error {
		w := &writer{ctx: ctx, sink: s, db: db}
		if done, err := w.whole(batch.Ops); done {
			results = w.results
			return err
		}
		fault := w.transaction(batch.Ops)
		if errors.Is(fault, errAgain) {
			w.saved = true
			fault = w.transaction(batch.Ops)
		}
		results = w.results
		return fault
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// writer carries out the ops of one batch.
type writer struct {
	ctx  context.Context
	sink *Sink
	db   *session
	// saved puts a savepoint around each op. PostgreSQL needs that once an op
	// has failed; before, it would cost two more round trips an op.
	saved   bool
	results []adsync.Result
	swapped map[int]bool
}

func (w *writer) transaction(ops []adsync.Op) error {
	w.results, w.swapped = make([]adsync.Result, len(ops)), map[int]bool{}
	return w.db.transaction(func() error {
		for i := 0; i < len(ops); {
			if err := w.ctx.Err(); err != nil {
				return fmt.Errorf("localdb: the batch was rolled back: %w", err)
			}
			n, err := w.next(ops, i)
			if err != nil {
				return err
			}
			i += n
		}
		return nil
	})
}

// next carries out the op at i, or several from there, and says how many.
func (w *writer) next(ops []adsync.Op, i int) (int, error) {
	op := ops[i]
	if op.Swap != 0 && op.Verb == adsync.Put {
		if w.swapped[op.Swap] {
			return 1, nil
		}
		w.swapped[op.Swap] = true
		return 1, w.swap(ops, op.Swap)
	}
	if n := w.sink.together(w.db, ops[i:]); n > 1 && !w.saved {
		return n, w.createMany(ops[i:i+n], w.results[i:i+n])
	}
	if n := w.sink.changesTogether(w.db, ops[i:]); n > 1 && !w.saved {
		return n, w.changeMany(ops[i:i+n], w.results[i:i+n])
	}
	r, err := w.one(op)
	w.results[i] = adsync.Result{Receipt: r, Err: err}
	return 1, deeper(err)
}

// one carries out an op on its own. Errors that are no op's fault come back as
// an error that deeper recognises.
func (w *writer) one(op adsync.Op) (r adsync.Receipt, err error) {
	do := func() error {
		r, err = w.sink.do(w.db, op)
		return err
	}
	// One statement has an effect or none in SQLite, so only what takes several
	// needs a savepoint there.
	if w.saved || op.Verb == adsync.Members {
		err = w.db.within(do)
	} else {
		err = do()
	}
	if err == nil {
		return r, nil
	}
	return w.explained(op, err)
}

// explained turns a database's error into the op's, or into the batch's.
func (w *writer) explained(op adsync.Op, err error) (adsync.Receipt, error) {
	if _, ok := errors.AsType[*adsync.Error](err); ok {
		return adsync.Receipt{}, err
	}
	f := faultOf(err)
	if !f.ofOp() {
		return adsync.Receipt{}, &batchError{w.db.broken(err)}
	}
	if w.db.postgres && !w.saved && op.Verb != adsync.Members {
		return adsync.Receipt{}, &batchError{errAgain}
	}
	return w.sink.explain(w.db, op, f, err)
}

// batchError is an error that ends the batch.
type batchError struct{ error }

func (e *batchError) Unwrap() error { return e.error }

func deeper(err error) error {
	if e, ok := errors.AsType[*batchError](err); ok {
		return e.error
	}
	return nil
}
