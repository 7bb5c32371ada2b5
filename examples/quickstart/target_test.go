package main

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"
)

// account is a row of the target as a person would compare it. The manager is
// named by external id, since row numbers say nothing.
type account struct {
	active  bool
	columns [18]string
	manager string
}

const accountColumns = `SELECT a.external_id, a.active, a.logon, a.email, a.sam_name, a.first_name, a.middle_name, a.last_name,
	a.display_name, a.aliases, a.phone, a.mobile, a.fax, a.title, a.department, a.company, a.office, a.street, a.city, a.country,
	m.external_id FROM accounts a LEFT JOIN accounts m ON m.id = a.manager_id`

// accounts reads the target's people, by external id.
func accounts(t *testing.T, dir string) map[string]account {
	t.Helper()
	rows, err := openTarget(t, dir).QueryContext(t.Context(), accountColumns)
	require.NoError(t, err)
	defer rows.Close()
	out := map[string]account{}
	for rows.Next() {
		id, a := scanAccount(t, rows)
		require.NotContains(t, out, id)
		out[id] = a
	}
	require.NoError(t, rows.Err())
	return out
}

// openTarget opens the target for reading.
func openTarget(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "target.db")+"?mode=ro")
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func scanAccount(t *testing.T, rows *sql.Rows) (string, account) {
	t.Helper()
	var a account
	var id string
	var columns [18]sql.NullString
	var manager sql.NullString
	into := []any{&id, &a.active}
	for i := range columns {
		into = append(into, &columns[i])
	}
	require.NoError(t, rows.Scan(append(into, &manager)...))
	for i := range columns {
		a.columns[i] = columns[i].String
	}
	a.manager = manager.String
	return id, a
}

func activeOf(all map[string]account) map[string]account {
	out := map[string]account{}
	for id, a := range all {
		if a.active {
			out[id] = a
		}
	}
	return out
}
