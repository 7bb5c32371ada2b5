package ldap

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"iter"
	"maps"
	"slices"

	"github.com/klauspost/compress/s2"
)

// bucket is a part of the register. What changed lies over the entries as they
// were read, which stay packed: of some hundred, a read of few changes asks for
// one or two.
type bucket struct {
	packed  []byte // entries in the order of their identifiers, readable
	changed map[key]*called
}

// A bucket is stored as a version, a checksum of the entries, and the entries,
// compressed.
const bucketVersion = 3

// bucketHead is the length of what is not compressed.
const bucketHead = 1 + crc32.Size

var checksums = crc32.MakeTable(crc32.Castagnoli)

// maxBucket bounds what a bucket may unpack to.
const maxBucket = 16 << 20

var errUnreadable = errors.New("it is not what this version wrote")

func newBucket(entries map[key]called) *bucket {
	b := &bucket{}
	for uuid, c := range entries {
		b.set(uuid, c)
	}
	return b
}

// unpackBucket sees that all of it is as it was written, so that nobody finds
// damage later. No entry is read for that: few of them are asked for.
func unpackBucket(text string) (*bucket, error) { return (&room{}).unpack(text) }

// room is memory for buckets: who walks over a register reads hundreds, each as
// large as the last.
type room struct {
	stored []byte
	free   [][]byte
}

func (m *room) unpack(text string) (*bucket, error) {
	if len(text) < bucketHead || text[0] != bucketVersion {
		return nil, errUnreadable
	}
	m.stored = append(m.stored[:0], text...)
	size, err := s2.DecodedLen(m.stored[bucketHead:])
	if err != nil || size > maxBucket {
		return nil, errUnreadable
	}
	packed, err := s2.Decode(m.take(size), m.stored[bucketHead:])
	if err != nil || crc32.Checksum(packed, checksums) != binary.BigEndian.Uint32(m.stored[1:]) {
		return nil, errUnreadable
	}
	return &bucket{packed: packed}, nil
}

// take gives memory of a bucket that was given back, or some that will do for
// most.
func (m *room) take(size int) (b []byte) {
	if n := len(m.free); n > 0 {
		b, m.free = m.free[n-1], m.free[:n-1]
	}
	if cap(b) < size {
		b = make([]byte, size+size/8)
	}
	return b[:cap(b)]
}

// giveBack takes buckets that nobody looks into any more. What was read of them
// are copies.
func (m *room) giveBack(buckets map[uint32]*bucket) {
	for _, b := range buckets {
		m.free = append(m.free, b.packed)
	}
	m.free = m.free[:min(len(m.free), bucketsAtOnce)]
	clear(buckets)
}

func (b *bucket) get(uuid key) (called, bool) {
	if c, ok := b.changed[uuid]; ok {
		if c == nil {
			return called{}, false
		}
		return *c, true
	}
	if at := find(b.packed, uuid); at != nil {
		_, c, _, ok := readNamed(at)
		return c, ok
	}
	return called{}, false
}

// find gives the entries from the one with the identifier on; nil when it is not
// there.
func find(entries []byte, uuid key) []byte {
	for len(entries) > len(uuid) {
		if bytes.Equal(entries[:len(uuid)], uuid[:]) {
			return entries
		}
		size, n := binary.Uvarint(entries[len(uuid):])
		next := uint64(len(uuid)+n) + size
		if n <= 0 || next > uint64(len(entries)) {
			return nil
		}
		entries = entries[next:]
	}
	return nil
}

func (b *bucket) set(uuid key, c called) {
	if b.changed == nil {
		b.changed = map[key]*called{}
	}
	b.changed[uuid] = &c
}

func (b *bucket) drop(uuid key) {
	if b.changed == nil {
		b.changed = map[key]*called{}
	}
	b.changed[uuid] = nil
}

// all gives the entries in the order of their identifiers.
func (b *bucket) all() iter.Seq2[key, called] {
	return func(yield func(key, called) bool) {
		for rest := b.merged(); len(rest) > 0; {
			uuid, c, after, _ := readNamed(rest)
			if !yield(uuid, c) {
				return
			}
			rest = after
		}
	}
}

// pack gives what unpackBucket reads; the empty text for a bucket without entries.
func (b *bucket) pack() string {
	b.packed, b.changed = b.merged(), nil
	if len(b.packed) == 0 {
		return ""
	}
	out := make([]byte, bucketHead+s2.MaxEncodedLen(len(b.packed)))
	out[0] = bucketVersion
	binary.BigEndian.PutUint32(out[1:], crc32.Checksum(b.packed, checksums))
	return string(out[:bucketHead+len(s2.Encode(out[bucketHead:], b.packed))])
}

// merged gives the entries with what changed in its place.
func (b *bucket) merged() []byte {
	if len(b.changed) == 0 {
		return b.packed
	}
	out := make([]byte, 0, len(b.packed)+128*len(b.changed))
	rest := b.packed
	for _, uuid := range slices.SortedFunc(maps.Keys(b.changed), key.compare) {
		var before []byte
		before, rest = splitNamed(rest, uuid)
		out = append(out, before...)
		if c := b.changed[uuid]; c != nil {
			out = appendNamed(out, uuid, *c)
		}
	}
	return append(out, rest...)
}

// splitNamed gives the entries before and those behind an identifier.
func splitNamed(entries []byte, uuid key) (before, behind []byte) {
	for rest := entries; len(rest) > 0; {
		at, _, after, _ := cutNamed(rest)
		switch n := at.compare(uuid); {
		case n > 0:
			return entries[:len(entries)-len(rest)], rest
		case n == 0:
			return entries[:len(entries)-len(rest)], after
		}
		rest = after
	}
	return entries, nil
}
