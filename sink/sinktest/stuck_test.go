package sinktest_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/sink/sinktest"
)

// stuck answers only when it is cancelled.
type stuck struct{ *memory.Sink }

func (stuck) Apply(ctx context.Context, _ adsync.Op) (adsync.Receipt, error) {
	<-ctx.Done()
	return adsync.Receipt{}, ctx.Err()
}

func TestASinkThatNeverAnswersEndsItsCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		require.Contains(t, create(t, stuck{memory.New()}).text, "had no answer for 20s, until its context ended")
	})
}

// careless takes what is blank out of the op itself.
type careless struct{ *memory.Sink }

func (c careless) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	op.Set.Delete("title")
	return c.Sink.Apply(ctx, op)
}

func TestASinkThatChangesTheOpIsTold(t *testing.T) {
	require.Contains(t, create(t, careless{memory.New()}).text, "the sink changed the put that it was given")
}

func create(t *testing.T, s adsync.Sink) *recorder {
	at := slices.IndexFunc(sinktest.Checks(), func(k sinktest.Check) bool { return k.Name == "create" })
	return record(t, sinktest.Checks()[at], sinktest.Config{New: func(testing.TB) sinktest.Target { return sinktest.Target{Sink: s} }})
}
