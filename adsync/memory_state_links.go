package adsync

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Scan gives the links of one source as they were when it began.
func (s *memoryState) Scan(ctx context.Context, source string, digestsOnly bool) iter.Seq2[Link, error] {
	return s.linkStream(ctx, func(l Link) bool { return l.Source == source }, func(l Link) Link {
		if digestsOnly {
			l.Anchor, l.Target, l.Container, l.Applied = "", "", "", Attributes{}
		}
		return l
	})
}

// Due gives the links whose time has come.
func (s *memoryState) Due(ctx context.Context, at time.Time) iter.Seq2[Link, error] {
	due := func(l Link) bool { return !l.Due.IsZero() && !l.Due.After(at) }
	return s.linkStream(ctx, due, func(l Link) Link { return l })
}

func (s *memoryState) linkStream(ctx context.Context, keep func(Link) bool, shape func(Link) Link) iter.Seq2[Link, error] {
	return stream(ctx, func() (links []Link, err error) {
		err = s.read(ctx, func(t *memoryTarget) {
			for _, l := range t.links {
				if keep(l) {
					links = append(links, shape(l))
				}
			}
		})
		slices.SortFunc(links, compareLinks)
		return links, err
	}, copyLink)
}

// Find gives the links of the keys that have one.
func (s *memoryState) Find(ctx context.Context, source string, keys []LinkKey) (found []Link, err error) {
	err = s.read(ctx, func(t *memoryTarget) {
		for _, key := range keys {
			if l, ok := t.links[LinkRef{source, key}]; ok {
				found = append(found, copyLink(l))
			}
		}
	})
	slices.SortFunc(found, compareLinks)
	return slices.CompactFunc(found, func(a, b Link) bool { return a.Key == b.Key }), err
}

// Sample gives links picked at random.
func (s *memoryState) Sample(ctx context.Context, source string, n int) (picked []Link, err error) {
	if n <= 0 {
		return nil, nil
	}
	err = s.read(ctx, func(t *memoryTarget) {
		for _, l := range t.links {
			if l.Source == source {
				picked = append(picked, l)
			}
		}
		rand.Shuffle(len(picked), func(i, j int) { picked[i], picked[j] = picked[j], picked[i] })
		picked = picked[:min(n, len(picked))]
		for i := range picked {
			picked[i] = copyLink(picked[i])
		}
	})
	slices.SortFunc(picked, compareLinks)
	return picked, err
}

// Owners gives the link of each target: where several share it, the first by
// state, source and key.
func (s *memoryState) Owners(ctx context.Context, targets []TargetID) (map[TargetID]Link, error) {
	owners := map[TargetID]Link{}
	err := s.read(ctx, func(t *memoryTarget) {
		for _, target := range targets {
			for ref := range t.holders[target] {
				l := t.links[ref]
				if best, ok := owners[target]; !ok || compareOwners(l, best) < 0 {
					owners[target] = copyLink(l)
				}
			}
		}
	})
	return owners, err
}

// Count counts the links.
func (s *memoryState) Count(ctx context.Context) (map[Kind]LinkCount, error) {
	counts := map[Kind]LinkCount{}
	err := s.read(ctx, func(t *memoryTarget) {
		for _, l := range t.links {
			c := counts[l.Kind]
			c.Add(l.State, 1)
			counts[l.Kind] = c
		}
	})
	return counts, err
}

func (t *memoryTarget) putLink(l Link) {
	ref := LinkRef{l.Source, l.Key}
	t.dropHolder(ref)
	t.links[ref] = copyLink(l)
	if l.Target == "" {
		return
	}
	if t.holders[l.Target] == nil {
		t.holders[l.Target] = map[LinkRef]struct{}{}
	}
	t.holders[l.Target][ref] = struct{}{}
}

// unlink removes a link and every membership it takes part in.
func (t *memoryTarget) unlink(ref LinkRef) {
	t.dropHolder(ref)
	delete(t.links, ref)
	groups := t.members[ref.Source]
	delete(groups, ref.Key)
	for _, members := range groups {
		delete(members, ref.Key)
	}
}

func (t *memoryTarget) dropHolder(ref LinkRef) {
	target := t.links[ref].Target
	delete(t.holders[target], ref)
	if len(t.holders[target]) == 0 {
		delete(t.holders, target)
	}
}

func copyLink(l Link) Link {
	l.Applied, l.Due = l.Applied.Clone(), plainTime(l.Due)
	return l
}

func compareLinks(a, b Link) int {
	return cmp.Or(strings.Compare(a.Source, b.Source), compareKeys(a.Key, b.Key))
}

func compareOwners(a, b Link) int {
	return cmp.Or(cmp.Compare(a.State, b.State), compareLinks(a, b))
}

func compareKeys(a, b LinkKey) int { return bytes.Compare(a[:], b[:]) }
