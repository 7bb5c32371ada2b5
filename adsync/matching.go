package adsync

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"sort"
	"strings"
)

// Objects without a link are looked for in the target. What comes into
// question is kept in a temporary file in the order of the objects, so that
// the decision reads both side by side.

// listAbove is the number of objects to match from which on the whole target
// is listed rather than asked for each.
const listAbove = 2000

func (p *planner) matchAll(ctx context.Context) error {
	p.candidates = p.newSpill()
	p.hits = map[uint64]uint8{}
	p.emptyFirst = p.noLinks() && p.parts.lister == nil
	if p.job.Matcher == nil || p.toMatch == 0 {
		return p.lookForEmptyTarget(ctx)
	}
	if p.parts.lister != nil && (p.toMatch > listAbove || p.parts.finder == nil || p.noLinks()) {
		return p.matchByList(ctx)
	}
	if p.parts.finder != nil {
		return p.matchByFind(ctx)
	}
	return nil
}

func (p *planner) noLinks() bool {
	for _, c := range p.links {
		if c != (LinkCount{}) {
			return false
		}
	}
	return true
}

// lookForEmptyTarget asks for one object of each kind, on a first run without
// anything to match: the guard wants to know whether the target is empty.
func (p *planner) lookForEmptyTarget(ctx context.Context) error {
	if !p.noLinks() || p.parts.lister == nil {
		return nil
	}
	for _, kind := range p.listedKinds() {
		for _, err := range p.parts.lister.List(ctx, kind) {
			if err != nil {
				return p.targetError("list", err)
			}
			return nil
		}
	}
	p.emptyFirst = true
	return nil
}

func (p *planner) targetError(doing string, err error) error {
	return &TargetError{Errorf(CodeOf(err), "the target could not %s its objects, so nothing was planned: %w", doing, err)}
}

// wanted is a key that some object without a link has: 12 bytes.
type wanted struct {
	high, low uint32 // halves of the key's hash
	number    uint32 // position in planner.unlinked
}

func makeWanted(hash uint64, number uint32) wanted {
	return wanted{uint32(hash >> 32), uint32(hash), number}
}

func (w wanted) hash() uint64 { return uint64(w.high)<<32 | uint64(w.low) }

func keyHash(kind Kind, k Key) uint64 {
	return maphash.String(hashSeed, string(rune('0'+kind))+string(rune('0'+k.Rung))+strings.ToLower(k.Attr)+"\x00"+k.Value)
}

func (p *planner) matchByList(ctx context.Context) error {
	if p.noLinks() {
		if err := p.lookForEmptyTarget(ctx); err != nil || p.emptyFirst {
			return err // nothing is there that could match
		}
	}
	var keys []wanted
	err := p.eachUnlinked(ctx, func(r *staged) error {
		found := p.job.Matcher.Keys(r.object)
		if keys == nil { // most objects have as many keys as the first one
			keys = make([]wanted, 0, len(found)*p.toMatch)
		}
		for _, k := range found {
			if k.Value != "" {
				keys = append(keys, makeWanted(keyHash(r.object.Kind, k), r.number-p.firstFree))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(keys, func(a, b wanted) int {
		return cmp.Or(cmp.Compare(a.hash(), b.hash()), cmp.Compare(a.number, b.number))
	})
	empty := true
	for _, kind := range p.listedKinds() {
		for target, err := range p.parts.lister.List(ctx, kind) {
			if err != nil {
				return p.targetError("list", err)
			}
			empty = false
			if err := p.hitsOf(&target, kind, map[uint32]bool{}, func(k Key) []wanted { return wantedOf(keys, keyHash(kind, k)) }); err != nil {
				return err
			}
		}
	}
	p.emptyFirst = empty && p.noLinks()
	return nil
}

func wantedOf(keys []wanted, hash uint64) []wanted {
	from := sort.Search(len(keys), func(i int) bool { return keys[i].hash() >= hash })
	to := from
	for to < len(keys) && keys[to].hash() == hash {
		to++
	}
	return keys[from:to]
}

// hitsOf keeps the target object as a candidate of every object that wants one
// of its keys. hit has those that found it before.
func (p *planner) hitsOf(t *Target, kind Kind, hit map[uint32]bool, who func(Key) []wanted) error {
	if t.Kind == 0 {
		t.Kind = kind
	}
	before := len(hit)
	for _, k := range p.job.Matcher.Keys(Object{Kind: t.Kind, Attrs: t.Attrs}) {
		for _, w := range who(k) {
			hit[w.number] = true
			ref := p.unlinked[w.number].ref()
			p.buf = p.codec.appendCandidate(p.buf[:0], k.Rung, t)
			if err := p.candidates.Add(ref.bytes(), p.buf); err != nil {
				return err
			}
		}
	}
	if n := len(hit) - before; n > 0 {
		at := targetHash(t.ID)
		p.hits[at] = uint8(min(int(p.hits[at])+n, 100))
	}
	return nil
}

func targetHash(id TargetID) uint64 { return maphash.String(hashSeed, string(id)) }

// findAtOnce is the number of objects whose keys go into one call of a Finder.
const findAtOnce = 100

func (p *planner) matchByFind(ctx context.Context) error {
	byKind := map[Kind][]*staged{}
	ask := func(kind Kind) error {
		some := byKind[kind]
		byKind[kind] = nil
		return p.findSome(ctx, kind, some)
	}
	err := p.eachUnlinked(ctx, func(r *staged) error {
		kind := r.object.Kind
		byKind[kind] = append(byKind[kind], r)
		if len(byKind[kind]) < findAtOnce {
			return nil
		}
		return ask(kind)
	})
	for _, kind := range p.listedKinds() {
		if err == nil && len(byKind[kind]) > 0 {
			err = ask(kind)
		}
	}
	if err == nil && p.noLinks() {
		return p.lookForEmptyTarget(ctx)
	}
	return err
}

func (p *planner) findSome(ctx context.Context, kind Kind, objects []*staged) error {
	who := map[Key][]wanted{}
	var keys []Key
	for _, r := range objects {
		for _, k := range p.job.Matcher.Keys(r.object) {
			if k.Value == "" {
				continue
			}
			if _, asked := who[k]; !asked {
				keys = append(keys, k)
			}
			who[k] = append(who[k], wanted{number: r.number - p.firstFree})
		}
	}
	found := map[TargetID]map[uint32]bool{} // by several parts
	for part := range slices.Chunk(keys, 500) {
		targets, err := p.parts.finder.Find(ctx, kind, part)
		if err != nil {
			return p.targetError("look up", err)
		}
		for i := range targets {
			in := func(k Key) []wanted {
				if !slices.Contains(part, k) {
					return nil // found, or to be found, by another part
				}
				return who[k]
			}
			hit := found[targets[i].ID]
			if hit == nil {
				hit = map[uint32]bool{}
				found[targets[i].ID] = hit
			}
			if err := p.hitsOf(&targets[i], kind, hit, in); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachUnlinked calls what with every present object that has no link.
func (p *planner) eachUnlinked(ctx context.Context, what func(*staged) error) error {
	for _, s := range p.sources {
		if s.err != nil {
			continue
		}
		for r, err := range p.stagedOf(ctx, s) {
			if err != nil {
				return err
			}
			if !r.matched() {
				continue
			}
			if err := what(r); err != nil {
				return err
			}
		}
	}
	return nil
}
