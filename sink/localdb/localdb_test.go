package localdb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/sink/localdb"
	"github.com/adsync/sdk/sink/localdb/postgres"
	"github.com/adsync/sdk/sink/sinktest"
)

// databases make a sink on an empty database of each sort.
var databases = map[string]func(testing.TB) *localdb.Sink{
	"sqlite":           newSQLite,
	"postgres":         newPostgres,
	"postgres by copy": newCopied,
}

func newSQLite(t testing.TB) *localdb.Sink {
	return &localdb.Sink{Path: filepath.Join(t.TempDir(), "people & places 100%?.db")}
}

func newPostgres(t testing.TB) *localdb.Sink {
	return &localdb.Sink{Postgres: pool(t, testserver.Postgres(t))}
}

// newCopied sends creates with COPY.
func newCopied(t testing.TB) *localdb.Sink {
	s := newPostgres(t)
	s.Copy = postgres.Copy
	return s
}

// pool is one of few connections: a connection that is not given back is noticed.
func pool(t testing.TB, dsn string) *sql.DB {
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	db.SetMaxOpenConns(4)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// onBoth runs a test with an open sink on each database, in each way to write.
func onBoth(t *testing.T, test func(t *testing.T, s *localdb.Sink)) {
	for name, make := range databases {
		t.Run(name, func(t *testing.T) { test(t, opened(t, make(t))) })
	}
}

func opened(t testing.TB, s *localdb.Sink) *localdb.Sink {
	require.NoError(t, s.Open(t.Context()))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestSQLiteKeepsTheContract(t *testing.T) { keepsTheContract(t, newSQLite) }

func TestPostgreSQLKeepsTheContract(t *testing.T) {
	schema := schemas(t)
	keepsTheContract(t, func(t testing.TB) *localdb.Sink { return &localdb.Sink{Postgres: schema(t)} })
}

func TestPostgreSQLByCopyKeepsTheContract(t *testing.T) {
	schema := schemas(t)
	keepsTheContract(t, func(t testing.TB) *localdb.Sink { return &localdb.Sink{Postgres: schema(t), Copy: postgres.Copy} })
}

// schemas gives pools that each see an empty schema of one database: as fresh
// as a database, and quicker to make.
func schemas(t testing.TB) func(testing.TB) *sql.DB {
	dsn := testserver.Postgres(t)
	admin, n := pool(t, dsn), 0
	return func(t testing.TB) *sql.DB {
		n++
		name := fmt.Sprintf("check%d", n)
		_, err := admin.Exec("CREATE SCHEMA " + name)
		require.NoError(t, err)
		own, err := url.Parse(dsn)
		require.NoError(t, err)
		options := own.Query()
		options.Set("search_path", name)
		own.RawQuery = options.Encode()
		return pool(t, own.String())
	}
}

func keepsTheContract(t *testing.T, empty func(testing.TB) *localdb.Sink) {
	sinktest.Run(t, sinktest.Config{
		Concurrency: 3,
		Keys:        []string{"email"},
		New: func(t testing.TB) sinktest.Target {
			s := empty(t)
			return sinktest.Target{Sink: s, Members: membersOf(s)}
		},
	})
}

func membersOf(s *localdb.Sink) func(context.Context, adsync.TargetID) ([]adsync.TargetID, error) {
	return func(ctx context.Context, group adsync.TargetID) ([]adsync.TargetID, error) {
		return localdb.MembersOf(ctx, s, group)
	}
}

func attrs(pairs ...string) adsync.Attributes {
	var a adsync.Attributes
	for i := 0; i < len(pairs); i += 2 {
		a.Set(pairs[i], pairs[i+1])
	}
	return a
}

func put(anchor adsync.Anchor, target adsync.TargetID, pairs ...string) adsync.Op {
	return adsync.Op{Verb: adsync.Put, Kind: adsync.User, Source: "corp", Anchor: anchor, Target: target, Set: attrs(pairs...)}
}

func must(t *testing.T, s *localdb.Sink, op adsync.Op) adsync.Receipt {
	t.Helper()
	r, err := s.Apply(t.Context(), op)
	require.NoError(t, err)
	return r
}

func list(t *testing.T, s *localdb.Sink, kind adsync.Kind) []adsync.Target {
	t.Helper()
	var out []adsync.Target
	for o, err := range s.List(t.Context(), kind) {
		require.NoError(t, err)
		out = append(out, o)
	}
	return out
}

func coded(t *testing.T, err error) *adsync.Error {
	t.Helper()
	e, ok := errors.AsType[*adsync.Error](err)
	require.True(t, ok, "want a coded error, got %v", err)
	return e
}

func TestConflictsNameTheHolderAndTheAttribute(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		ada := must(t, s, put("a1", "", "logon", "Müller@Example.com", "email", "ada@example.com"))
		bob := must(t, s, put("b1", "", "logon", "bob@example.com"))
		for _, c := range []struct {
			op      adsync.Op
			problem string
		}{
			{put("c1", "", "logon", "MÜLLER@example.com"), "logon-in-use"},
			{put("c1", "", "logon", "Mu\u0308ller@example.com"), "logon-in-use"},
			{put("c1", "", "logon", "carl@example.com", "email", "ADA@example.com"), "email-in-use"},
			{put("b1", bob.Target, "email", "ada@EXAMPLE.com"), "email-in-use"},
			{put("b1", "", "logon", "müller@example.com"), "logon-in-use"},
		} {
			_, err := s.Apply(t.Context(), c.op)
			e := coded(t, err)
			require.Equal(t, adsync.CodeConflict, e.Code)
			require.Equal(t, c.problem, e.Problem)
			require.Equal(t, ada.Target, e.Candidates[0].ID)
		}
		require.Len(t, list(t, s, adsync.User), 2)
	})
}

func TestUnchangedRowsAreNotWritten(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		op := put("a1", "", "logon", "ada@example.com", "title", "Engineer", "active", "true")
		r := must(t, s, op)
		const old = "2001-01-01 00:00:00"
		require.NoError(t, localdb.Exec(t.Context(), s, "UPDATE accounts SET updated_at = $1", old))

		again := must(t, s, put("a1", r.Target, "title", "Engineer", "active", "true"))
		require.Equal(t, adsync.Unchanged, again.Outcome)
		require.Equal(t, adsync.Linked, must(t, s, op).Outcome)
		require.Contains(t, localdb.Text(t.Context(), s, "SELECT CAST(updated_at AS TEXT) FROM accounts"), "2001-01-01")

		require.Equal(t, adsync.Updated, must(t, s, put("a1", r.Target, "title", "Manager")).Outcome)
		require.NotContains(t, localdb.Text(t.Context(), s, "SELECT CAST(updated_at AS TEXT) FROM accounts"), "2001-01-01")
	})
}

func TestAdoptedRowTakesTheMarkOfTheObject(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		require.NoError(t, localdb.Exec(t.Context(), s, "INSERT INTO accounts (logon, email) VALUES ('Ada@example.com', 'ADA@example.com')"))
		require.NoError(t, s.Close())
		require.NoError(t, s.Open(t.Context()), "opening fills in what rows made by hand are compared by")

		found, err := s.Find(t.Context(), adsync.User, []adsync.Key{{Attr: "email", Value: "ada@example.com"}})
		require.NoError(t, err)
		require.Len(t, found, 1)
		adopt := put("a1", found[0].ID, "title", "Engineer")
		adopt.Intent = adsync.IntentAdopt
		must(t, s, adopt)
		require.Equal(t, "a1", list(t, s, adsync.User)[0].Attrs.Get("externalId"))

		other := must(t, s, put("b1", "", "logon", "bob@example.com"))
		relink := put("a1", other.Target, "title", "Engineer")
		must(t, s, relink)
		require.Equal(t, other.Target, must(t, s, put("a1", "", "logon", "bob@example.com")).Target, "the mark has moved")
	})
}

func TestReferencesAndListsComeBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		boss := must(t, s, put("b1", "", "logon", "boss@example.com"))
		op := put("a1", "", "logon", "ada@example.com", "manager", string(boss.Target))
		op.Set.Set("aliases", "ada.l@example.com", `o"dd@example.com`)
		ada := must(t, s, op)
		got := list(t, s, adsync.User)[1]
		require.Equal(t, []string{string(boss.Target)}, got.Attrs.Values("manager"))
		require.Equal(t, []string{"ada.l@example.com", `o"dd@example.com`}, got.Attrs.Values("aliases"))

		for _, nobody := range []string{"user:99", "group:1", "x", "user:x"} {
			_, err := s.Apply(t.Context(), put("a1", ada.Target, "manager", nobody))
			require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(err), nobody)
		}
		must(t, s, adsync.Op{Verb: adsync.Delete, Kind: adsync.User, Target: boss.Target})
		require.False(t, list(t, s, adsync.User)[0].Attrs.Has("manager"))
	})
}

func TestNestedGroupsContactsAndPeopleAreMembersApart(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		of := func(kind adsync.Kind, anchor adsync.Anchor, attr string) adsync.TargetID {
			op := put(anchor, "", attr, string(anchor))
			op.Kind = kind
			return must(t, s, op).Target
		}
		staff, all := of(adsync.Group, "g1", "name"), of(adsync.Group, "g2", "name")
		user, contact := of(adsync.User, "u1", "logon"), of(adsync.Contact, "c1", "displayName")
		must(t, s, adsync.Op{Verb: adsync.Members, Kind: adsync.Group, Target: all, Add: []adsync.TargetID{staff, user, contact}})
		must(t, s, adsync.Op{Verb: adsync.Members, Kind: adsync.Group, Target: all, Remove: []adsync.TargetID{contact, "user:99", "odd"}})
		got, err := localdb.MembersOf(t.Context(), s, all)
		require.NoError(t, err)
		require.ElementsMatch(t, []adsync.TargetID{staff, user}, got)
	})
}

func TestFindByAnAttributeWithoutAnIndexIsLoose(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		op := put("g1", "", "name", "Geschäfts-Führung (All)")
		op.Kind = adsync.Group
		group := must(t, s, op)
		found, err := s.Find(t.Context(), adsync.Group, []adsync.Key{{Attr: "name", Value: "geschäftsführungall"}, {Attr: "name", Value: "%"}})
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, group.Target, found[0].ID)

		_, err = s.Find(t.Context(), adsync.User, []adsync.Key{{Attr: "name", Value: "ada"}})
		require.Equal(t, adsync.CodeUnsupported, adsync.CodeOf(err))
	})
}

func TestListGoesOverPages(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		const n = 2345
		var ops []adsync.Op
		for i := range n {
			ops = append(ops, put(adsync.Anchor(rune(0x4e00+i)), "", "logon", string(rune(0x4e00+i))))
		}
		for len(ops) > 0 {
			size := min(500, len(ops))
			results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops[:size]})
			require.NoError(t, err)
			for _, r := range results {
				require.NoError(t, r.Err)
			}
			ops = ops[size:]
		}
		seen := map[adsync.TargetID]bool{}
		for _, o := range list(t, s, adsync.User) {
			seen[o.ID] = true
		}
		require.Len(t, seen, n)
	})
}

func TestOneStatementOfManyRowsKeepsItsResultsApart(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		old := must(t, s, put("a03", "", "logon", "p03@example.com", "title", "Old"))
		ops := []adsync.Op{
			put("a01", "", "logon", "p01@example.com"),
			put("a02", "", "logon", "P01@example.com"), // taken by the op before
			put("a03", "", "logon", "p03@example.com", "title", "New"),
			put("a04", "", "logon", "p04@example.com", "active", "false"),
			put("a04", "", "logon", "p04@example.com", "title", "Twice"),
			put("a05", "", "logon", ""), // incomplete
			put("a06", "", "logon", "p06@example.com", "title", "with NUL \x00"),
			put("a07", "", "logon", "p07@example.com"),
		}
		results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
		require.NoError(t, err)
		codes := map[int]adsync.Code{1: adsync.CodeConflict, 5: adsync.CodeInvalid, 6: adsync.CodeInvalid}
		for i, r := range results {
			require.Equal(t, codes[i], adsync.CodeOf(r.Err), "op %d: %v", i, r.Err)
		}
		require.Equal(t, adsync.Receipt{Target: old.Target, Outcome: adsync.Linked}, results[2].Receipt)
		require.Equal(t, results[3].Receipt.Target, results[4].Receipt.Target)

		var logons []string
		for _, o := range list(t, s, adsync.User) {
			logons = append(logons, o.Attrs.Get("logon")+" "+o.Attrs.Get("title")+" "+o.Attrs.Get("active"))
		}
		require.ElementsMatch(t, []string{
			"p01@example.com  true", "p03@example.com New true", "p04@example.com Twice false", "p07@example.com  true",
		}, logons)
	})
}

func TestManyRowsKeepEveryValueAsItIs(t *testing.T) {
	odd := []string{`a"b`, `back\slash\\`, `{x,y}`, "NULL", "two\nlines\tand a tab", "é 😀", `\"`, ",", "'", "$1"}
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		boss := must(t, s, put("boss", "", "logon", "boss@example.com")).Target
		for i, v := range odd { // a batch each: one that goes wrong would be gone through one by one
			person := put(adsync.Anchor(fmt.Sprint("a", i)), "", "logon", fmt.Sprint("p", i), "title", v, "aliases", v, "manager", string(boss))
			other := put(adsync.Anchor(fmt.Sprint("b", i)), "", "logon", fmt.Sprint("q", i))
			results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: []adsync.Op{person, other}})
			require.NoError(t, err)
			require.NoError(t, errors.Join(results[0].Err, results[1].Err))
		}
		byLogon := map[string]adsync.Target{}
		for _, o := range list(t, s, adsync.User) {
			byLogon[o.Attrs.Get("logon")] = o
		}
		for i, v := range odd {
			o := byLogon[fmt.Sprint("p", i)]
			require.Equal(t, v, o.Attrs.Get("title"))
			require.Equal(t, []string{v}, o.Attrs.Values("aliases"))
			require.Equal(t, string(boss), o.Attrs.Get("manager"))
			require.False(t, o.Attrs.Has("office"), "what was not set is NULL")
		}
	})
}

func TestIDsThatAreNoneAreNotFoundAndStopNoOther(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		group := put("g1", "", "name", "Staff")
		group.Kind = adsync.Group
		staff := must(t, s, group).Target
		for _, odd := range []string{"x", "99999999999999999999999", "1; DROP TABLE accounts", "1\x00", ""} {
			id := adsync.TargetID("user:" + odd)
			ops := []adsync.Op{
				put("a1", "", "logon", "ada@example.com"),
				put("b1", id, "title", "Engineer"),
				{Verb: adsync.Deactivate, Kind: adsync.User, Target: id},
				{Verb: adsync.Delete, Kind: adsync.User, Target: id},
				{Verb: adsync.Members, Kind: adsync.Group, Target: staff, Add: []adsync.TargetID{id}},
				put("c1", "", "logon", "carl@example.com"),
			}
			results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
			require.NoError(t, err, odd)
			for i, want := range []adsync.Code{0, adsync.CodeNotFound, adsync.CodeNotFound, adsync.CodeNotFound, adsync.CodeInvalid, 0} {
				require.Equal(t, want, adsync.CodeOf(results[i].Err), "%q, op %d: %v", odd, i, results[i].Err)
			}

			members := []adsync.Op{ops[0], ops[4], ops[5]}
			results, err = s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: members})
			require.NoError(t, err, odd)
			require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(results[1].Err))
			require.NoError(t, results[2].Err)
			require.Len(t, list(t, s, adsync.User), 2)
		}
	})
}

func TestProtectedRowsAreReported(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		must(t, s, put("a1", "", "logon", "root@example.com"))
		require.NoError(t, localdb.Exec(t.Context(), s, "UPDATE accounts SET protected = 1"))
		require.True(t, list(t, s, adsync.User)[0].Protected)
	})
}

func TestTheTablesOfANewerVersionAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		require.NoError(t, localdb.Exec(t.Context(), s, "INSERT INTO adsync_target_version (version_id, is_applied) VALUES (99, $1)", true))
		require.NoError(t, s.Close())
		require.ErrorContains(t, s.Open(t.Context()), "update the program")
	})
}
