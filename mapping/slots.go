package mapping

import (
	"slices"
	"sync"

	"github.com/expr-lang/expr/vm"

	"github.com/adsync/sdk/adsync"
)

// Three names are read like attributes and belong to the object itself.
const (
	pseudoAnchor = iota
	pseudoContainer
	pseudoKind
	pseudoCount
)

var pseudoNames = [pseudoCount]string{"anchor", "container", "kind"}

// layout numbers the source attributes, so that a rule finds its values
// without looking for a name. The pseudo attributes come first, the others in
// the order of their folded names, the order in which an object holds them.
type layout struct {
	names  []string // as declared
	folded []string
	read   []bool // by a rule, a reference or an expression
	pool   sync.Pool
}

func newLayout(declared []string, parameters map[string]string) *layout {
	l := &layout{names: slices.Clone(pseudoNames[:])}
	list := slices.Clone(declared)
	slices.SortFunc(list, func(a, b string) int { return compareFold(a, b) })
	list = slices.CompactFunc(list, func(a, b string) bool { return compareFold(a, b) == 0 })
	l.names = append(l.names, list...)
	for _, n := range l.names {
		l.folded = append(l.folded, foldName(n))
	}
	l.read = make([]bool, len(l.names))
	l.pool.New = func() any { return newScratch(len(l.names), parameters) }
	return l
}

// index gives the number of an attribute.
func (l *layout) index(name string) (int, bool) {
	folded := foldName(name)
	if i := slices.Index(l.folded[:pseudoCount], folded); i >= 0 {
		return i, true
	}
	i, ok := slices.BinarySearch(l.folded[pseudoCount:], folded)
	return i + pseudoCount, ok
}

// find gives the number of an attribute and marks it as read.
func (l *layout) find(name string) (int, bool) {
	i, ok := l.index(name)
	if !ok {
		return 0, false
	}
	l.read[i] = true
	return i, true
}

// spelt is find for the exact spelling, as in an expression.
func (l *layout) spelt(name string) (int, bool) {
	if i, ok := l.index(name); !ok || l.names[i] != name {
		return 0, false
	}
	return l.find(name)
}

// attributes lists what is read, as declared.
func (l *layout) attributes() []string {
	var out []string
	for i, name := range l.names[pseudoCount:] {
		if l.read[pseudoCount+i] {
			out = append(out, name)
		}
	}
	return out
}

// scratch is what one call of Map works with.
type scratch struct {
	slots []slot
	env   map[string]any
	vm    vm.VM
	self  [pseudoCount][1]string
}

// slot holds the values of one source attribute.
type slot struct {
	values  []string
	present bool
}

func newScratch(n int, parameters map[string]string) *scratch {
	s := &scratch{slots: make([]slot, n), env: make(map[string]any, 8)}
	for name, value := range parameters {
		s.env[name] = value
	}
	return s
}

// fill puts the object's values in their slots: one walk over both lists,
// which have the same order.
func (s *scratch) fill(l *layout, o adsync.Object) {
	clear(s.slots)
	s.setSelf(pseudoAnchor, string(o.Anchor))
	s.setSelf(pseudoContainer, o.Container)
	s.setSelf(pseudoKind, o.Kind.String())
	i := pseudoCount
	for name, values := range o.Attrs.All() {
		for i < len(l.folded) && compareFold(l.folded[i], name) < 0 {
			i++
		}
		if i < len(l.folded) && compareFold(l.folded[i], name) == 0 {
			s.slots[i] = slot{values: values, present: true}
		}
	}
}

func (s *scratch) setSelf(i int, value string) {
	s.self[i][0] = value
	s.slots[i] = slot{values: s.self[i][:], present: true}
}

// compareFold orders names as adsync.Attributes does, folding ASCII case.
func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lowerByte(a[i]), lowerByte(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func foldName(name string) string {
	b := []byte(name)
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return string(b)
}
