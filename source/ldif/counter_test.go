package ldif_test

import (
	"io"
	"os"
	"sync/atomic"
)

// counter counts files opened, and those still open.
type counter struct{ opened, open_ atomic.Int32 }

func (c *counter) open() (io.ReadCloser, error) {
	c.opened.Add(1)
	c.open_.Add(1)
	f, err := os.Open(companyFile)
	return &counted{f, c}, err
}

type counted struct {
	*os.File
	counter *counter
}

func (f *counted) Close() error {
	f.counter.open_.Add(-1)
	return f.File.Close()
}
