package ldif

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/adsync/sdk/adsync"
)

// lines reads logical lines: without comments, with folded lines joined.
type lines struct {
	r      *bufio.Reader
	most   int
	line   []byte // the logical line, valid until the next one
	number int    // of the physical line where it begins
	at     int    // of the physical line read last
	begun  bool
}

func newLines(r io.Reader, most int) *lines {
	return &lines{r: bufio.NewReaderSize(r, 64<<10), most: most}
}

// next gives one logical line; an empty one ends an entry. io.EOF at the end.
func (l *lines) next() ([]byte, error) {
	for {
		if err := l.read(); err != nil {
			return nil, err
		}
		if len(l.line) == 0 || l.line[0] != '#' {
			return l.line, nil
		}
	}
}

// read reads a physical line and those that continue it.
func (l *lines) read() error {
	l.line = l.line[:0]
	if err := l.physical(); err != nil {
		return err
	}
	l.number = l.at
	if len(l.line) == 0 {
		return nil
	}
	if l.line[0] == ' ' {
		return l.fail("it continues nothing: it begins with a space and the line before it is empty")
	}
	for {
		next, err := l.r.Peek(1)
		if err != nil || next[0] != ' ' {
			return ignoreEOF(err)
		}
		if _, err := l.r.Discard(1); err != nil {
			return err
		}
		if err := l.physical(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// physical appends one line without its end. A last line without one counts.
func (l *lines) physical() error {
	from := len(l.line)
	l.at++
	for {
		part, err := l.r.ReadSlice('\n')
		l.line = append(l.line, part...)
		if len(l.line) > l.most {
			return adsync.Errorf(adsync.CodeInvalid, "ldif: line %d is longer than %d bytes; raise MaxLine if that is right", l.at, l.most)
		}
		switch {
		case err == nil:
			l.trimEnd(from)
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(l.line) > from:
			l.trimEnd(from)
			return nil
		default:
			return err
		}
	}
}

// trimEnd drops the line's end, and the mark that some editors put at the
// beginning of a file in UTF-8.
func (l *lines) trimEnd(from int) {
	l.line = append(l.line[:from], bytes.TrimSuffix(bytes.TrimSuffix(l.line[from:], []byte{'\n'}), []byte{'\r'})...)
	if !l.begun {
		l.line = bytes.TrimPrefix(l.line, []byte("\xef\xbb\xbf"))
	}
	l.begun = true
}

func (l *lines) fail(what string) error {
	return adsync.Errorf(adsync.CodeInvalid, "ldif: line %d: %s", l.at, what)
}
