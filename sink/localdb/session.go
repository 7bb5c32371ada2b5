package localdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// session is one connection, with what is prepared on it. That of SQLite is taken
// for good: nobody else uses it, and it cannot go stale.
type session struct {
	ctx      context.Context
	conn     *sql.Conn
	postgres bool
	stmts    map[string]*sql.Stmt // SQLite; a driver of PostgreSQL keeps its own
	compiled map[string]compiled  // SQLite; those that write
	args     []driver.NamedValue  // of the statement under way
	room     rowScratch           // for the row that is inserted
}

// maxStatements bounds what is kept prepared. Every set of attributes that an
// update changes has a statement of its own.
const maxStatements = 256

func (s *session) close() error {
	var faults []error
	for _, stmt := range s.stmts {
		faults = append(faults, stmt.Close())
	}
	s.stmts = nil
	faults = append(faults, s.conn.Raw(func(any) error { return s.forget(0) }))
	return errors.Join(append(faults, s.conn.Close())...)
}

// exec gives the number of rows that changed, and the key of the last row that
// SQLite inserted.
func (s *session) exec(query string, args ...any) (rows, last int64, err error) {
	if !s.postgres {
		return s.direct(query, args)
	}
	result, err := s.conn.ExecContext(s.ctx, query, args...)
	if err != nil {
		return 0, 0, err
	}
	rows, err = result.RowsAffected()
	return rows, 0, err
}

// query calls row for each row of the answer.
func (s *session) query(row func(*sql.Rows) error, query string, args ...any) error {
	rows, err := s.rows(query, args)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := row(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

func (s *session) rows(query string, args []any) (*sql.Rows, error) {
	if s.postgres {
		return s.conn.QueryContext(s.ctx, query, args...)
	}
	stmt, err := s.prepared(query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(s.ctx, args...)
}

func (s *session) prepared(query string) (*sql.Stmt, error) {
	if stmt := s.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(s.ctx, query)
	if err != nil {
		return nil, err
	}
	for old, stmt := range s.stmts {
		if len(s.stmts) < maxStatements {
			break
		}
		delete(s.stmts, old)
		if err := stmt.Close(); err != nil {
			return nil, err
		}
	}
	s.stmts[query] = stmt
	return stmt, nil
}

// do runs a statement that has no answer.
func (s *session) do(statement string) error {
	_, _, err := s.exec(statement)
	return err
}

// transaction commits what do wrote, or rolls it back when do fails.
func (s *session) transaction(do func() error) error {
	begin := "BEGIN IMMEDIATE"
	if s.postgres {
		begin = "BEGIN"
	}
	if err := s.do(begin); err != nil {
		return s.broken(err)
	}
	if err := do(); err != nil {
		return errors.Join(err, s.rollback())
	}
	if err := s.do("COMMIT"); err != nil {
		return errors.Join(s.broken(err), s.rollback())
	}
	return nil
}

// rollback works under a context that has ended too. SQLite ends some
// transactions by itself, and then there is none to roll back.
func (s *session) rollback() error {
	ctx := s.ctx
	defer func() { s.ctx = ctx }()
	s.ctx = context.WithoutCancel(ctx)
	if err := s.do("ROLLBACK"); err != nil && s.postgres {
		return fmt.Errorf("localdb: rolling back: %w", err)
	}
	return nil
}

// within undoes what do wrote, and no more, when do fails.
func (s *session) within(do func() error) error {
	if err := s.do("SAVEPOINT op"); err != nil {
		return s.broken(err)
	}
	fault := do()
	if fault != nil {
		if err := s.do("ROLLBACK TO SAVEPOINT op"); err != nil {
			return errors.Join(s.broken(err), fault)
		}
	}
	if err := s.do("RELEASE SAVEPOINT op"); err != nil {
		return s.broken(err)
	}
	return fault
}

// broken is an error of the database that is no op's fault.
func (s *session) broken(err error) error {
	switch faultOf(err) {
	case faultFull:
		return adsync.Errorf(adsync.CodeUnavailable, "localdb: no space is left for the database; make room and run again: %w", err)
	case faultBusy:
		return adsync.Errorf(adsync.CodeUnavailable, "localdb: another program is writing to the database: %w", err)
	}
	return adsync.Errorf(adsync.CodeUnavailable, "localdb: the database failed: %w", err)
}

func faultOf(err error) fault {
	if f, ok := sqliteFault(err); ok {
		return f
	}
	f, _ := postgresFault(err)
	return f
}

// ofOp tells whether a database's error lies with one op's values.
func (f fault) ofOp() bool { return f >= faultUnique && f <= faultBadKey }

// mark is the n-th placeholder, from 1.
func mark(n int) string { return "$" + strconv.Itoa(n) }

// marks gives n placeholders after the first from ones.
func marks(from, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = mark(from + i + 1)
	}
	return strings.Join(list, ", ")
}
