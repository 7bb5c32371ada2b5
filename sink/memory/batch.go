package memory

import (
	"cmp"
	"context"

	"github.com/adsync/sdk/adsync"
)

// ApplyBatch carries the ops out in their order. Ops with the same Swap take
// effect together, at the place of the first of them, or none of them does.
func (s *Sink) ApplyBatch(ctx context.Context, batch adsync.OpBatch) ([]adsync.Result, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.InterceptBatch != nil {
		if err := s.InterceptBatch(batch); err != nil {
			return nil, err
		}
	}
	if most := s.Rules.MaxBatch; most > 0 && len(batch.Ops) > most {
		return nil, adsync.Errorf(adsync.CodeTooLarge, "memory: a batch takes %d ops, not %d", most, len(batch.Ops))
	}
	results := make([]adsync.Result, len(batch.Ops))
	done := map[int]bool{}
	for i, op := range batch.Ops {
		switch {
		case op.Swap == 0 || op.Verb != adsync.Put || s.Rules.Swap != adsync.SwapAtomic:
			r, err := s.offer(op, false)
			results[i] = adsync.Result{Receipt: r, Err: err}
		case !done[op.Swap]:
			done[op.Swap] = true
			s.exchange(batch.Ops, op.Swap, results)
		}
	}
	return results, nil
}

// exchange carries out the ops of one exchange. Their objects let go of all
// their values first, so that none is in another's way.
func (s *Sink) exchange(ops []adsync.Op, swap int, results []adsync.Result) {
	var old []*object
	for _, op := range ops {
		if o := s.objects[op.Target]; inExchange(op, swap) && o != nil {
			old = append(old, o)
			s.unindex(o)
		}
	}
	first := len(s.calls)
	var failed error
	for i, op := range ops {
		if inExchange(op, swap) {
			results[i].Receipt, results[i].Err = s.offer(op, true)
			failed = cmp.Or(failed, results[i].Err)
		}
	}
	if failed != nil {
		s.undo(s.calls[first:], failed)
		for i, op := range ops {
			if inExchange(op, swap) {
				results[i] = adsync.Result{Err: failed}
			}
		}
	}
	for _, o := range old {
		s.settle(o, failed != nil)
	}
}

// undo makes calls as if they had failed; what they made goes away.
func (s *Sink) undo(calls []Call, failed error) {
	for i, c := range calls {
		if c.Effect {
			delete(s.answers, c.Op.Key)
		}
		if o := s.objects[c.Receipt.Target]; o != nil && c.Receipt.Outcome == adsync.Created {
			s.drop(o)
		}
		calls[i] = Call{Op: c.Op, Err: failed}
	}
}

// settle puts an object of an exchange back into the index, as it was before
// when the exchange failed.
func (s *Sink) settle(old *object, failed bool) {
	now := s.objects[old.target.ID]
	s.unindex(now)
	if failed {
		now = old
	}
	s.keep(now)
}

func inExchange(op adsync.Op, swap int) bool { return op.Swap == swap && op.Verb == adsync.Put }
