package ber

const slabSize = 1024

// slab gives out short lists that are cut from a long one, so that a list costs
// no allocation of its own. A full slab is left to those who hold parts of it.
type slab[T any] struct {
	list  []T
	from  int             // where the list under way begins
	fresh func(n int) []T // gives an empty one with room for so many; nil: a new one
}

func (s *slab[T]) begin() { s.from = len(s.list) }

func (s *slab[T]) add(v T) {
	if len(s.list) == cap(s.list) {
		s.grow()
	}
	s.list = append(s.list, v)
}

// grow takes the list under way to a new slab.
func (s *slab[T]) grow() {
	part, n := s.list[s.from:], max(slabSize, 2*(len(s.list)-s.from))
	var next []T
	if s.fresh != nil {
		next = s.fresh(n)
	} else {
		next = make([]T, 0, n)
	}
	s.list, s.from = append(next, part...), 0
}

// cut gives the list under way. Nobody can append to it into the next one.
func (s *slab[T]) cut() []T { return s.list[s.from:len(s.list):len(s.list)] }
