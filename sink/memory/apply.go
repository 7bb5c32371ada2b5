package memory

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/adsync/sdk/adsync"
)

// Apply has one effect on the target.
func (s *Sink) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	if err := s.wait(ctx); err != nil {
		return adsync.Receipt{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.offer(op, false)
}

// wait lets the sink's latency pass. Nothing has been done when it fails.
func (s *Sink) wait(ctx context.Context) error {
	if s.Latency > 0 {
		timer := time.NewTimer(s.Latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: nothing was done: %w", err)
	}
	return nil
}

// offer carries an op out and writes it down. In an exchange, old values are
// not in the way.
func (s *Sink) offer(op adsync.Op, exchange bool) (adsync.Receipt, error) {
	call := Call{Op: op}
	answered := false
	if s.Intercept != nil {
		call.Receipt, call.Err, answered = s.Intercept(op)
	}
	if !answered {
		call.Receipt, call.Effect, call.Err = s.carryOut(op, exchange)
		if call.Err == nil && s.Lose != nil {
			if err := s.Lose(op); err != nil {
				call.Receipt, call.Err = adsync.Receipt{}, err
			}
		}
	}
	s.calls = append(s.calls, call)
	return call.Receipt, call.Err
}

func (s *Sink) carryOut(op adsync.Op, exchange bool) (adsync.Receipt, bool, error) {
	keyed := s.Rules.Replay == adsync.ReplayKeyed && op.Key != ""
	if r, ok := s.answers[op.Key]; keyed && ok {
		return r, false, nil
	}
	r, err := s.do(op, exchange)
	if err != nil {
		return adsync.Receipt{}, false, err
	}
	if keyed {
		s.answers[op.Key] = r
	}
	return r, r.Outcome != adsync.Unchanged, nil
}

func (s *Sink) do(op adsync.Op, exchange bool) (adsync.Receipt, error) {
	rules, ok := s.Rules.Kinds[op.Kind]
	if !ok && len(s.Rules.Kinds) > 0 {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnsupported, "memory: this target takes no %s", op.Kind)
	}
	if op.Verb == adsync.Put && op.Target == "" {
		return s.create(op, exchange)
	}
	o := s.objects[op.Target]
	if o == nil || o.target.Kind != op.Kind {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeNotFound, "memory: there is no %s %q", op.Kind, op.Target)
	}
	switch op.Verb {
	case adsync.Put:
		return s.change(o, op, exchange)
	case adsync.Deactivate:
		return s.deactivate(o, rules.Deactivate || len(s.Rules.Kinds) == 0)
	case adsync.Delete:
		return s.remove(o, rules.Delete || len(s.Rules.Kinds) == 0)
	case adsync.Members:
		return s.setMembers(o, op)
	}
	return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnsupported, "memory: %s is no verb", op.Verb)
}

func (s *Sink) create(op adsync.Op, exchange bool) (adsync.Receipt, error) {
	if o := s.known(op); o != nil {
		r, err := s.change(o, op, exchange)
		r.Outcome = adsync.Linked
		return r, err
	}
	o := &object{target: adsync.Target{Kind: op.Kind}, members: map[adsync.TargetID]bool{}}
	next, err := s.next(o, op, exchange)
	if err != nil {
		return adsync.Receipt{}, err
	}
	next.target.ID = s.newID(op.Kind)
	s.keep(next)
	return adsync.Receipt{Target: next.target.ID, Outcome: adsync.Created}, nil
}

func (s *Sink) change(o *object, op adsync.Op, exchange bool) (adsync.Receipt, error) {
	next, err := s.next(o, op, exchange)
	if err != nil {
		return adsync.Receipt{}, err
	}
	r := adsync.Receipt{Target: o.target.ID, Outcome: adsync.Updated}
	if next.target.Attrs.Equal(o.target.Attrs) && next.source == o.source {
		r.Outcome = adsync.Unchanged
	}
	s.unindex(o)
	s.keep(next)
	return r, nil
}

// next gives the object as it will be, or says why it may not be so.
func (s *Sink) next(o *object, op adsync.Op, exchange bool) (*object, error) {
	next := &object{target: o.target, source: op.Source, members: maps.Clone(o.members)}
	next.target.Attrs = o.target.Attrs.Clone()
	for name, values := range op.Set.All() {
		if len(values) == 0 {
			next.target.Attrs.Delete(name)
			continue
		}
		next.target.Attrs.Set(name, values...)
	}
	if err := s.judge(o, next, op); err != nil {
		return nil, err
	}
	claims := op.Set
	if exchange {
		claims = next.target.Attrs
	}
	if err := s.free(claims, next.target); err != nil {
		return nil, err
	}
	if op.Anchor != "" {
		next.target.Attrs.Set(AttrExternalID, string(op.Anchor))
	}
	next.target.Inactive = next.target.Attrs.Get(adsync.AttrActive) == "false"
	return next, nil
}

func (s *Sink) deactivate(o *object, can bool) (adsync.Receipt, error) {
	if !can {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnsupported, "memory: a %s cannot be deactivated here", o.target.Kind)
	}
	r := adsync.Receipt{Target: o.target.ID, Outcome: adsync.Updated}
	if o.target.Inactive {
		r.Outcome = adsync.Unchanged
		return r, nil
	}
	o.target.Attrs = o.target.Attrs.Clone()
	o.target.Attrs.Set(adsync.AttrActive, "false")
	o.target.Inactive = true
	return r, nil
}

func (s *Sink) remove(o *object, can bool) (adsync.Receipt, error) {
	if !can {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnsupported, "memory: a %s cannot be deleted here", o.target.Kind)
	}
	s.drop(o)
	return adsync.Receipt{Target: o.target.ID}, nil
}
