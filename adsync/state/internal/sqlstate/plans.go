package sqlstate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/klauspost/compress/s2"

	"github.com/adsync/sdk/adsync"
)

// largest bounds what one compressed batch may unpack to.
const largest = 256 << 20

// AddBatches appends to a plan. One batch is one row.
func (h *handle) AddBatches(ctx context.Context, run int64, batches []adsync.PlanBatch) error {
	return h.write(ctx, false, func(t *tx) error {
		if err := h.expect(t, run, planning, "a plan grows only while its run is planning"); err != nil {
			return err
		}
		var next int
		if err := t.row([]any{&next}, `SELECT coalesce(max(n) + 1, 0) FROM {}plan WHERE target = $1 AND run = $2`, h.id, run); err != nil {
			return err
		}
		e := h.encoder(t)
		for i, b := range batches {
			if b.N != next+i {
				return adsync.Errorf(adsync.CodeInvalid, "adsync: batch %d of run %d comes where batch %d is due", b.N, run, next+i)
			}
			body, err := e.batch(b)
			if err != nil {
				return err
			}
			if _, err = t.exec(`INSERT INTO {}plan (target, run, n, body) VALUES ($1, $2, $3, $4)`, h.id, run, int64(b.N), body); err != nil {
				return err
			}
		}
		return nil
	})
}

// expect refuses a run that is not in a state.
func (h *handle) expect(t *tx, run, state int64, why string) error {
	var is int64
	err := t.row([]any{&is}, `SELECT state FROM {}run WHERE target = $1 AND id = $2`, h.id, run)
	if errors.Is(err, sql.ErrNoRows) {
		return noRun(run)
	}
	if err == nil && is != state {
		err = adsync.Errorf(adsync.CodeInvalid, "adsync: run %d is %s; %s", run, runStates[is%int64(len(runStates))], why)
	}
	return err
}

// batch packs a batch in the place of what the encoder held.
func (e *encoder) batch(b adsync.PlanBatch) ([]byte, error) {
	e.Buf = e.Buf[:0]
	e.Byte(form)
	e.Uint(uint64(len(b.Ops)))
	for i := range b.Ops {
		e.op(&b.Ops[i])
	}
	return s2.Encode(nil, e.Buf), e.err
}

// batch unpacks a batch. room is used again for the next one; what is given does
// not lie in it.
func (h *handle) batch(ctx context.Context, body []byte, room *[]byte) (ops []adsync.PlannedOp, err error) {
	n, err := s2.DecodedLen(body)
	if err == nil && n > largest {
		err = fmt.Errorf("%d bytes in one batch", n)
	}
	if err == nil {
		*room, err = s2.Decode(*room, body)
	}
	if err != nil {
		return nil, damaged("a plan", err)
	}
	err = h.unpack(ctx, "a plan", string(*room), func(d *decoder) { ops = list(d, d.op) })
	return ops, err
}

// Batches gives a plan from a batch on. Few rows are read at a time, as each
// holds hundreds of ops; they are read and unpacked while those before are sent.
func (h *handle) Batches(ctx context.Context, run int64, from int) iter.Seq2[adsync.PlanBatch, error] {
	const size = 2
	return func(yield func(adsync.PlanBatch, error) bool) {
		var room []byte
		next, stop := readAhead(size, func(last *adsync.PlanBatch) ([]adsync.PlanBatch, error) {
			n := from
			if last != nil {
				n = last.N + 1
			}
			return h.batches(ctx, run, n, size, &room)
		})
		defer stop()
		paged(ctx, size, next)(yield)
	}
}

func (h *handle) batches(ctx context.Context, run int64, from, size int, room *[]byte) (page []adsync.PlanBatch, err error) {
	var bodies [][]byte
	err = h.query(ctx, `SELECT n, body FROM {}plan WHERE target = $1 AND run = $2 AND n >= $3 ORDER BY n LIMIT $4`,
		[]any{h.id, run, from, size}, func(rows *sql.Rows) error {
			var b adsync.PlanBatch
			var body []byte
			err := rows.Scan(&b.N, &body)
			page, bodies = append(page, b), append(bodies, body)
			return err
		})
	for i := range page {
		if err == nil {
			page[i].Ops, err = h.batch(ctx, bodies[i], room)
		}
	}
	return page, err
}
