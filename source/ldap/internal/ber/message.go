package ber

import (
	"bytes"
	"math"
)

// Op is what a message is (RFC 4511, section 4): the tag of its operation.
type Op byte

// What a server sends in answer to a search or an extended request.
const (
	SearchResultEntry     Op = 0x64
	SearchResultDone      Op = 0x65
	SearchResultReference Op = 0x73
	ExtendedResponse      Op = 0x78
	IntermediateResponse  Op = 0x79
)

// Message is one message of the server, with its operation not looked into. It
// is valid until the next one is read.
type Message struct {
	ID   int64 // 0: not an answer to a request
	Op   Op
	Size int // bytes in all

	body     []byte // of the operation
	whole    []byte // the operation with tag and length
	controls []byte
}

// Operation gives a copy of the operation's bytes, tag and length included.
func (m *Message) Operation() []byte { return bytes.Clone(m.whole) }

// parse takes the envelope off (RFC 4511, section 4.1.1).
func parse(b []byte, size int) (m Message, err error) {
	id, rest, err := expect(b, tagInteger, "a message's number")
	if err != nil {
		return m, err
	}
	if m.ID, err = integer(id); err != nil {
		return m, err
	}
	op, rest, err := next(rest)
	if err == nil && op.tag&0xe0 != 0x60 { // no server sends one of another class or form
		err = malformed("an operation is something else")
	}
	if err != nil {
		return m, err
	}
	m.Op, m.Size, m.body, m.whole = Op(op.tag), size, op.body, op.whole
	if len(rest) > 0 {
		m.controls, _, err = expect(rest, tagControls, "what follows an operation")
	}
	return m, err
}

// Control is one that came with a message (RFC 4511, section 4.1.11).
type Control struct {
	OID      string
	Critical bool
	Value    []byte // nil: none
	Whole    []byte // the control as it arrived
}

// Controls gives what came with the message; nil when nothing did.
func (m *Message) Controls() (list []Control, err error) {
	for rest := m.controls; len(rest) > 0; {
		var e element
		if e, rest, err = next(rest); err != nil {
			return nil, err
		}
		c, err := control(e)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func control(e element) (c Control, err error) {
	if e.tag != tagSequence {
		return c, malformed("a control is something else")
	}
	c.Whole = bytes.Clone(e.whole)
	oid, rest, err := expect(e.body, tagOctets, "a control's type")
	if c.OID = string(oid); err != nil || len(rest) == 0 {
		return c, err
	}
	field, rest, err := next(rest)
	if err == nil && field.tag == tagBoolean {
		c.Critical = len(field.body) > 0 && field.body[0] != 0
		if len(rest) == 0 {
			return c, nil
		}
		field, rest, err = next(rest)
	}
	if err == nil && (field.tag != tagOctets || len(rest) > 0) {
		err = malformed("a control's value is something else")
	}
	c.Value = append([]byte{}, field.body...)
	return c, err
}

// Result is how an operation ended (RFC 4511, section 4.1.9).
type Result struct {
	Code      uint16
	MatchedDN string
	Text      string   // the server's own words
	Referrals []string // with code 10
	Name      string   // of an extended response; empty when it has none
	Value     []byte   // of an extended response; nil when it has none
}

// Result reads a search's end or an extended response.
func (m *Message) Result() (r Result, err error) {
	code, rest, err := next(m.body)
	if err == nil && code.tag != tagEnumerated && code.tag != tagInteger {
		err = malformed("a result code is something else")
	}
	if err != nil {
		return r, err
	}
	number, err := integer(code.body)
	if err != nil || number < 0 || number > math.MaxUint16 {
		return r, malformed("a result code is out of range")
	}
	matched, rest, err := expect(rest, tagOctets, "a result's matched DN")
	if err != nil {
		return r, err
	}
	said, rest, err := expect(rest, tagOctets, "a result's text")
	if err != nil {
		return r, err
	}
	r.Code, r.MatchedDN, r.Text = uint16(number), string(matched), string(said)
	return r, r.tail(rest, m.Op)
}

// tail reads what is optional. A search's end can have one element there.
func (r *Result) tail(rest []byte, op Op) error {
	for count := 1; len(rest) > 0; count++ {
		e, after, err := next(rest)
		if err == nil && op == SearchResultDone && count > 1 {
			err = malformed("a result has more than its fields")
		}
		if err == nil {
			err = r.field(e, op)
		}
		if err != nil {
			return err
		}
		rest = after
	}
	return nil
}

func (r *Result) field(e element, op Op) (err error) {
	switch {
	case e.tag == tagReferral:
		r.Referrals, err = texts(e.body)
	case op == ExtendedResponse && e.tag == 0x8a: // [10]
		r.Name = string(e.body)
	case op == ExtendedResponse && e.tag == 0x8b: // [11]
		r.Value = append([]byte{}, e.body...)
	}
	return err
}

// References reads where a part of the result is to be had.
func (m *Message) References() ([]string, error) {
	if len(m.body) == 0 {
		return nil, malformed("a reference without an address")
	}
	return texts(m.body)
}

func texts(b []byte) (list []string, err error) {
	for len(b) > 0 {
		var one []byte
		if one, b, err = expect(b, tagOctets, "an address"); err != nil {
			return nil, err
		}
		list = append(list, string(one))
	}
	return list, nil
}
