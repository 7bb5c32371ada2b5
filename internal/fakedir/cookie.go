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
	at         int64 // entries up to this number have been sent
	base       int64 // the number of the last whole answer: older values are known
	heard      map[guid]int64
	whole      bool // it ends an answer; otherwise more was to come
}

const cookieMagic = "MSDS"

func (c cookie) empty() bool { return c.base == 0 && len(c.heard) == 0 }

// on makes a cookie fit the controller that got it: the numbers of another one
// mean nothing here, what it had heard does.
func (c cookie) on(t *tree) cookie {
	if c.invocation != t.invocation {
		c.invocation, c.at, c.base = t.invocation, 0, 0
	}
	return c
}

func (c cookie) upTo(usn int64) cookie {
	c.at, c.whole = usn, false
	return c
}

// wholeCookie knows everything this controller knows.
func wholeCookie(t *tree) cookie {
	return cookie{invocation: t.invocation, at: t.usn, base: t.usn, heard: t.upToDate(), whole: true}
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
	b = binary.LittleEndian.AppendUint64(b, uint64(c.at))
	b = binary.LittleEndian.AppendUint64(b, uint64(c.base))
	for id, usn := range c.heard {
		b = append(b, id[:]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(usn))
	}
	return string(binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b)))
}

// parseCookie reads a cookie; no bytes are the cookie that knows nothing.
func parseCookie(s string) (cookie, bool) {
	const head, line = len(cookieMagic) + 16 + 8 + 8, 16 + 8
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
		invocation: guid(b[:16]), heard: map[guid]int64{},
		at: int64(binary.LittleEndian.Uint64(b[16:])), base: int64(binary.LittleEndian.Uint64(b[24:])),
	}
	for b = b[32:]; len(b) > 0; b = b[line:] {
		c.heard[guid(b[:16])] = int64(binary.LittleEndian.Uint64(b[16:]))
	}
	return c, true
}
