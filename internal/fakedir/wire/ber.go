package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// MaxMessage is the longest request that is read, in bytes.
const MaxMessage = 16 << 20

var errShort = errors.New("wire: element ends early")

// element is one decoded tag and its content.
type element struct {
	tag  byte
	body []byte
}

// readMessage reads one whole element from the socket.
func readMessage(r *bufio.Reader) (element, error) {
	tag, err := r.ReadByte()
	if err != nil {
		return element{}, err
	}
	n, err := readLength(r)
	if err != nil {
		return element{}, err
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return element{}, err
	}
	return element{tag, body}, nil
}

// readLength reads a definite length (RFC 4511 section 5.1 allows no other).
func readLength(r io.ByteReader) (int, error) {
	first, err := r.ReadByte()
	if err != nil || first < 0x80 {
		return int(first), err
	}
	count := int(first & 0x7f)
	if count == 0 || count > 4 {
		return 0, fmt.Errorf("wire: length of %d octets", count)
	}
	n := 0
	for range count {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		n = n<<8 | int(b)
	}
	if n > MaxMessage {
		return 0, fmt.Errorf("wire: %d bytes are more than the %d allowed", n, MaxMessage)
	}
	return n, nil
}

// cursor walks the elements inside a constructed one. The first error sticks,
// so a decoder may read a whole structure and ask once.
type cursor struct {
	rest []byte
	err  error
}

// ReadByte makes a cursor readable by readLength.
func (c *cursor) ReadByte() (byte, error) {
	if len(c.rest) == 0 {
		return 0, errShort
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return b, nil
}

func (c *cursor) more() bool { return c.err == nil && len(c.rest) > 0 }

func (c *cursor) fail(err error) element {
	if c.err == nil {
		c.err = err
	}
	return element{}
}

func (c *cursor) next() element {
	if c.err != nil {
		return element{}
	}
	tag, err := c.ReadByte()
	if err != nil {
		return c.fail(err)
	}
	if tag&0x1f == 0x1f {
		return c.fail(fmt.Errorf("wire: tag %#x goes on", tag))
	}
	n, err := readLength(c)
	if err != nil {
		return c.fail(err)
	}
	if n > len(c.rest) {
		return c.fail(errShort)
	}
	e := element{tag, c.rest[:n]}
	c.rest = c.rest[n:]
	return e
}

func (c *cursor) expect(tag byte) []byte {
	e := c.next()
	if c.err == nil && e.tag != tag {
		c.fail(fmt.Errorf("wire: tag %#x where %#x was expected", e.tag, tag))
		return nil
	}
	return e.body
}

// inner expects a constructed element and walks its content.
func (c *cursor) inner(tag byte) *cursor {
	body := c.expect(tag)
	return &cursor{rest: body, err: c.err}
}

func (c *cursor) text(tag byte) string { return string(c.expect(tag)) }

func (c *cursor) integer(tag byte) int64 {
	n, err := integer(c.expect(tag))
	if err != nil {
		c.fail(err)
	}
	return n
}

func (c *cursor) boolean() bool {
	b := c.expect(tagBoolean)
	return len(b) > 0 && b[0] != 0
}

func (c *cursor) peek() byte {
	if c.err != nil || len(c.rest) == 0 {
		return 0
	}
	return c.rest[0]
}

// integer decodes two's complement of at most eight bytes.
func integer(b []byte) (int64, error) {
	if len(b) == 0 || len(b) > 8 {
		return 0, fmt.Errorf("wire: integer of %d bytes", len(b))
	}
	n := int64(int8(b[0]))
	for _, x := range b[1:] {
		n = n<<8 | int64(x)
	}
	return n, nil
}
