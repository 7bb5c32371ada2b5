package sqlstate

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/adsync/sdk/adsync"
)

// runStates gives each state its number in the tables: its place here.
var runStates = []adsync.RunState{"", adsync.RunPlanning, adsync.RunSealed, adsync.RunApplying, adsync.RunEnded, adsync.RunSuperseded}

const (
	planning   = 1
	sealed     = 2
	applying   = 3
	ended      = 4
	superseded = 5
)

// Begin makes a run and drops those that never got beyond planning.
func (h *handle) Begin(ctx context.Context, started time.Time) (id int64, err error) {
	err = h.writeWithNotes(ctx, false, func(t *tx) error {
		if err := t.execAll([]string{
			`DELETE FROM {}plan WHERE target = $1 AND run IN (SELECT id FROM {}run WHERE target = $1 AND state = 1)`,
			`DELETE FROM {}note_pending WHERE target = $1 AND run IN (SELECT id FROM {}run WHERE target = $1 AND state = 1)`,
			`DELETE FROM {}run WHERE target = $1 AND state = 1`,
		}, h.id); err != nil {
			return err
		}
		if err := t.row([]any{&id}, `UPDATE {}target SET runs = runs + 1 WHERE id = $1 RETURNING runs`, h.id); err != nil {
			return err
		}
		e := h.encoder(t)
		e.info(&adsync.RunInfo{Started: started})
		_, err := t.exec(`INSERT INTO {}run (target, id, state, recorded, applied, info) VALUES ($1, $2, $3, 0, $4, $5)`,
			h.id, id, int64(planning), h.appliedCell(t, adsync.Counts{}, adsync.Effects{}), e.Buf)
		return errors.Join(e.err, err)
	})
	return id, err
}

func (h *handle) encoder(t *tx) *encoder {
	e := &encoder{h: h, t: t}
	e.Byte(form)
	return e
}

// appliedCell packs what a run did so far.
func (h *handle) appliedCell(t *tx, c adsync.Counts, f adsync.Effects) []byte {
	e := h.encoder(t)
	e.counts(c)
	e.effects(f)
	return e.Buf
}

// Save replaces what is known of a run.
func (h *handle) Save(ctx context.Context, info adsync.RunInfo) error {
	return h.writeWithNotes(ctx, true, func(t *tx) error { return h.save(t, info) })
}

func (h *handle) save(t *tx, info adsync.RunInfo) error {
	state := slices.Index(runStates, info.State)
	if state <= 0 {
		return adsync.Errorf(adsync.CodeInvalid, "adsync: a run cannot be saved in state %q", info.State)
	}
	e := h.encoder(t)
	e.info(&info)
	n, err := t.exec(`UPDATE {}run SET state = $3, applied = $4, info = $5 WHERE target = $1 AND id = $2`,
		h.id, info.ID, int64(state), h.appliedCell(t, info.Applied, info.Effects), e.Buf)
	if err = errors.Join(e.err, err); err != nil {
		return err
	}
	if n == 0 {
		return noRun(info.ID)
	}
	switch state {
	case sealed:
		return t.supersede(h.id, info.ID)
	case ended, superseded: // what is pending will never be wanted
		_, err = t.exec(`DELETE FROM {}note_pending WHERE target = $1 AND run = $2`, h.id, info.ID)
	}
	return err
}

func noRun(id int64) error {
	return adsync.Errorf(adsync.CodeInvalid, "adsync: the state has no run %d; it was dropped or never begun", id)
}

// supersede lets one held plan take the place of the others.
func (t *tx) supersede(target, by int64) error {
	return t.execAll([]string{
		`DELETE FROM {}note_pending WHERE target = $1 AND run IN (SELECT id FROM {}run WHERE target = $1 AND state = 2 AND id <> $2)`,
		`UPDATE {}run SET state = 5 WHERE target = $1 AND state = 2 AND id <> $2`,
	}, target, by)
}

// Finish ends a run.
func (h *handle) Finish(ctx context.Context, info adsync.RunInfo, sources []adsync.SourceState, keep int) error {
	return h.writeWithNotes(ctx, true, func(t *tx) error {
		if info.State != adsync.RunEnded {
			return adsync.Errorf(adsync.CodeInvalid, "adsync: run %d cannot be finished in state %q; set it to %q", info.ID, info.State, adsync.RunEnded)
		}
		if err := t.execAll(h.s.d.Settle); err != nil {
			return err
		}
		for _, s := range sources {
			if err := h.moveCursor(t, info.ID, s); err != nil {
				return err
			}
		}
		if err := h.save(t, info); err != nil {
			return err
		}
		return h.prune(t, keep)
	})
}

// moveCursor stores the state of a source and makes its pending notes lasting.
func (h *handle) moveCursor(t *tx, run int64, s adsync.SourceState) error {
	number, err := h.sources.number(t, s.Name)
	if err != nil {
		return err
	}
	e := h.encoder(t)
	e.source(s)
	if _, err := t.exec(`UPDATE {}source SET state = $3 WHERE target = $1 AND id = $2`, h.id, number, e.Buf); err != nil {
		return err
	}
	return t.execAll([]string{
		`INSERT INTO {}note (target, source, name, value)
			SELECT target, source, name, value FROM {}note_pending WHERE target = $1 AND run = $2 AND source = $3 AND length(value) > 0
			ON CONFLICT (target, source, name) DO UPDATE SET value = excluded.value`,
		`DELETE FROM {}note WHERE target = $1 AND source = $3 AND name IN
			(SELECT name FROM {}note_pending WHERE target = $1 AND run = $2 AND source = $3 AND length(value) = 0)`,
	}, h.id, run, number)
}

// prune drops the plans and witnesses of all but the newest runs. Those of a
// plan that is held or being applied stay, however old.
func (h *handle) prune(t *tx, keep int) error {
	var oldest int64
	err := t.row([]any{&oldest}, `SELECT id FROM {}run WHERE target = $1 ORDER BY id DESC LIMIT 1 OFFSET $2`, h.id, max(keep, 0))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = t.exec(`DELETE FROM {}plan WHERE target = $1 AND run <= $2 AND run IN
			(SELECT id FROM {}run WHERE target = $1 AND id <= $2 AND state IN (4, 5))`, h.id, oldest)
	}
	if err == nil {
		err = h.slim(t, oldest)
	}
	return err
}

// slim takes the witnesses out of old runs: each is as large as the directory
// has units, and only that of the last read is ever asked for. The names of
// people go with the plans.
func (h *handle) slim(t *tx, oldest int64) error {
	infos := map[int64]string{}
	err := t.rows(`SELECT id, info FROM {}run WHERE target = $1 AND id > (SELECT slimmed FROM {}target WHERE id = $1) AND id <= $2 AND state IN (4, 5)`,
		[]any{h.id, oldest}, func(rows *sql.Rows) error {
			var id int64
			var info []byte
			err := rows.Scan(&id, &info)
			infos[id] = string(info)
			return err
		})
	for id, packed := range infos {
		var info adsync.RunInfo
		if err != nil || h.unpack(t.ctx, "a run", packed, func(d *decoder) { d.info(&info) }) != nil {
			continue // a damaged one is left as it is
		}
		for i := range info.Sources {
			info.Sources[i].Witness = nil
		}
		for i := range info.Findings {
			info.Findings[i].Names = nil
		}
		e := h.encoder(t)
		e.info(&info)
		_, err = t.exec(`UPDATE {}run SET info = $3 WHERE target = $1 AND id = $2`, h.id, id, e.Buf)
	}
	if err == nil {
		_, err = t.exec(`UPDATE {}target SET slimmed = $2 WHERE id = $1`, h.id, oldest)
	}
	return err
}

// History gives the runs, newest first.
func (h *handle) History(ctx context.Context) iter.Seq2[adsync.RunInfo, error] {
	const size = 100
	return paged(ctx, size, func(last *adsync.RunInfo) ([]adsync.RunInfo, error) {
		before := int64(1) << 62
		if last != nil {
			before = last.ID
		}
		return h.runs(ctx, `target = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, h.id, before, size)
	})
}

// Held gives the runs whose plan is held or begun.
func (h *handle) Held(ctx context.Context) ([]adsync.RunInfo, error) {
	// The plus keeps SQLite from walking all runs of the target instead of using
	// the index.
	held, err := h.runs(ctx, `+target = $1 AND state IN (2, 3)`, h.id)
	slices.SortFunc(held, func(a, b adsync.RunInfo) int { return cmp.Compare(b.ID, a.ID) })
	return held, err
}

func (h *handle) runs(ctx context.Context, which string, args ...any) (list []adsync.RunInfo, err error) {
	var packed [][2]string
	err = h.query(ctx, `SELECT id, state, recorded, applied, info FROM {}run WHERE `+which, args, func(rows *sql.Rows) error {
		var info adsync.RunInfo
		var state int64
		var applied, rest []byte
		if err := rows.Scan(&info.ID, &state, &info.Recorded, &applied, &rest); err != nil {
			return err
		}
		if state <= 0 || state >= int64(len(runStates)) {
			return damaged("a run", errNoLink)
		}
		info.State = runStates[state]
		list, packed = append(list, info), append(packed, [2]string{string(applied), string(rest)})
		return nil
	})
	for i := range list {
		if err == nil {
			err = h.runParts(ctx, &list[i], packed[i])
		}
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

func (h *handle) runParts(ctx context.Context, info *adsync.RunInfo, parts [2]string) error {
	if err := h.unpack(ctx, "a run", parts[0], func(d *decoder) {
		info.Applied = d.counts()
		if d.form >= withEffects {
			info.Effects = d.effects()
		}
	}); err != nil {
		return err
	}
	return h.unpack(ctx, "a run", parts[1], func(d *decoder) { d.info(info) })
}

// Sources gives what is known of each source.
func (h *handle) Sources(ctx context.Context) ([]adsync.SourceState, error) {
	var list []adsync.SourceState
	var packed []string
	err := h.query(ctx, `SELECT name, state FROM {}source WHERE target = $1 AND state IS NOT NULL ORDER BY name`, []any{h.id}, func(rows *sql.Rows) error {
		var name, state []byte
		err := rows.Scan(&name, &state)
		list, packed = append(list, adsync.SourceState{Name: string(name)}), append(packed, string(state))
		return err
	})
	for i := range list {
		if err == nil {
			err = h.unpack(ctx, "a source", packed[i], func(d *decoder) {
				name := list[i].Name
				list[i] = d.source()
				list[i].Name = name
			})
		}
	}
	return list, err
}
