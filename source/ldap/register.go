package ldap

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// register remembers what every entry below the bases is called. Directories
// that write plain names into member and manager say nothing of the group when
// the person is renamed, nor of the people when their unit is; and a deletion
// comes without a name. What was called how is known here.
//
// It is kept in the source's notes, in buckets of some hundred entries, so that
// a read of few changes writes few of them.
type register struct {
	notes   adsync.Notes
	buckets uint32
	loaded  map[uint32]*bucket
	dirty   map[uint32]bool
	room    room
}

// perBucket is how many entries a bucket has when the register is made.
const perBucket = 500

// bucketsAtOnce bounds what of the register is in memory. Who goes through many
// entries goes in the order of their places, and loads each bucket once.
const bucketsAtOnce = 32

func openRegister(notes adsync.Notes, buckets uint32) *register {
	return &register{notes: notes, buckets: buckets, loaded: map[uint32]*bucket{}, dirty: map[uint32]bool{}}
}

// registerNote holds the name of the register that the notes hold. A position
// names the one that it goes with: without its register, who is gone would not
// be missed.
const registerNote = "register"

// isThere sees that the notes hold a register.
func (r *register) isThere(ctx context.Context, name string) error {
	there, _, err := r.notes.Get(ctx, registerNote)
	if err == nil && (there == "" || there != name) {
		err = gone("the source's notes are not those of the last read")
	}
	return err
}

const registerPrefix = "register/"

func bucketName(n uint32) string { return fmt.Sprintf("%s%06d", registerPrefix, n) }

func (r *register) bucketOf(uuid key) uint32 { return bucketOf(placeOf(uuid), r.buckets) }

// placeOf spreads identifiers evenly, however the server makes them.
func placeOf(uuid key) uint32 {
	sum := sha256.Sum256(uuid[:])
	return binary.BigEndian.Uint32(sum[:])
}

// bucketOf keeps the order of places.
func bucketOf(place, buckets uint32) uint32 {
	return uint32(uint64(place) * uint64(buckets) >> 32)
}

func (r *register) bucket(ctx context.Context, n uint32) (*bucket, error) {
	if b, ok := r.loaded[n]; ok {
		return b, nil
	}
	if len(r.loaded) >= bucketsAtOnce {
		if err := r.save(ctx); err != nil {
			return nil, err
		}
		r.room.giveBack(r.loaded)
	}
	b, err := r.read(ctx, n)
	if err == nil {
		r.loaded[n] = b
	}
	return b, err
}

// read gives a bucket without keeping it.
func (r *register) read(ctx context.Context, n uint32) (*bucket, error) {
	text, ok, err := r.notes.Get(ctx, bucketName(n))
	if err != nil || !ok {
		return &bucket{}, err
	}
	b, err := r.room.unpack(text)
	if err != nil {
		return nil, adsync.Errorf(adsync.CodeGone, "ldap: what the last read noted of the directory's names cannot be read (%s): %w", bucketName(n), err)
	}
	return b, nil
}

func (r *register) get(ctx context.Context, uuid key) (called, bool, error) {
	b, err := r.bucket(ctx, r.bucketOf(uuid))
	if err != nil {
		return called{}, false, err
	}
	c, ok := b.get(uuid)
	return c, ok, nil
}

func (r *register) put(ctx context.Context, uuid key, c called) error {
	n := r.bucketOf(uuid)
	b, err := r.bucket(ctx, n)
	if err != nil {
		return err
	}
	if old, ok := b.get(uuid); !ok || !old.same(c) {
		b.set(uuid, c)
		r.dirty[n] = true
	}
	return nil
}

// refresh notes the references of an entry that is known.
func (r *register) refresh(ctx context.Context, uuid key, refs []uint64) error {
	c, known, err := r.get(ctx, uuid)
	if err != nil || !known {
		return err
	}
	c.refs = refs
	return r.put(ctx, uuid, c)
}

func (r *register) remove(ctx context.Context, uuid key) error {
	n := r.bucketOf(uuid)
	b, err := r.bucket(ctx, n)
	if err != nil {
		return err
	}
	if _, ok := b.get(uuid); ok {
		b.drop(uuid)
		r.dirty[n] = true
	}
	return nil
}

// all walks over the register, one bucket in memory at a time besides those
// that are loaded. Nothing may be put meanwhile.
func (r *register) all(ctx context.Context) iter.Seq2[named, error] {
	return func(yield func(named, error) bool) {
		for n := range r.buckets {
			b, ok := r.loaded[n]
			if !ok {
				var err error
				if b, err = r.read(ctx, n); err != nil {
					yield(named{}, err)
					return
				}
			}
			for uuid, c := range b.all() {
				if !yield(named{uuid, c}, nil) {
					return
				}
			}
		}
	}
}

// named is an entry of the register.
type named struct {
	uuid key
	called
}

// save writes the buckets that changed.
func (r *register) save(ctx context.Context) error {
	for _, n := range slices.Sorted(maps.Keys(r.dirty)) {
		if err := r.notes.Put(ctx, bucketName(n), r.loaded[n].pack()); err != nil {
			return err
		}
	}
	clear(r.dirty)
	return nil
}

// byPlace gives identifiers in the order of their places.
func byPlace[V any](m map[key]V) []key {
	placed := make([]spot, 0, len(m))
	for uuid := range m {
		placed = append(placed, spot{placeOf(uuid), uuid})
	}
	slices.SortFunc(placed, func(a, b spot) int { return cmp.Or(cmp.Compare(a.place, b.place), a.uuid.compare(b.uuid)) })
	list := make([]key, len(placed))
	for i := range placed {
		list[i] = placed[i].uuid
	}
	return list
}

type spot struct {
	place uint32
	uuid  key
}

func (k key) compare(other key) int { return bytes.Compare(k[:], other[:]) }
