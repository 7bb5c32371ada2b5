package spill

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// entry says where in the arena a record is. The first bytes of the key stand
// in it, so that most comparisons do not touch the arena.
type entry struct {
	prefix       uint64
	at           int
	key, payload uint32
}

const entrySize = 24

// buffer holds records in the order in which they came: all bytes in one
// arena, so that a record costs no allocation of its own.
type buffer struct {
	arena []byte
	index []entry
}

// size is what the buffer will take with so many more records and bytes.
func (b *buffer) size(records, bytes int) int {
	return len(b.arena) + bytes + (len(b.index)+records)*entrySize
}

func (b *buffer) add(key, payload []byte, most int) {
	b.grow(len(key)+len(payload), most)
	b.index = append(b.index, entry{prefix(key), len(b.arena), uint32(len(key)), uint32(len(payload))})
	b.arena = append(append(b.arena, key...), payload...)
}

// grow doubles the arena, but not beyond the memory allowed: append alone
// would overshoot by a quarter.
func (b *buffer) grow(n, most int) {
	need := len(b.arena) + n
	if need <= cap(b.arena) {
		return
	}
	size := max(need, min(2*cap(b.arena), most), min(4096, most))
	arena := make([]byte, len(b.arena), size)
	copy(arena, b.arena)
	b.arena = arena
}

// reset empties the buffer and keeps its memory, unless one huge record has
// made it larger than allowed.
func (b *buffer) reset(most int) {
	b.arena, b.index = b.arena[:0], b.index[:0]
	if cap(b.arena) > most {
		b.arena = nil
	}
}

// sort orders by key. Records with equal keys keep the order of the arena,
// which is that of insertion.
func (b *buffer) sort() {
	slices.SortFunc(b.index, func(x, y entry) int {
		if x.prefix != y.prefix {
			return cmp.Compare(x.prefix, y.prefix)
		}
		if c := bytes.Compare(b.keyOf(x), b.keyOf(y)); c != 0 {
			return c
		}
		return cmp.Compare(x.at, y.at)
	})
}

func (b *buffer) keyOf(e entry) []byte { return b.arena[e.at : e.at+int(e.key)] }

func (b *buffer) record(i int) Record {
	e := b.index[i]
	middle := e.at + int(e.key)
	end := middle + int(e.payload)
	return Record{Key: b.arena[e.at:middle:middle], Payload: b.arena[middle:end:end]}
}

// prefix is the first eight bytes of the key as a number. A shorter key is
// filled with zeros, which keeps the order: equal prefixes decide nothing.
func prefix(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var p [8]byte
	copy(p[:], key)
	return binary.BigEndian.Uint64(p[:])
}
