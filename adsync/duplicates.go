package adsync

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"unicode/utf8"
)

// Two people who share an address must both be known before the first is
// matched, so every object read leaves a hash of each of its keys: 40 bits of
// hash and the object's number, 8 bytes a key in a temporary file. Equal hashes
// name suspects, whose values are then compared.

const (
	numberBits = 24
	numberMask = 1<<numberBits - 1
	hashMask   = ^uint64(numberMask)
)

var hashSeed = maphash.MakeSeed()

// identifying gives the keys by which an object must not be confused with
// another: the match keys and the values of unique attributes. The anchor's own
// key is left out: anchors are unique by nature.
func (s *settings) identifying(o *Object) []Key {
	var keys []Key
	if s.job.Matcher != nil {
		for _, k := range s.job.Matcher.Keys(*o) {
			if k.Value != "" && !sameName(k.Attr, AttrExternalID) {
				keys = append(keys, k)
			}
		}
	}
	for _, name := range s.unique[o.Kind] {
		for _, v := range o.Attrs.Values(name) {
			k := Key{Attr: name, Value: foldUnique(s.kinds[o.Kind][name], v)}
			same := func(other Key) bool { return sameName(other.Attr, k.Attr) && other.Value == k.Value }
			if v != "" && !slices.ContainsFunc(keys, same) { // each key costs 8 bytes
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// duplicateKey names what two objects share. The rung is left out, so that a
// match key and a unique attribute of the same name and value are one.
func duplicateKey(kind Kind, k Key) string {
	return string(rune('0'+kind)) + strings.ToLower(k.Attr) + "\x00" + k.Value
}

// duplicateHash gives keys with an equal duplicateKey an equal hash.
func duplicateHash(kind Kind, k Key) uint64 {
	var h maphash.Hash
	h.SetSeed(hashSeed)
	h.WriteByte(byte(kind))
	for i := range len(k.Attr) {
		if c := k.Attr[i]; c < utf8.RuneSelf {
			h.WriteByte(lower(c))
		}
	}
	h.WriteByte(0)
	h.WriteString(k.Value)
	return h.Sum64()
}

func (p *planner) noteKeys(s *sourceRead, r *staged) error {
	if p.answer[answerKey{s.Name, r.object.Anchor}].Verdict == AnswerIgnore {
		return nil // whoever is left out stands in nobody's way
	}
	if r.number > numberMask {
		return Errorf(CodeUnsupported, "a run can hold %d objects and the sources have more; split the job by source", numberMask)
	}
	for _, k := range p.identifying(&r.object) {
		h := duplicateHash(r.object.Kind, k)
		if err := p.keyHashes.Add(h&hashMask | uint64(r.number)); err != nil {
			return &stateError{err}
		}
	}
	return nil
}

// duplicates tells which objects without a link share a key with another object.
type duplicates struct {
	of map[uint32]shared // by number
}

type shared struct {
	attr   string
	others []Anchor // the first few
	more   int
}

const namedOthers = 20

// findDuplicates finds them among all objects of complete reads.
func (p *planner) findDuplicates(ctx context.Context) error {
	p.duplicates = &duplicates{of: map[uint32]shared{}}
	suspects, err := p.suspects(ctx)
	if err != nil || suspects == nil {
		return err
	}
	holders, err := p.holders(ctx, suspects)
	if err != nil {
		return err
	}
	for _, key := range sortedNames(holders) {
		p.duplicates.add(key, holders[key], p.firstFree)
	}
	return nil
}

// suspects gives the numbers of objects that share a hash with another one, at
// least one of the group without a link; nil when there are none.
func (p *planner) suspects(ctx context.Context) (marks bitmap, err error) {
	defer p.keyHashes.Close()
	for hashes, err := range p.keyHashes.Parts(ctx) {
		if err != nil {
			return nil, err
		}
		marks = p.suspectsAmong(hashes, marks)
	}
	return marks, nil
}

// suspectsAmong marks those of a part, in which equal hashes stand together.
func (p *planner) suspectsAmong(hashes []uint64, marks bitmap) bitmap {
	for from := 0; from < len(hashes); {
		to := from + 1
		for to < len(hashes) && hashes[to]&hashMask == hashes[from]&hashMask {
			to++
		}
		first, last := uint32(hashes[from]&numberMask), uint32(hashes[to-1]&numberMask)
		if first != last && last >= p.firstFree {
			if marks == nil {
				marks = newBitmap(int(p.numbers))
			}
			for _, h := range hashes[from:to] {
				marks.set(int(h & numberMask))
			}
		}
		from = to
	}
	return marks
}

type holder struct {
	number uint32
	ref    objectRef
	anchor Anchor
}

// holders gives, per key, the suspects that really have it.
func (p *planner) holders(ctx context.Context, suspects bitmap) (map[string][]holder, error) {
	out := map[string][]holder{}
	add := func(number uint32, ref objectRef, o *Object) {
		for _, k := range p.identifying(o) {
			name := duplicateKey(o.Kind, k)
			list := out[name]
			if !slices.ContainsFunc(list, func(h holder) bool { return h.ref == ref }) {
				out[name] = append(list, holder{number, ref, o.Anchor})
			}
		}
	}
	for _, s := range p.sources {
		if s.err != nil {
			continue
		}
		judged := newBitmap(int(p.numbers))
		suspect := func(r *staged) bool { return r.presence == Present && suspects.has(int(p.numberAgain(s, r))) }
		for r, err := range p.stagedIf(ctx, s, suspect) {
			if err != nil {
				return nil, err
			}
			number := p.numberAgain(s, r)
			if r.linked || r.presence == Present {
				judged.set(int(number))
			}
			if suspect(r) {
				add(number, objectRef{s.number, r.key}, &r.object)
			}
		}
		if err := p.linkedHolders(ctx, s, suspects, judged, add); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// numberAgain gives the number of a staged object. What is absent was staged
// without one.
func (p *planner) numberAgain(s *sourceRead, r *staged) uint32 {
	if r.linked && !r.lost && s.index != nil {
		i, _ := s.index.find(r.key)
		return s.first + uint32(i)
	}
	return r.number
}

// linkedHolders adds the suspects that are as they were, from what was last
// applied of them.
func (p *planner) linkedHolders(ctx context.Context, s *sourceRead, suspects, judged bitmap, add func(uint32, objectRef, *Object)) error {
	if s.index == nil {
		return nil
	}
	var keys []LinkKey
	for i, key := range s.index.keys {
		if n := int(s.first) + i; suspects.has(n) && !judged.has(n) {
			keys = append(keys, key)
		}
	}
	links, err := findLinks(ctx, p.state, s.Name, keys)
	if err != nil {
		return err
	}
	for i := range links {
		l := &links[i]
		n, _ := s.index.find(l.Key)
		add(s.first+uint32(n), objectRef{s.number, l.Key}, &Object{Kind: l.Kind, Anchor: l.Anchor, Attrs: l.Applied})
	}
	return nil
}

// add marks the holders of one key that have no link, when there are several.
func (d *duplicates) add(key string, holders []holder, firstFree uint32) {
	if len(holders) < 2 {
		return
	}
	attr, _, _ := strings.Cut(key[1:], "\x00")
	for _, h := range holders {
		if h.number < firstFree {
			continue
		}
		if _, known := d.of[h.number]; known {
			continue
		}
		s := shared{attr: attr}
		for _, other := range holders {
			if other.ref == h.ref {
				continue
			}
			if len(s.others) < namedOthers {
				s.others = append(s.others, other.anchor)
			} else {
				s.more++
			}
		}
		d.of[h.number] = s
	}
}

// issue says that an object shares a key, or nil when it does not.
func (d *duplicates) issue(source string, r *staged) *Issue {
	s, ok := d.of[r.number]
	if !ok || !r.matched() {
		return nil
	}
	also := string(s.others[0])
	if more := len(s.others) + s.more - 1; more > 0 {
		also = fmt.Sprintf("%s and %d more objects", also, more)
	}
	return &Issue{
		Source: source, Anchor: r.object.Anchor, Kind: r.object.Kind, Code: IssueSourceDuplicate, Attr: s.attr, Others: s.others,
		Detail: fmt.Sprintf("has the same %s as %s of the directory; none of those without a link is written until they differ, or someone answers create",
			s.attr, also),
	}
}
