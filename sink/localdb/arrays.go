package localdb

import (
	"fmt"
	"strings"
)

// arrays holds rows by column, each column as the text of an array of
// PostgreSQL, which every driver sends as it is. A statement with a parameter
// for each column is compiled once; a list of rows has a parameter for each
// value, and costs the server more to compile than the rows cost to write.
type arrays struct {
	n       int
	columns []array
}

// array is one column.
type array struct {
	text []byte
	some bool // a value that is not NULL
}

func newArrays(columns int) *arrays { return &arrays{columns: make([]array, columns)} }

func (a *arrays) add(row []any) {
	for i, v := range row {
		c := &a.columns[i]
		if a.n > 0 {
			c.text = append(c.text, ',')
		}
		c.add(v)
	}
	a.n++
}

func (c *array) add(v any) {
	switch v := v.(type) {
	case nil:
		c.text = append(c.text, "NULL"...)
		return
	case string:
		c.text = append(c.text, '"')
		for i := range len(v) {
			if v[i] == '"' || v[i] == '\\' {
				c.text = append(c.text, '\\')
			}
			c.text = append(c.text, v[i])
		}
		c.text = append(c.text, '"')
	default:
		c.text = fmt.Append(c.text, v)
	}
	c.some = true
}

// args are the parameters. NULL for an array is NULL in every row, as long as
// another column has a value in the last one.
func (a *arrays) args() []any {
	args := make([]any, len(a.columns))
	for i, c := range a.columns {
		if c.some {
			args[i] = "{" + string(c.text) + "}"
		}
	}
	return args
}

// insertions is a statement that inserts rows given by column. It answers with
// the key and the marks of those that it inserted.
func (l *layout) insertions(conflict string) string {
	columns, sorts := make([]string, len(l.every)), make([]string, len(l.every))
	for i, c := range l.every {
		columns[i], sorts[i] = quote(c), l.sort(c)
	}
	return "INSERT INTO " + l.table + " (" + strings.Join(columns, ", ") + ") SELECT * FROM " + unnested(sorts) +
		conflict + " RETURNING " + l.key + ", " + quoteOrNull(l.Source) + ", " + quoteOrNull(l.ExternalID)
}

// sort is the type of a column of our tables.
func (l *layout) sort(column string) string {
	if column == l.Active {
		return "integer"
	}
	for _, a := range l.attrs {
		if a.Column.Name == column && a.Refers != 0 {
			return "bigint"
		}
	}
	return "text"
}
