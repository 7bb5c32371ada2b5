package spill

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
)

// fanIn is how many runs are merged at once. With more runs than this they are
// first merged into fewer, so that the buffers stay within the memory allowed.
const fanIn = 64

// errStop says that the loop was left; nobody sees it.
var errStop = errors.New("stopped")

// bufferSize is the size of one run's buffer.
func bufferSize(memory int) int { return max(memory/fanIn, 4096) }

// Sorted gives the records in ascending order of their keys; records with
// equal keys come in the order in which they were added. It may be ranged over
// more than once, also while another range is open, and more may be added
// between two ranges. An error is the last thing it yields; a cancelled
// context is an error.
func (s *Sorter) Sorted(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if s.failed != nil {
			yield(Record{}, s.failed)
			return
		}
		s.reading++
		defer func() { s.reading-- }()
		if len(s.runs) == 0 {
			s.fromMemory(ctx, yield)
			return
		}
		if err := s.settle(ctx); err != nil {
			yield(Record{}, err)
			return
		}
		err := s.merge(ctx, s.runs, 0, func(r Record) error {
			if !yield(r, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && err != errStop {
			yield(Record{}, err)
		}
	}
}

func (s *Sorter) fromMemory(ctx context.Context, yield func(Record, error) bool) {
	s.buffer.sort()
	buffer := s.buffer
	for i := range buffer.index {
		if err := s.interrupted(ctx); err != nil {
			yield(Record{}, err)
			return
		}
		if !yield(buffer.record(i), nil) {
			return
		}
	}
	if err := ctx.Err(); err != nil {
		yield(Record{}, err)
	}
}

// settle writes out what is still in the buffer and merges runs until one pass
// can read them all.
func (s *Sorter) settle(ctx context.Context) error {
	if len(s.buffer.index) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
		s.buffer = buffer{} // the merge needs the memory
	}
	for len(s.runs) > fanIn {
		if err := s.pass(ctx); err != nil {
			return err
		}
	}
	return nil
}

// pass merges neighbouring runs into a new file and drops the old one.
func (s *Sorter) pass(ctx context.Context) (err error) {
	file, err := s.create(s.config.Dir)
	if err != nil {
		return s.fail(err)
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	var merged []run
	for from := 0; from < len(s.runs); from += fanIn {
		w := file.startRun(bufferSize(s.config.Memory))
		group := s.runs[from:min(from+fanIn, len(s.runs))]
		if err := s.merge(ctx, group, from, s.writing(w)); err != nil {
			return err
		}
		r, err := w.end()
		if err != nil {
			return s.fail(err)
		}
		merged = append(merged, r)
	}
	old := s.file
	s.file, s.runs = file, merged
	old.Close() // it has no name or is removed; nothing depends on it any more
	return nil
}

// writing makes a full disk an error of the whole sorter.
func (s *Sorter) writing(w *runWriter) func(Record) error {
	return func(r Record) error {
		if err := w.add(r); err != nil {
			return s.fail(err)
		}
		return nil
	}
}

// merge gives the records of all runs in order to emit.
func (s *Sorter) merge(ctx context.Context, runs []run, order int, emit func(Record) error) error {
	h, err := s.openAll(runs, order)
	if err != nil {
		return err
	}
	for len(h) > 0 {
		if err := s.interrupted(ctx); err != nil {
			return err
		}
		if err := emit(h[0].record); err != nil {
			return err
		}
		if h, err = h.advance(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// interrupted tells of a cancelled context, or of a Close from inside the loop.
func (s *Sorter) interrupted(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.failed
}

func (s *Sorter) openAll(runs []run, order int) (readers, error) {
	h := make(readers, 0, len(runs))
	for i, r := range runs {
		reader := s.file.open(r, order+i, bufferSize(s.config.Memory))
		if err := reader.next(); err != nil {
			return nil, damaged(err)
		}
		h = append(h, reader)
	}
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
	return h, nil
}

// readers is a heap of runs, the one with the smallest record first.
type readers []*runReader

// advance moves the first run on, and drops it at its end.
func (h readers) advance() (readers, error) {
	switch err := h[0].next(); err {
	case nil:
	case io.EOF:
		h[0] = h[len(h)-1]
		h = h[:len(h)-1]
	default:
		return nil, err
	}
	if len(h) > 1 {
		h.down(0)
	}
	return h, nil
}

func (h readers) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].before(h[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

func (r *runReader) before(other *runReader) bool {
	if r.prefix != other.prefix {
		return r.prefix < other.prefix
	}
	if c := bytes.Compare(r.record.Key, other.record.Key); c != 0 {
		return c < 0
	}
	return r.order < other.order
}
