package adsync

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/adsync/sdk/internal/spill"
)

// candidateJoin walks the candidates beside the objects; both are in the same order.
type candidateJoin struct {
	next  func() (spill.Record, error, bool)
	codec *recordCodec
	ref   string // key of the record held back
	held  []byte
	ended bool
}

func (j *candidateJoin) of(ref objectRef) ([]candidate, error) {
	want := string(ref.bytes())
	var out []candidate
	for {
		if j.held == nil && !j.ended {
			record, err, ok := j.next()
			if err != nil {
				return nil, err
			}
			if !ok {
				j.ended = true
				return out, nil
			}
			j.ref, j.held = string(record.Key), slices.Clone(record.Payload)
		}
		if j.ended || j.ref > want {
			return out, nil
		}
		if j.ref == want {
			rung, target, err := j.codec.candidate(j.held)
			if err != nil {
				return nil, err
			}
			out = append(out, candidate{rung, target})
		}
		j.held = nil
	}
}

// linkJoin gives the links of staged objects: by one ordered scan when many
// are staged, else by key.
type linkJoin struct {
	state  Links
	source string
	next   func() (Link, error, bool)
	stop   func()
	held   *Link
}

// scanAbove is the share of the index, one in so many, from which on a scan is
// cheaper than asking by key.
const scanAbove = 20

func (p *planner) newLinkJoin(ctx context.Context, s *sourceRead) *linkJoin {
	j := &linkJoin{state: p.state, source: s.Name}
	if s.index != nil && len(s.index.keys) > 0 && s.objects.Len()*scanAbove > len(s.index.keys) {
		j.next, j.stop = iter.Pull2(p.state.Scan(ctx, s.Name, false))
	}
	return j
}

func (j *linkJoin) close() {
	if j.stop != nil {
		j.stop()
	}
}

func (j *linkJoin) of(ctx context.Context, chunk []*staged) (map[LinkKey]*Link, error) {
	if j.next != nil {
		return j.scan(chunk)
	}
	var keys []LinkKey
	for _, r := range chunk {
		if r.linked {
			keys = append(keys, r.key)
		}
	}
	links, err := findLinks(ctx, j.state, j.source, keys)
	found := make(map[LinkKey]*Link, len(links))
	for i := range links {
		found[links[i].Key] = &links[i]
	}
	return found, err
}

func (j *linkJoin) scan(chunk []*staged) (map[LinkKey]*Link, error) {
	found := map[LinkKey]*Link{}
	for _, r := range chunk {
		for r.linked && (j.held == nil || compareKeys(j.held.Key, r.key) < 0) {
			link, err, ok := j.next()
			if err != nil {
				return nil, err
			}
			if !ok {
				break
			}
			j.held = &link
		}
		if j.held != nil && j.held.Key == r.key {
			found[r.key] = j.held
		}
	}
	return found, nil
}

// findLinks asks for any number of keys, in any order and repeated.
func findLinks(ctx context.Context, state Links, source string, keys []LinkKey) ([]Link, error) {
	keys = slices.Clone(keys)
	slices.SortFunc(keys, compareKeys)
	keys = slices.Compact(keys)
	var links []Link
	for part := range slices.Chunk(keys, 1000) {
		some, err := state.Find(ctx, source, part)
		if err != nil {
			return nil, err
		}
		links = append(links, some...)
	}
	return links, nil
}

// linkOf gives the link of a key out of what findLinks gave; nil when it is not
// there.
func linkOf(links []Link, key LinkKey) *Link {
	at, ok := slices.BinarySearchFunc(links, key, func(l Link, k LinkKey) int { return compareKeys(l.Key, k) })
	if !ok {
		return nil
	}
	return &links[at]
}

// findOwners asks for the owners of any number of targets, in any order and
// repeated.
func findOwners(ctx context.Context, state Links, targets []TargetID) (map[TargetID]Link, error) {
	targets = slices.Clone(targets)
	slices.Sort(targets)
	all := map[TargetID]Link{}
	for part := range slices.Chunk(slices.Compact(targets), 1000) {
		some, err := state.Owners(ctx, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	return all, nil
}
