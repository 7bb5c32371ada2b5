package ber

import "sync"

// Lists holds the attribute lists of entries that are given up together, such
// as those of one page. They make up half of what a read allocates, and are
// what is needed for the shortest time.
type Lists struct {
	slab slab[Attribute]
	used []*[slabSize]Attribute
}

var unused = sync.Pool{New: func() any { return new([slabSize]Attribute) }}

func (l *Lists) begin() {
	if l.slab.fresh == nil {
		l.slab.fresh = l.fresh
	}
	l.slab.begin()
}

// fresh takes a slab of the usual size from those that were released.
func (l *Lists) fresh(n int) []Attribute {
	if n > slabSize {
		return make([]Attribute, 0, n)
	}
	next := unused.Get().(*[slabSize]Attribute)
	l.used = append(l.used, next)
	return next[:0]
}

// Release gives the lists up for use by other entries. Who still looks at one
// sees no attributes, or those of another entry. Names and values that were
// taken from it stay as they are.
func (l *Lists) Release() {
	for _, s := range l.used {
		clear(s[:])
		unused.Put(s)
	}
	*l = Lists{}
}
