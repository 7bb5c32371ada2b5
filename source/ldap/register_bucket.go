package ldap

import (
	"bytes"
	"errors"
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

// A bucket is stored as a version and the entries, compressed.
const bucketVersion = 2

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

// unpackBucket reads all of it once, so that nobody finds damage later.
func unpackBucket(text string) (*bucket, error) {
	if text == "" || text[0] != bucketVersion {
		return nil, errUnreadable
	}
	size, err := s2.DecodedLen([]byte(text[1:min(len(text), 11)]))
	if err != nil || size > maxBucket {
		return nil, errUnreadable
	}
	packed, err := s2.Decode(nil, []byte(text[1:]))
	if err != nil {
		return nil, errUnreadable
	}
	var last key
	for rest := packed; len(rest) > 0; {
		uuid, after, ok := skipNamed(rest)
		if !ok || len(rest) < len(packed) && uuid.compare(last) <= 0 {
			return nil, errUnreadable
		}
		last, rest = uuid, after
	}
	return &bucket{packed: packed}, nil
}

func (b *bucket) get(uuid key) (called, bool) {
	if c, ok := b.changed[uuid]; ok {
		if c == nil {
			return called{}, false
		}
		return *c, true
	}
	for rest := b.packed; len(rest) > 0; {
		if bytes.HasPrefix(rest, uuid[:]) {
			_, c, _, ok := readNamed(rest)
			return c, ok
		}
		_, rest, _ = skipNamed(rest)
	}
	return called{}, false
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
	out := make([]byte, 1+s2.MaxEncodedLen(len(b.packed)))
	out[0] = bucketVersion
	return string(out[:1+len(s2.Encode(out[1:], b.packed))])
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
		at, after, _ := skipNamed(rest)
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

// skipNamed is readNamed for who wants no more than the identifier.
func skipNamed(in []byte) (uuid key, rest []byte, ok bool) {
	r := unpacker{rest: in}
	copy(uuid[:], r.take(len(uuid)))
	r.take(r.count())
	for range r.count() {
		r.take(r.count())
	}
	r.take(9)
	for range r.count() {
		r.take(8)
	}
	return uuid, r.rest, !r.bad
}
