package sqlstate

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/adsync/sdk/adsync"
)

// reading gives a handle that can only look names up.
func reading(t testing.TB) *handle {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	for _, table := range []string{"name", "source"} {
		_, err = db.Exec("CREATE TABLE " + table + " (target INTEGER, id INTEGER, name BLOB)")
		require.NoError(t, err)
	}
	h := &handle{s: &Store{db: db, d: Dialect{Fault: func(err error) error { return err }}}}
	h.names, h.sources = newDictionary("name", h), newDictionary("source", h)
	h.names.learn(1, "mail")
	h.names.learn(2, "displayName")
	return h
}

func encoded(t testing.TB, h *handle, write func(*encoder)) []byte {
	t.Helper()
	e := h.encoder(nil)
	write(e)
	require.NoError(t, e.err)
	return e.Buf
}

func someOps() []adsync.PlannedOp {
	full := adsync.MakeAttributes(adsync.Attribute{Name: "mail", Values: []string{"a@example.com", ""}}, adsync.Attribute{Name: "displayName"})
	return []adsync.PlannedOp{{Phase: 5, Verb: adsync.Put, Source: "ad", Anchor: "x", Link: adsync.LinkKey{1}, Full: full, Digest: adsync.Digest{7}, Add: []adsync.Anchor{"y"}, Origin: "dc1 usn 7", Ahead: 3}, {}}
}

func opsRecord(t testing.TB, h *handle) []byte {
	return encoded(t, h, func(e *encoder) {
		ops := someOps()
		e.Uint(uint64(len(ops)))
		for i := range ops {
			e.op(&ops[i])
		}
	})
}

func TestADamagedPlanIsAnErrorAtEveryByte(t *testing.T) {
	h := reading(t)
	record := opsRecord(t, h)
	ops, err := h.batch(t.Context(), s2.Encode(nil, record), new([]byte))
	require.NoError(t, err)
	require.Equal(t, someOps(), ops)
	for n := range record {
		_, err := h.batch(t.Context(), s2.Encode(nil, record[:n]), new([]byte))
		require.ErrorIs(t, err, adsync.ErrDamaged, "cut to %d of %d bytes", n, len(record))
	}
	_, err = h.batch(t.Context(), []byte("no compressed data"), new([]byte))
	require.ErrorIs(t, err, adsync.ErrDamaged)
}

func TestAHugeBatchIsRefusedBeforeItIsUnpacked(t *testing.T) {
	h := reading(t)
	bomb := []byte{0x80, 0x80, 0x80, 0x80, 0x04} // says that it unpacks to 1 GiB
	_, err := h.batch(t.Context(), bomb, new([]byte))
	require.ErrorIs(t, err, adsync.ErrDamaged)
	require.ErrorContains(t, err, "bytes in one batch")
}

func TestAFormOfALaterVersionIsNotGuessedAt(t *testing.T) {
	h := reading(t)
	record := opsRecord(t, h)
	record[0]++
	_, err := h.batch(t.Context(), s2.Encode(nil, record), new([]byte))
	require.ErrorContains(t, err, "form 6 is not known")
}

// What the version before this one has stored is read, and what it did not
// know of is empty.
//
// Red when the decoder does not look at the form.
func TestTheFormBeforeIsRead(t *testing.T) {
	h := reading(t)
	record := encoded(t, h, func(e *encoder) { // form 1, as it was written
		e.Buf[0] = 1
		e.String("cookie")
		e.String("config")
		e.Int(7)
		e.Bool(true)
		e.Int(3)
		e.Bool(true)
		e.String("CN=sync")
		e.String("dc1.example.com")
		e.Uint(0)
		e.tally(map[string]int{"mail": 6})
		e.Uint(0)
	})
	var got adsync.SourceState
	require.NoError(t, h.unpack(t.Context(), "a source", string(record), func(d *decoder) { got = d.source() }))
	require.Equal(t, adsync.SourceState{
		Cursor: "cookie", Config: "config", Objects: 7, Snapshot: true, Run: 3,
		Witness: &adsync.Witness{Identity: "CN=sync", Server: "dc1.example.com", Attributes: map[string]int{"mail": 6}},
	}, got)
}

// Plans that were written before ops had an Origin are read all the same.
func TestAPlanOfTheFormBeforeIsRead(t *testing.T) {
	h := reading(t)
	record := encoded(t, h, func(e *encoder) {
		e.Buf[0] = withOrigin - 1
		ops := someOps()
		e.Uint(uint64(len(ops)))
		for i := range ops {
			e.op(&ops[i])
			e.Buf = e.Buf[:len(e.Buf)-1-len(ops[i].Origin)-1] // what the first form has not
		}
	})
	ops, err := h.batch(t.Context(), s2.Encode(nil, record), new([]byte))
	require.NoError(t, err)
	want := someOps()
	want[0].Origin, want[0].Ahead = "", 0
	require.Equal(t, want, ops)
}

// A link, an op and a run of the form before this one are read; where objects are
// and what was done, as the guard counts it, is empty.
//
// Red when one of the decoders does not look at the form.
func TestWhatKnowsOfNoEffectsIsRead(t *testing.T) {
	h := reading(t)
	op := someOps()[0]
	op.Container, op.Origin, op.Ahead = "", "", 0
	written := encoded(t, h, func(e *encoder) { e.op(&op) })
	at := bytes.Index(written, []byte("x")) + 1 // behind the anchor stands the container, empty
	record := slices.Delete(bytes.Clone(written), at, at+1)
	record = record[:len(record)-2] // the origin, and how many are ahead
	record[0] = withUnits
	var got adsync.PlannedOp
	require.NoError(t, h.unpack(t.Context(), "an op", string(record), func(d *decoder) { got = d.op() }))
	require.Equal(t, op, got)

	info := adsync.RunInfo{Plan: "p", Error: "e"}
	record = encoded(t, h, func(e *encoder) { e.info(&info) })
	record = record[:len(record)-1] // the time of a comparison, unset
	record[0] = withUnits
	var run adsync.RunInfo
	require.NoError(t, h.unpack(t.Context(), "a run", string(record), func(d *decoder) { d.info(&run) }))
	require.Equal(t, info, run)

	counts := encoded(t, h, func(e *encoder) { e.counts(adsync.Counts{Create: 7}) })
	counts[0] = withUnits
	run = adsync.RunInfo{}
	require.NoError(t, h.runParts(t.Context(), &run, [2]string{string(counts), string(record)}))
	require.Equal(t, 7, run.Applied.Create)
	require.Equal(t, adsync.Effects{}, run.Effects)

	attributes := encoded(t, h, func(e *encoder) { e.attributes(op.Full) })
	attributes[0] = withUnits
	h.sources.learn(1, "ad")
	link, err := h.link(t.Context(), &linkRow{key: make([]byte, 16), source: 1, anchor: sql.Null[[]byte]{}, target: []byte("t"), applied: attributes})
	require.NoError(t, err)
	require.Empty(t, link.Container)
}

func TestACancelledContextIsNoDamage(t *testing.T) {
	h := reading(t)
	record := opsRecord(t, h)
	h.names.forget()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.batch(ctx, s2.Encode(nil, record), new([]byte))
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, adsync.ErrDamaged)
}

// FuzzUnpack feeds every kind of packed column with any bytes.
func FuzzUnpack(f *testing.F) {
	h := reading(f)
	f.Add(opsRecord(f, h))
	f.Add(encoded(f, h, func(e *encoder) {
		e.info(&adsync.RunInfo{
			Plan: "p", Findings: []adsync.Finding{{Rule: "creates"}},
			Sources: []adsync.SourceState{{Name: "ad", Witness: &adsync.Witness{
				Attributes: map[string]int{"mail": 1}, Units: []adsync.UnitWitness{{Unit: "OU=a", Attributes: map[string]int{"mail": 1}}},
			}}},
		})
	}))
	f.Add(encoded(f, h, func(e *encoder) {
		e.issue(&adsync.Issue{Detail: "d", Candidates: []adsync.Target{{ID: "1"}}, Wanted: &adsync.Object{Refs: map[string][]adsync.Anchor{"manager": {"x"}}}})
	}))
	f.Add(encoded(f, h, func(e *encoder) {
		e.effects(adsync.Effects{
			Kinds: []adsync.KindEffects{{Kind: adsync.User, Deactivate: 3}}, Attributes: []adsync.AttributeEffects{{Kind: adsync.User, Name: "mail", Blanked: 1}},
			Units: []adsync.UnitEffects{{Source: "ad", Unit: "OU=a", Leaving: 3}}, Groups: []adsync.GroupEffects{{Source: "ad", Group: adsync.LinkKey{1}, Removed: 2}},
		})
	}))
	f.Fuzz(func(t *testing.T, record []byte) {
		ctx, text := t.Context(), string(record)
		h.unpack(ctx, "a plan", text, func(d *decoder) { list(d, d.op) })
		h.unpack(ctx, "a run", text, func(d *decoder) { d.info(&adsync.RunInfo{}) })
		h.unpack(ctx, "a run", text, func(d *decoder) { d.counts() })
		h.unpack(ctx, "a run", text, func(d *decoder) { d.effects() })
		h.unpack(ctx, "a source", text, func(d *decoder) { d.source() })
		h.unpack(ctx, "an issue", text, func(d *decoder) { d.issue(&adsync.Issue{}) })
		h.unpack(ctx, "an answer", text, func(d *decoder) { d.answer(&adsync.Answer{}) })
		h.unpack(ctx, "a link", text, func(d *decoder) { d.attributes() })
		h.batch(ctx, record, new([]byte))
	})
}
