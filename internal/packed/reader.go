package packed

import (
	"errors"
	"fmt"
	"time"
)

// ErrMalformed says that the bytes are not what a Writer wrote.
var ErrMalformed = errors.New("packed: malformed record")

// Reader reads what a Writer wrote, in the same order. After the first fault
// every method gives zero values, and Err says what was wrong. Strings that it
// gives share memory with the record.
type Reader struct {
	rest string
	err  error
}

// Read gives a Reader of a record.
func Read(record string) *Reader { return &Reader{rest: record} }

// Err gives the first fault.
func (r *Reader) Err() error { return r.err }

// End gives the first fault; bytes left over are one.
func (r *Reader) End() error {
	if r.err == nil && r.rest != "" {
		r.fail("bytes left over")
	}
	return r.err
}

func (r *Reader) fail(why string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrMalformed, why)
	}
	r.rest = ""
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if r.rest == "" {
		r.fail("too short")
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// Bool reads what Bool wrote.
func (r *Reader) Bool() bool {
	b := r.Byte()
	if b > 1 {
		r.fail("no truth value")
	}
	return b == 1
}

// Uint reads what Uint wrote.
func (r *Reader) Uint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b := r.Byte()
		if shift == 63 && b > 1 {
			break
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	r.fail("number too large")
	return 0
}

// Int reads what Int wrote.
func (r *Reader) Int() int64 {
	v := r.Uint()
	return int64(v>>1) ^ -int64(v&1)
}

// Raw fills b.
func (r *Reader) Raw(b []byte) {
	if len(b) > len(r.rest) {
		r.fail("too short")
		return
	}
	copy(b, r.rest)
	r.rest = r.rest[len(b):]
}

// String reads what String wrote.
func (r *Reader) String() string {
	n := r.Uint()
	if n > uint64(len(r.rest)) {
		r.fail("too short")
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// Time reads what Time wrote, in UTC.
func (r *Reader) Time() time.Time {
	if !r.Bool() {
		return time.Time{}
	}
	seconds, nanos := r.Int(), r.Uint()
	if nanos >= uint64(time.Second) {
		r.fail("no instant")
	}
	if r.err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, int64(nanos)).UTC()
}

// Count reads the length of a list whose entries take at least size bytes
// each, so that a hostile length cannot make anybody allocate.
func (r *Reader) Count(size int) int {
	n := r.Uint()
	if n > uint64(len(r.rest)/size) {
		r.fail("list longer than the record")
		return 0
	}
	return int(n)
}

// ReadStrings reads what Strings wrote, nil when there were none.
func ReadStrings[S ~string](r *Reader) []S {
	n := r.Count(1)
	if n == 0 {
		return nil
	}
	list := make([]S, n)
	for i := range list {
		list[i] = S(r.String())
	}
	return list
}

// Attributes reads what Attributes wrote. Begin hears how many there are; name
// gives the name of a number and may refuse it; each gets one attribute.
func (r *Reader) Attributes(begin func(n int), name func(number uint64) (string, error), each func(name string, values []string)) {
	n, total := r.Count(2), 0
	if r.err == nil {
		total = r.Count(1)
	}
	if r.err != nil {
		return
	}
	begin(n)
	values := make([]string, 0, total)
	for range n {
		number, count := r.Uint(), r.Count(1)
		if r.err == nil && count > total-len(values) {
			r.fail("more values than announced")
		}
		if r.err != nil {
			return
		}
		start := len(values)
		for range count {
			values = append(values, r.String())
		}
		known, err := name(number)
		if err != nil && r.err == nil {
			r.err, r.rest = err, ""
		}
		if r.err != nil {
			return
		}
		if count == 0 {
			each(known, nil)
			continue
		}
		each(known, values[start:len(values):len(values)])
	}
}
