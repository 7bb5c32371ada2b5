package memory_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

func attrs(pairs ...string) adsync.Attributes {
	var a adsync.Attributes
	for i := 0; i < len(pairs); i += 2 {
		a.Set(pairs[i], pairs[i+1])
	}
	return a
}

func put(anchor adsync.Anchor, target adsync.TargetID, pairs ...string) adsync.Op {
	return adsync.Op{
		Key: string(anchor) + "/" + string(target), Verb: adsync.Put, Kind: adsync.User, Source: "corp",
		Anchor: anchor, Target: target, Set: attrs(pairs...),
	}
}

func user(logon string) adsync.Target {
	return adsync.Target{Kind: adsync.User, Attrs: attrs("logon", logon, "email", logon)}
}

func conflict(t *testing.T, err error) *adsync.Error {
	t.Helper()
	e, ok := errors.AsType[*adsync.Error](err)
	require.True(t, ok, "want a coded error, got %v", err)
	require.Equal(t, adsync.CodeConflict, e.Code)
	return e
}

func TestRepeatedCreateFindsTheExternalID(t *testing.T) {
	s := memory.New()
	op := put("a1", "", "logon", "ada@example.com")
	first, err := s.Apply(t.Context(), op)
	require.NoError(t, err)
	require.Equal(t, adsync.Created, first.Outcome)

	op.Key = "another"
	again, err := s.Apply(t.Context(), op)
	require.NoError(t, err)
	require.Equal(t, adsync.Receipt{Target: first.Target, Outcome: adsync.Linked}, again)
	require.Len(t, s.Objects(), 1)
	require.Equal(t, "a1", s.Objects()[0].Attrs.Get("externalId"))
}

func TestReplayFollowsTheRules(t *testing.T) {
	for replay, want := range map[adsync.Replay]int{adsync.ReplayNone: 2, adsync.ReplayKeyed: 1, adsync.ReplayByExternalID: 1} {
		s := memory.New()
		s.Rules.Replay = replay
		op := put("a1", "", "logon", "ada@example.com")
		_, err := s.Apply(t.Context(), op)
		require.NoError(t, err)
		_, err = s.Apply(t.Context(), op)
		if want == 2 {
			require.Equal(t, "logon-in-use", conflict(t, err).Problem)
			continue
		}
		require.NoError(t, err)
		require.Len(t, s.Objects(), want)
	}
}

func TestTakenValueIsAConflictThatNamesTheHolder(t *testing.T) {
	s := memory.New()
	holder := s.Add(user("ada@example.com"))
	_, err := s.Apply(t.Context(), put("b1", "", "logon", "bob@example.com", "email", "ADA@example.com"))
	e := conflict(t, err)
	require.Equal(t, "email-in-use", e.Problem)
	require.Equal(t, "email", e.Attr)
	require.Equal(t, holder, e.Candidates[0].ID)
	require.Len(t, s.Objects(), 1)
}

func TestExchangeIsAllOrNothing(t *testing.T) {
	s := memory.New()
	ada, bob := s.Add(user("ada@example.com")), s.Add(user("bob@example.com"))
	s.Add(user("eve@example.com"))
	exchange := func(adaWants, bobWants string) []adsync.Result {
		ops := []adsync.Op{put("a1", ada, "email", adaWants), put("b1", bob, "email", bobWants)}
		ops[0].Swap, ops[1].Swap = 1, 1
		results, err := s.ApplyBatch(t.Context(), adsync.OpBatch{Ops: ops})
		require.NoError(t, err)
		return results
	}
	for _, r := range exchange("bob@example.com", "eve@example.com") {
		conflict(t, r.Err)
	}
	require.Empty(t, s.Effects())
	o, _ := s.Object(ada)
	require.Equal(t, "ada@example.com", o.Attrs.Get("email"))

	for _, r := range exchange("bob@example.com", "ada@example.com") {
		require.NoError(t, r.Err)
	}
	o, _ = s.Object(ada)
	require.Equal(t, "bob@example.com", o.Attrs.Get("email"))
	_, err := s.Apply(t.Context(), put("c1", "", "logon", "carl@example.com", "email", "ada@example.com"))
	require.Equal(t, bob, conflict(t, err).Candidates[0].ID)
}

func TestSeededDuplicatesAreBothFound(t *testing.T) {
	s := memory.New()
	one, two := s.Add(user("ada@example.com")), s.Add(user("ada@example.com"))
	got, err := s.Find(t.Context(), adsync.User, []adsync.Key{{Attr: "email", Value: "ada@example.com"}})
	require.NoError(t, err)
	require.Equal(t, []adsync.TargetID{one, two}, []adsync.TargetID{got[0].ID, got[1].ID})
}

func TestMembersAreAllOrNone(t *testing.T) {
	s := memory.New()
	g := s.Add(adsync.Target{Kind: adsync.Group, Attrs: attrs("name", "Staff")})
	ada := s.Add(user("ada@example.com"))
	op := adsync.Op{Verb: adsync.Members, Kind: adsync.Group, Target: g, Add: []adsync.TargetID{ada, "user-99"}}
	_, err := s.Apply(t.Context(), op)
	require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(err))
	require.Empty(t, s.Members(g))

	op.Add = op.Add[:1]
	_, err = s.Apply(t.Context(), op)
	require.NoError(t, err)
	require.Equal(t, []adsync.TargetID{ada}, s.Members(g))
	s.Remove(ada)
	require.Empty(t, s.Members(g))
}

func TestHooksTakeTheAnswer(t *testing.T) {
	s := memory.New()
	broken := errors.New("connection reset")
	s.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
		return adsync.Receipt{}, broken, op.Anchor == "a1"
	}
	s.Lose = func(op adsync.Op) error {
		if op.Anchor == "b1" {
			return broken
		}
		return nil
	}
	for _, anchor := range []adsync.Anchor{"a1", "b1"} {
		_, err := s.Apply(t.Context(), put(anchor, "", "logon", string(anchor)))
		require.ErrorIs(t, err, broken)
	}
	require.Len(t, s.Objects(), 1, "the intercepted op has no effect, the lost one has")
	require.Equal(t, []string{"b1/"}, s.Effects())
}

func TestLatencyEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory.New()
		s.Latency = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := s.Apply(ctx, put("a1", "", "logon", "ada@example.com"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Empty(t, s.Objects())
	})
}

func ExampleSink() {
	s := memory.New()
	var set adsync.Attributes
	set.Set("logon", "ada@example.com")
	receipt, err := s.Apply(context.Background(), adsync.Op{
		Key: "1", Verb: adsync.Put, Kind: adsync.User, Source: "corp", Anchor: "a1", Set: set,
	})
	fmt.Println(receipt.Target, receipt.Outcome, err)
	for _, o := range s.Objects() {
		fmt.Println(o.ID, o.Attrs.Get("logon"), o.Attrs.Get("externalId"))
	}
	// Output:
	// user-1 created <nil>
	// user-1 ada@example.com a1
}

// A target that refuses one person, and loses an answer.
func ExampleSink_intercept() {
	s := memory.New()
	s.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
		if op.Anchor == "a2" {
			return adsync.Receipt{}, adsync.Errorf(adsync.CodeDenied, "not this one"), true
		}
		return adsync.Receipt{}, nil, false
	}
	s.Lose = func(op adsync.Op) error {
		if op.Anchor == "a3" {
			return io.ErrUnexpectedEOF // the op took effect, and nobody hears of it
		}
		return nil
	}
	for _, anchor := range []adsync.Anchor{"a1", "a2", "a3"} {
		var set adsync.Attributes
		set.Set("logon", string(anchor)+"@example.com")
		_, err := s.Apply(context.Background(), adsync.Op{Key: string(anchor), Verb: adsync.Put, Kind: adsync.User, Anchor: anchor, Set: set})
		fmt.Println(anchor, err)
	}
	fmt.Println(len(s.Objects()), len(s.Effects()), len(s.Calls()))
	// Output:
	// a1 <nil>
	// a2 not this one
	// a3 unexpected EOF
	// 2 2 3
}

// A target of one method, such as a vendor writes first.
func ExamplePlainSink() {
	var sink adsync.Sink = memory.PlainSink{S: memory.New()}
	_, finds := sink.(adsync.Finder)
	_, batches := sink.(adsync.BatchSink)
	fmt.Println(finds, batches)
	// Output:
	// false false
}
