package ber

import "encoding/binary"

// Search is a search request (RFC 4511, section 4.5.1).
type Search struct {
	Base      string
	Scope     int // 0 the entry, 1 its children, 2 the subtree
	Deref     int // of aliases: 0 never
	SizeLimit int // entries; 0: the server's own
	TimeLimit int // seconds; 0: the server's own
	TypesOnly bool
	Filter    []byte // encoded, see RFC 4511, section 4.5.1.7
	Attrs     []string
	Controls  [][]byte // encoded
}

// Encode makes the message.
func (s *Search) Encode(id int64) []byte {
	var attrs [][]byte
	for _, a := range s.Attrs {
		attrs = append(attrs, wrap(tagOctets, []byte(a)))
	}
	request := wrap(0x63, wrap(tagOctets, []byte(s.Base)),
		number(tagEnumerated, s.Scope), number(tagEnumerated, s.Deref),
		number(tagInteger, s.SizeLimit), number(tagInteger, s.TimeLimit),
		boolean(s.TypesOnly), s.Filter, wrap(tagSequence, attrs...))
	if len(s.Controls) == 0 {
		return envelope(id, request)
	}
	return envelope(id, request, wrap(tagControls, s.Controls...))
}

// Extended makes an extended request (RFC 4511, section 4.12) without a value.
func Extended(id int64, oid string) []byte {
	return envelope(id, wrap(0x77, wrap(0x80, []byte(oid))))
}

// Abandon tells the server to stop working on a request.
func Abandon(id, request int64) []byte { return envelope(id, number(0x50, int(request))) }

// Unbind tells the server that the connection ends.
func Unbind(id int64) []byte { return envelope(id, []byte{0x42, 0}) }

func envelope(id int64, parts ...[]byte) []byte {
	return wrap(tagSequence, append([][]byte{number(tagInteger, int(id))}, parts...)...)
}

func number(tag byte, n int) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(n))
	for len(b) > 1 && b[0] == 0 && b[1] < 0x80 {
		b = b[1:]
	}
	return wrap(tag, b)
}

func boolean(v bool) []byte {
	if v {
		return []byte{tagBoolean, 1, 0xff}
	}
	return []byte{tagBoolean, 1, 0}
}

// wrap puts tag and length before its parts.
func wrap(tag byte, parts ...[]byte) []byte {
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	b := appendLength(append(make([]byte, 0, length+10), tag), length)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func appendLength(b []byte, length int) []byte {
	if length < 0x80 {
		return append(b, byte(length))
	}
	long := binary.BigEndian.AppendUint64(nil, uint64(length))
	for long[0] == 0 {
		long = long[1:]
	}
	return append(append(b, 0x80|byte(len(long))), long...)
}
