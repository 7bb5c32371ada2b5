package adsync_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// closedSink and closedSource cannot be opened.
type closedSink struct{ *memory.Sink }

func (closedSink) Open(context.Context) error { return errors.New("the disk is away") }
func (closedSink) Close() error               { return nil }

type closedSource struct{ adsync.Source }

func (closedSource) Open(context.Context) error { return errors.New("no such file") }
func (closedSource) Close() error               { return nil }

func TestAPartThatCannotBeOpenedSaysOnWhichSideItIs(t *testing.T) {
	w := newWorld(t).person(1)
	w.job = func(j *adsync.Job) { j.Sink = closedSink{w.sink} }
	_, err := w.engine().Run(t.Context())
	target, ok := errors.AsType[*adsync.TargetError](err)
	require.True(t, ok, "%v", err)
	require.EqualError(t, target, "target: cannot be opened: the disk is away")

	w.job, w.wrap = nil, func(s adsync.Source) adsync.Source { return closedSource{s} }
	_, err = w.engine().Run(t.Context())
	source, ok := errors.AsType[*adsync.SourceError](err)
	require.True(t, ok, "%v", err)
	require.EqualError(t, source, "source ad: cannot be opened: no such file")
}

func TestAnObjectThatCannotBeMappedIsNamed(t *testing.T) {
	w := newWorld(t).person(1)
	w.mapper.err = func(adsync.Object) error { return errors.New("no rule fits") }
	report := w.run()
	require.Len(t, report.Issues, 1)
	require.Equal(t, "First Last 1", report.Issues[0].Name)
}
