package localdb

import (
	"fmt"
	"strings"
)

// PostgreSQL takes many rows fastest as one array for each column: the statement
// is then always the same, and is read once however many rows there are.

// insertionOfMany is a statement for our own tables, where columns are text but
// for those that hold numbers.
func (l *layout) insertionOfMany() string {
	if !l.constrained {
		return ""
	}
	numbers := map[string]string{l.Active: "::integer"}
	for _, a := range l.attrs {
		if a.Refers != 0 {
			numbers[a.Column.Name] = "::bigint"
		}
	}
	values, arrays, names := make([]string, len(l.every)), make([]string, len(l.every)), make([]string, len(l.every))
	for i, column := range l.every {
		names[i] = fmt.Sprintf("c%d", i)
		values[i] = names[i] + numbers[column]
		arrays[i] = mark(i+1) + "::text::text[]" // any driver can give a text
	}
	return "INSERT INTO " + l.table + " (" + quoteAll(l.every) + ") SELECT " + strings.Join(values, ", ") +
		" FROM unnest(" + strings.Join(arrays, ", ") + ") AS k(" + strings.Join(names, ", ") + ") ON CONFLICT DO NOTHING" +
		" RETURNING " + l.key + ", " + quote(l.Source) + ", " + quote(l.ExternalID)
}

// columnsOf gives rows as one array a column, as PostgreSQL writes arrays.
func columnsOf(rows [][]any, columns int) []any {
	out := make([]any, columns)
	var b []byte
	for i := range out {
		b = append(b[:0], '{')
		for n, row := range rows {
			if n > 0 {
				b = append(b, ',')
			}
			b = appendElement(b, row[i])
		}
		out[i] = string(append(b, '}'))
	}
	return out
}

func appendElement(b []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(b, "NULL"...)
	case string:
		return appendQuoted(b, v)
	}
	return appendQuoted(b, fmt.Sprint(value))
}

// appendQuoted writes an element in quotes, in which only they and the backslash
// mean something.
func appendQuoted(b []byte, v string) []byte {
	b = append(b, '"')
	for i := range len(v) {
		if v[i] == '"' || v[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, v[i])
	}
	return append(b, '"')
}
