package localdb

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/adsync/sdk/adsync"
)

// scanTarget reads a row of the columns in layout.shown.
func (l *layout) scanTarget(rows *sql.Rows) (adsync.Target, error) {
	var key, external sql.NullString
	var active, protected any
	texts := make([]sql.NullString, len(l.attrs))
	into := []any{&key, &external, &active, &protected}
	for i := range texts {
		into = append(into, &texts[i])
	}
	if err := rows.Scan(into...); err != nil {
		return adsync.Target{}, fmt.Errorf("localdb: a row of %s cannot be read: %w", l.table, err)
	}
	list := make([]adsync.Attribute, 0, len(l.attrs)+2)
	for i, a := range l.attrs {
		if texts[i].Valid {
			list = append(list, adsync.Attribute{Name: a.name, Values: a.decode(texts[i].String)})
		}
	}
	t := adsync.Target{ID: l.id(key.String), Kind: l.kind, Protected: truth(protected)}
	if external.Valid {
		list = append(list, adsync.Attribute{Name: AttrExternalID, Values: []string{external.String}})
	}
	if l.Active != "" {
		t.Inactive = text(active) == text(l.InactiveValue)
		list = append(list, adsync.Attribute{Name: adsync.AttrActive, Values: []string{fmt.Sprint(!t.Inactive)}})
	}
	t.Attrs = adsync.MakeAttributes(list...)
	return t, nil
}

func (a attr) decode(value string) []string {
	if a.Refers != 0 {
		return []string{string((&layout{kind: a.Refers}).id(value))}
	}
	var list []string
	if a.List && json.Unmarshal([]byte(value), &list) == nil {
		return list
	}
	return []string{value}
}

// text makes values comparable that drivers give in different types.
func text(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}

func truth(v any) bool {
	switch text(v) {
	case "<nil>", "", "0", "false", "f":
		return false
	}
	return true
}

// targets reads every row that a condition selects.
func (l *layout) targets(db *session, condition string, args ...any) ([]adsync.Target, error) {
	var out []adsync.Target
	row := func(rows *sql.Rows) error {
		t, err := l.scanTarget(rows)
		out = append(out, t)
		return err
	}
	err := db.query(row, "SELECT "+l.shown+" FROM "+l.table+" WHERE "+condition, args...)
	return out, err
}

// exists tells whether there is a row with the key.
func (l *layout) exists(db *session, key string) (bool, error) {
	found := false
	row := func(*sql.Rows) error { found = true; return nil }
	err := db.query(row, "SELECT 1 FROM "+l.table+" WHERE "+l.key+" = $1", key)
	return found, err
}
