package sqlstate

import (
	"context"
	"database/sql"
	"iter"
	"slices"

	"github.com/adsync/sdk/adsync"
)

var memberKey = []column{{"target", false}, {"source", false}, {"grp", true}, {"member", true}}

var (
	memberWrite = bulk{
		table: "member", columns: append(memberKey[:4:4], column{"waiting", false}),
		conflict: `ON CONFLICT (target, source, grp, member) DO UPDATE SET waiting = excluded.waiting`,
	}
	memberDelete = bulk{table: "member", columns: memberKey}
)

// ScanMembers gives the memberships of one source.
func (h *handle) ScanMembers(ctx context.Context, source string) iter.Seq2[adsync.Membership, error] {
	return h.memberships(ctx, source, memberOrder{by: "grp, member"})
}

// FindMembers gives the memberships of some groups, so many groups a query.
func (h *handle) FindMembers(ctx context.Context, source string, groups []adsync.LinkKey) iter.Seq2[adsync.Membership, error] {
	return h.chunked(ctx, groups, "grp", func(in string, args []any) iter.Seq2[adsync.Membership, error] {
		return h.memberships(ctx, source, memberOrder{by: "grp, member", condition: in, args: args})
	})
}

// MembershipsOf gives the memberships of some members, so many members a query.
func (h *handle) MembershipsOf(ctx context.Context, source string, members []adsync.LinkKey) iter.Seq2[adsync.Membership, error] {
	return h.chunked(ctx, members, "member", func(in string, args []any) iter.Seq2[adsync.Membership, error] {
		return h.memberships(ctx, source, memberOrder{by: "member, grp", condition: in, args: args})
	})
}

// WaitingMembers gives the memberships that wait.
func (h *handle) WaitingMembers(ctx context.Context, source string) iter.Seq2[adsync.Membership, error] {
	return h.memberships(ctx, source, memberOrder{by: "grp, member", index: h.s.d.WaitingIndex, condition: "waiting > 0"})
}

// chunked asks for so many keys at a time.
func (h *handle) chunked(ctx context.Context, keys []adsync.LinkKey, column string,
	ask func(in string, args []any) iter.Seq2[adsync.Membership, error],
) iter.Seq2[adsync.Membership, error] {
	return func(yield func(adsync.Membership, error) bool) {
		if err := h.usable(ctx); err != nil {
			yield(adsync.Membership{}, err)
			return
		}
		const most = 500
		for part := range slices.Chunk(keys, most) {
			for m, err := range ask(h.s.in(column, 6, rawKeys(part))) {
				if !yield(m, err) || err != nil {
					return
				}
			}
		}
	}
}

// memberOrder says which memberships a stream gives, and in which order: one
// of the two columns after the other.
type memberOrder struct {
	by        string
	index     string // that is to be used; empty: whichever the database takes
	condition string // empty: all; its arguments begin with number 6
	args      []any
}

func (o memberOrder) query() string {
	query := `SELECT grp, member, waiting FROM {}member ` + o.index + ` WHERE target = $1 AND source = $2 AND (` + o.by + `) > ($3, $4)`
	if o.condition != "" {
		query += " AND " + o.condition
	}
	return query + ` ORDER BY ` + o.by + ` LIMIT $5`
}

// after gives the place after which a page begins.
func (o memberOrder) after(last *adsync.Membership) (first, second []byte) {
	switch {
	case last == nil:
		return []byte{}, []byte{}
	case o.by == "member, grp":
		return last.Member[:], last.Group[:]
	}
	return last.Group[:], last.Member[:]
}

func (h *handle) memberships(ctx context.Context, source string, o memberOrder) iter.Seq2[adsync.Membership, error] {
	query := o.query()
	return paged(ctx, h.s.d.Page, func(last *adsync.Membership) (page []adsync.Membership, err error) {
		number, ok, err := h.sources.find(h.reader(ctx), source)
		if err != nil || !ok {
			return nil, err
		}
		first, second := o.after(last)
		all := append([]any{h.id, number, first, second, h.s.d.Page}, o.args...)
		err = h.query(ctx, query, all, func(rows *sql.Rows) error {
			m, err := scanMembership(rows)
			page = append(page, m)
			return err
		})
		return page, err
	})
}

func scanMembership(rows *sql.Rows) (m adsync.Membership, err error) {
	var group, member sql.RawBytes
	var waiting int64
	if err := rows.Scan(&group, &member, &waiting); err != nil {
		return m, err
	}
	if copy(m.Group[:], group) != len(group) || copy(m.Member[:], member) != len(member) || len(group)+len(member) != 32 {
		return m, damaged("a membership", errNoLink)
	}
	m.Waiting = waiting != 0
	return m, nil
}

// joined writes memberships. Of two for the same the last one counts.
func (h *handle) joined(t *tx, list []adsync.MembershipOf) error {
	rows, err := h.memberRows(t, list, true)
	if err == nil {
		_, err = memberWrite.run(t, rows)
	}
	return err
}

func (h *handle) parted(t *tx, list []adsync.MembershipOf) error {
	rows, err := h.memberRows(t, list, false)
	if err == nil {
		_, err = memberDelete.run(t, rows)
	}
	return err
}

func (h *handle) memberRows(t *tx, list []adsync.MembershipOf, whole bool) ([][]any, error) {
	type id struct {
		source        string
		group, member adsync.LinkKey
	}
	at := make(map[id]int, len(list))
	rows := make([][]any, 0, len(list))
	for i := range list {
		m := &list[i]
		source, err := h.sources.number(t, m.Source)
		if err != nil {
			return nil, err
		}
		row := []any{h.id, source, m.Group[:], m.Member[:]}
		if whole {
			row = append(row, boolCell(m.Waiting))
		}
		name := id{m.Source, m.Group, m.Member}
		if known, ok := at[name]; ok {
			rows[known] = row
			continue
		}
		at[name] = len(rows)
		rows = append(rows, row)
	}
	return rows, nil
}
