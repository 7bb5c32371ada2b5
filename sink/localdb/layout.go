package localdb

import (
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// AttrExternalID is the attribute under which Find and List show the anchor.
const AttrExternalID = "externalId"

// layout is a table as the sink works with it.
type layout struct {
	kind adsync.Kind
	Table
	table  string // quoted
	key    string // quoted
	attrs  []attr
	byName map[string]int // as it is written, and in lower case
	shown  string         // the columns that a Target is made of

	// every column that a create may write, and where each stands among them
	every  []string
	slots  map[string]int
	insert string // a row with every column

	// PostgreSQL: rows by column, all or none, or those that are in nobody's way
	insertAll, insertFree string
	// PostgreSQL's COPY: keys for new rows, and the rows
	draw, copyIn string
}

// attr is an attribute with its column.
type attr struct {
	name string
	Column
	// where its column and that of its key stand among every column
	slot, keySlot int
}

func newLayout(kind adsync.Kind, t Table) *layout {
	if t.ActiveValue == nil {
		t.ActiveValue, t.InactiveValue = int64(1), int64(0)
	}
	l := &layout{kind: kind, Table: t, table: quoteTable(t.Name), key: quote(t.Key), byName: map[string]int{}}
	for _, name := range slices.Sorted(maps.Keys(t.Columns)) {
		l.attrs = append(l.attrs, attr{name: name, Column: t.Columns[name]})
	}
	slices.SortFunc(l.attrs, func(a, b attr) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	for i, a := range l.attrs {
		l.byName[strings.ToLower(a.name)] = i
		l.byName[a.name] = i
	}
	l.shown = l.shownColumns()
	l.every = l.everyColumn()
	l.slots = make(map[string]int, len(l.every))
	for i, c := range l.every {
		l.slots[c] = i
	}
	for i := range l.attrs {
		l.attrs[i].slot, l.attrs[i].keySlot = l.slots[l.attrs[i].Column.Name], l.slots[l.attrs[i].Key]
	}
	l.insert, l.insertAll, l.insertFree = l.insertion(l.every), l.insertions(""), l.insertions(" ON CONFLICT DO NOTHING")
	l.draw, l.copyIn = l.drawing(), l.copying()
	return l
}

// everyColumn names all columns that a create may write.
func (l *layout) everyColumn() []string {
	columns := []string{l.ExternalID, l.Source, l.Active}
	for _, a := range l.attrs {
		columns = append(columns, a.Column.Name, a.Key)
	}
	return slices.DeleteFunc(columns, func(c string) bool { return c == "" })
}

// slot tells where a column that is written stands among every column.
func (l *layout) slot(w *written) int {
	switch {
	case w.attr == nil:
		return l.slots[w.column]
	case w.column == w.attr.Key:
		return w.attr.keySlot
	}
	return w.attr.slot
}

// insertion is a statement that inserts a row.
func (l *layout) insertion(columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = quote(c)
	}
	return "INSERT INTO " + l.table + " (" + strings.Join(quoted, ", ") + ") VALUES (" + marks(0, len(columns)) + ") ON CONFLICT DO NOTHING"
}

func (l *layout) attr(name string) (*attr, bool) {
	i, ok := l.byName[name]
	if !ok {
		i, ok = l.byName[strings.ToLower(name)]
	}
	if !ok {
		return nil, false
	}
	return &l.attrs[i], true
}

// shownColumns names the columns in the order in which scanTarget reads them.
func (l *layout) shownColumns() string {
	columns := []string{l.key, quoteOrNull(l.ExternalID), quoteOrNull(l.Active), quoteOrNull(l.Protected)}
	for _, a := range l.attrs {
		columns = append(columns, quote(a.Column.Name))
	}
	return strings.Join(columns, ", ")
}

// id gives the id of the row with a key.
func (l *layout) id(key string) adsync.TargetID {
	return adsync.TargetID(l.kind.String() + ":" + key)
}

// keyOf gives the key of the row that an id stands for, and false when it
// stands for no object of the kind.
func (l *layout) keyOf(id adsync.TargetID) (string, bool) {
	kind, key, ok := strings.Cut(string(id), ":")
	return key, ok && key != "" && kind == l.kind.String() && clean(key)
}

// quote makes an identifier out of any name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteTable takes a dot for the end of a schema's name.
func quoteTable(name string) string {
	if schema, table, ok := strings.Cut(name, "."); ok {
		return quote(schema) + "." + quote(table)
	}
	return quote(name)
}

func quoteOrNull(name string) string {
	if name == "" {
		return "NULL"
	}
	return quote(name)
}
