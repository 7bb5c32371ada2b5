package sqlstate

import (
	"context"
	"database/sql"
	"encoding/hex"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/packed"
)

// form is the first byte of every packed column. Higher numbers are forms that
// this version does not know; lower ones it reads. Form 2 added, to what is
// stored of a source, when everything was read last and the counts of units.
// Form 3 added where objects are, and what a run did as the guard counts it.
// Form 4 added, to ops, where the change was seen, and to issues how their object
// had left. Form 5 added, to ops, how many are ahead of them.
const (
	form        = 5
	withAhead   = 5
	withOrigin  = 4
	withEffects = 3
	withUnits   = 2
	oldestForm  = 1
)

var linkColumns = []column{
	{"target", false},
	{"source", false},
	{"link_key", true},
	{"kind", false},
	{"state", false},
	{"departed", false},
	{"digest", true},
	{"config", true},
	{"generation", false},
	{"due", false},
	{"due_nanos", false},
	{"run", false},
	{"identity", true},
	{"anchor", true},
	{"tid", true},
	{"applied", true},
}

// linkWrite writes links over what is there. A row with another anchor stays
// as it is, and the number of rows written tells.
var linkWrite = bulk{table: "link", columns: linkColumns, conflict: `ON CONFLICT (target, source, link_key) DO UPDATE SET
	kind = excluded.kind, state = excluded.state, departed = excluded.departed, digest = excluded.digest, config = excluded.config,
	generation = excluded.generation, due = excluded.due, due_nanos = excluded.due_nanos, run = excluded.run,
	identity = excluded.identity, tid = excluded.tid, applied = excluded.applied
	WHERE {}link.anchor IS NOT DISTINCT FROM excluded.anchor`}

// linkCells encodes a link as a row. An anchor that is the UUID in the key
// takes no space of its own.
func (h *handle) linkCells(t *tx, w *packed.Writer, l *adsync.Link) ([]any, error) {
	source, err := h.sources.number(t, l.Source)
	if err != nil {
		return nil, err
	}
	w.Byte(form)
	start := len(w.Buf) - 1
	if err := h.writeAttributes(t, w, l.Applied); err != nil {
		return nil, err
	}
	var anchor []byte
	if string(l.Anchor) != uuidOf(l.Key) {
		anchor = []byte(l.Anchor)
		if anchor == nil {
			anchor = []byte{}
		}
	}
	w.String(l.Container)
	seconds, nanos := dueCells(l.Due)
	return []any{
		h.id, source, l.Key[:], int64(l.Kind), int64(l.State), boolCell(l.Left), hashCell(l.Digest), hashCell(l.Config),
		int64(l.Generation), seconds, nanos, l.Run, hashCell(l.Identity), anchor, []byte(l.Target), w.Buf[start:len(w.Buf):len(w.Buf)],
	}, nil
}

// dueCells splits an instant. Nanoseconds count from one; none is no instant.
func dueCells(due time.Time) (seconds, nanos int64) {
	if due.IsZero() {
		return 0, 0
	}
	return due.Unix(), int64(due.Nanosecond()) + 1
}

func boolCell(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// hashCell leaves an unset hash out.
func hashCell[H ~[16]byte](hash H) []byte {
	if hash == (H{}) {
		return nil
	}
	b := [16]byte(hash)
	return b[:]
}

func hashOf[H ~[16]byte](cell []byte) (H, bool) {
	if len(cell) == 0 {
		return H{}, true
	}
	if len(cell) != 16 {
		return H{}, false
	}
	return H(cell), true
}

// uuidOf writes a key as a UUID.
func uuidOf(key adsync.LinkKey) string {
	var out [36]byte
	hex.Encode(out[0:], key[0:4])
	hex.Encode(out[9:], key[4:6])
	hex.Encode(out[14:], key[6:8])
	hex.Encode(out[19:], key[8:10])
	hex.Encode(out[24:], key[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

func anchorOf(key adsync.LinkKey, cell sql.Null[[]byte]) adsync.Anchor {
	if !cell.Valid {
		return adsync.Anchor(uuidOf(key))
	}
	return adsync.Anchor(cell.V)
}

// link decodes a row.
func (h *handle) link(ctx context.Context, r *linkRow) (l adsync.Link, err error) {
	var key, digest, config, identity bool
	l.Key, key = hashOf[adsync.LinkKey](r.key)
	l.Digest, digest = hashOf[adsync.Digest](r.digest)
	l.Config, config = hashOf[adsync.Digest](r.config)
	l.Identity, identity = hashOf[adsync.LinkKey](r.identity)
	if !key || !digest || !config || !identity || r.state < 0 || r.state > int64(adsync.LinkSent) || r.kind < 0 || r.kind > 255 {
		return l, damaged("a link", errNoLink)
	}
	l.Kind, l.State, l.Left = adsync.Kind(r.kind), adsync.LinkState(r.state), r.departed != 0
	l.Generation, l.Run = uint64(r.generation), r.run
	if r.nanos > 0 {
		l.Due = time.Unix(r.due, r.nanos-1).UTC()
	}
	if r.applied == nil { // digests only
		return l, nil
	}
	if l.Source, err = h.sources.name(h.reader(ctx), r.source); err != nil {
		return l, damaged("a link", err)
	}
	l.Anchor, l.Target = anchorOf(l.Key, r.anchor), adsync.TargetID(r.target)
	return l, h.unpack(ctx, "a link", string(r.applied), func(d *decoder) {
		l.Applied = d.attributes()
		if d.form >= withEffects {
			l.Container = d.String()
		}
	})
}
