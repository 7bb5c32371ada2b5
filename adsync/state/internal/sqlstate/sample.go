package sqlstate

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// A sample is drawn by throwing darts at the stretch of keys that the source's
// links take up: a dart picks one of the sampleSkip links that follow it. That
// asks for one short walk of the primary key a link, however many there are.
//
// How even that is depends on the keys. Keyed hashes and random UUIDs, which
// Active Directory gives, lie evenly: a link's chance goes by the gaps between
// the sampleSkip keys before it, so that it is off by an eighth or so. UUIDs
// that hold the time, as OpenLDAP gives, lie in heaps: what was loaded at once
// shares the chance of the stretch of keys it fell into, which may be a tenth
// of its due, and the links at the start of a heap stand for the gap before it.
// Every link can be picked.
const (
	sampleSkip  = 64
	sampleDarts = 4   // thrown at most for each link wanted
	sampleAll   = 256 // so few keys are all read, and shuffled
)

// Sample gives links picked at random.
func (h *handle) Sample(ctx context.Context, source string, n int) ([]adsync.Link, error) {
	number, ok, err := h.sources.find(h.reader(ctx), source)
	if err != nil || !ok || n <= 0 {
		return nil, err
	}
	keys, err := h.keysFrom(ctx, number, nil, 0, max(sampleAll, n)+1)
	if err != nil {
		return nil, err
	}
	if len(keys) > max(sampleAll, n) {
		keys, err = h.darts(ctx, number, keys[0], n)
	} else {
		rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		keys = keys[:min(n, len(keys))]
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(keys, compareKeys)
	var picked []adsync.Link
	for part := range slices.Chunk(keys, 1000) {
		some, err := h.Find(ctx, source, part)
		if err != nil {
			return nil, err
		}
		picked = append(picked, some...)
	}
	return picked, nil
}

func compareKeys(a, b adsync.LinkKey) int { return bytes.Compare(a[:], b[:]) }

// darts gives up to n keys of a source that has more.
func (h *handle) darts(ctx context.Context, source int64, first adsync.LinkKey, n int) (keys []adsync.LinkKey, err error) {
	last, err := h.lastKey(ctx, source)
	if err != nil {
		return nil, err
	}
	hit := make(map[adsync.LinkKey]bool, n)
	for range sampleDarts * n {
		skip := rand.IntN(sampleSkip)
		found, err := h.keysFrom(ctx, source, between(first, last), skip, 1)
		if err == nil && len(found) == 0 { // beyond the last key: on from the first
			found, err = h.keysFrom(ctx, source, nil, skip, 1)
		}
		if err != nil {
			return nil, err
		}
		if len(found) == 1 && !hit[found[0]] {
			hit[found[0]] = true
			keys = append(keys, found[0])
		}
		if len(keys) == n {
			break
		}
	}
	return keys, nil
}

// keysFrom gives keys in their order, from one on, the first skip left out.
func (h *handle) keysFrom(ctx context.Context, source int64, from []byte, skip, n int) (keys []adsync.LinkKey, err error) {
	err = h.query(ctx, `SELECT link_key FROM {}link WHERE target = $1 AND source = $2 AND link_key >= $3 ORDER BY link_key LIMIT $4 OFFSET $5`,
		[]any{h.id, source, append([]byte{}, from...), n, skip}, func(rows *sql.Rows) error {
			var raw []byte
			if err := rows.Scan(&raw); err != nil {
				return err
			}
			key, ok := hashOf[adsync.LinkKey](raw)
			if !ok {
				return damaged("a link", errNoLink)
			}
			keys = append(keys, key)
			return nil
		})
	return keys, err
}

func (h *handle) lastKey(ctx context.Context, source int64) (key adsync.LinkKey, err error) {
	err = h.query(ctx, `SELECT link_key FROM {}link WHERE target = $1 AND source = $2 ORDER BY link_key DESC LIMIT 1`,
		[]any{h.id, source}, func(rows *sql.Rows) error {
			var raw []byte
			err := rows.Scan(&raw)
			copy(key[:], raw)
			return err
		})
	return key, err
}

// between gives a random key of a stretch. Its first half lies within, which is
// near enough.
func between(first, last adsync.LinkKey) []byte {
	low, high := binary.BigEndian.Uint64(first[:]), binary.BigEndian.Uint64(last[:])
	at := rand.Uint64()
	if size := high - low + 1; size > 0 {
		at = low + rand.Uint64N(size)
	}
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, at), rand.Uint64())
}
