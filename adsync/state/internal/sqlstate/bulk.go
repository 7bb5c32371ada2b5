package sqlstate

import (
	"fmt"
	"strings"
)

// column is a column of a bulk write. Its cells are int64, or []byte that may
// be nil for NULL.
type column struct {
	name  string
	bytes bool
}

// bulk writes or deletes many rows of one table.
type bulk struct {
	table    string
	columns  []column
	conflict string // what to do where the row is there already; empty deletes
}

// chunk is how many rows one VALUES list has. Compiling longer ones costs more
// than it gains.
const chunk = 16

// run gives the number of rows it touched. No row stands twice.
func (b *bulk) run(t *tx, rows [][]any) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	if t.s.d.Arrays {
		return t.exec(b.unnested(), b.transposed(rows)...)
	}
	if b.conflict == "" {
		return b.each(t, rows, 1, b.deletion())
	}
	full := len(rows) - len(rows)%chunk
	n, err := b.each(t, rows[:full], chunk, b.values(chunk))
	if err != nil {
		return n, err
	}
	rest, err := b.each(t, rows[full:], 1, b.values(1))
	return n + rest, err
}

func (b *bulk) each(t *tx, rows [][]any, size int, query string) (total int64, err error) {
	args := make([]any, 0, size*len(b.columns))
	for ; len(rows) > 0; rows = rows[size:] {
		args = args[:0]
		for _, row := range rows[:size] {
			args = append(args, row...)
		}
		n, err := t.exec(query, args...)
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

func (b *bulk) names() string {
	names := make([]string, len(b.columns))
	for i, c := range b.columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

func (b *bulk) values(rows int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(b.columns)), ", ") + ")"
	list := strings.TrimSuffix(strings.Repeat(row+", ", rows), ", ")
	return "INSERT INTO {}" + b.table + " (" + b.names() + ") VALUES " + list + " " + b.conflict
}

func (b *bulk) deletion() string {
	var where []string
	for _, c := range b.columns {
		where = append(where, c.name+" = ?")
	}
	return "DELETE FROM {}" + b.table + " WHERE " + strings.Join(where, " AND ")
}

func (b *bulk) unnested() string {
	var params, where []string
	for i, c := range b.columns {
		kind := "bigint[]"
		if c.bytes {
			kind = "bytea[]"
		}
		params = append(params, fmt.Sprintf("$%d::%s", i+1, kind))
		where = append(where, fmt.Sprintf("x.%s = k.%s", c.name, c.name))
	}
	list := "unnest(" + strings.Join(params, ", ") + ")"
	if b.conflict == "" {
		return "DELETE FROM {}" + b.table + " x USING " + list + " k (" + b.names() + ") WHERE " + strings.Join(where, " AND ")
	}
	return "INSERT INTO {}" + b.table + " (" + b.names() + ") SELECT * FROM " + list + " " + b.conflict
}

func (b *bulk) transposed(rows [][]any) []any {
	args := make([]any, len(b.columns))
	for i, c := range b.columns {
		if c.bytes {
			args[i] = cells[[]byte](rows, i)
			continue
		}
		args[i] = cells[int64](rows, i)
	}
	return args
}

func cells[T any](rows [][]any, i int) []T {
	list := make([]T, len(rows))
	for n, row := range rows {
		list[n], _ = row[i].(T)
	}
	return list
}

// in gives a condition that a column is one of the values, the first parameter
// being number at, and the arguments for it.
func (s *Store) in(name string, at int, values [][]byte) (string, []any) {
	if s.d.Arrays {
		return fmt.Sprintf("%s = ANY($%d::bytea[])", name, at), []any{values}
	}
	args, marks := make([]any, len(values)), make([]string, len(values))
	for i, v := range values {
		args[i], marks[i] = v, fmt.Sprintf("$%d", at+i)
	}
	return name + " IN (" + strings.Join(marks, ",") + ")", args
}
