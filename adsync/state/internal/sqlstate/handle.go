package sqlstate

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"github.com/adsync/sdk/adsync"
)

// handle is one engine's view of a target.
type handle struct {
	s      *Store
	id     int64 // the target's number in the tables
	target string
	secret []byte
	closed atomic.Bool
	// lease is the fence under which this handle holds the lease, 0 when it
	// does not.
	lease          atomic.Int64
	names, sources *dictionary
	notes          noteBuffer
}

var _ adsync.State = (*handle)(nil)

func (h *handle) usable(ctx context.Context) error {
	if h.closed.Load() {
		return errClosed
	}
	return h.s.usable(ctx)
}

// Secret gives the key of digests.
func (h *handle) Secret(ctx context.Context) ([]byte, error) {
	if err := h.usable(ctx); err != nil {
		return nil, err
	}
	return bytes.Clone(h.secret), nil
}

// Close releases the lease and the handle.
func (h *handle) Close() error {
	if h.closed.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := h.Release(ctx)
	h.closed.Store(true)
	if errors.Is(err, errClosed) {
		return nil // the store went first, and its leases run out by themselves
	}
	return err
}

// Acquire takes the lease and raises the fence, in one statement.
func (h *handle) Acquire(ctx context.Context, owner string, ttl time.Duration) error {
	var fence int64
	err := h.change(ctx, true, func(t *tx) error {
		now, err := t.now()
		if err != nil {
			return err
		}
		err = t.row([]any{&fence}, `UPDATE {}target SET fence = fence + 1, owner = $2, lease_until = $3
			WHERE id = $1 AND (lease_until <= $4 OR fence = $5) RETURNING fence`,
			h.id, []byte(owner), now.Add(ttl).UnixMicro(), now.UnixMicro(), h.lease.Load())
		if errors.Is(err, sql.ErrNoRows) {
			return t.busy(h.id)
		}
		return err
	})
	if err == nil {
		h.lease.Store(fence)
		h.notes.forget() // what was held under another lease
	}
	return err
}

// busy says who holds the lease.
func (t *tx) busy(id int64) error {
	var owner []byte
	var until int64
	if err := t.row([]any{&owner, &until}, `SELECT owner, lease_until FROM {}target WHERE id = $1`, id); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s holds it until %s", adsync.ErrBusy, owner, time.UnixMicro(until).UTC().Format(time.RFC3339))
}

func (t *tx) now() (time.Time, error) {
	if t.s.d.Now == nil {
		return time.Now(), nil
	}
	return t.s.d.Now(t.ctx, t.conn)
}

// Renew extends the lease.
func (h *handle) Renew(ctx context.Context, ttl time.Duration) error {
	return h.write(ctx, false, func(t *tx) error {
		now, err := t.now()
		if err != nil {
			return err
		}
		_, err = t.exec(`UPDATE {}target SET lease_until = $2 WHERE id = $1`, h.id, now.Add(ttl).UnixMicro())
		return err
	})
}

// Release gives the lease up. That of another holder stays.
func (h *handle) Release(ctx context.Context) error {
	fence := h.lease.Load()
	if fence == 0 {
		return h.usable(ctx)
	}
	lost := h.flushNotes(ctx)
	h.notes.forget()
	err := h.change(ctx, false, func(t *tx) error {
		_, err := t.exec(`UPDATE {}target SET lease_until = 0 WHERE id = $1 AND fence = $2`, h.id, fence)
		return err
	})
	if err == nil {
		h.lease.Store(0)
	}
	if errors.Is(lost, adsync.ErrFenced) {
		lost = nil
	}
	return errors.Join(err, lost)
}

// query reads outside any transaction.
func (h *handle) query(ctx context.Context, query string, args []any, each func(*sql.Rows) error) error {
	if err := h.usable(ctx); err != nil {
		return err
	}
	rows, err := h.s.db.QueryContext(ctx, h.s.text(query), args...)
	return h.s.fault(walk(rows, err, each))
}

// paged gives a stream that reads by pages, so that no statement stays open
// while the consumer works. Next reads the page after last, which is nil for
// the first; a page shorter than size is the last one.
func paged[T any](ctx context.Context, size int, next func(last *T) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for last := (*T)(nil); ; {
			page, err := next(last)
			for _, item := range page {
				if ended := ctx.Err(); ended != nil {
					err = ended
					break
				}
				if !yield(item, nil) {
					return
				}
			}
			if err != nil {
				yield(none, err)
				return
			}
			if len(page) < size {
				return
			}
			last = &page[len(page)-1]
		}
	}
}

// readAhead has a page read while the one before is worked on. Stop waits for what
// is under way; nothing is read after it.
func readAhead[T any](size int, next func(last *T) ([]T, error)) (ahead func(last *T) ([]T, error), stop func()) {
	type part struct {
		page []T
		err  error
	}
	var under chan part
	begin := func(last *T) {
		to := make(chan part, 1)
		under = to
		go func() {
			page, err := next(last)
			to <- part{page, err}
		}()
	}
	ahead = func(last *T) ([]T, error) {
		if under == nil {
			begin(last)
		}
		got := <-under
		if under = nil; got.err == nil && len(got.page) == size {
			begin(&got.page[size-1])
		}
		return got.page, got.err
	}
	stop = func() {
		if under != nil {
			<-under
		}
	}
	return ahead, stop
}
