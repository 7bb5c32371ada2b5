package ldap

import (
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// columns remembers what was worked out from each attribute description that a
// server wrote: entries of one read mostly have the same ones in the same order.
type columns struct {
	known  map[string]int // to its place in list
	list   []column
	last   int                // the one before, in list
	slots  []adsync.Attribute // by rank
	rest   []adsync.Attribute // what has no rank
	sorted []adsync.Attribute
}

// column is one attribute description.
type column struct {
	text   string // as the server wrote it
	base   string // without its range
	name   string // without ;binary too
	member bool
	part   bool // a stretch of the values, and not the last
	rank   int  // of the name among all that were seen; below 0: not remembered
	next   int  // what came after it the last time
}

// maxColumns bounds what is remembered. A search asks for some dozens.
const maxColumns = 256

func makeColumn(text string) column {
	base, span, ranged := parseRanged(text)
	name := directory.TrimOption(base, "binary")
	return column{text: text, base: base, name: name, member: directory.IsMember(name), part: ranged && !span.last}
}

// begin starts an entry.
func (c *columns) begin() {
	if c.known == nil {
		c.known, c.list = map[string]int{}, []column{{}}
	}
	c.last = 0
	clear(c.slots)
	c.rest = c.rest[:0]
}

// of gives the column of a description; it stays until the next call.
func (c *columns) of(text string) *column {
	at := c.list[c.last].next
	if at == 0 || c.list[at].text != text {
		if at = c.look(text); at == 0 {
			made := makeColumn(text)
			made.rank = -1
			return &made
		}
		c.list[c.last].next = at
	}
	c.last = at
	return &c.list[at]
}

func (c *columns) look(text string) int {
	if at, ok := c.known[text]; ok {
		return at
	}
	if len(c.list) > maxColumns {
		return 0
	}
	text = strings.Clone(text)
	at := len(c.list)
	c.list = append(c.list, makeColumn(text))
	c.known[text] = at
	c.rank()
	return at
}

// rank numbers all names in their order anew; spellings of one name share a number.
func (c *columns) rank() {
	names := adsync.Attributes{}
	for i := range c.list[1:] {
		names.Set(c.list[i+1].name)
	}
	slots := make([]adsync.Attribute, names.Len())
	rank := 0
	for name := range names.All() {
		for i := range c.list[1:] {
			if strings.EqualFold(c.list[i+1].name, name) {
				c.list[i+1].rank = rank
			}
		}
		if old := slices.IndexFunc(c.slots, func(a adsync.Attribute) bool { return strings.EqualFold(a.Name, name) }); old >= 0 {
			slots[rank] = c.slots[old]
		}
		rank++
	}
	c.slots = slots
}

// put keeps the values of one attribute; of two with one name the last one wins.
func (c *columns) put(at *column, values []string) {
	if at.rank < 0 {
		c.rest = append(c.rest, adsync.Attribute{Name: at.name, Values: values})
		return
	}
	c.slots[at.rank] = adsync.Attribute{Name: at.name, Values: values}
}

// end gives what was put, in the order of the names. It is valid until the next entry.
func (c *columns) end() adsync.Attributes {
	c.sorted = c.sorted[:0]
	for i := range c.slots {
		if c.slots[i].Values != nil {
			c.sorted = append(c.sorted, c.slots[i])
		}
	}
	return adsync.MakeAttributes(append(c.sorted, c.rest...)...)
}
