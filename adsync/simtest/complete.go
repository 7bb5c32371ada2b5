package simtest

import (
	"slices"

	"github.com/adsync/sdk/adsync"
)

// expect notes which ops the engine sends, for servers that do not pass on what
// only the engine knows of an op.
func (s *System) expect(ops []adsync.Op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, op := range ops {
		s.sent = slices.DeleteFunc(s.sent, func(o adsync.Op) bool {
			return o.Kind == op.Kind && o.Anchor == op.Anchor && o.Source == op.Source
		})
		s.sent = append(s.sent, op)
	}
}

// complete gives an op the key, the intent and the directory object that a
// server did not pass on: those of the op that was sent last of its object.
func (s *System) complete(op adsync.Op) adsync.Op {
	if op.Key != "" {
		return op
	}
	for _, sent := range slices.Backward(s.sent) {
		if s.isOf(&op, &sent) {
			op.Key, op.Intent, op.Source, op.Anchor, op.Swap = sent.Key, sent.Intent, sent.Source, sent.Anchor, sent.Swap
			return op
		}
	}
	return op
}

// isOf tells whether an op is one that was sent, or a part of it.
func (s *System) isOf(op, sent *adsync.Op) bool {
	switch {
	case op.Kind != sent.Kind:
		return false
	case op.Target != "" && op.Target == sent.Target:
		return true
	case op.Target != "": // a further part of a create
		o := s.objects[op.Target]
		return o != nil && sent.Target == "" && o.anchor == sent.Anchor && o.source == sent.Source
	case sent.Target != "":
		return false
	case op.Anchor != "":
		return op.Anchor == sent.Anchor
	}
	for name, values := range op.Set.All() {
		if !slices.Equal(values, sent.Set.Values(name)) {
			return false
		}
	}
	return true
}
