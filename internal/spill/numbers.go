package spill

import (
	"context"
	"encoding/binary"
	"iter"
	"os"
	"slices"
)

// Numbers sorts more numbers than fit in memory. It is for numbers that are
// spread evenly, as hashes are: they are told apart by their first bits as they
// come, and only one part of them is in memory when they are read. It is for one
// goroutine at a time. The zero value is not usable; call NewNumbers.
type Numbers struct {
	dir    string
	create func(dir string) (*tempFile, error)
	file   *tempFile
	parts  [1 << partBits]part
	block  [8 * perBlock]byte
	failed error
}

const (
	partBits = 6
	perBlock = 512 // numbers of one part that are written together
)

// part has the numbers that begin with the same bits.
type part struct {
	waiting []uint64
	blocks  []int64 // where in the file its others are
}

// NewNumbers makes an empty Numbers, which spills into a file in dir; empty for
// [os.TempDir]. No file is made before there is something to put in it.
func NewNumbers(dir string) *Numbers {
	if dir == "" {
		dir = os.TempDir()
	}
	return &Numbers{dir: dir, create: createTemp}
}

// Add puts a number in. It fails when the disk is full, and then for good.
func (n *Numbers) Add(number uint64) error {
	if n.failed != nil {
		return n.failed
	}
	p := &n.parts[number>>(64-partBits)]
	p.waiting = append(p.waiting, number)
	if len(p.waiting) < perBlock {
		return nil
	}
	return n.spill(p)
}

func (n *Numbers) spill(p *part) error {
	if n.file == nil {
		file, err := n.create(n.dir)
		if err != nil {
			return n.fail(err)
		}
		n.file = file
	}
	for i, number := range p.waiting {
		binary.LittleEndian.PutUint64(n.block[8*i:], number)
	}
	if _, err := n.file.Write(n.block[:]); err != nil {
		return n.fail(err)
	}
	p.blocks = append(p.blocks, n.file.end)
	n.file.end += int64(len(n.block))
	p.waiting = p.waiting[:0]
	return nil
}

// fail makes err the answer to everything from here on.
func (n *Numbers) fail(err error) error {
	n.failed = cannotWrite(n.dir, err)
	return n.failed
}

// Parts gives the numbers in ascending order, many at a time. Numbers that agree
// in their first six bits come together. A part is the caller's until the next
// one is asked for. An error is the last thing it yields; a cancelled context is
// an error.
func (n *Numbers) Parts(ctx context.Context) iter.Seq2[[]uint64, error] {
	return func(yield func([]uint64, error) bool) {
		var memory []uint64
		for i := range n.parts {
			numbers, err := n.read(ctx, &n.parts[i], memory[:0])
			if err != nil {
				yield(nil, err)
				return
			}
			slices.Sort(numbers)
			if len(numbers) > 0 && !yield(numbers, nil) {
				return
			}
			memory = numbers
		}
	}
}

func (n *Numbers) read(ctx context.Context, p *part, into []uint64) ([]uint64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if n.failed != nil {
		return nil, n.failed
	}
	into = slices.Grow(into, len(p.blocks)*perBlock+len(p.waiting))
	for _, at := range p.blocks {
		if _, err := n.file.ReadAt(n.block[:], at); err != nil {
			return nil, damaged(err)
		}
		for b := n.block[:]; len(b) > 0; b = b[8:] {
			into = append(into, binary.LittleEndian.Uint64(b))
		}
	}
	return append(into, p.waiting...), nil
}

// Close drops the numbers and the temporary file. It may be called at any time
// and more than once.
func (n *Numbers) Close() error {
	file := n.file
	n.file, n.parts, n.failed = nil, [1 << partBits]part{}, errClosed
	if file == nil {
		return nil
	}
	return file.Close()
}
