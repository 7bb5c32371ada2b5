package adsync

import (
	"bytes"
	"context"
	"slices"
	"sort"
)

// index is what a snapshot read is compared with: the key and digest of every
// link of one source, in key order, 33 bytes an object, and a bit for each
// that the read has shown.
type index struct {
	keys    []LinkKey
	digests []Digest
	info    []byte // LinkState, kind and left: see linkInfo
	seen    bitmap
}

type bitmap []uint64

func newBitmap(n int) bitmap { return make(bitmap, (n+63)/64) }

func (b bitmap) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }
func (b bitmap) set(i int)      { b[i/64] |= 1 << (i % 64) }

// linkInfo packs what the decision about absent links needs.
func linkInfo(l *Link) byte { return byte(l.State)&7 | byte(l.Kind)<<3&0x38 | flag(l.Left, 0x40) }

func (x *index) state(i int) LinkState { return LinkState(x.info[i] & 7) }
func (x *index) kind(i int) Kind       { return Kind(x.info[i] >> 3 & 7) }
func (x *index) left(i int) bool       { return x.info[i]&0x40 != 0 }

// loadIndex reads the index by one ordered scan. size is a guess.
func loadIndex(ctx context.Context, links Links, source string, size int) (*index, error) {
	x := &index{keys: make([]LinkKey, 0, size), digests: make([]Digest, 0, size), info: make([]byte, 0, size)}
	for link, err := range links.Scan(ctx, source, true) {
		if err != nil {
			return nil, err
		}
		x.keys = append(x.keys, link.Key)
		x.digests = append(x.digests, link.Digest)
		x.info = append(x.info, linkInfo(&link))
	}
	x.seen = newBitmap(len(x.keys))
	return x, nil
}

func (x *index) find(key LinkKey) (int, bool) {
	i := sort.Search(len(x.keys), func(i int) bool { return bytes.Compare(x.keys[i][:], key[:]) >= 0 })
	return i, i < len(x.keys) && x.keys[i] == key
}

// keySet is a set of keys, filled in any order and then sorted once.
type keySet struct {
	keys   []LinkKey
	sorted bool
}

func (s *keySet) add(key LinkKey) {
	s.keys = append(s.keys, key)
	s.sorted = false
}

func (s *keySet) has(key LinkKey) bool {
	if !s.sorted {
		slices.SortFunc(s.keys, compareKeys)
		s.sorted = true
	}
	_, ok := slices.BinarySearchFunc(s.keys, key, compareKeys)
	return ok
}
