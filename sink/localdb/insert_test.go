package localdb_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/sink/localdb"
)

// oddities are texts that mean something inside the text of an array.
var oddities = []string{
	`NULL`, `null`, `{}`, `{a,b}`, `a,b`, `"`, `""`, `\`, `\\`, `\"`, `\N`, `it's`, `$1`, ` in blanks `, "two\nlines", "tab\t", `ä€😀`, `'; DROP TABLE accounts; --`,
}

// Each text goes in a batch of its own: another one that makes the statement fail
// would have all of them sent row by row.
func TestEveryTextComesBackFromABatchAsItWasSent(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		for i, text := range oddities {
			op := put(adsync.Anchor(text), "", "logon", fmt.Sprint(i), "title", text, "description", "")
			send(t, s, []adsync.Op{op, put(adsync.Anchor(fmt.Sprint(i)), "", "logon", fmt.Sprint("next to ", i))})
		}
		got := map[string]adsync.Attributes{}
		for _, o := range list(t, s, adsync.User) {
			got[o.Attrs.Get("logon")] = o.Attrs
		}
		for i, text := range oddities {
			person := got[fmt.Sprint(i)]
			require.Equal(t, text, person.Get("title"))
			require.Equal(t, text, person.Get(localdb.AttrExternalID))
			require.False(t, person.Has("description"))
		}
	})
}

func TestAnInvalidCreateIsAnsweredSoAndStopsNoOther(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		ops := creates(0, 3)
		ops[1].Set.Set("logon", "")
		results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
		require.NoError(t, err)
		require.NoError(t, results[0].Err)
		require.Equal(t, "required-missing", coded(t, results[1].Err).Problem)
		require.NoError(t, results[2].Err)
		require.Len(t, list(t, s, adsync.User), 2)
	})
}

func TestAnInvalidCreateDoesNotTakeTheRowOfAnotherOfItsObject(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		ops := creates(0, 3)
		ops[0].Anchor = ops[1].Anchor
		ops[0].Set.Set("logon", "")
		results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
		require.NoError(t, err)
		require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(results[0].Err))
		require.Equal(t, adsync.Created, results[1].Receipt.Outcome)
		require.Equal(t, adsync.Created, results[2].Receipt.Outcome)
	})
}

// trigger makes the database do something before each new account.
func trigger(t *testing.T, s *localdb.Sink, body string) {
	t.Helper()
	for _, statement := range []string{
		"CREATE OR REPLACE FUNCTION judged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + body + " RETURN NEW; END $$",
		"CREATE OR REPLACE TRIGGER judged BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION judged()",
	} {
		require.NoError(t, localdb.Exec(t.Context(), s, statement))
	}
}

func TestABatchThatTheDatabaseEndsHalfwayWritesNothing(t *testing.T) {
	s := opened(t, newCopied(t))
	trigger(t, s, "IF NEW.external_id = '00000200' THEN RAISE 'the disk is gone'; END IF;")
	ops := creates(0, 300)
	_, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	require.Empty(t, list(t, s, adsync.User), "half of the batch was written")

	trigger(t, s, "")
	send(t, s, ops)
	require.Len(t, list(t, s, adsync.User), 300)
}

func TestARowThatTheDatabaseKeepsOutIsAConflictAndStopsNoOther(t *testing.T) {
	s := opened(t, newCopied(t))
	trigger(t, s, "IF NEW.external_id = '00000001' THEN RETURN NULL; END IF;")
	results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: creates(0, 3)})
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.Equal(t, adsync.CodeConflict, adsync.CodeOf(results[1].Err))
	require.NoError(t, results[2].Err)
	require.Len(t, list(t, s, adsync.User), 2)
}

// A batch whose answer was lost comes again, as do batches of which a part is
// there, taken or refused by the database: each op gets its own answer.
func TestABatchOfWhichSomeStandInTheWayAnswersEachOp(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		send(t, s, creates(0, 300))
		ops := creates(150, 300)
		ops[200].Set.Set("logon", "PERSON000007@example.com")
		ops[210].Set.Set("manager", "user:999999999")
		results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
		require.NoError(t, err)
		for i, r := range results {
			switch {
			case i == 200:
				require.Equal(t, "logon-in-use", coded(t, r.Err).Problem)
			case i == 210:
				require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(r.Err))
			case i < 150:
				require.Equal(t, adsync.Linked, r.Receipt.Outcome, "op %d: %v", i, r.Err)
			default:
				require.Equal(t, adsync.Created, r.Receipt.Outcome, "op %d: %v", i, r.Err)
			}
		}
		require.Len(t, list(t, s, adsync.User), 300+148)
	})
}

func TestOfABatchOfCreatesEachReceiptNamesItsOwnRow(t *testing.T) {
	onBoth(t, func(t *testing.T, s *localdb.Sink) {
		ops := creates(0, 400)
		for i := range ops {
			ops[i].Source = []string{"east", "west"}[i%2]
			ops[i].Anchor = adsync.Anchor(strings.Repeat("0", 4) + fmt.Sprint(i/2)) // each twice
		}
		results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
		require.NoError(t, err)
		logons := map[adsync.TargetID]string{}
		for _, o := range list(t, s, adsync.User) {
			logons[o.ID] = o.Attrs.Get("logon")
		}
		for i, r := range results {
			require.NoError(t, r.Err)
			require.Equal(t, ops[i].Set.Get("logon"), logons[r.Receipt.Target])
		}
	})
}

func TestBatchesAreUnderWayTogetherWhereTheDatabaseHoldsTheRules(t *testing.T) {
	for _, c := range []struct {
		sink *localdb.Sink
		want int
	}{
		{opened(t, newSQLite(t)), 2},
		{opened(t, newPostgres(t)), 2},
		{opened(t, customerPostgres(t, pool(t, testserver.Postgres(t)))), 1},
	} {
		schema, err := c.sink.Schema(t.Context())
		require.NoError(t, err)
		require.Equal(t, c.want, schema.InFlight)
	}
}

// Two batches want the same values, in opposite order. The database lets one wait
// for the other, or ends one of them, which then comes again.
func TestBatchesSideBySideGiveEachValueToOneObject(t *testing.T) {
	s := opened(t, newPostgres(t))
	batches := [][]adsync.Op{creates(0, 200), creates(0, 200)}
	slices.Reverse(batches[1])
	for i := range batches[1] {
		batches[1][i].Anchor = "other-" + batches[1][i].Anchor
	}
	results := make([][]adsync.Result, len(batches))
	var wg sync.WaitGroup
	for n, ops := range batches {
		wg.Go(func() { results[n] = untilAnswered(t, s, ops) })
	}
	wg.Wait()
	holders := map[string]int{}
	for n, ops := range batches {
		require.Len(t, results[n], len(ops))
		for i, r := range results[n] {
			if r.Err == nil {
				holders[ops[i].Set.Get("logon")]++
				continue
			}
			require.Equal(t, adsync.CodeConflict, coded(t, r.Err).Code)
		}
	}
	require.Len(t, holders, 200)
	require.Len(t, list(t, s, adsync.User), 200)
	for logon, n := range holders {
		require.Equal(t, 1, n, logon)
	}
}

func untilAnswered(t *testing.T, s *localdb.Sink, ops []adsync.Op) []adsync.Result {
	for range 10 {
		results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
		if err == nil {
			return results
		}
		assert.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err), err)
	}
	return nil
}
