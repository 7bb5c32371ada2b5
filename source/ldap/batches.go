package ldap

import (
	"errors"

	"github.com/adsync/sdk/adsync"
)

// errStopped says inside this package that the consumer left the loop.
var errStopped = errors.New("the consumer stopped")

// maxBatchBytes bounds what one batch holds, roughly, beside the number of changes.
const maxBatchBytes = 2 << 20

// batches collects changes and hands them on in bounded batches.
type batches struct {
	yield    func(adsync.Batch, error) bool
	snapshot bool
	max      int

	changes []adsync.Change
	bytes   int
}

func (b *batches) add(c adsync.Change) error {
	size := sizeOf(c)
	if len(b.changes) > 0 && (len(b.changes) >= b.max || b.bytes+size > maxBatchBytes) {
		if err := b.flush(); err != nil {
			return err
		}
	}
	b.changes = append(b.changes, c)
	b.bytes += size
	return nil
}

// flush hands on what there is. The slice is used again, the values are not.
func (b *batches) flush() error {
	if len(b.changes) == 0 {
		return nil
	}
	if !b.yield(adsync.Batch{Changes: b.changes, Snapshot: b.snapshot}, nil) {
		return errStopped
	}
	clear(b.changes)
	b.changes, b.bytes = b.changes[:0], 0
	return nil
}

// done hands on the rest as the last batch.
func (b *batches) done(w *adsync.Witness) {
	b.yield(adsync.Batch{Changes: b.changes, Snapshot: b.snapshot, Done: true, Witness: w}, nil)
}

func sizeOf(c adsync.Change) int {
	size := len(c.Object.Anchor) + len(c.Object.Container) + 64
	for name, values := range c.Object.Attrs.All() {
		size += len(name)
		for _, v := range values {
			size += len(v) + 16
		}
	}
	for name, refs := range c.Object.Refs {
		size += len(name) + 52*len(refs)
	}
	if c.Members != nil {
		size += 52 * (len(c.Members.Add) + len(c.Members.Remove))
	}
	return size
}
