// Package spill sorts more byte records than fit in memory.
//
// A Sorter collects records in a buffer of a fixed size. When the buffer is
// full it is sorted and written to a temporary file as one run; reading merges
// the runs. Directories list objects in an order that has nothing to do with
// their keys, and databases are several times faster when written in key
// order, so the engine sorts what it found before it stores a plan.
//
// The package is not a store: what a Sorter holds is gone when it is closed or
// the process ends. It knows nothing of what the bytes mean.
package spill

import (
	"errors"
	"fmt"
	"os"
)

// Config says how much memory a Sorter uses and where it spills.
type Config struct {
	// Memory bounds the buffer, index included, in bytes. While the buffer
	// still grows, or while runs are merged, up to twice as much may be in use.
	// Default 4 MiB.
	Memory int
	// Dir is where the temporary file is made. Default [os.TempDir].
	Dir string
}

// MaxRecord bounds key and payload of one record together, in bytes.
const MaxRecord = 256 << 20

// Record is one record. Both slices are valid until the next one is asked for.
type Record struct{ Key, Payload []byte }

// Sorter collects records and gives them back in the order of their keys. It
// is for one goroutine at a time. The zero value is not usable; call New.
type Sorter struct {
	config  Config
	create  func(dir string) (*tempFile, error)
	buffer  buffer
	file    *tempFile
	runs    []run
	count   int
	reading int
	failed  error
}

var errClosed = errors.New("spill: the sorter is closed")

// New makes an empty Sorter. Nothing is allocated and no file is made until
// there is something to put in it.
func New(c Config) *Sorter {
	if c.Memory <= 0 {
		c.Memory = 4 << 20
	}
	if c.Dir == "" {
		c.Dir = os.TempDir()
	}
	return &Sorter{config: c, create: createTemp}
}

// Add copies a record in. The payload may be nil. It fails when the disk is
// full, and then for good. It must not be called inside a loop over Sorted.
func (s *Sorter) Add(key, payload []byte) error {
	if s.failed != nil {
		return s.failed
	}
	if s.reading > 0 {
		return errors.New("spill: Add was called while the records are being read")
	}
	size := len(key) + len(payload)
	if size > MaxRecord {
		return fmt.Errorf("spill: a record of %d bytes is over the limit of %d", size, MaxRecord)
	}
	if s.buffer.size(1, size) > s.config.Memory && len(s.buffer.index) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.buffer.add(key, payload, s.config.Memory)
	s.count++
	return nil
}

// Len counts the records added.
func (s *Sorter) Len() int { return s.count }

// Close drops the records and the temporary file. It may be called at any
// time and more than once.
func (s *Sorter) Close() error {
	file := s.file
	s.file, s.runs, s.buffer = nil, nil, buffer{}
	s.failed = errClosed
	if file == nil {
		return nil
	}
	return file.Close()
}

// spill writes the buffer as a run of its own.
func (s *Sorter) spill() error {
	if s.file == nil {
		file, err := s.create(s.config.Dir)
		if err != nil {
			return s.fail(err)
		}
		s.file = file
	}
	s.buffer.sort()
	w := s.file.startRun(bufferSize(s.config.Memory))
	for i := range s.buffer.index {
		if err := w.add(s.buffer.record(i)); err != nil {
			return s.fail(err)
		}
	}
	r, err := w.end()
	if err != nil {
		return s.fail(err)
	}
	s.runs = append(s.runs, r)
	s.buffer.reset(s.config.Memory)
	return nil
}

// fail makes err the answer to everything from here on: a run that is missing
// would be records that are missing.
func (s *Sorter) fail(err error) error {
	s.failed = cannotWrite(s.config.Dir, err)
	return s.failed
}

func cannotWrite(dir string, err error) error {
	if full(err) {
		return fmt.Errorf("spill: the disk of the temporary directory %s is full; free some space there or set another directory: %w", dir, err)
	}
	return fmt.Errorf("spill: cannot write to the temporary directory %s: %w", dir, err)
}
