package state

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func begun(t *testing.T, s adsync.StateStore) (adsync.State, int64) {
	t.Helper()
	st, err := s.Open(t.Context(), "panel")
	require.NoError(t, err)
	require.NoError(t, st.Acquire(t.Context(), "test", time.Minute))
	run, err := st.Begin(t.Context(), time.Now())
	require.NoError(t, err)
	require.NoError(t, st.Save(t.Context(), adsync.RunInfo{ID: run, State: adsync.RunApplying}))
	return st, run
}

func records(n int) []adsync.Link {
	list := make([]adsync.Link, n)
	for i := range list {
		list[i] = adsync.Link{
			Source: "ad", Key: adsync.LinkKey{byte(i >> 8), byte(i)}, Kind: adsync.User, Anchor: "a",
			Applied: adsync.MakeAttributes(adsync.Attribute{Name: "description", Values: []string{string(make([]byte, 500))}}),
		}
	}
	return list
}

func TestAFullDiskStoresNothingAndSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := Open(path, func(o *options) { o.pragmas = append(o.pragmas, "max_page_count(100)") })
	require.NoError(t, err)
	st, run := begun(t, s)
	require.NoError(t, st.Record(t.Context(), adsync.Record{Run: run, Links: records(20)}))
	err = st.Record(t.Context(), adsync.Record{Run: run, Batch: 1, Links: records(3000), Applied: adsync.Counts{Create: 9}})
	require.ErrorContains(t, err, "disk of the state is full")
	for info, err := range st.History(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, 1, info.Recorded)
		require.Zero(t, info.Applied.Create)
	}
	counts, err := st.Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 20, counts[adsync.User].Active)
	require.NoError(t, st.Close())
	require.NoError(t, s.Close())

	s, err = Open(path) // now there is room
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Check(t.Context()))
	st, err = s.Open(t.Context(), "panel")
	require.NoError(t, err)
	require.NoError(t, st.Acquire(t.Context(), "test", time.Minute))
	require.NoError(t, st.Record(t.Context(), adsync.Record{Run: run, Batch: 1, Links: records(3000)}))
}

func TestHardTransactionsWaitForTheDiskAndOthersDoNot(t *testing.T) {
	db, err := sql.Open("sqlite", source(filepath.Join(t.TempDir(), "x.db"), options{}, "journal_mode(WAL)", "synchronous(NORMAL)"))
	require.NoError(t, err)
	defer db.Close()
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	level := func() (n int) {
		require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&n))
		return n
	}
	require.Equal(t, 1, level())
	restore, err := harden(t.Context(), conn)
	require.NoError(t, err)
	require.Equal(t, 2, level())
	restore()
	require.Equal(t, 1, level())
	_, err = conn.ExecContext(t.Context(), "PRAGMA synchronous = EXTRA")
	require.NoError(t, err)
	restore, err = harden(t.Context(), conn)
	require.NoError(t, err)
	require.Equal(t, 3, level(), "a caller's harder level is kept")
	restore()
	require.Equal(t, 3, level())
}

func TestIndexesThatCostAreMadeAtTheEndOfTheFirstRun(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	defer s.Close()
	st, run := begun(t, s)
	indexes := func() (n int) {
		require.NoError(t, s.db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE name IN ('link_target', 'member_member')").Scan(&n))
		return n
	}
	require.Zero(t, indexes())
	require.NoError(t, st.Finish(t.Context(), adsync.RunInfo{ID: run, State: adsync.RunEnded}, nil, 1))
	require.Equal(t, 2, indexes())
}

func TestQueriesUseTheKeys(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	defer s.Close()
	st, run := begun(t, s)
	require.NoError(t, st.Finish(t.Context(), adsync.RunInfo{ID: run, State: adsync.RunEnded}, nil, 1))
	for query, want := range map[string]string{
		"SELECT applied FROM link WHERE target = 1 AND source = 1 AND link_key > x'' ORDER BY link_key LIMIT 9":                                                                            "SEARCH link USING PRIMARY KEY",
		"SELECT applied FROM link WHERE +target = 1 AND tid IN (x'01', x'02')":                                                                                                             "SEARCH link USING INDEX link_target",
		"SELECT applied FROM link INDEXED BY link_due WHERE target = 1 AND source = 1 AND link_key > x'' AND due_nanos > 0 AND due < 5 ORDER BY link_key":                                  "link_due",
		"SELECT grp FROM member WHERE target = 1 AND source = 1 AND (grp, member) > (x'', x'') ORDER BY grp, member":                                                                       "SEARCH member USING PRIMARY KEY",
		"SELECT grp, member, waiting FROM member WHERE target = 1 AND source = 1 AND (member, grp) > (x'', x'') AND member IN (x'01', x'02') ORDER BY member, grp LIMIT 9":                 "SEARCH member USING INDEX member_member",
		"SELECT grp, member, waiting FROM member INDEXED BY member_waiting WHERE target = 1 AND source = 1 AND (grp, member) > (x'', x'') AND waiting > 0 ORDER BY grp, member":            "SEARCH member USING INDEX member_waiting",
		"DELETE FROM member WHERE target = 1 AND source = 1 AND grp IN (SELECT grp FROM member WHERE target = 1 AND source = 1 AND member IN (x'01', x'02')) AND member IN (x'01', x'02')": "INDEX member_member (target=? AND source=? AND member=?)",
		"SELECT link_key FROM link WHERE target = 1 AND source = 1 AND link_key >= x'00' ORDER BY link_key LIMIT 1 OFFSET 9":                                                               "SEARCH link USING PRIMARY KEY",
		"SELECT info FROM run WHERE +target = 1 AND state IN (2, 3)":                                                                                                                       "SEARCH run USING INDEX run_held",
		"SELECT link_key FROM link WHERE target = 1 AND source = 1 ORDER BY link_key DESC LIMIT 1":                                                                                         "SEARCH link USING PRIMARY KEY",
	} {
		rows, err := s.db.Query("EXPLAIN QUERY PLAN " + query)
		require.NoError(t, err)
		var plan string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
			plan += detail + "; "
		}
		require.NoError(t, rows.Err())
		require.Contains(t, plan, want)
		require.NotContains(t, plan, "TEMP B-TREE", query)
	}
}
