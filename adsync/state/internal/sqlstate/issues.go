package sqlstate

import (
	"cmp"
	"context"
	"database/sql"
	"iter"

	"github.com/adsync/sdk/adsync"
)

// issueWrite keeps the first run that saw the issue.
var issueWrite = bulk{
	table: "issue",
	columns: []column{
		{"target", false}, {"source", true}, {"anchor", true}, {"code", true}, {"attr", true}, {"since", false}, {"run", false}, {"body", true},
	},
	conflict: `ON CONFLICT (target, source, anchor, code, attr) DO UPDATE SET run = excluded.run, body = excluded.body`,
}

// PutIssues stores what a run found.
func (h *handle) PutIssues(ctx context.Context, issues []adsync.Issue) error {
	return h.write(ctx, false, func(t *tx) error { return h.putIssues(t, issues) })
}

func (h *handle) putIssues(t *tx, issues []adsync.Issue) error {
	type id struct {
		source, attr string
		anchor       adsync.Anchor
		code         adsync.IssueCode
	}
	at := make(map[id]int, len(issues))
	var rows [][]any
	for i := range issues {
		v := &issues[i]
		e := h.encoder(t)
		e.issue(v)
		if e.err != nil {
			return e.err
		}
		row := []any{h.id, []byte(v.Source), []byte(v.Anchor), []byte(v.Code), []byte(v.Attr), cmp.Or(v.Since, v.Run), v.Run, e.Buf}
		name := id{v.Source, v.Attr, v.Anchor, v.Code}
		if known, ok := at[name]; ok {
			row[5] = rows[known][5]
			rows[known] = row
			continue
		}
		at[name] = len(rows)
		rows = append(rows, row)
	}
	_, err := issueWrite.run(t, rows)
	return err
}

// Resolve removes issues.
func (h *handle) Resolve(ctx context.Context, refs []adsync.IssueRef) error {
	return h.write(ctx, false, func(t *tx) error { return h.resolve(t, refs) })
}

var (
	resolveAll  = bulk{table: "issue", columns: issueWrite.columns[:3:3]}
	resolveCode = bulk{table: "issue", columns: issueWrite.columns[:4:4]}
)

func (h *handle) resolve(t *tx, refs []adsync.IssueRef) error {
	if len(refs) == 0 {
		return nil
	}
	var some bool // most runs have no issue, and then there is nothing to look for
	if err := t.row([]any{&some}, `SELECT EXISTS (SELECT 1 FROM {}issue WHERE target = $1)`, h.id); err != nil || !some {
		return err
	}
	var all, one [][]any
	for _, ref := range refs {
		row := []any{h.id, []byte(ref.Source), []byte(ref.Anchor)}
		if ref.Code == "" {
			all = append(all, row)
			continue
		}
		one = append(one, append(row, []byte(ref.Code)))
	}
	if _, err := resolveAll.run(t, all); err != nil {
		return err
	}
	_, err := resolveCode.run(t, one)
	return err
}

// ResolveOlder removes what no run from number run on has seen.
func (h *handle) ResolveOlder(ctx context.Context, source string, run int64) error {
	return h.write(ctx, false, func(t *tx) error {
		_, err := t.exec(`DELETE FROM {}issue WHERE target = $1 AND source = $2 AND run < $3`, h.id, []byte(source), run)
		return err
	})
}

// ListIssues gives the issues in order of source, anchor, code and attribute.
func (h *handle) ListIssues(ctx context.Context) iter.Seq2[adsync.Issue, error] {
	const size = 500
	return paged(ctx, size, func(last *adsync.Issue) (page []adsync.Issue, err error) {
		where, args := "", []any{h.id, size}
		if last != nil {
			where = ` AND (source, anchor, code, attr) > ($3, $4, $5, $6)`
			args = append(args, []byte(last.Source), []byte(last.Anchor), []byte(last.Code), []byte(last.Attr))
		}
		var bodies []string
		err = h.query(ctx, `SELECT source, anchor, code, attr, since, run, body FROM {}issue WHERE target = $1`+where+
			` ORDER BY source, anchor, code, attr LIMIT $2`, args, func(rows *sql.Rows) error {
			var source, anchor, code, attr, body []byte
			var i adsync.Issue
			err := rows.Scan(&source, &anchor, &code, &attr, &i.Since, &i.Run, &body)
			i.Source, i.Anchor, i.Code, i.Attr = string(source), adsync.Anchor(anchor), adsync.IssueCode(code), string(attr)
			page, bodies = append(page, i), append(bodies, string(body))
			return err
		})
		for i := range page {
			if err == nil {
				err = h.unpack(ctx, "an issue", bodies[i], func(d *decoder) { d.issue(&page[i]) })
			}
		}
		return page, err
	})
}
