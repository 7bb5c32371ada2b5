package localdb_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/localdb"
)

// counted has the database count the statements that change accounts.
func counted(t *testing.T, s *localdb.Sink) func() string {
	for _, statement := range []string{
		"CREATE TABLE statements (n INTEGER)",
		"CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO statements VALUES (1); RETURN NULL; END $$",
		"CREATE TRIGGER counted AFTER UPDATE ON accounts FOR EACH STATEMENT EXECUTE FUNCTION counted()",
	} {
		require.NoError(t, localdb.Exec(t.Context(), s, statement))
	}
	return func() string { return localdb.Text(t.Context(), s, "SELECT count(*) FROM statements") }
}

// updates gives everybody a new title.
func updates(people []adsync.Target, title string) []adsync.Op {
	ops := make([]adsync.Op, len(people))
	for i, p := range people {
		ops[i] = put(adsync.Anchor(p.Attrs.Get(localdb.AttrExternalID)), p.ID, "title", title)
	}
	return ops
}

func TestABatchOfUpdatesIsOneStatement(t *testing.T) {
	s := opened(t, newPostgres(t))
	send(t, s, creates(0, 300))
	statements := counted(t, s)
	ops := updates(list(t, s, adsync.User), "Engineer")
	ops[7].Set.Set("city", "Ulm")
	ops[8].Verb, ops[8].Set = adsync.Deactivate, adsync.Attributes{}
	results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
	require.NoError(t, err)
	for i, r := range results {
		require.NoError(t, r.Err)
		require.Equal(t, adsync.Receipt{Target: ops[i].Target, Outcome: adsync.Updated}, r.Receipt)
	}
	require.Equal(t, "1", statements())
	for i, p := range list(t, s, adsync.User) {
		require.Equal(t, i == 7, p.Attrs.Get("city") == "Ulm")
		require.Equal(t, i != 8, p.Attrs.Get("title") == "Engineer")
		require.Equal(t, i != 8, p.Attrs.Get("active") == "true")
		require.Len(t, p.Attrs.Get("description"), 500, "what is not set stays")
	}
}

func TestOfABatchOfUpdatesEachOpIsAnswered(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		send(t, s, creates(0, 10))
		people := list(t, s, adsync.User)
		ops := updates(people, "Engineer")
		send(t, s, ops[:2])
		require.NoError(t, localdb.Exec(t.Context(), s, "UPDATE accounts SET updated_at = $1", "2001-01-01 00:00:00"))
		ops[2].Target = "user:999999999"
		ops[3].Set.Set("title", string(make([]byte, 3)))
		ops[4].Set.Set("manager", string(people[5].ID))
		ops[5].Set.Set("description", "")
		results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
		require.NoError(t, err)
		want := []adsync.Code{2: adsync.CodeNotFound, 3: adsync.CodeInvalid, 9: 0}
		for i, r := range results {
			require.Equal(t, want[i], adsync.CodeOf(r.Err), "op %d: %v", i, r.Err)
			require.Equal(t, i < 2, r.Receipt.Outcome == adsync.Unchanged)
		}
		people = list(t, s, adsync.User)
		require.Equal(t, string(people[5].ID), people[4].Attrs.Get("manager"))
		require.False(t, people[5].Attrs.Has("description"))
		old := "SELECT count(*) FROM accounts WHERE updated_at < '2002-01-01 00:00:00'"
		require.Equal(t, "4", localdb.Text(t.Context(), s, old), "rows that are as they should be are left alone")
	})
}

// The same row twice is not for one statement, which would take either change;
// nor is the text of a key that the database would write in another way.
func TestOfTwoUpdatesOfARowTheSecondStays(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		made := must(t, s, put("a1", "", "logon", "ada"))
		other := must(t, s, put("b1", "", "logon", "bob"))
		for _, again := range []adsync.TargetID{made.Target, "user:0" + made.Target[len("user:"):]} {
			for _, title := range []string{"Engineer", "Manager", "Director"} {
				send(t, s, []adsync.Op{put("b1", other.Target, "city", title), put("a1", made.Target, "title", "first"), put("a1", again, "title", title)})
				require.Equal(t, title, list(t, s, adsync.User)[0].Attrs.Get("title"))
			}
		}
	})
}

// Next to other updates an exchange of values is all or nothing too.
func TestAnExchangeNextToUpdatesIsAllOrNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		send(t, s, creates(0, 3))
		people := list(t, s, adsync.User)
		ops := updates(people, "Engineer")
		ops[1].Swap, ops[2].Swap = 1, 1
		ops[2].Set.Set("logon", "")
		results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
		require.NoError(t, err)
		require.NoError(t, results[0].Err)
		require.Error(t, results[1].Err)
		require.False(t, list(t, s, adsync.User)[1].Attrs.Has("title"))
	})
}

// What one statement answers is what statements of their own do.
func TestABatchOfUpdatesAnswersAsItsOpsDoAlone(t *testing.T) {
	together, alone := opened(t, newPostgres(t)), opened(t, newPostgres(t))
	send(t, together, creates(0, 40))
	send(t, alone, creates(0, 40))
	random := rand.New(rand.NewPCG(7, 7))
	for round := range 60 {
		ops := anyUpdates(random, round)
		results, err := together.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
		require.NoError(t, err)
		for i, op := range ops {
			r, err := alone.Apply(t.Context(), op)
			require.Equal(t, adsync.CodeOf(err), adsync.CodeOf(results[i].Err), "round %d, op %d: %v, alone %v", round, i, results[i].Err, err)
			require.Equal(t, r, results[i].Receipt, "round %d, op %d", round, i)
		}
		require.Equal(t, list(t, alone, adsync.User), list(t, together, adsync.User), "round %d", round)
	}
}

// anyUpdates changes this and that of some of 40 people, now and then to what
// somebody has, to what the table does not take, or of nobody.
func anyUpdates(random *rand.Rand, round int) []adsync.Op {
	var ops []adsync.Op
	for i, n := range random.Perm(42)[:1+random.IntN(30)] {
		op := put(adsync.Anchor(fmt.Sprintf("%08d", n)), adsync.TargetID(fmt.Sprint("user:", n+1)))
		switch random.IntN(12) {
		case 0:
			op.Verb = adsync.Deactivate
		case 1, 2:
			op.Set.Set("email", fmt.Sprintf("%d.%d@example.com", round, i))
		case 3:
			op.Set.Set("active", []string{"true", "false"}[random.IntN(2)])
		}
		for _, name := range []string{"title", "city", "fax"} {
			if random.IntN(3) == 0 && op.Verb == adsync.Put {
				op.Set.Set(name, []string{"", "a", "b"}[random.IntN(3)])
			}
		}
		switch random.IntN(200) {
		case 0:
			op.Set.Set("logon", fmt.Sprintf("person%06d@example.com", random.IntN(40)))
		case 1:
			op.Set.Set("manager", "user:77777")
		case 2:
			op.Set.Set("logon", "")
		case 3:
			op.Anchor = adsync.Anchor(fmt.Sprintf("%08d", random.IntN(40)))
		}
		ops = append(ops, op)
	}
	return ops
}
