package ldap

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/spill"
)

// registerMaker makes a register of a whole directory, in bounded memory.
type registerMaker struct{ entries *spill.Sorter }

func newRegisterMaker() *registerMaker {
	return &registerMaker{spill.New(spill.Config{Memory: 4 << 20})}
}

func (m *registerMaker) close() { m.entries.Close() }

func (m *registerMaker) add(uuid key, c called) error {
	return m.entries.Add(binary.BigEndian.AppendUint32(nil, placeOf(uuid)), appendNamed(nil, uuid, c))
}

// write puts the register into the notes, in place of any other, and gives the
// number of its buckets.
func (m *registerMaker) write(ctx context.Context, notes adsync.Notes) (uint32, error) {
	buckets := uint32(max(1, m.entries.Len()/perBucket))
	filling := openRegister(notes, buckets)
	var at uint32
	for record, err := range m.entries.Sorted(ctx) {
		if err != nil {
			return 0, err
		}
		n := bucketOf(binary.BigEndian.Uint32(record.Key), buckets)
		for ; at < n; at++ {
			if err := filling.replace(ctx, at); err != nil {
				return 0, err
			}
		}
		if err := filling.fill(n, record.Payload); err != nil {
			return 0, err
		}
	}
	for ; at < buckets; at++ {
		if err := filling.replace(ctx, at); err != nil {
			return 0, err
		}
	}
	return buckets, removeBeyond(ctx, notes, buckets)
}

func (r *register) fill(n uint32, record []byte) error {
	uuid, c, _, ok := readNamed(record)
	if !ok {
		return errUnreadable
	}
	if r.loaded[n] == nil {
		r.loaded[n] = map[key]called{}
	}
	r.loaded[n][uuid] = c
	return nil
}

// replace writes a bucket whatever was there before, and lets go of it.
func (r *register) replace(ctx context.Context, n uint32) error {
	err := r.notes.Put(ctx, bucketName(n), packBucket(r.loaded[n]))
	delete(r.loaded, n)
	return err
}

// removeBeyond removes what an earlier, larger register left.
func removeBeyond(ctx context.Context, notes adsync.Notes, buckets uint32) error {
	var old []string
	for note, err := range notes.Scan(ctx, registerPrefix) {
		if err != nil {
			return err
		}
		if note.Name >= bucketName(buckets) {
			old = append(old, strings.Clone(note.Name))
		}
	}
	for _, name := range old {
		if err := notes.Put(ctx, name, ""); err != nil {
			return err
		}
	}
	return nil
}

// A bucket is a version, the length of what follows when unpacked, and the
// entries, deflated. An entry is its 16 bytes, the length and bytes of its
// name, the number of its uids, each with its length, its sign,
// its stamp, its kind, and the number of its references, eight bytes each.
const registerVersion = 1

// maxBucket bounds what a bucket may unpack to.
const maxBucket = 64 << 20

var errUnreadable = errors.New("it is not what this version wrote")

func packBucket(b map[key]called) string {
	if len(b) == 0 {
		return ""
	}
	var plain []byte
	for _, uuid := range slices.SortedFunc(maps.Keys(b), key.compare) {
		plain = appendNamed(plain, uuid, b[uuid])
	}
	out := bytes.NewBuffer(binary.AppendUvarint([]byte{registerVersion}, uint64(len(plain))))
	w, _ := flate.NewWriter(out, flate.BestSpeed) // fails for an unknown level only
	_, _ = w.Write(plain)                         // a buffer takes everything
	_ = w.Close()
	return out.String()
}

func unpackBucket(text string) (map[key]called, error) {
	if text == "" || text[0] != registerVersion {
		return nil, errUnreadable
	}
	size, n := binary.Uvarint([]byte(text[1:min(len(text), 11)]))
	if n <= 0 || size > maxBucket {
		return nil, errUnreadable
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(strings.NewReader(text[1+n:])), int64(size)+1))
	if err != nil || uint64(len(plain)) != size {
		return nil, errUnreadable
	}
	b := map[key]called{}
	for len(plain) > 0 {
		uuid, c, rest, ok := readNamed(plain)
		if !ok {
			return nil, errUnreadable
		}
		b[uuid], plain = c, rest
	}
	return b, nil
}

func appendNamed(out []byte, uuid key, c called) []byte {
	out = append(out, uuid[:]...)
	out = appendText(out, c.dn)
	out = binary.AppendUvarint(out, uint64(len(c.uids)))
	for _, uid := range c.uids {
		out = appendText(out, uid)
	}
	out = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(out, c.sign), c.stamp)
	out = binary.AppendUvarint(append(out, byte(c.kind)), uint64(len(c.refs)))
	for _, ref := range c.refs {
		out = binary.BigEndian.AppendUint64(out, ref)
	}
	return out
}

func appendText(out []byte, text string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(text))), text...)
}

func readNamed(in []byte) (uuid key, c called, rest []byte, ok bool) {
	r := unpacker{rest: in}
	copy(uuid[:], r.take(len(uuid)))
	c.dn = string(r.take(r.count()))
	for range r.count() {
		c.uids = append(c.uids, string(r.take(r.count())))
	}
	if fixed := r.take(9); fixed != nil {
		c.sign, c.stamp, c.kind = binary.BigEndian.Uint32(fixed), binary.BigEndian.Uint32(fixed[4:]), adsync.Kind(fixed[8])
	}
	for range r.count() {
		if ref := r.take(8); ref != nil {
			c.refs = append(c.refs, binary.BigEndian.Uint64(ref))
		}
	}
	return uuid, c, r.rest, !r.bad
}

// unpacker reads what may be damaged: once something is missing, all that
// follows is empty.
type unpacker struct {
	rest []byte
	bad  bool
}

// take gives nil when there are not so many bytes.
func (u *unpacker) take(n int) []byte {
	if u.bad || n > len(u.rest) {
		u.bad = true
		return nil
	}
	out := u.rest[:n:n]
	u.rest = u.rest[n:]
	return out
}

// count reads a number of things that take at least one byte each.
func (u *unpacker) count() int {
	size, n := binary.Uvarint(u.rest)
	if u.bad || n <= 0 || size > uint64(len(u.rest)) {
		u.bad = true
		return 0
	}
	u.rest = u.rest[n:]
	return int(size)
}
