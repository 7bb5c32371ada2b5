package sqlstate

import (
	"context"
	"database/sql"
	"iter"

	"github.com/adsync/sdk/adsync"
)

// PutAnswer stores what a person decided. People need no lease.
func (h *handle) PutAnswer(ctx context.Context, a adsync.Answer) error {
	return h.change(ctx, true, func(t *tx) error {
		e := h.encoder(t)
		e.answer(&a)
		_, err := t.exec(`INSERT INTO {}answer (target, source, anchor, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (target, source, anchor) DO UPDATE SET body = excluded.body`, h.id, []byte(a.Source), []byte(a.Anchor), e.Buf)
		return err
	})
}

// DropAnswer forgets an answer.
func (h *handle) DropAnswer(ctx context.Context, source string, anchor adsync.Anchor) error {
	return h.change(ctx, false, func(t *tx) error {
		_, err := t.exec(`DELETE FROM {}answer WHERE target = $1 AND source = $2 AND anchor = $3`, h.id, []byte(source), []byte(anchor))
		return err
	})
}

// ListAnswers gives the answers in order of source and anchor.
func (h *handle) ListAnswers(ctx context.Context) iter.Seq2[adsync.Answer, error] {
	const size = 500
	return paged(ctx, size, func(last *adsync.Answer) (page []adsync.Answer, err error) {
		where, args := "", []any{h.id, size}
		if last != nil {
			where = ` AND (source, anchor) > ($3, $4)`
			args = append(args, []byte(last.Source), []byte(last.Anchor))
		}
		var bodies []string
		err = h.query(ctx, `SELECT source, anchor, body FROM {}answer WHERE target = $1`+where+` ORDER BY source, anchor LIMIT $2`,
			args, func(rows *sql.Rows) error {
				var source, anchor, body []byte
				err := rows.Scan(&source, &anchor, &body)
				page = append(page, adsync.Answer{Source: string(source), Anchor: adsync.Anchor(anchor)})
				bodies = append(bodies, string(body))
				return err
			})
		for i := range page {
			if err == nil {
				err = h.unpack(ctx, "an answer", bodies[i], func(d *decoder) { d.answer(&page[i]) })
			}
		}
		return page, err
	})
}
