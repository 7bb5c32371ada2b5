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
	yield    emit
	snapshot bool
	sweep    bool
	max      int

	named map[adsync.Anchor]bool // the anchors of changes, where somebody wants to know

	changes []adsync.Change
	bytes   int
	seen    []adsync.Anchor
	before  adsync.Batch // the last one handed on, which may still be in use
}

func (b *batches) add(c adsync.Change) error {
	size := sizeOf(c)
	if len(b.changes) > 0 && (len(b.changes) >= b.max || b.bytes+size > maxBatchBytes) {
		if err := b.flush(); err != nil {
			return err
		}
	}
	if b.named != nil {
		b.named[c.Object.Anchor] = true
	}
	b.changes = append(b.changes, c)
	b.bytes += size
	return nil
}

// see names an object that is there, and of which there is nothing to say.
func (b *batches) see(a adsync.Anchor) error {
	if len(b.seen) >= seenAtOnce {
		if err := b.flush(); err != nil {
			return err
		}
	}
	b.seen = append(b.seen, a)
	return nil
}

// seenAtOnce bounds the anchors that one batch names.
const seenAtOnce = 5000

// flush hands on what there is. The slices are used again for the batch after the
// next one, the values are not.
func (b *batches) flush() error {
	if len(b.changes)+len(b.seen) == 0 {
		return nil
	}
	batch := b.batch()
	if !b.yield(batch, nil) {
		return errStopped
	}
	clear(b.before.Changes)
	b.changes, b.bytes, b.seen = b.before.Changes[:0], 0, b.before.Seen[:0]
	b.before = batch
	return nil
}

func (b *batches) batch() adsync.Batch {
	return adsync.Batch{Changes: b.changes, Seen: b.seen, Snapshot: b.snapshot, Sweep: b.sweep}
}

// done hands on the rest as the last batch.
func (b *batches) done(w *adsync.Witness, next adsync.Cursor, m *adsync.Method) {
	last := b.batch()
	last.Done, last.Witness, last.Next, last.Method = true, w, next, m
	b.yield(last, nil)
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
