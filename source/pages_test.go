package source_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source"
	"github.com/stretchr/testify/require"
)

// server answers three pages, and counts.
type server struct {
	asked, released int
	answer          func(token string) (source.Page, error)
}

func (s *server) fetch(_ context.Context, token string) (source.Page, error) {
	s.asked++
	if s.answer != nil {
		return s.answer(token)
	}
	next := map[string]string{"": "2", "2": "3", "3": ""}[token]
	return source.Page{Snapshot: true, Token: next, Next: "cursor", Witness: &adsync.Witness{}}, nil
}

func (s *server) release() { s.released++ }

func TestPagesEndWithDone(t *testing.T) {
	s := &server{}
	var batches []adsync.Batch
	for b, err := range source.Pages(t.Context(), s.fetch, s.release) {
		require.NoError(t, err)
		require.Equal(t, len(batches)+1, s.asked, "the next page is asked for when the consumer asks")
		batches = append(batches, b)
	}
	require.Len(t, batches, 3)
	for i, b := range batches {
		require.True(t, b.Snapshot)
		require.Equal(t, i == 2, b.Done)
		require.Equal(t, i == 2, b.Next == "cursor")
		require.Equal(t, i == 2, b.Witness != nil)
	}
	require.Equal(t, 1, s.released)
}

func TestNothingIsAskedBeforeTheLoop(t *testing.T) {
	s := &server{}
	sequence := source.Pages(t.Context(), s.fetch, s.release)
	require.Zero(t, s.asked)
	require.Zero(t, s.released)
	for range 2 {
		for range sequence {
			break
		}
	}
	require.Equal(t, 2, s.asked)
	require.Equal(t, 2, s.released)
}

func TestReleasedHoweverTheLoopEnds(t *testing.T) {
	s := &server{}
	require.Panics(t, func() {
		for range source.Pages(t.Context(), s.fetch, s.release) {
			panic("in the loop")
		}
	})
	require.Equal(t, 1, s.released)
	s.answer = func(string) (source.Page, error) { panic("in fetch") }
	require.Panics(t, func() {
		for range source.Pages(t.Context(), s.fetch, s.release) {
		}
	})
	require.Equal(t, 2, s.released)
}

// drain gives the batches before the error, and the error.
func drain(t *testing.T, ctx context.Context, s *server, during func(n int)) (int, error) {
	t.Helper()
	n := 0
	var last error
	for b, err := range source.Pages(ctx, s.fetch, s.release) {
		require.NoError(t, last, "nothing comes after an error")
		if last = err; err == nil {
			n++
			during(n)
			continue
		}
		require.Equal(t, adsync.Batch{}, b)
	}
	require.Equal(t, 1, s.released)
	return n, last
}

func TestErrorIsLast(t *testing.T) {
	boom := errors.New("boom")
	s := &server{answer: func(token string) (source.Page, error) {
		if token == "2" {
			return source.Page{Snapshot: true}, boom
		}
		return source.Page{Snapshot: true, Token: "2"}, nil
	}}
	n, err := drain(t, t.Context(), s, func(int) {})
	require.Equal(t, 1, n)
	require.ErrorIs(t, err, boom)
}

func TestCancelledContextIsAnError(t *testing.T) {
	for at := range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		if at == 0 {
			cancel()
		}
		s := &server{}
		n, err := drain(t, ctx, s, func(n int) {
			if n == at {
				cancel()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, at, n)
		require.Equal(t, at, s.asked, "a cancelled read asks for nothing more")
	}
}

func TestPageThatArrivesAfterTheCancellationIsNotTrusted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{answer: func(string) (source.Page, error) {
		cancel() // a client library that then gives what it has, without an error
		return source.Page{Snapshot: true}, nil
	}}
	n, err := drain(t, ctx, s, func(int) {})
	require.Zero(t, n)
	require.ErrorIs(t, err, context.Canceled)
}

func TestServerThatNeverEndsIsAnError(t *testing.T) {
	s := &server{answer: func(string) (source.Page, error) { return source.Page{Token: "again"}, nil }}
	n, err := drain(t, t.Context(), s, func(int) {})
	require.Equal(t, 1, n)
	require.ErrorIs(t, err, adsync.ErrIncomplete)
}

func TestPagesMustAgreeOnSnapshot(t *testing.T) {
	s := &server{answer: func(token string) (source.Page, error) {
		return source.Page{Snapshot: token == "", Token: map[string]string{"": "2"}[token]}, nil
	}}
	n, err := drain(t, t.Context(), s, func(int) {})
	require.Equal(t, 1, n)
	require.ErrorIs(t, err, adsync.ErrIncomplete)
}

func ExamplePages() {
	// A vendor's interface: people in pages of two.
	people := []string{"ada", "grace", "emmy"}
	fetch := func(_ context.Context, token string) (source.Page, error) {
		page := source.Page{Snapshot: true}
		from := len(token)
		for i := from; i < min(from+2, len(people)); i++ {
			page.Changes = append(page.Changes, adsync.Change{Object: adsync.Object{Kind: adsync.User, Anchor: adsync.Anchor(people[i])}})
		}
		if from+2 < len(people) {
			page.Token = token + "xx"
		}
		return page, nil
	}
	for batch, err := range source.Pages(context.Background(), fetch) {
		fmt.Println(len(batch.Changes), batch.Done, err)
	}
	// Output:
	// 2 false <nil>
	// 1 true <nil>
}
