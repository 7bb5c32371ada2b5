package ber

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// ErrTooLarge is in the error about a message beyond the reader's limit.
var ErrTooLarge = errors.New("a message is larger than the limit")

const (
	bufferSize = 64 << 10
	largeSize  = 1 << 20 // a buffer beyond it is not kept
)

// Reader cuts a stream into messages.
//
// A Message is valid until the next one is asked for. What is read from it
// (entries, results, controls) is a copy and stays as it is for as long as
// somebody holds it. Names of attributes are held once; values are cut from
// arenas of 64 KiB and lists from slabs, which are never used again and go when
// nothing points into them any more. So who keeps a single value for long
// should clone it.
//
// It is for one goroutine at a time. After an error of the stream that passes,
// such as a deadline, Next goes on where it was.
type Reader struct {
	src    io.Reader
	max    int
	buffer []byte
	from   int // where the next message begins

	names  names
	text   arena
	values slab[string]
}

// NewReader reads messages of at most so many bytes.
func NewReader(src io.Reader, limit int64) *Reader {
	return &Reader{src: src, max: int(min(limit, math.MaxInt32))}
}

// Next gives the next message. io.EOF says that the stream ended between two of
// them, io.ErrUnexpectedEOF that it ended in the middle of one.
func (r *Reader) Next() (Message, error) {
	for {
		waiting := r.buffer[r.from:]
		size, length, err := header(waiting)
		switch {
		case err != nil:
			return Message{}, err
		case len(waiting) > 0 && waiting[0] != tagSequence:
			return Message{}, malformed("a message that is no sequence")
		case size > 0 && length > r.max:
			return Message{}, fmt.Errorf("%w: it has %d bytes, and %d are allowed", ErrTooLarge, length, r.max)
		case size > 0 && size+length <= len(waiting):
			r.from += size + length
			return parse(waiting[size:size+length], size+length)
		}
		if err := r.fill(len(waiting), size+length); err != nil {
			return Message{}, err
		}
	}
}

// fill reads what there is to read. have is what came of the message so far,
// need its size, 0 while that is not known. Room grows with what really
// arrived, whatever a message says of its length.
func (r *Reader) fill(have, need int) error {
	switch {
	case have == cap(r.buffer), have == 0 && have+need < largeSize && cap(r.buffer) > largeSize:
		r.buffer = append(make([]byte, 0, max(bufferSize, min(need, 2*have))), r.buffer[r.from:]...)
		r.from = 0
	case r.from > 0 && (have == 0 || r.from+need > cap(r.buffer) || len(r.buffer) == cap(r.buffer)):
		r.buffer = r.buffer[:copy(r.buffer, r.buffer[r.from:])]
		r.from = 0
	}
	return r.read(have)
}

func (r *Reader) read(have int) error {
	for range 100 {
		n, err := r.src.Read(r.buffer[len(r.buffer):cap(r.buffer)])
		r.buffer = r.buffer[:len(r.buffer)+n]
		switch {
		case n > 0:
			return nil
		case err == io.EOF && have > 0:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
	}
	return io.ErrNoProgress
}
