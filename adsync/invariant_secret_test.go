package adsync_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

const password = "correct horse battery"

// secretSource and secretSink hold a password, as connectors do.
type secretSource struct {
	URL, Password string
	adsync.Source
	wrong bool
}

func (s *secretSource) Validate() error {
	if s.wrong {
		return errors.New("URL has no host")
	}
	return nil
}
func (s *secretSource) Open(context.Context) error  { return nil }
func (s *secretSource) Close() error                { return nil }
func (s *secretSource) Check(context.Context) error { return errors.New("the server does not answer") }

type secretSink struct {
	*memory.Sink
	Token string
}

// I8: no clear-text password, key or token in a log, an error, the state store,
// a plan or a process argument. For the engine: what connectors hold, and the
// state's own secret, goes nowhere.
//
// Red when an error of the engine prints a part (%v of part.it in validate or
// check).
func TestI8SecretsOfConnectorsGoNowhere(t *testing.T) {
	w := newWorld(t).crowd(1, 30)
	w.hook()
	w.hooks.secret = []byte("the secret of this very state!!!")
	var told bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug}))
	say := func(v any) {
		fmt.Fprintf(&told, "%v %+v\n", v, v)
		text, err := json.Marshal(v)
		require.NoError(t, err)
		told.Write(text)
	}
	source := &secretSource{URL: "ldaps://dc1.example.com", Password: password}
	w.wrap = func(s adsync.Source) adsync.Source {
		source.Source = s
		return source
	}
	w.with(func(j *adsync.Job) {
		j.Sink, j.Log = &secretSink{w.sink, password}, log
		j.Progress = func(p adsync.Progress) { fmt.Fprintf(&told, "%+v\n", p) }
	})

	source.wrong = true
	_, err := adsync.New(adsync.Job{Sources: adsync.From("ad", source), Sink: &secretSink{w.sink, password}})
	require.Error(t, err)
	say(err.Error())
	source.wrong = false
	e, plan := w.plan()
	say(e.Check(t.Context()).Error())
	require.NoError(t, plan.WriteLines(t.Context(), &told))
	say(plan.Report())
	w.sink.Intercept = failing(3, always, errors.New("no"))
	report, err := e.Apply(t.Context(), plan.ID())
	require.NoError(t, err)
	say(report)
	for _, code := range []adsync.Code{adsync.CodeUnauthenticated, adsync.CodeDenied, adsync.CodeOther} {
		w.crowd(40, 70)
		w.sink.InterceptBatch = func(adsync.OpBatch) error { return adsync.Errorf(code, "no") }
		if report, err = w.try(t.Context()); err != nil {
			say(err.Error())
		}
		say(report)
		w.wrap = func(adsync.Source) adsync.Source {
			return &secretSource{Password: password, Source: &script{reads: [][]step{broken(adsync.Errorf(code, "no"))}}}
		}
		report, err = w.try(t.Context())
		say(fmt.Sprint(report, err))
		w.wrap = func(s adsync.Source) adsync.Source { source.Source = s; return source }
	}
	dump(t, w, say)
	for _, secret := range []string{password, "the secret of this very state!!!", hex.EncodeToString(w.hooks.secret), fmt.Sprint(w.hooks.secret)} {
		require.NotContains(t, told.String(), secret)
	}
	require.Contains(t, told.String(), "user7@example.com", "the test looks where something is")
}

// dump says all that the state has.
func dump(t *testing.T, w *world, say func(any)) {
	st, err := w.store.Open(t.Context(), "app")
	require.NoError(t, err)
	sources, err := st.Sources(t.Context())
	require.NoError(t, err)
	say(sources)
	all(t, st.Scan(t.Context(), "ad", false), say)
	all(t, st.ListIssues(t.Context()), say)
	all(t, st.History(t.Context()), func(v any) {
		say(v)
		all(t, st.Batches(t.Context(), v.(adsync.RunInfo).ID, 0), say)
	})
	require.NoError(t, st.Close())
}

func all[T any](t *testing.T, seq iter.Seq2[T, error], say func(any)) {
	for v, err := range seq {
		require.NoError(t, err)
		say(v)
	}
}
