package sqlstate

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/packed"
)

var linkDelete = bulk{table: "link", columns: linkColumns[:3:3]}

// Record stores the outcome of one batch in one transaction. It removes before
// it writes, so that what one batch does both to stays.
func (h *handle) Record(ctx context.Context, r adsync.Record) error {
	return h.write(ctx, false, func(t *tx) error {
		if err := h.progress(t, r); err != nil {
			return err
		}
		if err := h.changeLinks(t, &r); err != nil {
			return err
		}
		if err := h.parted(t, r.Parted); err != nil {
			return err
		}
		if err := h.joined(t, r.Joined); err != nil {
			return err
		}
		if err := h.resolve(t, r.Resolved); err != nil {
			return err
		}
		return h.putIssues(t, r.Issues)
	})
}

// changeLinks removes and writes links, and keeps their number right.
func (h *handle) changeLinks(t *tx, r *adsync.Record) error {
	diff, err := h.recount(t, r)
	if err != nil {
		return err
	}
	if err := h.unlinked(t, r.Unlinked); err != nil {
		return err
	}
	if err := h.linked(t, r.Links, diff.stored); err != nil {
		return err
	}
	return h.count(t, diff)
}

// progress moves the run on by one batch, when it is this one's turn.
func (h *handle) progress(t *tx, r adsync.Record) error {
	n, err := t.exec(`UPDATE {}run SET recorded = recorded + 1, applied = $4 WHERE target = $1 AND id = $2 AND recorded = $3 AND state = 3`,
		h.id, r.Run, int64(r.Batch), h.appliedCell(t, r.Applied, r.Effects))
	if err != nil || n == 1 {
		return err
	}
	if err := h.expect(t, r.Run, applying, "outcomes are recorded only while it is applying"); err != nil {
		return err
	}
	var due int
	if err := t.row([]any{&due}, `SELECT recorded FROM {}run WHERE target = $1 AND id = $2`, h.id, r.Run); err != nil {
		return err
	}
	return adsync.Errorf(adsync.CodeInvalid, "adsync: the outcome of batch %d of run %d comes where that of batch %d is due", r.Batch, r.Run, due)
}

// unlinked removes links and every membership they take part in. As long as
// members have no index, which is made at the end of the first run, it walks
// the memberships of the source.
func (h *handle) unlinked(t *tx, refs []adsync.LinkRef) error {
	bySource := map[int64][][]byte{}
	var rows [][]any
	for i := range refs {
		source, err := h.sources.number(t, refs[i].Source)
		if err != nil {
			return err
		}
		rows = append(rows, []any{h.id, source, refs[i].Key[:]})
		bySource[source] = append(bySource[source], refs[i].Key[:])
	}
	if _, err := linkDelete.run(t, rows); err != nil {
		return err
	}
	for source, keys := range bySource {
		groups, args := t.s.in("grp", 3, keys)
		members, _ := t.s.in("member", 3, keys)
		for _, which := range []string{groups, fmt.Sprintf(theirGroups, members)} {
			if _, err := t.conn.ExecContext(t.ctx, t.s.text(`DELETE FROM {}member WHERE target = $1 AND source = $2 AND `+which),
				append([]any{h.id, source}, args...)...); err != nil {
				return err
			}
		}
	}
	return nil
}

// theirGroups finds the groups of some members first: SQLite would not delete
// by the index of members.
const theirGroups = `grp IN (SELECT grp FROM {}member WHERE target = $1 AND source = $2 AND %[1]s) AND %[1]s`

// usualLink is what a link's record takes, as a rule.
const usualLink = 450

// linked writes links. Of two for the same anchor the last one counts; two
// anchors under one key are an error, here or against what is stored.
func (h *handle) linked(t *tx, links []adsync.Link, stored map[storedKey]bool) error {
	at := make(map[adsync.LinkRef]int, len(links))
	rows := make([][]any, 0, len(links))
	anchors := make([]adsync.Anchor, 0, len(links))
	w := packed.Writer{Buf: make([]byte, 0, usualLink*len(links))}
	for i := range links {
		l := &links[i]
		row, err := h.linkCells(t, &w, l)
		if err != nil {
			return err
		}
		ref := adsync.LinkRef{Source: l.Source, Key: l.Key}
		known, again := at[ref]
		if again && anchors[known] != l.Anchor {
			return collision(l, anchors[known])
		}
		if again {
			rows[known] = row
			continue
		}
		at[ref] = len(rows)
		rows, anchors = append(rows, row), append(anchors, l.Anchor)
	}
	rows, err := rewritten(t, rows, stored)
	if err != nil {
		return err
	}
	n, err := linkWrite.run(t, rows)
	if err == nil && n != int64(len(rows)) {
		err = h.findCollision(t, links)
	}
	return err
}

// findCollision names the first link whose key belongs to another anchor.
func (h *handle) findCollision(t *tx, links []adsync.Link) error {
	for i := range links {
		l := &links[i]
		source, err := h.sources.number(t, l.Source)
		if err != nil {
			return err
		}
		var anchor sql.Null[[]byte]
		if err := t.row([]any{&anchor}, `SELECT anchor FROM {}link WHERE target = $1 AND source = $2 AND link_key = $3`, h.id, source, l.Key[:]); err != nil {
			return err
		}
		if stored := anchorOf(l.Key, anchor); stored != l.Anchor {
			return collision(l, stored)
		}
	}
	return damaged("links", errNoLink)
}

func collision(l *adsync.Link, other adsync.Anchor) error {
	return adsync.Errorf(adsync.CodeConflict, "adsync: the anchors %q and %q of source %s have the same link key %s; nothing was recorded", other, l.Anchor, l.Source, l.Key)
}
