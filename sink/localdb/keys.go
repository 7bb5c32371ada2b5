package localdb

import (
	"database/sql"
	"fmt"
)

// fillKeys gives rows that were put into our tables by hand what they are
// compared by. There are few, and finding that there are none is one look into
// an index. Rows that share a unique value stay without a key.
func (s *Sink) fillKeys(db *session) error {
	for _, kind := range kindsOf(s.layouts) {
		l := s.layouts[kind]
		for _, a := range l.attrs {
			if a.Key == "" {
				continue
			}
			if err := l.fillKey(db, a); err != nil {
				return fmt.Errorf("localdb: filling in %s of %s: %w", a.Key, l.table, err)
			}
		}
	}
	return nil
}

// fillKey goes through the rows in pages, so that rows whose key is taken do
// not come up again.
func (l *layout) fillKey(db *session, a attr) error {
	last := ""
	for {
		page, err := l.keyless(db, a, last)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			last = r.key
			query := fmt.Sprintf("UPDATE %[1]s SET %[2]s = $1 WHERE %[3]s = $2 AND NOT EXISTS (SELECT 1 FROM %[1]s WHERE %[2]s = $3)",
				l.table, quote(a.Key), l.key)
			if !a.Unique {
				query = fmt.Sprintf("UPDATE %s SET %s = $1 WHERE %s = $2 AND $3 <> ''", l.table, quote(a.Key), l.key)
			}
			if _, _, err := db.exec(query, fold(r.value), r.key, fold(r.value)); err != nil {
				return err
			}
		}
	}
}

type keyless struct{ key, value string }

func (l *layout) keyless(db *session, a attr, after string) ([]keyless, error) {
	var page []keyless
	row := func(rows *sql.Rows) error {
		var k keyless
		err := rows.Scan(&k.key, &k.value)
		page = append(page, k)
		return err
	}
	query := fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s IS NULL AND TRIM(%[2]s) <> ''", l.key, quote(a.Column.Name), l.table, quote(a.Key))
	order := fmt.Sprintf(" ORDER BY %s LIMIT 500", l.key)
	if after == "" {
		return page, db.query(row, query+order)
	}
	err := db.query(row, query+" AND "+l.key+" > $1"+order, after)
	return page, err
}
