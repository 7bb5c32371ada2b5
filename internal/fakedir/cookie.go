package fakedir

import (
	"encoding/binary"
	"hash/crc32"
	"maps"
)

// cookie is what a DirSync client has: everything up to a change number of one
// controller, and of every other as much as that one had heard. Clients see
// bytes.
type cookie struct {
	invocation guid
	at         int64          // entries up to this number have been sent
	heard      map[guid]int64 // what was known when the last whole answer ended
	whole      bool           // it ends an answer; otherwise more was to come
	began      int64          // number of the controller's last change when the first answer began

	part  int64     // number of an entry of which not all link values were sent
	after linkPlace // the last one that was
}

const cookieMagic = "MSDS"

// knew reports whether the client may have seen what a write took away. In a first
// answer of many rounds it has when that happened since the first round.
func (c cookie) knew(s stamp) bool { return len(c.heard) > 0 || s.usn > c.began }

// on makes a cookie fit the controller that got it: the numbers of another one
// mean nothing here, what it had heard does.
func (c cookie) on(t *tree) cookie {
	if c.invocation != t.invocation {
		c = c.upTo(0)
		c.invocation, c.began = t.invocation, t.usn
	}
	return c
}

func (c cookie) upTo(usn int64) cookie {
	c.at, c.whole, c.part, c.after = usn, false, 0, linkPlace{}
	return c
}

// within is the cookie of a round that ends inside an entry.
func (c cookie) within(usn, part int64, after linkPlace) cookie {
	c = c.upTo(usn)
	c.part, c.after = part, after
	return c
}

// wholeCookie knows everything this controller knows.
func wholeCookie(t *tree) cookie {
	return cookie{invocation: t.invocation, at: t.usn, heard: t.upToDate(), whole: true}
}

// upToDate is how much of every controller's changes this one has.
func (n *numbering) upToDate() map[guid]int64 {
	out := maps.Clone(n.heard)
	out[n.invocation] = n.usn
	return out
}

// String gives the bytes: a signature, the numbers, and a checksum, so that
// garbage is found out.
func (c cookie) String() string {
	b := append([]byte(cookieMagic), c.invocation[:]...)
	b = append(b, c.after.target[:]...)
	for _, n := range []uint64{uint64(c.at), uint64(c.part), uint64(c.began), uint64(c.after.id)} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for id, usn := range c.heard {
		b = append(b, id[:]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(usn))
	}
	return string(binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b)))
}

// parseCookie reads a cookie; no bytes are the cookie that knows nothing.
func parseCookie(s string) (cookie, bool) {
	const head, line = len(cookieMagic) + 2*16 + 4*8, 16 + 8
	if s == "" {
		return cookie{}, true
	}
	b := []byte(s)
	if len(b) < head+4 || (len(b)-head-4)%line != 0 || s[:len(cookieMagic)] != cookieMagic {
		return cookie{}, false
	}
	b, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(b) != sum {
		return cookie{}, false
	}
	b = b[len(cookieMagic):]
	c := cookie{
		invocation: guid(b[:16]), at: int64(binary.LittleEndian.Uint64(b[32:])), part: int64(binary.LittleEndian.Uint64(b[40:])),
		began: int64(binary.LittleEndian.Uint64(b[48:])),
		after: linkPlace{guid(b[16:32]), attrID(binary.LittleEndian.Uint64(b[56:]))}, heard: map[guid]int64{},
	}
	for b = b[64:]; len(b) > 0; b = b[line:] {
		c.heard[guid(b[:16])] = int64(binary.LittleEndian.Uint64(b[16:]))
	}
	return c, true
}
