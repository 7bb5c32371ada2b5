package ldif

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// entry is one content record, as it stands in the file.
type entry struct {
	line   int    // of its dn
	dn     string // as written
	fields []field
	closed bool // an empty line follows, so that nothing of it can be missing
}

type field struct{ name, value string }

// entries reads one entry after the other.
type entries struct {
	*lines
	files *files // nil: values in files are refused
	most  int    // bytes of an entry
	count int
}

// next gives io.EOF behind the last entry.
func (e *entries) next() (entry, error) {
	for {
		line, err := e.firstLine()
		if err != nil {
			return entry{}, err
		}
		name, value, err := e.split(line)
		if err != nil {
			return entry{}, err
		}
		switch strings.ToLower(name) {
		case "dn":
			return e.rest(entry{line: e.number, dn: value})
		case "version":
			if e.count > 0 || value != "1" {
				return entry{}, e.failAt(e.number, adsync.CodeUnsupported, "version %q; this reads version 1, named once at the beginning", shorten(value))
			}
		case "search", "result", "ref":
			if err := e.searchResult(name, value); err != nil {
				return entry{}, err
			}
		default:
			return entry{}, e.failAt(e.number, adsync.CodeInvalid, "an entry begins with dn:, not with %s:", shorten(name))
		}
	}
}

// firstLine skips empty lines.
func (e *entries) firstLine() ([]byte, error) {
	for {
		line, err := e.lines.next()
		if err != nil || len(line) > 0 {
			return line, err
		}
	}
}

// rest reads the lines of an entry behind its name.
func (e *entries) rest(out entry) (entry, error) {
	e.count++
	size := len(out.dn)
	for {
		line, err := e.lines.next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return entry{}, err
		}
		if len(line) == 0 {
			out.closed = true
			return out, nil
		}
		name, value, err := e.split(line)
		if err != nil {
			return entry{}, err
		}
		if err := e.refuse(name); err != nil {
			return entry{}, err
		}
		if size += len(name) + len(value); size > e.most {
			return entry{}, e.failAt(out.line, adsync.CodeInvalid, "the entry is larger than %d bytes; raise MaxEntry if that is right", e.most)
		}
		out.fields = append(out.fields, field{name, value})
	}
}

// refuse names what only change records have.
func (e *entries) refuse(name string) error {
	switch strings.ToLower(name) {
	case "changetype", "control":
		return e.failAt(e.number, adsync.CodeUnsupported, "a change record (%s:); this reads files of entries only, as an export writes them", strings.ToLower(name))
	case "dn":
		return e.failAt(e.number, adsync.CodeInvalid, "a second dn: in one entry; an empty line is missing before it")
	}
	return nil
}

// searchResult reads what ldapsearch writes behind the entries unless it is
// told not to. A result that is no success means that entries are missing.
func (e *entries) searchResult(name, value string) error {
	for {
		if strings.EqualFold(name, "result") && strings.TrimSpace(value) != "0 Success" {
			return e.failAt(e.number, adsync.CodeIncomplete, "the export did not succeed: result: %s", shorten(value))
		}
		line, err := e.lines.next()
		if errors.Is(err, io.EOF) || err == nil && len(line) == 0 {
			return nil
		}
		if err == nil {
			name, value, err = e.split(line)
		}
		if err != nil {
			return err
		}
	}
}

// split takes a line apart into name and value.
func (e *entries) split(line []byte) (name, value string, err error) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || !isDescription(line[:colon]) {
		return "", "", e.failAt(e.number, adsync.CodeInvalid, "an attribute name and a colon are expected")
	}
	name = string(line[:colon])
	rest := line[colon+1:]
	switch {
	case len(rest) > 0 && rest[0] == ':':
		value, err = e.decode(rest[1:])
	case len(rest) > 0 && rest[0] == '<':
		value, err = e.fromFile(string(bytes.TrimLeft(rest[1:], " ")))
	default:
		value = string(bytes.TrimLeft(rest, " "))
	}
	return name, value, err
}

func (e *entries) decode(text []byte) (string, error) {
	text = bytes.Trim(text, " ")
	out := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(out, text)
	if err != nil {
		return "", e.failAt(e.number, adsync.CodeInvalid, "the value is not in base64")
	}
	return string(out[:n]), nil
}

func (e *entries) fromFile(url string) (string, error) {
	if e.files == nil {
		return "", e.failAt(e.number, adsync.CodeUnsupported, "the value stands in another file; set FilesDir to allow that")
	}
	value, err := e.files.read(url, e.lines.most)
	if err != nil {
		return "", e.failAt(e.number, adsync.CodeInvalid, "%w", err)
	}
	return value, nil
}

// isDescription tells whether text is an attribute description: a name or
// object identifier with options.
func isDescription(text []byte) bool {
	for _, c := range text {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && bytes.IndexByte([]byte("-.;_=*"), c) < 0 {
			return false
		}
	}
	return true
}

func (e *entries) failAt(line int, code adsync.Code, format string, args ...any) error {
	err := adsync.Errorf(code, format, args...)
	return adsync.Errorf(code, "ldif: line %d: %w", line, err.Err)
}

// shorten keeps error texts short, whatever the file holds.
func shorten(text string) string {
	if len(text) > 60 {
		return strings.ToValidUTF8(text[:60], "") + "…"
	}
	return text
}
