package localdb

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/adsync/sdk/adsync"
)

// ListMembers gives the members that a group has, kind by kind in the order of
// their keys, whoever added them. It reads page by page.
func (s *Sink) ListMembers(ctx context.Context, group adsync.TargetID) iter.Seq2[adsync.TargetID, error] {
	return func(yield func(adsync.TargetID, error) bool) {
		g := s.layouts[adsync.Group]
		if g == nil {
			yield("", adsync.Errorf(adsync.CodeUnsupported, "localdb: there is no table for groups"))
			return
		}
		key, ok := g.keyOf(group)
		if !ok {
			yield("", adsync.Errorf(adsync.CodeNotFound, "localdb: there is no group %q", group))
			return
		}
		for _, kind := range kindsOf(s.members) {
			if !s.listMembersOf(ctx, kind, key, yield) {
				return
			}
		}
	}
}

// listMembersOf gives the members of one kind. It tells whether to go on.
func (s *Sink) listMembersOf(ctx context.Context, kind adsync.Kind, group string, yield func(adsync.TargetID, error) bool) bool {
	last := ""
	for {
		var page []string
		err := ctx.Err()
		if err == nil {
			err = s.with(ctx, func(db *session) (err error) {
				page, err = s.members[kind].page(db, group, last)
				return err
			})
		}
		if err != nil {
			yield("", fmt.Errorf("localdb: the list of members was cut short: %w", err))
			return false
		}
		for _, member := range page {
			last = member
			if !yield(s.layouts[kind].id(member), nil) {
				return false
			}
		}
		if len(page) < pageSize {
			return true
		}
	}
}

// page gives the members of a group that follow a key.
func (m MemberTable) page(db *session, group, after string) (page []string, err error) {
	member := quote(m.Member)
	query := "SELECT " + member + " FROM " + quoteTable(m.Name) + " WHERE " + quote(m.Group) + " = $1"
	args := []any{group}
	if after != "" {
		query += " AND " + member + " > $2"
		args = append(args, after)
	}
	row := func(rows *sql.Rows) error {
		var key string
		if err := rows.Scan(&key); err != nil {
			return err
		}
		page = append(page, key)
		return nil
	}
	err = db.query(row, fmt.Sprintf("%s ORDER BY %s LIMIT %d", query, member, pageSize), args...)
	return page, err
}
