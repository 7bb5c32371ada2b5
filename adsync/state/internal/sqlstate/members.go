package sqlstate

import (
	"bytes"
	"cmp"
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
	return h.memberships(ctx, source, "", nil)
}

// FindMembers gives the memberships of some groups, so many groups a query.
func (h *handle) FindMembers(ctx context.Context, source string, groups []adsync.LinkKey) iter.Seq2[adsync.Membership, error] {
	return func(yield func(adsync.Membership, error) bool) {
		if err := h.usable(ctx); err != nil {
			yield(adsync.Membership{}, err)
			return
		}
		const most = 500
		for ; len(groups) > 0; groups = groups[min(most, len(groups)):] {
			in, args := h.s.in("grp", 6, rawKeys(groups[:min(most, len(groups))]))
			for m, err := range h.memberships(ctx, source, " AND "+in, args) {
				if !yield(m, err) || err != nil {
					return
				}
			}
		}
	}
}

// MembershipsOf gives the memberships of some members.
func (h *handle) MembershipsOf(ctx context.Context, source string, members []adsync.LinkKey) iter.Seq2[adsync.Membership, error] {
	return h.filtered(ctx, source, func(m adsync.Membership) bool { return slices.Contains(members, m.Member) }, func(a, b adsync.Membership) int {
		return cmp.Or(bytes.Compare(a.Member[:], b.Member[:]), bytes.Compare(a.Group[:], b.Group[:]))
	})
}

// WaitingMembers gives the memberships that wait.
func (h *handle) WaitingMembers(ctx context.Context, source string) iter.Seq2[adsync.Membership, error] {
	return h.filtered(ctx, source, func(m adsync.Membership) bool { return m.Waiting }, nil)
}

func (h *handle) filtered(ctx context.Context, source string, keep func(adsync.Membership) bool, order func(a, b adsync.Membership) int) iter.Seq2[adsync.Membership, error] {
	return func(yield func(adsync.Membership, error) bool) {
		var list []adsync.Membership
		for m, err := range h.ScanMembers(ctx, source) {
			if err != nil {
				yield(m, err)
				return
			}
			if keep(m) {
				list = append(list, m)
			}
		}
		if order != nil {
			slices.SortFunc(list, order)
		}
		for _, m := range list {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func (h *handle) memberships(ctx context.Context, source, condition string, args []any) iter.Seq2[adsync.Membership, error] {
	query := `SELECT grp, member, waiting FROM {}member WHERE target = $1 AND source = $2 AND (grp, member) > ($3, $4)` +
		condition + ` ORDER BY grp, member LIMIT $5`
	return paged(ctx, h.s.d.Page, func(last *adsync.Membership) (page []adsync.Membership, err error) {
		number, ok, err := h.sources.find(h.reader(ctx), source)
		if err != nil || !ok {
			return nil, err
		}
		group, member := []byte{}, []byte{}
		if last != nil {
			group, member = last.Group[:], last.Member[:]
		}
		all := append([]any{h.id, number, group, member, h.s.d.Page}, args...)
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
