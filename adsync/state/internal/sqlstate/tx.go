package sqlstate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/placeholder"
)

// tx is one transaction that writes.
type tx struct {
	ctx   context.Context
	s     *Store
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	// compiled are those that go past database/sql; nil where the driver is not
	// to be spoken to.
	compiled map[string]compiled
	large    bool // it wrote much that nobody reads soon
}

// write runs f in a transaction, when this handle holds the lease. The first
// statement takes the lock on the target's row and looks at the fence, so that
// nobody can take the lease before the transaction ends.
func (h *handle) write(ctx context.Context, durable bool, f func(*tx) error) error {
	fence := h.lease.Load()
	if fence == 0 && ctx.Err() == nil {
		return adsync.ErrFenced
	}
	return h.change(ctx, durable, func(t *tx) error {
		n, err := t.exec(`UPDATE {}target SET fence = fence WHERE id = $1 AND fence = $2`, h.id, fence)
		if err == nil && n == 0 {
			err = adsync.ErrFenced
		}
		if err != nil {
			return err
		}
		return f(t)
	})
}

// change is write for what needs no lease.
func (h *handle) change(ctx context.Context, durable bool, f func(*tx) error) error {
	if err := h.usable(ctx); err != nil {
		return err
	}
	select {
	case h.s.turn <- struct{}{}:
		defer func() { <-h.s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	err := h.s.transaction(ctx, durable, f)
	if err != nil && h.names != nil { // numbers given out were not stored
		h.names.forget()
		h.sources.forget()
	}
	return h.s.fault(err)
}

func (s *Store) transaction(ctx context.Context, durable bool, f func(*tx) error) (err error) {
	t := &tx{ctx: ctx, s: s, conn: s.pinned, stmts: s.stmts, compiled: s.compiled}
	if t.conn == nil {
		if t.conn, err = s.db.Conn(ctx); err != nil {
			return err
		}
		t.stmts = map[string]*sql.Stmt{}
		defer t.release()
	}
	if durable && s.d.Harden != nil {
		restore, err := s.d.Harden(ctx, t.conn)
		if err != nil {
			return err
		}
		defer restore()
	}
	first := s.d.Relaxed
	if durable {
		first = s.d.Hardened
	}
	if err = t.run(first, f); err == nil && t.large && s.d.Shrink != "" {
		t.conn.ExecContext(context.WithoutCancel(ctx), s.d.Shrink) // what was written stays written without it
	}
	return err
}

// run begins, works and commits.
func (t *tx) run(first string, f func(*tx) error) (err error) {
	done := false
	defer func() { // also when f panics, or a cancelled BEGIN took effect
		if !done {
			t.rollback()
		}
	}()
	if _, err = t.conn.ExecContext(t.ctx, t.s.d.Begin); err != nil {
		return err
	}
	if first != "" {
		if _, err = t.conn.ExecContext(t.ctx, first); err != nil {
			return err
		}
	}
	if err = f(t); err != nil {
		return err
	}
	if _, err = t.conn.ExecContext(t.ctx, "COMMIT"); err != nil {
		return err
	}
	done = true
	return nil
}

// rollback undoes what was done. A cancelled statement may have ended the
// transaction already, which SQLite then says; a connection that cannot be
// brought back is not used again.
func (t *tx) rollback() {
	if _, err := t.conn.ExecContext(context.WithoutCancel(t.ctx), "ROLLBACK"); err != nil && t.conn != t.s.pinned {
		t.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

func (t *tx) release() {
	for _, st := range t.stmts {
		st.Close()
	}
	t.conn.Close()
}

// prepared gives the statement, prepared once. Databases with array parameters
// need few statements, and their driver keeps them itself.
func (t *tx) prepared(query string) (*sql.Stmt, error) {
	if st := t.stmts[query]; st != nil {
		return st, nil
	}
	text := t.s.text(query)
	if !t.s.d.Arrays {
		text = placeholder.Unnumbered(text)
	}
	st, err := t.conn.PrepareContext(t.ctx, text)
	if err == nil {
		t.stmts[query] = st
	}
	return st, err
}

// exec gives the number of rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	if t.compiled != nil {
		return t.direct(query, args)
	}
	var result sql.Result
	var err error
	if t.s.d.Arrays {
		result, err = t.conn.ExecContext(t.ctx, t.s.text(query), args...)
	} else if st, failed := t.prepared(query); failed == nil {
		result, err = st.ExecContext(t.ctx, args...)
	} else {
		err = failed
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// execAll runs statements that take the same arguments.
func (t *tx) execAll(queries []string, args ...any) error {
	var err error
	for _, q := range queries {
		_, failed := t.exec(q, args...)
		err = errors.Join(err, failed)
		if err != nil {
			break
		}
	}
	return err
}

func (t *tx) row(into []any, query string, args ...any) error {
	return t.conn.QueryRowContext(t.ctx, t.s.text(query), args...).Scan(into...)
}

func (t *tx) rows(query string, args []any, each func(*sql.Rows) error) error {
	if t.s.d.Arrays {
		rows, err := t.conn.QueryContext(t.ctx, t.s.text(query), args...)
		return walk(rows, err, each)
	}
	st, err := t.prepared(query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(t.ctx, args...)
	return walk(rows, err, each)
}

func walk(rows *sql.Rows, err error, each func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
