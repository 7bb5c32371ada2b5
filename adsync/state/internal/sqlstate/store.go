// Package sqlstate keeps the state of synchronisation jobs in an SQL database.
// It is what the stores on SQLite and on PostgreSQL have in common: tables,
// the packing of rows, leases and fences, streams that read by pages. What
// differs is a [Dialect].
//
// It is not a general layer over databases, and it opens none: the packages
// state and postgres do.
package sqlstate

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/adsync/sdk/adsync"
)

// Store is an adsync.StateStore on a database.
type Store struct {
	db     *sql.DB
	d      Dialect
	prefix string
	// turn lets one goroutine of this process write at a time; the database's
	// own lock would let them wait by polling.
	turn chan struct{}
	// pinned, where the store has a database to itself, is the connection that
	// writes, with its prepared statements.
	pinned *sql.Conn
	stmts  map[string]*sql.Stmt
	// compiled are those that go past database/sql.
	compiled map[string]compiled

	mu     sync.Mutex
	closed bool
}

// Config says how a Store uses its database.
type Config struct {
	Dialect Dialect
	// Prefix stands before every table name.
	Prefix string
	// Own says that the store has the database to itself: it keeps one
	// connection for writing, and Close closes the database.
	Own bool
}

var _ adsync.StateStore = (*Store)(nil)

var (
	errClosed  = errors.New("adsync: the state was closed; open it again")
	goodPrefix = regexp.MustCompile(`^([a-z_][a-z0-9_]{0,29})?$`)
)

// New brings the tables up to date and gives a store on them.
func New(ctx context.Context, db *sql.DB, c Config) (*Store, error) {
	if !goodPrefix.MatchString(c.Prefix) {
		return nil, adsync.Errorf(adsync.CodeInvalid, "adsync: %q is no table prefix; use up to 30 small letters, digits and underscores", c.Prefix)
	}
	if err := migrate(ctx, db, c.Dialect, c.Prefix); err != nil {
		return nil, err
	}
	s := &Store{db: db, d: c.Dialect, prefix: c.Prefix, turn: make(chan struct{}, 1)}
	if c.Own {
		if err := s.pin(ctx); err != nil {
			return nil, s.fault(err)
		}
	}
	return s, nil
}

// pin keeps a connection for writing.
func (s *Store) pin(ctx context.Context) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	if s.d.Writing != "" {
		if _, err := conn.ExecContext(ctx, s.d.Writing); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	s.pinned, s.stmts = conn, map[string]*sql.Stmt{}
	if s.d.Direct {
		s.compiled = map[string]compiled{}
	}
	return nil
}

// Open gives a handle on the state of a target, which is made when there is none.
func (s *Store) Open(ctx context.Context, target string) (adsync.State, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	secret := make([]byte, 32)
	rand.Read(secret) // never fails: it stops the program instead
	h := &handle{s: s, target: target}
	err := h.change(ctx, false, func(t *tx) error {
		return t.row([]any{&h.id, &h.secret}, `SELECT id, secret FROM {}target WHERE name = $1`, []byte(target))
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = h.change(ctx, true, func(t *tx) error {
			if _, err := t.exec(`INSERT INTO {}target (name, secret) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, []byte(target), secret); err != nil {
				return err
			}
			return t.row([]any{&h.id, &h.secret}, `SELECT id, secret FROM {}target WHERE name = $1`, []byte(target))
		})
	}
	if err != nil {
		return nil, err
	}
	h.names, h.sources = newDictionary("name", h), newDictionary("source", h)
	return h, nil
}

// Close ends the store. The database is closed when it is the store's own.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed || s.pinned == nil {
		return nil
	}
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	var err error
	for _, st := range s.stmts { // else SQLite leaves its log behind
		err = errors.Join(err, st.Close())
	}
	err = errors.Join(err, s.pinned.Raw(func(any) (err error) {
		for _, st := range s.compiled {
			err = errors.Join(err, st.Close())
		}
		return err
	}))
	return s.fault(errors.Join(err, s.pinned.Close(), s.db.Close()))
}

func (s *Store) usable(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	return ctx.Err()
}

// text puts the prefix into a statement, where {} stands.
func (s *Store) text(query string) string { return strings.ReplaceAll(query, "{}", s.prefix) }

// fault gives a database's error the code that the engine goes by.
func (s *Store) fault(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, coded := errors.AsType[*adsync.Error](err); coded || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	for _, known := range []error{adsync.ErrFenced, adsync.ErrBusy, adsync.ErrDamaged, adsync.ErrNewerSchema, errClosed} {
		if errors.Is(err, known) {
			return err
		}
	}
	return s.d.Fault(err)
}

// Damaged says that a row is not what this package wrote.
func damaged(what string, err error) error {
	return fmt.Errorf("%w (%s: %v)", adsync.ErrDamaged, what, err)
}
