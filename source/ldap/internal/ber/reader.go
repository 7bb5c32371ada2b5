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
	arenaSize = 64 << 10
	leastRoom = 4 << 10 // below it, reading into what is left of an arena is not worth a call
)

// Reader cuts a stream into messages.
//
// It reads into arenas of 64 KiB. What it gives out points into them and stays
// as it is for as long as somebody holds it: an arena is never used again, and
// goes when nothing points into it any more. Who keeps a single value for long
// should copy it, since it holds its whole arena.
//
// It is for one goroutine at a time. After an error of the stream that passes,
// such as a deadline, Next goes on where it was.
type Reader struct {
	src   io.Reader
	max   int
	arena []byte
	from  int // where the next message begins

	names  names
	attrs  slab[Attribute]
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
		waiting := r.arena[r.from:]
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
			return parse(waiting[size:size+length:size+length], size+length)
		}
		if err := r.fill(len(waiting), size+length); err != nil {
			return Message{}, err
		}
	}
}

// fill reads what there is to read. need is the size of the whole message, 0
// while it is not known. Room grows with what really arrived, whatever a
// message says of its length.
func (r *Reader) fill(have, need int) error {
	free := cap(r.arena) - len(r.arena)
	if free == 0 || free < leastRoom && have == 0 || r.from+need > cap(r.arena) && (need <= arenaSize || free == 0) {
		r.renew(have, need)
	}
	return r.read(have)
}

// renew takes the message under way to a new arena.
func (r *Reader) renew(have, need int) {
	size := max(arenaSize, min(need, 2*have))
	r.arena = append(make([]byte, 0, size), r.arena[r.from:]...)
	r.from = 0
}

func (r *Reader) read(have int) error {
	for range 100 {
		n, err := r.src.Read(r.arena[len(r.arena):cap(r.arena)])
		r.arena = r.arena[:len(r.arena)+n]
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
