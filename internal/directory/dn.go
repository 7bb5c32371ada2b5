package directory

import "strings"

// DN is a distinguished name (RFC 4514). It keeps the spelling it came in and
// compares by its folded form. The zero DN is the empty name, the root.
type DN struct {
	text   string
	folded string
	starts []start // of each relative name, the entry's own first
}

// start is where a relative name begins in both forms.
type start struct{ text, folded int }

// String gives the name as it was written.
func (d DN) String() string { return d.text }

// Folded gives a form that is the same for every spelling of the name: types
// in lower case and by their short names, values folded (see [Fold]), parts of
// a multi-valued relative name in order, one way of escaping. It is a key for
// maps, and a name that a server understands; people prefer String.
func (d DN) Folded() string { return d.folded }

// Depth counts the relative names.
func (d DN) Depth() int { return len(d.starts) }

// IsRoot tells whether the name is empty.
func (d DN) IsRoot() bool { return len(d.starts) == 0 }

// Parent gives the name of the entry above. The root is its own parent.
func (d DN) Parent() DN { return d.above(1) }

// ParentText gives Parent().String().
func (d DN) ParentText() string {
	if len(d.starts) < 2 {
		return ""
	}
	return d.text[d.starts[1].text:]
}

func (d DN) above(levels int) DN {
	if levels >= len(d.starts) {
		return DN{}
	}
	rest := d.starts[levels:]
	at := rest[0]
	moved := make([]start, len(rest))
	for i, s := range rest {
		moved[i] = start{s.text - at.text, s.folded - at.folded}
	}
	return DN{text: d.text[at.text:], folded: d.folded[at.folded:], starts: moved}
}

// RDN gives the entry's own relative name as it was written.
func (d DN) RDN() string {
	if len(d.starts) < 2 {
		return d.text
	}
	own := d.text[:d.starts[1].text]
	return strings.TrimRight(own, ", ")
}

// Equal tells whether both name the same entry.
func (d DN) Equal(other DN) bool { return d.folded == other.folded }

// AncestorOf tells whether other is somewhere below d. A name is not its own
// ancestor; the root is everybody else's.
func (d DN) AncestorOf(other DN) bool {
	levels := len(other.starts) - len(d.starts)
	if levels <= 0 {
		return false
	}
	return d.IsRoot() || other.folded[other.starts[levels].folded:] == d.folded
}

// Within tells whether the entry is base itself or below it.
func (d DN) Within(base DN) bool { return d.Equal(base) || base.AncestorOf(d) }

// FoldDN parses text and gives its folded form.
func FoldDN(text string) (string, error) {
	d, err := ParseDN(text)
	return d.folded, err
}
