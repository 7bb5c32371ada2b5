package main

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/localdb"
)

// cutSink is cut off before its third batch: units and people are there, groups are not.
type cutSink struct {
	*localdb.Sink
	cut     context.CancelFunc
	batches int
}

func (s *cutSink) ApplyBatch(ctx context.Context, b adsync.OpBatch) ([]adsync.Result, error) {
	if s.batches++; s.batches == 3 {
		s.cut()
		return nil, ctx.Err()
	}
	return s.Sink.ApplyBatch(ctx, b)
}

// cutOff does a run that ends in the middle of its plan.
func cutOff(t *testing.T, dir string) {
	t.Helper()
	o, err := parseOptions([]string{"-dir", dir, "-objects", "60"}, &bytes.Buffer{})
	require.NoError(t, err)
	f, err := openFolder(o)
	require.NoError(t, err)
	d, err := startDirectory(t.Context(), o, f)
	require.NoError(t, err)
	defer d.close()
	job, closeState, err := newJob(d, f, newScreen(o, &bytes.Buffer{}, &bytes.Buffer{}))
	require.NoError(t, err)
	defer func() { require.NoError(t, closeState()) }()
	ctx, cut := context.WithCancel(t.Context())
	job.Sink = &cutSink{Sink: job.Sink.(*localdb.Sink), cut: cut}
	engine, err := adsync.New(job)
	require.NoError(t, err)
	defer func() { require.NoError(t, engine.Close()) }()
	_, err = engine.Run(ctx)
	require.True(t, errors.Is(err, context.Canceled), "%v", err)
}

func TestAPlanThatWasCutOffIsFinishedFirst(t *testing.T) {
	dir := t.TempDir()
	cutOff(t, dir)
	some := len(accounts(t, dir))
	require.Positive(t, some)

	ran := quickstart(t, "-dir", dir, "-plan").exits(1)
	require.Contains(t, ran.err, "run again without -plan")
	require.Len(t, accounts(t, dir), some)

	done := quickstart(t, "-dir", dir).exits(0)
	require.Contains(t, done.out, "it is finished first")
	require.Zero(t, synced(t, "-dir", dir).Counts.Writes())
	compareWithFresh(t, dir, 60, 1, 0)
}
