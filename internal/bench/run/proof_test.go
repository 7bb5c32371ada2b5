package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/bench/report"
)

// Red when the sink's settings change and those of the limit do not.
func TestTheLimitInCHasTheSettingsOfTheSink(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "sink", "localdb", "sqlite.go"))
	require.NoError(t, err)
	_, list, ok := strings.Cut(string(text), "var pragmas = []string{")
	require.True(t, ok)
	list, _, _ = strings.Cut(list, "}")
	var found []string
	for _, part := range strings.Split(list, ",") {
		if name := strings.Trim(strings.TrimSpace(part), `"`); name != "" {
			found = append(found, name)
		}
	}
	require.Equal(t, pragmas, found)
	require.Contains(t, pragmaSQL(), "PRAGMA cache_size(-8000);\n")
}

// awkward are values that have to be escaped, and NULL beside an empty text.
var awkward = []sql.NullString{
	{String: "a\tb\nc\\d\re", Valid: true}, {}, {Valid: true}, {String: "\\N", Valid: true}, {String: "Zoë", Valid: true},
}

func awkwardRow() string {
	var out strings.Builder
	w := bufio.NewWriter(&out)
	writeRow(w, awkward)
	w.Flush()
	return out.String()
}

func TestRowsAreWrittenAsCOPYHasThem(t *testing.T) {
	require.Equal(t, `a\tb\nc\\d\re`+"\t"+`\N`+"\t\t"+`\\N`+"\tZoë\n", awkwardRow())
}

// The programs in C are the limits of the targets: they have to write the rows
// that the target has.
func TestTheProgramInCWritesTheRowsOfTheFile(t *testing.T) {
	program := inC(t, "rows", "sqlite3.h", "-lsqlite3")
	for name, order := range map[string][]string{"as read": nil, "sorted": {"sorted"}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(name, text string) string {
				path := filepath.Join(dir, name)
				require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
				return path
			}
			path := filepath.Join(dir, "limit.db")
			line := append([]string{
				path, write("setup", pragmaSQL()+"CREATE TABLE accounts (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT, c TEXT, d TEXT, e TEXT)"),
				write("statement", insertSQL([]string{"a", "b", "c", "d", "e"})),
				write("rows", "z\t1\t2\t3\t4\n"+awkwardRow()+"z\t5\t6\t7\t8\n"),
			}, order...)
			out, err := exec.Command(program, line...).CombinedOutput()
			require.NoError(t, err, string(out))
			require.NoError(t, changedRows(2)(setting{}, string(out)), "the third row has the first's key")
			require.Error(t, changedRows(3)(setting{}, string(out)))

			db, err := sql.Open("sqlite", path)
			require.NoError(t, err)
			defer db.Close()
			got := make([]sql.NullString, 5)
			require.NoError(t, db.QueryRow("SELECT a, b, c, d, e FROM accounts WHERE a <> 'z'").Scan(&got[0], &got[1], &got[2], &got[3], &got[4]))
			require.Equal(t, awkward, got)
			keys, err := texts(t.Context(), db, "SELECT a FROM accounts ORDER BY id")
			require.NoError(t, err)
			require.Equal(t, order != nil, keys[0] < keys[1])
		})
	}
}

// inC compiles one of the programs, or skips the test.
func inC(t *testing.T, name, header string, libraries ...string) string {
	t.Helper()
	check := exec.Command("cc", "-E", "-")
	check.Stdin = strings.NewReader("#include <" + header + ">\n")
	if check.Run() != nil {
		t.Skipf("no C compiler, or no %s (libsqlite3-dev, libldap-dev)", header)
	}
	program := filepath.Join(t.TempDir(), name)
	line := append([]string{"-O1", "-Wall", "-Werror", "-o", program, filepath.Join("..", "limit", name+".c")}, libraries...)
	out, err := exec.Command("cc", line...).CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

func TestTheReaderInCCompilesAndTellsWhatFails(t *testing.T) {
	program := inC(t, "read", "ldap.h", "-lldap", "-llber")
	out, err := exec.Command(program, "ldap://127.0.0.1:1", "dc=example,dc=com", "(objectClass=*)", "500").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "read: ")
}

// Red when any search counts: the source asks for the root and the schema first.
func TestWhatTheSourceAsksIsHeardFromItsPagedSearch(t *testing.T) {
	sent := bytes.Join([][]byte{
		searchMessage(t, "", goldap.ScopeBaseObject, "(objectClass=*)", "namingContexts"),
		searchMessage(t, "ou=People,dc=example,dc=com", goldap.ScopeWholeSubtree, "(|(objectClass=person)(uid=a\\2ab))", "cn", "mail"),
	}, nil)
	heard := make(chan *ber.Packet, 1)
	listen(bytes.NewReader(sent), heard)
	filter, attributes, err := asked(<-heard)
	require.NoError(t, err)
	require.Equal(t, "(|(objectClass=person)(uid=a\\2ab))", filter)
	require.Equal(t, []string{"cn", "mail"}, attributes)
}

// searchMessage is a paged search as go-ldap sends it.
func searchMessage(t *testing.T, base string, scope int, filter string, attributes ...string) []byte {
	client, server := net.Pipe()
	conn := goldap.NewConn(client, false)
	conn.Start()
	defer conn.Close()
	paging := []goldap.Control{goldap.NewControlPaging(500)}
	conn.SearchAsync(t.Context(), goldap.NewSearchRequest(base, scope, 0, 0, 0, false, filter, attributes, paging), 1)
	message, err := ber.ReadPacket(server)
	require.NoError(t, err)
	return message.Bytes()
}

// Red when readers are believed that saw only a part.
func TestReadersHaveToHaveSeenTheSame(t *testing.T) {
	b, s := &bench{}, setting{n: 5000}
	require.NoError(t, b.sameTally(s, "5000 entries, 90 values, 700 bytes\n"))
	require.NoError(t, b.sameTally(s, "5000 entries, 90 values, 700 bytes\n"))
	require.ErrorContains(t, b.sameTally(s, "5000 entries, 89 values, 700 bytes\n"), "89 values")
	require.ErrorContains(t, b.sameTally(s, "4999 entries, 90 values, 700 bytes\n"), "4999 entries")
	require.ErrorContains(t, b.sameTally(s, "no such object"), "no such object")
	require.NoError(t, b.sameTally(s, "BenchmarkReadEverybody/own-2 \t 1\t 9 ns/op\t 700.0 bytes\t 5000 entries\t 90.00 values\t 8 B/op\nPASS\n"))
	require.Error(t, b.sameTally(s, ""))
	require.NoError(t, copied(s, "COPY 5000\n"))
	require.Error(t, copied(s, "COPY 4999\n"))
}

func TestAPasswordIsNeitherInErrorsNorInArguments(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dsn")
	require.NoError(t, os.WriteFile(file, []byte("postgres://adsync:se%3Acret@127.0.0.1:5432/postgres?sslmode=disable\n"), 0o600))
	b := &bench{admin: file}
	require.NotContains(t, strings.Join(b.copy(setting{dir: t.TempDir()}), " "), "cret")
	dsn, err := b.dsn("copied")
	require.NoError(t, err)
	require.Equal(t, "/copied", dsn.Path)
	require.Equal(t, `*:*:*:*:se\:cret`+"\n", passwordLine(dsn))

	require.NoError(t, os.WriteFile(file, []byte("postgres://adsync:secret@127.0.0.1:port\n"), 0o600))
	_, err = b.dsn("")
	require.ErrorContains(t, err, "holds no URL")
	require.NotContains(t, err.Error(), "secret")
}

func TestOneUnitHoldsASixteenthOfThePersons(t *testing.T) {
	b := &bench{setting: setting{base: "ou=People,dc=example,dc=com", n: 100}}
	unit := b.unit("d")
	require.Equal(t, 7, unit.n) // 0, 16, 32, 48, 64, 80, 96
	require.Equal(t, "ou=Unit00,ou=People,dc=example,dc=com", unit.base)
}

func TestATargetThatWasWrittenToIsAnError(t *testing.T) {
	b, s := &bench{}, setting{dir: t.TempDir()}
	target := at(s, "target.db")
	require.NoError(t, os.WriteFile(target, []byte("rows"), 0o600))
	require.NoError(t, b.lookAtTarget(t.Context(), s))
	require.NoError(t, b.untouched(s, ""))
	require.NoError(t, os.Chtimes(target, time.Time{}, time.Unix(1, 0)))
	require.ErrorContains(t, b.untouched(s, ""), "written to")
}

// Red when a run is held to what the run before it saw: its changes are in between.
func TestEveryRunCountsAnew(t *testing.T) {
	b, s := &bench{setting: setting{n: 10}}, setting{n: 10}
	for _, bytes := range []int{700, 701} {
		for _, r := range b.rows() {
			if r.before != nil && r.name == report.CRead {
				require.NoError(t, r.before(t.Context(), s))
			}
			if r.name == report.CRead || r.name == report.GoLDAP || r.name == report.Reader {
				require.NoError(t, r.check(s, tally{10, 90, bytes}.String()))
			}
		}
	}
}

// Red when a peer that is not there is left out in silence.
func TestAPeerThatIsNotThereIsNamedWithItsPackage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	b := &bench{admin: "dsn"}
	all, missing := b.peerRows(t.Context())
	require.Contains(t, missing, "not measured: ruby-pg-ldap-sync is not here (apt-get install --no-install-recommends ruby-pg-ldap-sync)")
	for _, r := range all {
		require.NotContains(t, r.name, "pg_ldap_sync")
	}
}
