package sqlstate

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// The number of links by kind and state stands in a table of its own, and that
// of each source with the source, changed in the transaction that changes the
// links: to count them would be to walk them all.

// tally holds what a record changes in those numbers, and which of its links
// are stored already.
type tally struct {
	kinds   map[tallyKey]int64
	sources map[int64]int64
	stored  map[storedKey]bool
}

type tallyKey struct{ kind, state int64 }

type storedKey struct {
	source int64
	key    adsync.LinkKey
}

// lookedUp is how many links one query asks for: the least of these numbers
// that will do, so that few statements have to be prepared.
var lookedUp = []int{1, 20, 500}

// recount works out how a record changes the numbers: it is to be called
// before the links are written.
func (h *handle) recount(t *tx, r *adsync.Record) (diff tally, err error) {
	diff = tally{map[tallyKey]int64{}, map[int64]int64{}, map[storedKey]bool{}}
	after := make(map[adsync.LinkRef]*adsync.Link, len(r.Links)+len(r.Unlinked))
	for _, ref := range r.Unlinked {
		after[ref] = nil
	}
	for i := range r.Links {
		l := &r.Links[i]
		after[adsync.LinkRef{Source: l.Source, Key: l.Key}] = l
	}
	keys := map[int64][][]byte{}
	for ref, l := range after {
		source, err := h.sources.number(t, ref.Source)
		if err != nil {
			return diff, err
		}
		keys[source] = append(keys[source], ref.Key[:])
		if l != nil {
			diff.kinds[tallyKey{int64(l.Kind), int64(l.State)}]++
			diff.sources[source]++
		}
	}
	for source, list := range keys {
		if err := h.uncount(t, diff, source, list); err != nil {
			return diff, err
		}
	}
	return diff, nil
}

// uncount takes those of the links off that are stored.
func (h *handle) uncount(t *tx, diff tally, source int64, keys [][]byte) error {
	slices.SortFunc(keys, bytes.Compare)
	for part := range slices.Chunk(keys, lookedUp[len(lookedUp)-1]) {
		in, args := t.s.in("link_key", 3, padded(part))
		query := `SELECT link_key, kind, state FROM {}link WHERE target = $1 AND source = $2 AND ` + in
		if err := t.rows(query, append([]any{h.id, source}, args...), func(rows *sql.Rows) error {
			var key sql.RawBytes
			var k tallyKey
			err := rows.Scan(&key, &k.kind, &k.state)
			if err != nil || len(key) != len(adsync.LinkKey{}) {
				return cmp.Or(err, damaged("a link", errNoLink))
			}
			diff.stored[storedKey{source, adsync.LinkKey(key)}] = true
			diff.kinds[k]--
			diff.sources[source]--
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// padded repeats the last key until there are as many as a statement takes.
func padded(keys [][]byte) [][]byte {
	want := lookedUp[slices.IndexFunc(lookedUp, func(n int) bool { return n >= len(keys) })]
	for out := slices.Grow(slices.Clip(keys), want-len(keys)); ; out = append(out, keys[len(keys)-1]) {
		if len(out) == want {
			return out
		}
	}
}

// count stores the new numbers.
func (h *handle) count(t *tx, diff tally) error {
	for source, n := range diff.sources {
		if n == 0 {
			continue
		}
		if _, err := t.exec(`UPDATE {}source SET links = links + $3 WHERE target = $1 AND id = $2`, h.id, source, n); err != nil {
			return err
		}
	}
	for k, n := range diff.kinds {
		if n == 0 {
			continue
		}
		if _, err := t.exec(`INSERT INTO {}tally (target, kind, state, n) VALUES ($1, $2, $3, $4)
			ON CONFLICT (target, kind, state) DO UPDATE SET n = {}tally.n + excluded.n`, h.id, k.kind, k.state, n); err != nil {
			return err
		}
	}
	return nil
}

// Count gives the number of links by kind and state.
func (h *handle) Count(ctx context.Context) (map[adsync.Kind]adsync.LinkCount, error) {
	counts := map[adsync.Kind]adsync.LinkCount{}
	err := h.query(ctx, `SELECT kind, state, n FROM {}tally WHERE target = $1 AND n > 0`, []any{h.id}, func(rows *sql.Rows) error {
		var kind, state int64
		var n int
		if err := rows.Scan(&kind, &state, &n); err != nil {
			return err
		}
		c := counts[adsync.Kind(kind)]
		c.Add(adsync.LinkState(state), n)
		counts[adsync.Kind(kind)] = c
		return nil
	})
	return counts, err
}
