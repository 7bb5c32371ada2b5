package spill

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// storage is what a temporary file must do.
type storage interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// tempFile holds runs one after the other. Where the system allows it the file
// has no name, so that nothing stays behind when the process is killed.
type tempFile struct {
	storage
	end  int64
	name string // to be removed when closed; empty when it has no name any more
}

// run is a stretch of the file with records in order.
type run struct{ start, size int64 }

func createTemp(dir string) (*tempFile, error) {
	f, err := os.CreateTemp(dir, "adsync-sort-*") // mode 0600
	if err != nil {
		return nil, err
	}
	name := f.Name()
	if os.Remove(name) == nil {
		name = ""
	}
	return &tempFile{storage: f, name: name}, nil
}

func (f *tempFile) Close() error {
	err := f.storage.Close()
	if f.name != "" {
		err = errors.Join(err, os.Remove(f.name))
	}
	return err
}

// runWriter appends one run.
type runWriter struct {
	file  *tempFile
	w     *bufio.Writer
	start int64
	size  int64
	head  [2 * binary.MaxVarintLen64]byte
}

func (f *tempFile) startRun(buffer int) *runWriter {
	return &runWriter{file: f, w: bufio.NewWriterSize(f, buffer), start: f.end}
}

// add writes the two lengths as varints, then the bytes.
func (w *runWriter) add(r Record) error {
	n := binary.PutUvarint(w.head[:], uint64(len(r.Key)))
	n += binary.PutUvarint(w.head[n:], uint64(len(r.Payload)))
	for _, part := range [...][]byte{w.head[:n], r.Key, r.Payload} {
		if _, err := w.w.Write(part); err != nil {
			return err
		}
		w.size += int64(len(part))
	}
	return nil
}

func (w *runWriter) end() (run, error) {
	if err := w.w.Flush(); err != nil {
		return run{}, err
	}
	w.file.end += w.size
	return run{w.start, w.size}, nil
}

// runReader reads one run. Its record is valid until the next call of next.
type runReader struct {
	r      *bufio.Reader
	order  int // of the run: earlier runs hold what was added earlier
	prefix uint64
	record Record
	bytes  []byte
}

func (f *tempFile) open(r run, order, buffer int) *runReader {
	section := io.NewSectionReader(f, r.start, r.size)
	return &runReader{r: bufio.NewReaderSize(section, buffer), order: order}
}

// next gives io.EOF at the end of the run.
func (r *runReader) next() error {
	key, err := binary.ReadUvarint(r.r)
	if err != nil {
		return err
	}
	payload, err := binary.ReadUvarint(r.r)
	if err != nil {
		return damaged(err)
	}
	if key > MaxRecord || payload > MaxRecord {
		return damaged(errors.New("impossible length"))
	}
	if size := int(key + payload); cap(r.bytes) < size {
		r.bytes = make([]byte, size)
	}
	r.bytes = r.bytes[:key+payload]
	if _, err := io.ReadFull(r.r, r.bytes); err != nil {
		return damaged(err)
	}
	r.record = Record{Key: r.bytes[:key:key], Payload: r.bytes[key:]}
	r.prefix = prefix(r.record.Key)
	return nil
}

// damaged hides io.EOF, which would read as the end of the run.
func damaged(err error) error {
	return fmt.Errorf("spill: the temporary file cannot be read back: %v", err)
}
