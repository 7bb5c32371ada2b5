package localdb

import (
	"strconv"
	"strings"
)

// changes are rows with what is written to each.
type changes struct {
	*layout
	keys []string
	rows [][]written
}

// changedColumn is a column that all rows get, or some.
type changedColumn struct {
	at   int // among every column
	some bool
}

func (c *changes) touched() (list []changedColumn) {
	counts := make([]int, len(c.every))
	for _, row := range c.rows {
		for _, w := range row {
			counts[c.slots[w.column]]++
		}
	}
	for at, n := range counts {
		if n > 0 {
			list = append(list, changedColumn{at, n < len(c.rows)})
		}
	}
	return list
}

// arrays holds the keys, the values of each column, and for each column that only
// some rows get, whether a row does.
func (c *changes) arrays(columns []changedColumn) *arrays {
	var out *arrays
	for n, row := range c.rows {
		values := c.values(c.keys[n], row, columns)
		if out == nil {
			out = newArrays(len(values))
		}
		out.add(values)
	}
	return out
}

func (c *changes) values(key string, row []written, columns []changedColumn) []any {
	type given struct{ value any }
	all := make([]*given, len(c.every))
	for _, w := range row {
		all[c.slots[w.column]] = &given{w.value}
	}
	values, gets := []any{key}, []any(nil)
	for _, col := range columns {
		g := all[col.at]
		if g == nil {
			values = append(values, nil)
		} else {
			values = append(values, g.value)
		}
		if col.some {
			gets = append(gets, g != nil)
		}
	}
	return append(values, gets...)
}

// statement changes the rows that differ and answers with their keys. A row that
// is as it should be is left alone, its time of change too.
func (c *changes) statement(columns []changedColumn) string {
	names, sorts := []string{"k"}, []string{"bigint"}
	var gets, set, differs []string
	for i, col := range columns {
		name := c.every[col.at]
		names, sorts = append(names, "v"+strconv.Itoa(i)), append(sorts, c.sort(name))
		if col.some {
			gets = append(gets, "g"+strconv.Itoa(i))
		}
		assigned, differ := col.text(quote(name), i)
		set, differs = append(set, assigned), append(differs, differ)
	}
	for range gets {
		sorts = append(sorts, "boolean")
	}
	set = append(set, quote(c.Updated)+" = CURRENT_TIMESTAMP")
	return "UPDATE " + c.table + " AS t SET " + strings.Join(set, ", ") + " FROM " + unnested(sorts) +
		" AS u(" + strings.Join(append(names, gets...), ", ") + ")" +
		" WHERE t." + c.key + " = u.k AND (" + strings.Join(differs, " OR ") + ") RETURNING t." + c.key
}

// text sets the i-th column, and tells whether it differs.
func (col changedColumn) text(name string, i int) (assigned, differs string) {
	value, gets := "u.v"+strconv.Itoa(i), "u.g"+strconv.Itoa(i)
	differs = "t." + name + " IS DISTINCT FROM " + value
	if !col.some {
		return name + " = " + value, differs
	}
	return name + " = CASE WHEN " + gets + " THEN " + value + " ELSE t." + name + " END", gets + " AND " + differs
}

// unnested makes rows of parameters that are arrays.
func unnested(sorts []string) string {
	params := make([]string, len(sorts))
	for i, sort := range sorts {
		params[i] = mark(i+1) + "::" + sort + "[]"
	}
	return "unnest(" + strings.Join(params, ", ") + ")"
}
