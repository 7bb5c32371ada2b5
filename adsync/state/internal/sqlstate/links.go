package sqlstate

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
)

const (
	shortColumns = `link_key, kind, state, departed, digest, config, generation, due, due_nanos, run, identity`
	longColumns  = shortColumns + `, source, anchor, tid, applied`
)

// linkRow is a link as it stands in a row, not yet decoded: that may need the
// dictionary, and no connection is asked for while another is held.
type linkRow struct {
	key, digest, config, identity []byte
	kind, state, departed         int64
	generation, due, nanos, run   int64
	source                        int64
	anchor                        sql.Null[[]byte] // a driver may give an empty value as nil
	target, applied               []byte
}

func (r *linkRow) scan(rows *sql.Rows, short bool) error {
	into := []any{
		&r.key, &r.kind, &r.state, &r.departed, &r.digest, &r.config, &r.generation, &r.due, &r.nanos, &r.run, &r.identity,
		&r.source, &r.anchor, &r.target, &r.applied,
	}
	if short {
		into = into[:11]
	}
	return rows.Scan(into...)
}

// take is scan for values as the driver gives them.
func (r *linkRow) take(values []driver.Value) bool {
	numbers := [...]*int64{nil, &r.kind, &r.state, &r.departed, nil, nil, &r.generation, &r.due, &r.nanos, &r.run, nil, &r.source}
	texts := [...]*[]byte{&r.key, nil, nil, nil, &r.digest, &r.config, nil, nil, nil, nil, &r.identity, nil, &r.anchor.V, &r.target, &r.applied}
	for i, v := range values {
		switch v := v.(type) {
		case int64:
			if i >= len(numbers) || numbers[i] == nil {
				return false
			}
			*numbers[i] = v
		case []byte:
			if texts[i] == nil {
				return false
			}
			*texts[i] = v
			r.anchor.Valid = r.anchor.Valid || i == 12
		case nil:
		default:
			return false
		}
	}
	return true
}

// Scan gives the links of one source in key order. Where a page of the database
// is damaged a walk over it may just end; what is missing then would be taken
// for new, and made a second time.
func (h *handle) Scan(ctx context.Context, source string, digestsOnly bool) iter.Seq2[adsync.Link, error] {
	return func(yield func(adsync.Link, error) bool) {
		before, err := h.linksOf(ctx, source)
		if err != nil {
			yield(adsync.Link{}, err)
			return
		}
		n := int64(0)
		for l, err := range h.scan(ctx, source, digestsOnly) {
			if !yield(l, err) || err != nil {
				return
			}
			n++
		}
		after, err := h.linksOf(ctx, source)
		if err == nil && after == before && after >= 0 && after != n {
			err = damaged("the links of source "+source, fmt.Errorf("%d came, of %d", n, after))
		}
		if err != nil {
			yield(adsync.Link{}, err)
		}
	}
}

// linksOf gives how many links a source has, and -1 where that says nothing of a
// walk over them: without the lease others may write meanwhile.
func (h *handle) linksOf(ctx context.Context, source string) (links int64, err error) {
	fence := h.lease.Load()
	number, ok, err := h.sources.find(h.reader(ctx), source)
	if fence == 0 || err != nil || !ok {
		return -1, err
	}
	links = -1
	err = h.query(ctx, `SELECT links FROM {}source WHERE target = $1 AND id = $2 AND (SELECT fence FROM {}target WHERE id = $1) = $3`,
		[]any{h.id, number, fence}, func(rows *sql.Rows) error { return rows.Scan(&links) })
	return links, err
}

func (h *handle) scan(ctx context.Context, source string, digestsOnly bool) iter.Seq2[adsync.Link, error] {
	columns := longColumns
	if digestsOnly {
		columns = shortColumns
	}
	query := `SELECT ` + columns + ` FROM {}link WHERE target = $1 AND source = $2 AND link_key > $3 ORDER BY link_key LIMIT $4`
	return paged(ctx, h.s.d.Page, func(last *adsync.Link) ([]adsync.Link, error) {
		number, ok, err := h.sources.find(h.reader(ctx), source)
		if err != nil || !ok {
			return nil, err
		}
		list, err := h.links(ctx, digestsOnly, query, h.id, number, after(last), h.s.d.Page)
		for i := range list {
			list[i].Source = source
		}
		return list, err
	})
}

// after gives the key after which a page begins.
func after(last *adsync.Link) []byte {
	if last == nil {
		return []byte{}
	}
	return last.Key[:]
}

func (h *handle) reader(ctx context.Context) reader {
	return func(query string, args []any, each func(*sql.Rows) error) error {
		return h.query(ctx, query, args, each)
	}
}

// links reads links and decodes them. Short rows are decoded as they come, the
// others when the connection is free again.
func (h *handle) links(ctx context.Context, short bool, query string, args ...any) (list []adsync.Link, err error) {
	var rows []linkRow
	err = h.linkRows(ctx, short, query, args, func(r *linkRow) error {
		if !short {
			rows = append(rows, *r)
			return nil
		}
		l, err := h.link(ctx, r)
		list = append(list, l)
		return err
	})
	if !short {
		list = make([]adsync.Link, len(rows))
	}
	for i := range rows {
		if err == nil {
			list[i], err = h.link(ctx, &rows[i])
		}
	}
	if err != nil {
		return nil, h.s.fault(err)
	}
	return list, nil
}

// linkRows reads rows of links. Where the dialect allows it asks the driver
// itself: hundreds of thousands of rows take half the time.
func (h *handle) linkRows(ctx context.Context, short bool, query string, args []any, each func(*linkRow) error) error {
	if !h.s.d.Direct {
		return h.query(ctx, query, args, func(rows *sql.Rows) error {
			var r linkRow
			if err := r.scan(rows, short); err != nil {
				return err
			}
			return each(&r)
		})
	}
	if err := h.usable(ctx); err != nil {
		return err
	}
	return h.s.direct(ctx, query, args, func(values []driver.Value) error {
		var r linkRow
		if !r.take(values) {
			return damaged("a link", errNoLink)
		}
		return each(&r)
	})
}

// Find gives the links of the keys that have one.
func (h *handle) Find(ctx context.Context, source string, keys []adsync.LinkKey) ([]adsync.Link, error) {
	number, ok, err := h.sources.find(h.reader(ctx), source)
	if err != nil || !ok || len(keys) == 0 {
		return nil, err
	}
	in, args := h.s.in("link_key", 3, rawKeys(keys))
	query := `SELECT ` + longColumns + ` FROM {}link WHERE target = $1 AND source = $2 AND ` + in + ` ORDER BY link_key`
	return h.links(ctx, false, query, append([]any{h.id, number}, args...)...)
}

func rawKeys(keys []adsync.LinkKey) [][]byte {
	raw := make([][]byte, len(keys))
	for i := range keys {
		raw[i] = keys[i][:]
	}
	return raw
}

// Owners gives the link of each target: where several share it, the first by
// state, source and key.
func (h *handle) Owners(ctx context.Context, targets []adsync.TargetID) (map[adsync.TargetID]adsync.Link, error) {
	owners := map[adsync.TargetID]adsync.Link{}
	var raw [][]byte
	for _, t := range targets {
		if t != "" {
			raw = append(raw, []byte(t))
		}
	}
	if len(raw) == 0 {
		return owners, h.usable(ctx)
	}
	in, args := h.s.in("tid", 2, raw)
	// The plus keeps SQLite from walking all links of the target instead of
	// using the index.
	list, err := h.links(ctx, false, `SELECT `+longColumns+` FROM {}link WHERE +target = $1 AND `+in, append([]any{h.id}, args...)...)
	for _, l := range list {
		if best, ok := owners[l.Target]; !ok || compareOwners(l, best) < 0 {
			owners[l.Target] = l
		}
	}
	return owners, err
}

func compareOwners(a, b adsync.Link) int {
	return cmp.Or(cmp.Compare(a.State, b.State), strings.Compare(a.Source, b.Source), bytes.Compare(a.Key[:], b.Key[:]))
}

// Due gives the links whose time has come.
func (h *handle) Due(ctx context.Context, at time.Time) iter.Seq2[adsync.Link, error] {
	query := `SELECT ` + longColumns + ` FROM {}link ` + h.s.d.DueIndex + ` WHERE target = $1 AND source = $2 AND link_key > $3 AND due_nanos > 0
		AND (due < $4 OR (due = $4 AND due_nanos <= $5)) ORDER BY link_key LIMIT $6`
	return func(yield func(adsync.Link, error) bool) {
		err := h.sources.load(h.reader(ctx))
		if err != nil {
			yield(adsync.Link{}, err)
			return
		}
		for _, name := range h.sources.sorted() {
			number, _ := h.sources.known(name)
			for l, err := range paged(ctx, h.s.d.Page, func(last *adsync.Link) ([]adsync.Link, error) {
				return h.links(ctx, false, query, h.id, number, after(last), at.Unix(), at.Nanosecond()+1, h.s.d.Page)
			}) {
				if !yield(l, err) || err != nil {
					return
				}
			}
		}
	}
}

func (d *dictionary) sorted() []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	names := make([]string, 0, len(d.numbers))
	for name := range d.numbers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
