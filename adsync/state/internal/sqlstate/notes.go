package sqlstate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/adsync/sdk/adsync"
)

// Notes gives the memory of one source as one run sees it.
func (h *handle) Notes(source string, run int64) adsync.Notes { return &notes{h, source, run} }

type notes struct {
	h      *handle
	source string
	run    int64
}

// Get gives a note, the pending one first.
func (n *notes) Get(ctx context.Context, name string) (string, bool, error) {
	if err := n.h.usable(ctx); err != nil {
		return "", false, err
	}
	if value, ok := n.h.notes.get(noteOwner{n.run, n.source}, name); ok {
		return value, value != "", nil
	}
	source, ok, err := n.h.sources.find(n.h.reader(ctx), n.source)
	if err != nil || !ok {
		return "", false, err
	}
	value, err := n.h.note(ctx, []any{n.h.id, n.run, source, []byte(name), n.h.id, source, []byte(name)})
	return string(value), err == nil && len(value) > 0, err
}

// oneNote takes the pending note where there is one, and sorts nothing: a note may
// be large. Its parameters stand in order, each once.
const oneNote = `SELECT coalesce(
	(SELECT value FROM {}note_pending WHERE target = $1 AND run = $2 AND source = $3 AND name = $4),
	(SELECT value FROM {}note WHERE target = $5 AND source = $6 AND name = $7))`

// note gives nothing where there is none, or where its removal is pending.
func (h *handle) note(ctx context.Context, args []any) (value []byte, err error) {
	if !h.s.d.Direct {
		err = h.query(ctx, oneNote, args, func(rows *sql.Rows) error { return rows.Scan(&value) })
		return value, err
	}
	err = h.s.direct(ctx, oneNote, args, func(values []driver.Value) error {
		if b, ok := values[0].([]byte); ok {
			value = b
		}
		return nil
	})
	return value, h.s.fault(err)
}

// Put writes a note that waits for the end of the run: at once where a stretch
// begins, and together with others later.
func (n *notes) Put(ctx context.Context, name, value string) error {
	if err := n.h.usable(ctx); err != nil {
		return err
	}
	b, owner := &n.h.notes, noteOwner{n.run, n.source}
	b.mu.Lock()
	defer b.mu.Unlock()
	if at, ok := b.checked[owner]; ok && time.Since(at) < stretch {
		if !b.hold(owner, name, value) {
			return nil
		}
		return n.h.writeHeld(ctx, false, func(*tx) error { return nil })
	}
	err := n.h.writeHeld(ctx, false, func(t *tx) error { return n.h.putNotes(t, owner, map[string]string{name: value}) })
	if err == nil {
		b.checked[owner] = time.Now()
	}
	return err
}

// takesNotes refuses runs that are over: nothing would come of their notes.
func (h *handle) takesNotes(t *tx, run int64) error {
	var state int64
	err := t.row([]any{&state}, `SELECT state FROM {}run WHERE target = $1 AND id = $2`, h.id, run)
	if errors.Is(err, sql.ErrNoRows) {
		return noRun(run)
	}
	if err == nil && (state == ended || state == superseded) {
		err = adsync.Errorf(adsync.CodeInvalid, "adsync: run %d is %s and takes no more notes", run, runStates[state])
	}
	return err
}

// DropNotes forgets what a run has put, whether it is in the tables or held.
func (h *handle) DropNotes(ctx context.Context, source string, run int64) error {
	return h.writeWithNotes(ctx, false, func(t *tx) error {
		number, err := h.sources.number(t, source)
		if err == nil {
			_, err = t.exec(`DELETE FROM {}note_pending WHERE target = $1 AND run = $2 AND source = $3`, h.id, run, number)
		}
		return err
	})
}

// Scan lists notes by prefix: pending ones in place of lasting ones. Both
// halves come in order of names, so that the database merges and does not sort.
func (n *notes) Scan(ctx context.Context, prefix string) iter.Seq2[adsync.Note, error] {
	return func(yield func(adsync.Note, error) bool) {
		if err := n.h.flushNotes(ctx); err != nil {
			yield(adsync.Note{}, err)
			return
		}
		for note, err := range n.all(ctx, prefix) {
			if err == nil && note.Value == "" { // its removal is pending
				continue
			}
			if !yield(note, err) {
				return
			}
		}
	}
}

// notesRead is how many notes a page has: a note may be as large as a source
// makes it, and is some ten thousand bytes where it holds a bucket of objects.
const notesRead = 64

func (n *notes) all(ctx context.Context, prefix string) iter.Seq2[adsync.Note, error] {
	return paged(ctx, notesRead, func(last *adsync.Note) (page []adsync.Note, err error) {
		source, ok, err := n.h.sources.find(n.h.reader(ctx), n.source)
		if err != nil || !ok {
			return nil, err
		}
		from, compare := []byte(prefix), ">="
		if last != nil {
			from, compare = []byte(last.Name), ">"
		}
		args := []any{n.h.id, n.run, source, from, notesRead}
		until := ""
		if end := beyond(prefix); end != nil {
			until, args = " AND %[1]sname < $6", append(args, end)
		}
		query := fmt.Sprintf(`SELECT p.name, p.value FROM {}note_pending p WHERE p.target = $1 AND p.run = $2 AND p.source = $3 AND p.name %[1]s $4`+
			where(until, "p.")+` UNION ALL SELECT n.name, n.value FROM {}note n WHERE n.target = $1 AND n.source = $3 AND n.name %[1]s $4`+
			where(until, "n.")+` AND NOT EXISTS (SELECT 1 FROM {}note_pending q WHERE q.target = $1 AND q.run = $2 AND q.source = $3 AND q.name = n.name)
			ORDER BY 1 LIMIT $5`, compare)
		err = n.h.query(ctx, query, args, func(rows *sql.Rows) error {
			var name, value []byte
			err := rows.Scan(&name, &value)
			page = append(page, adsync.Note{Name: string(name), Value: string(value)})
			return err
		})
		return page, err
	})
}

func where(condition, alias string) string {
	if condition == "" {
		return ""
	}
	return fmt.Sprintf(condition, alias)
}

// beyond gives the first name after all that start with prefix, nil when there
// is none.
func beyond(prefix string) []byte {
	for n := len(prefix); n > 0; n-- {
		if prefix[n-1] != 0xff {
			return append([]byte(prefix[:n-1]), prefix[n-1]+1)
		}
	}
	return nil
}
