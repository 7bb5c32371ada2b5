package localdb_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/localdb"
	"github.com/adsync/sdk/sink/localdb/postgres"
)

// copied opens a sink whose COPY is watched, and broken when asked to be.
func copied(t *testing.T, broken error) (s *localdb.Sink, rows *int64) {
	s, rows = newPostgres(t), new(int64)
	s.Copy = func(ctx context.Context, conn any, statement string, r io.Reader) (int64, error) {
		if broken != nil {
			return 0, broken
		}
		n, err := postgres.Copy(ctx, conn, statement, r)
		*rows += n
		return n, err
	}
	return opened(t, s), rows
}

func TestABatchOfCreatesIsCopied(t *testing.T) {
	s, rows := copied(t, nil)
	send(t, s, creates(0, 300))
	require.Equal(t, int64(300), *rows)
	must(t, s, put("one", "", "logon", "one")) // is a statement, and takes the next key
	send(t, s, creates(300, 10))
	require.Len(t, list(t, s, adsync.User), 311)
}

func TestEveryTextIsCopied(t *testing.T) {
	s, rows := copied(t, nil)
	for i, text := range append(oddities, "\r", `\.`, `\t`, "end\\") {
		op := put(adsync.Anchor(text), "", "logon", fmt.Sprint(i), "title", text)
		send(t, s, []adsync.Op{op, put(adsync.Anchor(fmt.Sprint("next to ", i)), "", "logon", fmt.Sprint("next to ", i))})
		require.Equal(t, int64(2*i+2), *rows, "%q", text)
		require.Equal(t, text, list(t, s, adsync.User)[2*i].Attrs.Get("title"))
	}
}

// A trigger may give a row another key, and COPY would not tell.
func TestATableWithATriggerIsNotCopiedTo(t *testing.T) {
	s, rows := copied(t, nil)
	trigger(t, s, "NEW.id := NEW.id + 1000000;")
	results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: creates(0, 3)})
	require.NoError(t, err)
	require.Zero(t, *rows)
	for i, person := range list(t, s, adsync.User) {
		require.Equal(t, person.ID, results[i].Receipt.Target)
	}
}

func TestATableWithARuleOrWithSecurityOfRowsIsNotCopiedTo(t *testing.T) {
	for _, statement := range []string{
		"CREATE RULE also AS ON INSERT TO accounts DO ALSO NOTIFY made",
		"ALTER TABLE accounts ENABLE ROW LEVEL SECURITY",
	} {
		s, rows := copied(t, nil)
		require.NoError(t, localdb.Exec(t.Context(), s, statement))
		_, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: creates(0, 3)})
		require.Zero(t, *rows, "%s: %v", statement, err)
	}
}

// refusal is what a server answers that does not let the account copy.
type refusal string

func (r refusal) Error() string    { return "the server says " + string(r) }
func (r refusal) SQLState() string { return string(r) }

func TestWhatIsNotCopiedIsInserted(t *testing.T) {
	for _, broken := range []error{refusal("42501"), refusal("23505")} {
		s, _ := copied(t, broken)
		send(t, s, creates(0, 3))
		require.Len(t, list(t, s, adsync.User), 3)
	}
}

func TestACopyOfWhichNothingIsKnownEndsTheBatch(t *testing.T) {
	for _, broken := range []error{errors.New("the connection is gone"), refusal("40001"), refusal("53100")} {
		s, _ := copied(t, broken)
		_, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: creates(0, 3)})
		require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
		require.ErrorIs(t, err, broken)
		require.Empty(t, list(t, s, adsync.User))
	}
}

func TestACancelledCopyWritesNothingAndTheNextTryWorks(t *testing.T) {
	s := newPostgres(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.Copy = func(ctx context.Context, conn any, statement string, r io.Reader) (int64, error) {
		cancel()
		return postgres.Copy(ctx, conn, statement, r)
	}
	opened(t, s)
	_, err := s.ApplyBatch(ctx, adsync.OpBatch{Ops: creates(0, 300)})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, list(t, s, adsync.User))
	send(t, s, creates(0, 300))
}

func TestCopyNeedsAConnectionOfPgx(t *testing.T) {
	_, err := postgres.Copy(t.Context(), struct{}{}, "", nil)
	require.ErrorContains(t, err, "pgx")
}
