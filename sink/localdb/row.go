package localdb

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/adsync/sdk/adsync"
)

// cells are what a row of the columns in layout.shown is read into, one row after
// another.
type cells struct {
	key, external     sql.NullString
	active, protected any
	texts             []sql.NullString
	into              []any
}

func (l *layout) newCells() *cells {
	c := &cells{texts: make([]sql.NullString, len(l.attrs))}
	c.into = append(c.into, &c.key, &c.external, &c.active, &c.protected)
	for i := range c.texts {
		c.into = append(c.into, &c.texts[i])
	}
	return c
}

// scanTarget reads a row.
func (l *layout) scanTarget(rows *sql.Rows, c *cells) (adsync.Target, error) {
	if err := rows.Scan(c.into...); err != nil {
		return adsync.Target{}, fmt.Errorf("localdb: a row of %s cannot be read: %w", l.table, err)
	}
	t := adsync.Target{ID: l.id(c.key.String), Kind: l.kind, Protected: truth(c.protected)}
	list := l.shownValues(c)
	if c.external.Valid {
		list = append(list, adsync.Attribute{Name: AttrExternalID, Values: []string{c.external.String}})
	}
	if l.Active != "" {
		t.Inactive = text(c.active) == text(l.InactiveValue)
		list = append(list, adsync.Attribute{Name: adsync.AttrActive, Values: []string{strconv.FormatBool(!t.Inactive)}})
	}
	t.Attrs = adsync.MakeAttributes(list...)
	return t, nil
}

// shownValues gives the attributes that have a value.
func (l *layout) shownValues(c *cells) []adsync.Attribute {
	list, values := make([]adsync.Attribute, 0, len(l.attrs)+2), make([]string, len(l.attrs))
	for i := range l.attrs {
		a := &l.attrs[i]
		if !c.texts[i].Valid {
			continue
		}
		values[i] = c.texts[i].String
		one := values[i : i+1 : i+1]
		if a.Refers != 0 || a.List {
			one = a.decode(values[i])
		}
		list = append(list, adsync.Attribute{Name: a.name, Values: one})
	}
	return list
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
	switch v := v.(type) {
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
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
	into := l.newCells()
	row := func(rows *sql.Rows) error {
		t, err := l.scanTarget(rows, into)
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
