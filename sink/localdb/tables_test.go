package localdb_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/localdb"
	"github.com/adsync/sdk/sink/localdb/postgres"
)

// A customer's tables: names of their own, with columns that are none of ours,
// a key that is no number, and, in PostgreSQL, a truth value.
const customerTables = `
CREATE TABLE "App Person" (
	ref      TEXT PRIMARY KEY DEFAULT (%s),
	ad_guid  TEXT,
	"login"  TEXT NOT NULL,
	mail     TEXT,
	"full ""name""" TEXT,
	job      TEXT,
	enabled  %s,
	salary   INTEGER NOT NULL DEFAULT 7
);
CREATE TABLE app_team (id INTEGER PRIMARY KEY %s, ad_guid TEXT UNIQUE, label TEXT NOT NULL);
CREATE TABLE app_team_person (team INTEGER NOT NULL, person TEXT NOT NULL);`

func customer(path string, postgres *sql.DB) *localdb.Sink {
	s := &localdb.Sink{
		Path: path, Postgres: postgres,
		Tables: map[adsync.Kind]localdb.Table{
			adsync.User: {
				Name: "App Person", Key: "ref", ExternalID: "ad_guid", Active: "enabled",
				ActiveValue: "yes", InactiveValue: "no",
				Columns: map[string]localdb.Column{
					"logon":       {Name: "login", Required: true, Unique: true},
					"email":       {Name: "mail", Unique: true},
					"displayName": {Name: `full "name"`, Length: 300},
					"title":       {Name: "job"},
				},
			},
			adsync.Group: {
				Name: "app_team", Key: "id", ExternalID: "ad_guid",
				Columns: map[string]localdb.Column{"name": {Name: "label", Required: true}},
			},
		},
		Members: map[adsync.Kind]localdb.MemberTable{adsync.User: {Name: "app_team_person", Group: "team", Member: "person"}},
	}
	if postgres != nil {
		users := s.Tables[adsync.User]
		users.ActiveValue, users.InactiveValue = true, false
		s.Tables[adsync.User] = users
	}
	return s
}

func customerSQLite(t testing.TB) *localdb.Sink {
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.Exec(sprintf(customerTables, "lower(hex(randomblob(16)))", "TEXT DEFAULT 'yes'", "AUTOINCREMENT"))
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return customer(path, nil)
}

func customerPostgres(t testing.TB, db *sql.DB) *localdb.Sink {
	_, err := db.Exec(sprintf(customerTables, "gen_random_uuid()::text", "BOOLEAN DEFAULT TRUE", "GENERATED ALWAYS AS IDENTITY"))
	require.NoError(t, err)
	return customer("", db)
}

func TestACustomersTablesInSQLiteKeepTheContract(t *testing.T) { keepsTheContract(t, customerSQLite) }

func TestACustomersTablesInPostgreSQLKeepTheContract(t *testing.T) {
	schema := schemas(t)
	keepsTheContract(t, func(t testing.TB) *localdb.Sink { return customerPostgres(t, schema(t)) })
}

func TestACustomersOtherColumnsStayAsTheyAre(t *testing.T) {
	s := opened(t, customerSQLite(t))
	r := must(t, s, put("a1", "", "logon", "ada@example.com"))
	require.NoError(t, localdb.Exec(t.Context(), s, `UPDATE "App Person" SET salary = 8`))
	must(t, s, put("a1", r.Target, "logon", "ada.b@example.com", "title", "Engineer"))
	require.Equal(t, "8", localdb.Text(t.Context(), s, `SELECT salary FROM "App Person"`))
	require.Equal(t, "App Person app_team app_team_person sqlite_sequence", localdb.Text(t.Context(), s,
		"SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name)"), "nothing was made")
}

func TestCheckNamesWhatACustomersTablesLack(t *testing.T) {
	s := customerSQLite(t)
	users := s.Tables[adsync.User]
	users.Columns["mobile"] = localdb.Column{Name: "cell"}
	users.Columns["fax"] = localdb.Column{Name: "fax"}
	s.Members[adsync.User] = localdb.MemberTable{Name: "team_person", Group: "team", Member: "person"}
	err := opened(t, s).Check(t.Context())
	for _, missing := range []string{`"cell"`, `"fax"`, `"team_person"`} {
		require.ErrorContains(t, err, missing)
	}
	require.NotContains(t, err.Error(), `"job"`)
}

func TestValidateNamesEveryFault(t *testing.T) {
	s := &localdb.Sink{
		Tables: map[adsync.Kind]localdb.Table{adsync.User: {
			Source: "src", ActiveValue: 1,
			Columns: map[string]localdb.Column{
				"Active": {Name: "a"}, "title": {}, "x": {Name: "x", Length: -1}, "y": {Name: "y", List: true, Unique: true},
			},
		}},
		Members: map[adsync.Kind]localdb.MemberTable{adsync.Contact: {}},
		Copy:    postgres.Copy,
	}
	err := s.Validate()
	for _, fault := range []string{
		"either Path or Postgres", "Copy belongs to Postgres", "no Name", "no Key", "without ExternalID", "neither", "Active has a field of its own",
		"title has no column", "x has a negative length", "y is a list", "no table for group", "no table for contact", "needs Name, Group and Member",
	} {
		require.ErrorContains(t, err, fault)
	}
	require.Error(t, s.Open(t.Context()))
	require.NoError(t, (&localdb.Sink{Path: "x"}).Validate())
}
