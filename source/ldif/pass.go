package ldif

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/adsync/sdk/adsync"
)

// pass is one way through the file.
type pass struct {
	ctx     context.Context
	file    io.ReadCloser
	files   *files
	sum     hash.Hash
	entries *entries
	ended   bool
}

func (s *Source) pass(ctx context.Context) (*pass, error) {
	files, err := openFiles(s.FilesDir)
	if err != nil {
		return nil, err
	}
	file, err := s.open()
	if err != nil {
		files.close()
		return nil, err
	}
	p := &pass{ctx: ctx, file: file, files: files, sum: sha256.New()}
	p.entries = &entries{
		lines: newLines(io.TeeReader(file, p.sum), orDefault(s.MaxLine, 16<<20)),
		files: files,
		most:  orDefault(s.MaxEntry, 64<<20),
	}
	return p, nil
}

// next gives io.EOF behind the last entry.
func (p *pass) next() (entry, error) {
	if err := p.ctx.Err(); err != nil {
		return entry{}, err
	}
	e, err := p.entries.next()
	if errors.Is(err, io.EOF) {
		p.ended = true
		return entry{}, io.EOF
	}
	return e, err
}

func (p *pass) close() {
	p.file.Close()
	p.files.close()
}

// checksum is of the whole file, once the last entry was read.
func (p *pass) checksum() string { return hex.EncodeToString(p.sum.Sum(nil)) }

// changed complains unless the file is the one that another pass read.
func (p *pass) changed(checksum string) error {
	if p.ended && p.checksum() == checksum {
		return nil
	}
	return adsync.Errorf(adsync.CodeIncomplete, "ldif: the file changed while it was read; read it again when it is complete")
}
