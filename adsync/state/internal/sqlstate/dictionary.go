package sqlstate

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// dictionary gives names small numbers, for good. It is read as needed and
// grows inside the transaction that first uses a name; forget takes back what
// a transaction that failed has given out.
type dictionary struct {
	table string
	h     *handle

	mu      sync.RWMutex
	numbers map[string]int64
	names   map[int64]string
}

var errNoName = errors.New("a number without a name")

func newDictionary(table string, h *handle) *dictionary {
	d := &dictionary{table: table, h: h}
	d.forget()
	return d
}

func (d *dictionary) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.numbers, d.names = map[string]int64{}, map[int64]string{}
}

func (d *dictionary) known(name string) (int64, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	n, ok := d.numbers[name]
	return n, ok
}

func (d *dictionary) named(number int64) (string, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	name, ok := d.names[number]
	return name, ok
}

func (d *dictionary) learn(number int64, name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.numbers[name], d.names[number] = number, name
}

// load reads the table with the given way to query.
func (d *dictionary) load(query func(string, []any, func(*sql.Rows) error) error) error {
	return query(`SELECT id, name FROM {}`+d.table+` WHERE target = $1`, []any{d.h.id}, func(rows *sql.Rows) error {
		var number int64
		var name []byte
		if err := rows.Scan(&number, &name); err != nil {
			return err
		}
		d.learn(number, string(name))
		return nil
	})
}

// number gives a name's number and makes one where there is none.
func (d *dictionary) number(t *tx, name string) (int64, error) {
	if n, ok := d.known(name); ok {
		return n, nil
	}
	if err := d.load(t.rows); err != nil {
		return 0, err
	}
	if n, ok := d.known(name); ok {
		return n, nil
	}
	var n int64
	if err := t.row([]any{&n}, `SELECT coalesce(max(id), 0) + 1 FROM {}`+d.table+` WHERE target = $1`, d.h.id); err != nil {
		return 0, err
	}
	if _, err := t.exec(`INSERT INTO {}`+d.table+` (target, id, name) VALUES ($1, $2, $3)`, d.h.id, n, []byte(name)); err != nil {
		return 0, err
	}
	d.learn(n, name)
	return n, nil
}

// reader is how rows look names up: through the handle's own connections.
type reader func(string, []any, func(*sql.Rows) error) error

// find gives a name's number, and false when it has none.
func (d *dictionary) find(query reader, name string) (int64, bool, error) {
	if n, ok := d.known(name); ok {
		return n, true, nil
	}
	err := d.load(query)
	n, ok := d.known(name)
	return n, ok, err
}

// name gives the name of a number that stands in a row.
func (d *dictionary) name(query reader, number int64) (string, error) {
	if name, ok := d.named(number); ok {
		return name, nil
	}
	if err := d.load(query); err != nil {
		return "", err
	}
	if name, ok := d.named(number); ok {
		return name, nil
	}
	return "", fmt.Errorf("%w: %s %d", errNoName, d.table, number)
}
