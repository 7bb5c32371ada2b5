package adsync

import (
	"hash/maphash"
	"math/bits"
)

// bloom is a set of ids that may take an id for one of its own: of a million put
// in, one in 35 times it takes a single one for known before it is. It never
// takes one of its own for a stranger. It has five bytes an id.
type bloom struct {
	seed maphash.Seed
	bits bitmap
}

const (
	bloomBits   = 40 // for each id
	bloomHashes = 10
)

// newBloom makes room for n ids. With more in it, it errs more often.
func newBloom(n int) *bloom {
	return &bloom{maphash.MakeSeed(), newBitmap(max(1, n) * bloomBits)}
}

func (b *bloom) add(id TargetID) {
	at, step := b.walk(id)
	for range bloomHashes {
		b.bits.set(b.place(at))
		at += step
	}
}

func (b *bloom) has(id TargetID) bool {
	at, step := b.walk(id)
	for range bloomHashes {
		if !b.bits.has(b.place(at)) {
			return false
		}
		at += step
	}
	return true
}

// walk makes all places of an id from one hash: a first one and a step.
func (b *bloom) walk(id TargetID) (at, step uint64) {
	at = maphash.String(b.seed, string(id))
	return at, bits.RotateLeft64(at, 32) | 1
}

// place spreads what is spread over all numbers over the bits.
func (b *bloom) place(at uint64) int {
	place, _ := bits.Mul64(at, uint64(len(b.bits))*64)
	return int(place)
}
