package wire

import "fmt"

// FilterKind is the choice a search filter makes (RFC 4511 section 4.5.1.7).
type FilterKind byte

// The kinds of filters.
const (
	And FilterKind = iota
	Or
	Not
	Equal
	Substrings
	GreaterOrEqual
	LessOrEqual
	Present
	Approx
	Extensible
)

// maxDepth bounds the nesting of a filter, and with it the stack it can take.
const maxDepth = 64

// Filter is a node of a decoded search filter.
type Filter struct {
	Kind FilterKind
	Sub  []*Filter // of And, Or, Not
	Attr string
	// Value is what is compared. Substrings have Initial, Any and Final instead.
	Value          string
	Initial, Final string
	Any            []string
	Rule           string // matching rule of Extensible, dotted
}

func filter(c *cursor, depth int) *Filter {
	e := c.next()
	if c.err != nil {
		return nil
	}
	if depth > maxDepth {
		c.fail(fmt.Errorf("wire: a filter nested deeper than %d", maxDepth))
		return nil
	}
	kind := FilterKind(e.tag & 0x1f)
	in := &cursor{rest: e.body}
	f := &Filter{Kind: kind}
	switch e.tag {
	case 0xa0, 0xa1, 0xa2:
		f.Sub = subfilters(in, kind, depth)
	case 0xa3, 0xa5, 0xa6, 0xa8:
		f.Attr, f.Value = in.text(tagOctets), in.text(tagOctets)
	case 0xa4:
		substrings(in, f)
	case 0x87:
		f.Attr = string(e.body)
	case 0xa9:
		extensible(in, f)
	default:
		in.fail(fmt.Errorf("wire: filter choice %#x", e.tag))
	}
	if in.err != nil {
		c.fail(in.err)
	}
	return f
}

func subfilters(c *cursor, kind FilterKind, depth int) []*Filter {
	var out []*Filter
	for c.more() {
		out = append(out, filter(c, depth+1))
	}
	if kind == Not && len(out) != 1 {
		c.fail(fmt.Errorf("wire: not takes one filter, it has %d", len(out)))
	}
	return out
}

func substrings(c *cursor, f *Filter) {
	f.Attr = c.text(tagOctets)
	list := c.inner(tagSequence)
	for list.more() {
		switch part := list.next(); part.tag {
		case 0x80:
			f.Initial = string(part.body)
		case 0x81:
			f.Any = append(f.Any, string(part.body))
		case 0x82:
			f.Final = string(part.body)
		default:
			list.fail(fmt.Errorf("wire: substring choice %#x", part.tag))
		}
	}
	c.err = list.err
}

func extensible(c *cursor, f *Filter) {
	for c.more() {
		switch part := c.next(); part.tag {
		case 0x81:
			f.Rule = string(part.body)
		case 0x82:
			f.Attr = string(part.body)
		case 0x83:
			f.Value = string(part.body)
		}
	}
}

// PageValue decodes the value of the paging control (RFC 2696).
func PageValue(value []byte) (size int, cookie string, err error) {
	c := (&cursor{rest: value}).inner(tagSequence)
	n := c.integer(tagInteger)
	cookie = c.text(tagOctets)
	if c.err == nil && (n < 0 || n > 1<<31-1) {
		c.err = fmt.Errorf("wire: page size %d", n)
	}
	return int(n), cookie, c.err
}

// IntegerValue decodes a control value that is a sequence of one integer.
func IntegerValue(value []byte) (int64, error) {
	c := (&cursor{rest: value}).inner(tagSequence)
	n := c.integer(tagInteger)
	return n, c.err
}

// DecodeFilter decodes a filter that stands alone.
func DecodeFilter(b []byte) (*Filter, error) {
	c := &cursor{rest: b}
	f := filter(c, 0)
	return f, c.err
}
