// Package ber reads and writes the messages of LDAP (RFC 4511) in the encoding
// that section 5.1 allows: definite lengths, and strings in one piece.
//
// It is no general BER library, and it knows nothing of connections, searches
// or what a control means. See Reader for how long what it gives out stays.
package ber

import (
	"errors"
	"fmt"
	"math"
)

// ErrMalformed is in every error about bytes that are not LDAP.
var ErrMalformed = errors.New("not an LDAP message")

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// Tags as they stand in the first byte: class, form and number.
const (
	tagBoolean    = 0x01
	tagInteger    = 0x02
	tagOctets     = 0x04
	tagEnumerated = 0x0a
	tagSequence   = 0x30
	tagSet        = 0x31
	tagControls   = 0xa0 // [0] of a message
	tagReferral   = 0xa3 // [3] of a result

	highTag = 0x1f // the number follows in bytes of its own
)

// element is one tag with what it holds.
type element struct {
	tag   byte // of a high tag only its class and form, and 31
	body  []byte
	whole []byte // with tag and length
}

// header reads tag and length. size is 0 while more bytes are needed to tell.
func header(b []byte) (size, length int, err error) {
	at := 1
	if len(b) > 1 && b[0]&highTag == highTag {
		if b[1] < highTag || b[1] == 0x80 {
			return 0, 0, malformed("a tag that has a shorter form")
		}
		for ; at < len(b) && b[at]&0x80 != 0; at++ {
			if at > 8 {
				return 0, 0, malformed("a tag of over 63 bits")
			}
		}
		at++
	}
	if at >= len(b) {
		return 0, 0, nil
	}
	first := b[at]
	if first < 0x80 {
		return at + 1, int(first), nil
	}
	return longLength(b[at+1:], at+1, int(first&0x7f))
}

// longLength reads a length that has bytes of its own.
func longLength(b []byte, size, count int) (int, int, error) {
	if count == 0 || count > 8 {
		return 0, 0, malformed("a length that is indefinite or has over 64 bits")
	}
	if len(b) < count {
		return 0, 0, nil
	}
	length := uint64(0)
	for _, c := range b[:count] {
		length = length<<8 | uint64(c)
	}
	if length > math.MaxInt32 {
		return 0, 0, fmt.Errorf("%w: it says that %d bytes follow", ErrTooLarge, length)
	}
	return size + count, int(length), nil
}

// next takes the first element of b. What is in b has all arrived, so an
// element that goes beyond it lies about its length.
func next(b []byte) (e element, rest []byte, err error) {
	size, length, err := header(b)
	if err != nil {
		return e, nil, err
	}
	if size == 0 || length > len(b)-size {
		return e, nil, malformed("an element is longer than what it stands in")
	}
	end := size + length
	return element{b[0], b[size:end:end], b[:end:end]}, b[end:], nil
}

// expect takes the first element of b, which has to have this tag.
func expect(b []byte, tag byte, what string) (body, rest []byte, err error) {
	if len(b) >= 2 && b[0] == tag && b[1] < 0x80 && int(b[1]) <= len(b)-2 { // nearly always
		end := 2 + int(b[1])
		return b[2:end:end], b[end:], nil
	}
	e, rest, err := next(b)
	if err == nil && e.tag != tag {
		err = malformed(what + " is something else")
	}
	return e.body, rest, err
}

// integer reads a whole number of up to 64 bits.
func integer(b []byte) (int64, error) {
	if len(b) == 0 || len(b) > 8 {
		return 0, malformed("a number without bytes or with over 64 bits")
	}
	v := int64(int8(b[0]))
	for _, c := range b[1:] {
		v = v<<8 | int64(c)
	}
	return v, nil
}
