package ldif

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// Source reads an LDIF file. Its fields are not to be changed while it is in
// use; several reads may be under way.
type Source struct {
	// File is the path of the file. Either File or Reader is needed.
	File string
	// Reader opens the content anew at each call; it is called twice per read.
	// A stream that can be read once only, such as standard input, has to be
	// stored first.
	Reader func() (io.ReadCloser, error)
	// Expect says what the file has to be. Without it no absence counts; see
	// the package's comment.
	Expect Expect
	// AnchorAttribute lists the attributes that can name an object for good:
	// the first one that an entry has is taken. Default: objectGUID, entryUUID.
	AnchorAttribute []string
	// References names further attributes that hold distinguished names, and
	// Binaries further ones that hold bytes.
	References, Binaries []string
	// FilesDir allows values that stand in files of their own (name:<
	// file:///…) below this directory. Default: such values are refused.
	FilesDir string
	// PageSize is the most changes a batch carries, and the most members a
	// change does. Default 500.
	PageSize int
	// MaxLine bounds a line with those that continue it, and a value's file, in
	// bytes. Default 16 MiB.
	MaxLine int
	// MaxEntry bounds an entry in bytes. Default 64 MiB.
	MaxEntry int
}

// Expect says what a file has to be for a read to be a snapshot. What is set
// must hold; the zero value expects nothing.
type Expect struct {
	// Entries is the number of entries in the file, of whatever kind.
	Entries int
	// SHA256 is the file's checksum in hexadecimal, as sha256sum prints it.
	SHA256 string
}

var (
	_ adsync.Source    = (*Source)(nil)
	_ adsync.Validator = (*Source)(nil)
	_ adsync.Checker   = (*Source)(nil)
)

// Validate checks the configuration without opening the file.
func (s *Source) Validate() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, adsync.Errorf(adsync.CodeInvalid, "ldif: "+format, args...))
	}
	if (s.File == "") == (s.Reader == nil) {
		fault("one of File and Reader is needed")
	}
	if sum, err := hex.DecodeString(s.Expect.SHA256); err != nil || len(sum) != 32 && len(sum) != 0 {
		fault("Expect.SHA256 must be 64 hexadecimal digits")
	}
	if s.Expect.Entries < 0 || s.PageSize < 0 || s.MaxLine < 0 || s.MaxEntry < 0 {
		fault("Expect.Entries, PageSize, MaxLine and MaxEntry must not be negative")
	}
	for _, name := range s.AnchorAttribute {
		if directory.Forbidden(name) || strings.TrimSpace(name) == "" {
			fault("AnchorAttribute: %q cannot name an object", name)
		}
	}
	return errors.Join(faults...)
}

// Check reads the file once, and tells whether it is what Expect says and
// holds anything.
func (s *Source) Check(ctx context.Context) error {
	survey, err := s.survey(ctx, false)
	if err != nil {
		return err
	}
	if survey.objects == 0 {
		return adsync.Errorf(adsync.CodeNotFound, "ldif: %s holds no user, group, contact or organizational unit with an anchor in its %d entries", s.name(), survey.entries)
	}
	return nil
}

func (s *Source) name() string {
	if s.File == "" {
		return "the content"
	}
	return s.File
}

func (s *Source) open() (io.ReadCloser, error) {
	if s.Reader != nil {
		return s.Reader()
	}
	if s.File == "" {
		return nil, adsync.Errorf(adsync.CodeInvalid, "ldif: one of File and Reader is needed")
	}
	f, err := os.Open(s.File)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, adsync.Errorf(adsync.CodeNotFound, "ldif: the file is missing: %w", err)
	case errors.Is(err, os.ErrPermission):
		return nil, adsync.Errorf(adsync.CodeDenied, "ldif: the file may not be read: %w", err)
	case err != nil:
		return nil, fmt.Errorf("ldif: %w", err)
	}
	return f, nil
}

func (s *Source) anchors() []string {
	if len(s.AnchorAttribute) == 0 {
		return directory.DefaultAnchors
	}
	return s.AnchorAttribute
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}
