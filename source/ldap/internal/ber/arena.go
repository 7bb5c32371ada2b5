package ber

import "unsafe"

const (
	arenaSize = 64 << 10
	ownSize   = 8 << 10 // from here on a value is worth an allocation of its own
)

// arena holds the text of many values in one piece of memory. A full one is
// left to those who hold parts of it.
type arena []byte

// keep copies bytes into the arena and shows them as a string.
func (a *arena) keep(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) >= ownSize {
		return string(b)
	}
	if len(b) > cap(*a)-len(*a) {
		*a = make([]byte, 0, arenaSize)
	}
	from := len(*a)
	*a = append(*a, b...)
	return unsafe.String(&(*a)[from], len(b)) // nobody writes there again
}
