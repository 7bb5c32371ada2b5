package localdb

import (
	"context"
	"database/sql"

	"github.com/adsync/sdk/adsync"
)

// MembersOf reads the members of a group of our own tables.
func MembersOf(ctx context.Context, s *Sink, group adsync.TargetID) ([]adsync.TargetID, error) {
	var out []adsync.TargetID
	key, _ := s.layouts[adsync.Group].keyOf(group)
	err := s.with(ctx, func(db *session) error {
		for kind, m := range s.members {
			row := func(rows *sql.Rows) error {
				var member string
				err := rows.Scan(&member)
				out = append(out, s.layouts[kind].id(member))
				return err
			}
			query := "SELECT " + quote(m.Member) + " FROM " + quoteTable(m.Name) + " WHERE " + quote(m.Group) + " = $1"
			if err := db.query(row, query, key); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Exec runs a statement on the sink's own connection, as somebody else would on theirs.
func Exec(ctx context.Context, s *Sink, statement string, args ...any) error {
	return s.with(ctx, func(db *session) error {
		_, _, err := db.exec(statement, args...)
		return err
	})
}

// Text reads one value.
func Text(ctx context.Context, s *Sink, query string) string {
	var text string
	err := s.with(ctx, func(db *session) error {
		return db.query(func(rows *sql.Rows) error { return rows.Scan(&text) }, query)
	})
	if err != nil {
		return err.Error()
	}
	return text
}
