package localdb

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/adsync/sdk/internal/placeholder"
)

// Statements that write go to SQLite's driver itself: what database/sql does
// around each costs as much as the row. See session.conn for why that is safe.

// compiled is a statement of the driver.
type compiled interface {
	driver.Stmt
	driver.StmtExecContext
}

// direct runs a statement on the driver.
func (s *session) direct(query string, args []any) (rows, last int64, err error) {
	if err := s.bind(args); err != nil {
		return 0, 0, err
	}
	err = s.conn.Raw(func(c any) error {
		stmt, err := s.compile(c, query)
		if err != nil {
			return err
		}
		result, err := stmt.ExecContext(s.ctx, s.args)
		if err != nil {
			return err
		}
		if rows, err = result.RowsAffected(); err == nil {
			last, err = result.LastInsertId()
		}
		return err
	})
	clear(s.args)
	return rows, last, err
}

// bind puts arguments into the form that a driver takes.
func (s *session) bind(args []any) error {
	s.args = s.args[:0]
	for i, a := range args {
		switch a.(type) {
		case nil, string, int64, []byte:
		default:
			v, err := driver.DefaultParameterConverter.ConvertValue(a)
			if err != nil {
				return err
			}
			a = v
		}
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	return nil
}

// compile gives the statement, prepared once.
func (s *session) compile(c any, query string) (compiled, error) {
	if stmt := s.compiled[query]; stmt != nil {
		return stmt, nil
	}
	p, ok := c.(driver.ConnPrepareContext)
	if !ok {
		return nil, errors.New("localdb: the driver of SQLite prepares no statements")
	}
	made, err := p.PrepareContext(context.WithoutCancel(s.ctx), placeholder.Unnumbered(query))
	if err != nil {
		return nil, err
	}
	stmt, ok := made.(compiled)
	if !ok {
		return nil, errors.Join(errors.New("localdb: the driver of SQLite runs no statements"), made.Close())
	}
	if err := s.forget(maxStatements - 1); err != nil {
		return nil, errors.Join(err, made.Close())
	}
	s.compiled[query] = stmt
	return stmt, nil
}

// forget closes statements until so many are left.
func (s *session) forget(most int) error {
	for old, stmt := range s.compiled {
		if len(s.compiled) <= most {
			break
		}
		delete(s.compiled, old)
		if err := stmt.Close(); err != nil {
			return err
		}
	}
	return nil
}
