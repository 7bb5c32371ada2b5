package sqlstate

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/adsync/sdk/internal/placeholder"
)

// direct runs a query on the driver and gives the values of each row, which
// are the caller's to keep; the slice is not.
func (s *Store) direct(ctx context.Context, query string, args []any, each func([]driver.Value) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		q, ok := c.(driver.QueryerContext)
		if !ok {
			return errors.New("adsync: the driver of the state's database takes no queries")
		}
		named, err := namedValues(args)
		if err != nil {
			return err
		}
		rows, err := q.QueryContext(ctx, placeholder.Unnumbered(s.text(query)), named)
		if err != nil {
			return err
		}
		return errors.Join(eachRow(rows, each), rows.Close())
	})
}

func namedValues(args []any) ([]driver.NamedValue, error) {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		switch a.(type) {
		case nil, string, int64, []byte:
		default:
			v, err := driver.DefaultParameterConverter.ConvertValue(a)
			if err != nil {
				return nil, err
			}
			a = v
		}
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return named, nil
}

func eachRow(rows driver.Rows, each func([]driver.Value) error) error {
	values := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(values); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		if err := each(values); err != nil {
			return err
		}
	}
}
