package localdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// Check tries, without writing, whether the database answers and has the tables
// and columns that are configured. It names everything that is missing.
func (s *Sink) Check(ctx context.Context) error {
	return s.with(ctx, func(db *session) error {
		if err := db.query(ignore, "SELECT 1"); err != nil {
			return adsync.Errorf(adsync.CodeUnavailable, "localdb: the database does not answer: %w", err)
		}
		var faults []error
		for _, kind := range kindsOf(s.layouts) {
			l := s.layouts[kind]
			faults = append(faults, missing(db, l.table, l.columns())...)
		}
		for _, kind := range kindsOf(s.members) {
			m := s.members[kind]
			faults = append(faults, missing(db, quoteTable(m.Name), []string{m.Group, m.Member})...)
		}
		return errors.Join(faults...)
	})
}

func ignore(*sql.Rows) error { return nil }

// columns names every column that the sink reads or writes.
func (l *layout) columns() []string {
	list := []string{l.Table.Key, l.ExternalID, l.Source, l.Active, l.Protected, l.Updated}
	for _, a := range l.attrs {
		list = append(list, a.Column.Name, a.Key)
	}
	return slices.DeleteFunc(list, func(c string) bool { return c == "" })
}

// missing asks for columns one by one when they are not all there.
func missing(db *session, table string, columns []string) []error {
	if err := db.query(ignore, "SELECT 1 FROM "+table+" WHERE 1 = 0"); err != nil {
		return []error{fmt.Errorf("localdb: the table %s cannot be read: %w", table, err)}
	}
	var faults []error
	for _, c := range columns {
		// The table's name in front keeps SQLite from taking the name for a text.
		if err := db.query(ignore, "SELECT t."+quote(c)+" FROM "+table+" AS t WHERE 1 = 0"); err != nil {
			faults = append(faults, fmt.Errorf("localdb: the table %s has no column %s that can be read: %w", table, quote(c), err))
		}
	}
	return faults
}
