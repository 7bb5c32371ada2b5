package localdb

import "strings"

// changeMarked writes what differs to a row that has our mark, and gives 0 when
// it wrote nothing. SQLite writes the entry in an index anew with every statement
// that names its columns, so the mark is named only where it is missing.
func (l *layout) changeMarked(db *session, key string, writes, mark []written) (int64, error) {
	if db.postgres || len(mark) == 0 || len(writes) == 0 {
		return 0, nil
	}
	query, args := l.updating(writes)
	for _, w := range append([]written{{column: l.Key, value: key}}, mark...) {
		args = append(args, w.value)
		query += " AND " + quote(w.column) + " = " + markOf(args)
	}
	rows, _, err := db.exec(query, args...)
	return rows, err
}

// updating is a statement that writes to rows that differ. Its parameters stand
// in order, which the driver of SQLite takes best.
func (l *layout) updating(writes []written) (string, []any) {
	var set, differs strings.Builder
	args := make([]any, 0, 2*len(writes)+3)
	for i, w := range writes {
		if i > 0 {
			set.WriteString(", ")
		}
		args = append(args, w.value)
		set.WriteString(quote(w.column) + " = " + markOf(args))
	}
	if l.Updated != "" {
		set.WriteString(", " + quote(l.Updated) + " = CURRENT_TIMESTAMP")
	}
	for i, w := range writes {
		if i > 0 {
			differs.WriteString(" OR ")
		}
		args = append(args, w.value)
		differs.WriteString(quote(w.column) + " IS DISTINCT FROM " + markOf(args))
	}
	return "UPDATE " + l.table + " SET " + set.String() + " WHERE (" + differs.String() + ")", args
}

// markOf is the placeholder of the last argument.
func markOf(args []any) string { return mark(len(args)) }
