package memory

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// Find gives the objects that have any of the keys. A key whose attribute the
// schema does not name, such as a composed one, makes it give every object of
// the kind: the caller runs its matcher on what comes.
func (s *Sink) Find(ctx context.Context, kind adsync.Kind, keys []adsync.Key) ([]adsync.Target, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	hits := map[adsync.TargetID]bool{}
	var scan []adsync.Key
	for _, k := range keys {
		at, ok := s.key(kind, k.Attr, k.Value)
		if !ok {
			scan = append(scan, k)
			continue
		}
		for _, id := range s.values[at] {
			hits[id] = true
		}
	}
	s.scan(kind, scan, hits)
	out := make([]adsync.Target, 0, len(hits))
	for id := range hits {
		out = append(out, s.objects[id].shown())
	}
	slices.SortFunc(out, compareTargets)
	return out, nil
}

// scan looks for keys of attributes that are not indexed.
func (s *Sink) scan(kind adsync.Kind, keys []adsync.Key, hits map[adsync.TargetID]bool) {
	if len(keys) == 0 {
		return
	}
	wanted, everything := map[adsync.Key]bool{}, false
	names := map[string]adsync.AttributeSchema{}
	for _, k := range keys {
		a, ok := s.attribute(kind, k.Attr)
		everything = everything || !ok || len(s.Rules.Kinds) == 0
		names[k.Attr] = a
		wanted[adsync.Key{Attr: k.Attr, Value: fold(a, k.Value)}] = true
	}
	for id, o := range s.objects {
		if o.target.Kind == kind && (everything || o.hasAny(names, wanted)) {
			hits[id] = true
		}
	}
}

func (o *object) hasAny(names map[string]adsync.AttributeSchema, wanted map[adsync.Key]bool) bool {
	for name, a := range names {
		for _, v := range o.target.Attrs.Values(name) {
			if wanted[adsync.Key{Attr: name, Value: fold(a, v)}] {
				return true
			}
		}
	}
	return false
}

// List gives the objects of a kind in order of ids, as they were when it began.
func (s *Sink) List(ctx context.Context, kind adsync.Kind) iter.Seq2[adsync.Target, error] {
	return func(yield func(adsync.Target, error) bool) {
		for _, t := range s.Objects() {
			if err := ctx.Err(); err != nil {
				yield(adsync.Target{}, fmt.Errorf("memory: the list was cut short: %w", err))
				return
			}
			if t.Kind == kind && !yield(t, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(adsync.Target{}, fmt.Errorf("memory: the list was cut short: %w", err))
		}
	}
}
