package localdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// Find gives the objects that have any of the keys. The external id, and
// attributes that have a key column, are looked up in an index. For others the
// whole table is read once, and what has the same letters and digits as a key is
// given: more than was asked for, as the caller's normaliser is not known here.
func (s *Sink) Find(ctx context.Context, kind adsync.Kind, keys []adsync.Key) ([]adsync.Target, error) {
	l := s.layouts[kind]
	if l == nil {
		return nil, adsync.Errorf(adsync.CodeUnsupported, "localdb: there is no table for %s", kind)
	}
	f := finder{layout: l, found: map[adsync.TargetID]adsync.Target{}}
	for attr, values := range byAttribute(keys) {
		if err := f.plan(attr, values); err != nil {
			return nil, err
		}
	}
	err := s.with(ctx, func(db *session) error { return f.run(ctx, db) })
	if err != nil {
		return nil, err
	}
	out := make([]adsync.Target, 0, len(f.found))
	for _, t := range f.found {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b adsync.Target) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out, nil
}

// finder answers one call of Find.
type finder struct {
	*layout
	lookups []lookup
	loose   map[string]map[string]bool // attribute, loose value
	found   map[adsync.TargetID]adsync.Target
}

// lookup is a column with values to look for.
type lookup struct {
	column string
	values []string
}

func byAttribute(keys []adsync.Key) map[string][]string {
	out := map[string][]string{}
	for _, k := range keys {
		if k.Value != "" && clean(k.Value) {
			out[k.Attr] = append(out[k.Attr], k.Value)
		}
	}
	return out
}

func (f *finder) plan(name string, values []string) error {
	if f.ExternalID != "" && strings.EqualFold(name, AttrExternalID) {
		f.lookups = append(f.lookups, lookup{quote(f.ExternalID), values})
		return nil
	}
	a, ok := f.attr(name)
	switch {
	case !ok:
		return adsync.Errorf(adsync.CodeUnsupported, "localdb: the table %s has no column for %s, so nothing can be found by it; leave that rung out", f.table, name)
	case a.Key != "", a.Unique:
		folded := make([]string, len(values))
		for i, v := range values {
			folded[i] = fold(v)
		}
		f.lookups = append(f.lookups, lookup{a.compared(), folded})
	default:
		f.scanFor(a.name, values)
	}
	return nil
}

func (f *finder) scanFor(name string, values []string) {
	if f.loose == nil {
		f.loose = map[string]map[string]bool{}
	}
	f.loose[name] = map[string]bool{}
	for _, v := range values {
		f.loose[name][loose(v)] = true
	}
}

func (f *finder) run(ctx context.Context, db *session) error {
	for _, u := range f.lookups {
		for values := range slices.Chunk(u.values, 256) {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("localdb: the search was cut short: %w", err)
			}
			if err := f.look(db, u.column, values); err != nil {
				return err
			}
		}
	}
	if len(f.loose) == 0 {
		return nil
	}
	return f.pages(ctx, db, func(page []adsync.Target) bool {
		for _, t := range page {
			if f.looks(t) {
				f.found[t.ID] = t
			}
		}
		return true
	})
}

// look asks for values in numbers that are powers of two, so that few
// statements differ.
func (f *finder) look(db *session, column string, values []string) error {
	size := 1
	for size < len(values) {
		size *= 2
	}
	args := make([]any, size)
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	list, err := f.targets(db, column+" IN ("+marks(0, size)+")", args...)
	if err != nil {
		return db.broken(err)
	}
	for _, t := range list {
		f.found[t.ID] = t
	}
	return nil
}

func (f *finder) looks(t adsync.Target) bool {
	for name, values := range f.loose {
		for _, v := range t.Attrs.Values(name) {
			if values[loose(v)] {
				return true
			}
		}
	}
	return false
}
