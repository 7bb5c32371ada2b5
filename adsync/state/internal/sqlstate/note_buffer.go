package sqlstate

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/adsync/sdk/adsync"
)

// A source that remembers something of every object puts hundreds of thousands
// of notes, one at a time. The first of a stretch is written at once, which
// finds out whether the lease is held and the run takes notes; those behind it
// are held here and written together. They are in the tables before a plan is
// sealed and before a cursor moves, in the same transaction.
const (
	notesHeld     = 500
	noteBytesHeld = 256 << 10
	stretch       = time.Second
)

// noteBuffer holds notes that were put and are not in the tables yet. Its lock
// is taken before the store's turn to write, and kept until the notes are in.
type noteBuffer struct {
	mu      sync.Mutex
	notes   map[noteOwner]map[string]string
	count   int
	bytes   int
	checked map[noteOwner]time.Time // when the tables last took one
}

type noteOwner struct {
	run    int64
	source string
}

func (b *noteBuffer) get(o noteOwner, name string) (string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	value, ok := b.notes[o][name]
	return value, ok
}

func (b *noteBuffer) hold(o noteOwner, name, value string) (full bool) {
	if b.notes == nil {
		b.notes = map[noteOwner]map[string]string{}
	}
	if b.notes[o] == nil {
		b.notes[o] = map[string]string{}
	}
	b.notes[o][name] = value
	b.count++
	b.bytes += len(name) + len(value)
	return b.count >= notesHeld || b.bytes >= noteBytesHeld
}

func (b *noteBuffer) empty() {
	b.notes, b.checked, b.count, b.bytes = nil, map[noteOwner]time.Time{}, 0, 0
}

func (b *noteBuffer) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.empty()
}

var noteWrite = bulk{
	table:    "note_pending",
	columns:  []column{{"target", false}, {"run", false}, {"source", false}, {"name", true}, {"value", true}},
	conflict: `ON CONFLICT (target, run, source, name) DO UPDATE SET value = excluded.value`,
}

// writeWithNotes is write, with the notes that are held written first.
func (h *handle) writeWithNotes(ctx context.Context, durable bool, f func(*tx) error) error {
	h.notes.mu.Lock()
	defer h.notes.mu.Unlock()
	return h.writeHeld(ctx, durable, f)
}

// writeHeld is for those who have the lock of the notes.
func (h *handle) writeHeld(ctx context.Context, durable bool, f func(*tx) error) error {
	err := h.write(ctx, durable, func(t *tx) error {
		t.large = h.notes.bytes >= noteBytesHeld
		for owner, notes := range h.notes.notes {
			if err := h.putNotes(t, owner, notes); err != nil {
				return err
			}
		}
		return f(t)
	})
	if err == nil {
		h.notes.empty()
	}
	return err
}

func (h *handle) putNotes(t *tx, o noteOwner, notes map[string]string) error {
	if err := h.takesNotes(t, o.run); err != nil {
		return err
	}
	source, err := h.sources.number(t, o.source)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(notes))
	for _, name := range slices.Sorted(maps.Keys(notes)) {
		rows = append(rows, []any{h.id, o.run, source, []byte(name), []byte(notes[name])})
	}
	_, err = noteWrite.run(t, rows)
	return err
}

// flushNotes writes what is held. Without the lease nothing can be, and
// nothing of it is wanted any more.
func (h *handle) flushNotes(ctx context.Context) error {
	h.notes.mu.Lock()
	defer h.notes.mu.Unlock()
	if h.notes.count == 0 {
		return nil
	}
	err := h.writeHeld(ctx, false, func(*tx) error { return nil })
	if errors.Is(err, adsync.ErrFenced) {
		h.notes.empty()
	}
	return err
}
