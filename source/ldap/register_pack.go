package ldap

import (
	"encoding/binary"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// An entry is its 16 bytes and the length of what follows: the length and bytes
// of its name, the number of its uids, each with its length, its sign, its stamp,
// its kind, and the number of its references, eight bytes each.
func appendNamed(out []byte, uuid key, c called) []byte {
	out = append(out, uuid[:]...)
	start := len(out)
	out = appendCalled(out, c)
	var size [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(size[:], uint64(len(out)-start))
	return slices.Insert(out, start, size[:n]...)
}

func appendCalled(out []byte, c called) []byte {
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
	uuid, body, rest, ok := cutNamed(in)
	if ok {
		c, ok = readCalled(body)
	}
	return uuid, c, rest, ok
}

// cutNamed is readNamed for who wants no more than the identifier.
func cutNamed(in []byte) (uuid key, body, rest []byte, ok bool) {
	r := unpacker{rest: in}
	copy(uuid[:], r.take(len(uuid)))
	body = r.take(r.count())
	if r.bad {
		return uuid, nil, nil, false
	}
	return uuid, body, r.rest, true
}

func readCalled(in []byte) (c called, ok bool) {
	r := unpacker{rest: in}
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
	return c, !r.bad && len(r.rest) == 0
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
