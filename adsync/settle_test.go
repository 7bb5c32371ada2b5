package adsync_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// pendingSink accepts everything, and later says of all of it the same.
type pendingSink struct {
	memory.PlainSink
	says  adsync.Result
	asked int
}

func (p *pendingSink) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	r, err := p.PlainSink.Apply(ctx, op)
	r.Outcome = adsync.Pending
	return r, err
}

func (p *pendingSink) Settle(_ context.Context, ids []adsync.TargetID) ([]adsync.Result, error) {
	out := make([]adsync.Result, len(ids))
	for i, id := range ids {
		p.asked++
		out[i] = p.says
		out[i].Receipt.Target = id
	}
	return out, nil
}

// What a settler says decides whether the object may be written again.
func TestWhatASettlerSays(t *testing.T) {
	says := func(o adsync.Outcome) adsync.Result { return adsync.Result{Receipt: adsync.Receipt{Outcome: o}} }
	for name, c := range map[string]struct {
		says   adsync.Result
		counts adsync.Counts // of the run that asks; the person has changed meanwhile
		issues []string
	}{
		"applied":   {says(adsync.Applied), adsync.Counts{Update: 1}, nil},
		"created":   {says(adsync.Created), adsync.Counts{Update: 1}, nil},
		"unchanged": {says(adsync.Unchanged), adsync.Counts{Update: 1}, nil},
		"pending":   {says(adsync.Pending), adsync.Counts{Unchanged: 1}, nil},
		"refused":   {adsync.Result{Err: adsync.Errorf(adsync.CodeInvalid, "no such country")}, adsync.Counts{Create: 1, Issues: 1}, []string{"000000000001 value-invalid "}},
		"conflict":  {says(adsync.Conflicted), adsync.Counts{Create: 1, Conflicts: 1}, []string{"000000000001 value-in-use "}},
		"unknown":   {adsync.Result{Err: errors.New("lost it")}, adsync.Counts{Create: 1, Issues: 1}, []string{"000000000001 failed "}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).person(1)
			sink := &pendingSink{PlainSink: memory.PlainSink{S: w.sink}, says: c.says}
			w.job = func(j *adsync.Job) { j.Sink, j.Matcher = sink, nil }
			require.Equal(t, 1, w.run().Counts.Create)
			require.Zero(t, sink.asked)
			w.person(1, "title", "Engineer")
			report := w.run()
			require.Equal(t, 1, sink.asked)
			require.Equal(t, c.counts, report.Counts)
			require.Equal(t, c.issues, codes(report))
		})
	}
}
