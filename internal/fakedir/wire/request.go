package wire

import (
	"bufio"
	"fmt"
)

// Tags of BER and of the LDAP operations this package reads or writes.
const (
	tagBoolean    = 0x01
	tagInteger    = 0x02
	tagOctets     = 0x04
	tagEnumerated = 0x0a
	tagSequence   = 0x30
	tagSet        = 0x31
	tagControls   = 0xa0

	opBind      = 0x60
	opUnbind    = 0x42
	opSearch    = 0x63
	opAbandon   = 0x50
	opExtended  = 0x77
	respBind    = 0x61
	respEntry   = 0x64
	respDone    = 0x65
	respExtend  = 0x78
	respReferer = 0x73
)

// Message is one request. Op is *Bind, *Search, *Extended, Abandon, Unbind or
// Other.
type Message struct {
	ID       int64
	Op       any
	Controls []Control
}

// Control is a request or response control (RFC 4511 section 4.1.11).
type Control struct {
	OID      string
	Critical bool
	Value    []byte // nil when there is none
}

// Bind is a bind request: simple, or SASL when Mechanism is set.
type Bind struct {
	Version   int64
	Name      string
	Password  string
	Mechanism string
}

// Scopes of a search.
const (
	BaseObject = iota
	SingleLevel
	WholeSubtree
)

// Search is a search request.
type Search struct {
	Base       string
	Scope      int64
	SizeLimit  int64
	TimeLimit  int64
	TypesOnly  bool
	Filter     *Filter
	Attributes []string
	Raw        []byte // the request's own bytes: the same for every page of one search
}

// Extended is an extended operation (RFC 4511 section 4.12).
type Extended struct {
	Name  string
	Value []byte
}

// Abandon asks to stop answering another request.
type Abandon struct{ ID int64 }

// Unbind announces the end of the connection.
type Unbind struct{}

// Other is any operation that is not decoded; Tag tells which.
type Other struct{ Tag byte }

// Read reads the next request. An error means that the connection is of no
// further use.
func Read(r *bufio.Reader) (Message, error) {
	e, err := readMessage(r)
	if err != nil {
		return Message{}, err
	}
	return decode(e)
}

func decode(e element) (Message, error) {
	if e.tag != tagSequence {
		return Message{}, fmt.Errorf("wire: a message begins with %#x", e.tag)
	}
	c := &cursor{rest: e.body}
	m := Message{ID: c.integer(tagInteger)}
	op := c.next()
	if c.more() && c.peek() == tagControls {
		m.Controls = controls(c)
	}
	if c.err != nil {
		return m, c.err
	}
	m.Op, c.err = operation(op)
	return m, c.err
}

func operation(e element) (any, error) {
	c := &cursor{rest: e.body}
	switch e.tag {
	case opBind:
		return bind(c)
	case opSearch:
		return search(c)
	case opExtended:
		return extended(c)
	case opAbandon:
		id, err := integer(e.body)
		return Abandon{id}, err
	case opUnbind:
		return Unbind{}, nil
	}
	return Other{e.tag}, nil
}

func bind(c *cursor) (any, error) {
	b := &Bind{Version: c.integer(tagInteger), Name: c.text(tagOctets)}
	switch auth := c.next(); auth.tag {
	case 0x80:
		b.Password = string(auth.body)
	case 0xa3:
		b.Mechanism = (&cursor{rest: auth.body}).text(tagOctets)
	default:
		c.fail(fmt.Errorf("wire: authentication choice %#x", auth.tag))
	}
	return b, c.err
}

func search(c *cursor) (any, error) {
	s := &Search{Raw: c.rest}
	s.Base, s.Scope = c.text(tagOctets), c.integer(tagEnumerated)
	c.integer(tagEnumerated) // aliases: there are none to follow
	s.SizeLimit, s.TimeLimit = c.integer(tagInteger), c.integer(tagInteger)
	s.TypesOnly = c.boolean()
	s.Filter = filter(c, 0)
	for list := c.inner(tagSequence); list.more(); {
		s.Attributes = append(s.Attributes, list.text(tagOctets))
		c.err = list.err
	}
	return s, c.err
}

func extended(c *cursor) (any, error) {
	x := &Extended{Name: c.text(0x80)}
	if c.more() {
		x.Value = c.expect(0x81)
	}
	return x, c.err
}

func controls(c *cursor) []Control {
	var out []Control
	list := c.inner(tagControls)
	for list.more() {
		one := list.inner(tagSequence)
		ctl := Control{OID: one.text(tagOctets)}
		if one.peek() == tagBoolean {
			ctl.Critical = one.boolean()
		}
		if one.more() {
			ctl.Value = one.expect(tagOctets)
		}
		out, list.err = append(out, ctl), one.err
	}
	if list.err != nil {
		c.fail(list.err)
	}
	return out
}
