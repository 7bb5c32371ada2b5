package sqlstate

import (
	"context"
	"errors"
	"fmt"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/packed"
)

var errNoLink = errors.New("a column has no such value")

// writeAttributes packs attributes; names that are new get their numbers.
func (h *handle) writeAttributes(t *tx, w *packed.Writer, a adsync.Attributes) (err error) {
	w.Attributes(a.Len(), a.All(), func(name string) uint64 {
		number, failed := h.names.number(t, name)
		err = errors.Join(err, failed)
		return uint64(number)
	})
	return err
}

// encoder packs what has attributes in it, and remembers the first error.
type encoder struct {
	packed.Writer
	h   *handle
	t   *tx
	err error
}

func (e *encoder) attributes(a adsync.Attributes) {
	if e.err == nil {
		e.err = e.h.writeAttributes(e.t, &e.Writer, a)
	}
}

// decoder unpacks it.
type decoder struct {
	*packed.Reader
	h    *handle
	ctx  context.Context
	form byte // of the column being read
}

func (d *decoder) attributes() adsync.Attributes {
	var list []adsync.Attribute
	d.Attributes(func(n int) { list = make([]adsync.Attribute, 0, n) },
		func(number uint64) (string, error) { return d.h.names.name(d.h.reader(d.ctx), int64(number)) },
		func(name string, values []string) { list = append(list, adsync.Attribute{Name: name, Values: values}) })
	if len(list) == 0 {
		return adsync.Attributes{}
	}
	return adsync.MakeAttributes(list...)
}

// unpack decodes a packed column. Bytes that are not what this package wrote
// are damage; a connection that fails meanwhile is not.
func (h *handle) unpack(ctx context.Context, what, record string, f func(*decoder)) error {
	d := &decoder{Reader: packed.Read(record), h: h, ctx: ctx}
	d.form = d.Byte()
	if (d.form < oldestForm || d.form > form) && d.Err() == nil {
		return damaged(what, fmt.Errorf("form %d is not known", d.form))
	}
	f(d)
	err := d.End()
	if errors.Is(err, packed.ErrMalformed) || errors.Is(err, errNoName) {
		return damaged(what, err)
	}
	return err
}
