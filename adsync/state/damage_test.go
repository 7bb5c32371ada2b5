package state_test

import (
	"database/sql"
	"encoding/binary"
	"iter"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// shorten makes pages of links say that they have no more than one, as SQLite
// keeps them: a walk over them ends too early, or leaves some out, and gives no
// error.
func shorten(t *testing.T, path string, every int) (pages int) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	const page, leafOfIndex = 4096, 0x0a
	for at := page; at+page <= len(content); at += page {
		if content[at] == leafOfIndex && binary.BigEndian.Uint16(content[at+3:]) > 8 {
			if pages++; pages%every == 0 {
				binary.BigEndian.PutUint16(content[at+3:], 1)
			}
		}
	}
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return pages
}

func walked(links iter.Seq2[adsync.Link, error]) (n int, err error) {
	for _, err := range links {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Links that a walk leaves out would be taken for new and made a second time.
//
// Red when Scan does not compare what it gave with what there is, and when a
// record does not keep the number right.
func TestAWalkThatLeavesLinksOutIsNoticed(t *testing.T) {
	path := filled(t, 5000)
	require.Greater(t, shorten(t, path, 7), 20)
	s := open(t, path)
	blind, err := s.Open(t.Context(), "panel")
	require.NoError(t, err)
	n, err := walked(blind.Scan(t.Context(), "ad", true))
	require.NoError(t, err, "SQLite does not notice")
	require.Less(t, n, 5000)
	require.Positive(t, n)

	st := held(t, s)
	for _, digestsOnly := range []bool{true, false} {
		_, err = walked(st.Scan(t.Context(), "ad", digestsOnly))
		require.ErrorIs(t, err, adsync.ErrDamaged)
		require.ErrorContains(t, err, "of 5000")
	}
	require.ErrorIs(t, s.Check(t.Context()), adsync.ErrDamaged)
}

// The number follows links that are removed, written over, and moved between
// sources, and another source's do not count.
func TestTheNumberOfASourcesLinksIsKept(t *testing.T) {
	s := open(t, filled(t, 50))
	st := held(t, s)
	run := applying(t, st)
	other := people(0, 3)
	for i := range other {
		other[i].Source = "other"
	}
	again := people(10, 10)
	for batch, r := range []adsync.Record{
		{Links: other},
		{Links: again},
		{Unlinked: []adsync.LinkRef{{Source: "ad", Key: again[0].Key}, {Source: "ad", Key: again[1].Key}, {Source: "ad", Key: adsync.LinkKey{0xff}}}, Links: again[:1]},
		{Links: people(100, 600)},
	} {
		r.Run, r.Batch = run, batch
		require.NoError(t, st.Record(t.Context(), r))
	}
	n, err := walked(st.Scan(t.Context(), "ad", true))
	require.NoError(t, err)
	require.Equal(t, 649, n)
	n, err = walked(st.Scan(t.Context(), "other", true))
	require.NoError(t, err)
	require.Equal(t, 3, n)
}

// A state of the version before is counted when it is opened.
//
// Red when the migration does not count.
func TestLinksOfAnOlderFileAreCounted(t *testing.T) {
	path := filled(t, 40)
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.Exec("ALTER TABLE source DROP COLUMN links; DELETE FROM schema WHERE version_id >= 3")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	n, err := walked(held(t, open(t, path)).Scan(t.Context(), "ad", true))
	require.NoError(t, err)
	require.Equal(t, 40, n)
}
