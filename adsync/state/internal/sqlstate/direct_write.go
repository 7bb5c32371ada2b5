package sqlstate

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/adsync/sdk/internal/placeholder"
)

// compiled is a statement of the driver: what database/sql does around each
// statement costs as much as writing some rows.
type compiled interface {
	driver.Stmt
	driver.StmtExecContext
}

// direct runs a statement on the driver. Its arguments are those that a driver takes.
func (t *tx) direct(query string, args []any) (n int64, err error) {
	named, err := namedValues(args)
	if err != nil {
		return 0, err
	}
	err = t.conn.Raw(func(c any) error {
		stmt, err := t.compile(c, query)
		if err != nil {
			return err
		}
		result, err := stmt.ExecContext(t.ctx, named)
		if err == nil {
			n, err = result.RowsAffected()
		}
		return err
	})
	return n, err
}

// compile gives the statement, prepared once.
func (t *tx) compile(c any, query string) (compiled, error) {
	if stmt := t.compiled[query]; stmt != nil {
		return stmt, nil
	}
	p, ok := c.(driver.ConnPrepareContext)
	if !ok {
		return nil, errDriver
	}
	made, err := p.PrepareContext(context.WithoutCancel(t.ctx), placeholder.Unnumbered(t.s.text(query)))
	if err != nil {
		return nil, err
	}
	stmt, ok := made.(compiled)
	if !ok {
		return nil, errors.Join(errDriver, made.Close())
	}
	t.compiled[query] = stmt
	return stmt, nil
}

var errDriver = errors.New("adsync: the driver of the state's database runs no statements of its own")
