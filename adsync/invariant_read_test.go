package adsync_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// I1: no object, group or membership is written to a target before the read it
// rests on has ended with Done and the guard has passed.
//
// Red when Run carries a refused plan out (the condition on refuses), and when
// tryRead takes a read without Done for complete.
func TestI1NothingIsWrittenBeforeTheReadIsDoneAndTheGuardHasPassed(t *testing.T) {
	for name, end := range map[string]func(w *world, read *[]step){
		"it ends well":            func(*world, *[]step) {},
		"it ends without Done":    func(_ *world, read *[]step) { (*read)[2].batch.Done = false },
		"it breaks":               func(_ *world, read *[]step) { (*read)[2] = step{err: io.ErrUnexpectedEOF} },
		"the guard refuses":       func(w *world, _ *[]step) { w.with(func(j *adsync.Job) { j.Guard.Leaving.Count = 1 }) },
		"the target lists badly":  func(w *world, _ *[]step) { w.with(func(j *adsync.Job) { j.Sink = badLister{w.sink} }) },
		"it is cancelled halfway": func(_ *world, read *[]step) { (*read)[1] = step{err: context.Canceled} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 20)
			w.group(100, "everyone", ids(1, 10)...)
			first := w.shows(append(numbers(1, 20), 100)...)
			w.reads(whole("1", first...))
			w.run()
			before := len(w.sink.Calls())

			w.person(5, "title", "Clerk").crowd(21, 25)
			w.group(100, "everyone", ids(5, 12)...)
			rest := []step{
				{batch: adsync.Batch{Snapshot: true, Changes: w.shows(numbers(4, 10)...)}},
				{batch: adsync.Batch{Snapshot: true, Changes: w.shows(numbers(11, 25)...)}},
				{batch: adsync.Batch{Snapshot: true, Changes: w.shows(100), Done: true, Next: "2"}},
			}
			end(w, &rest)
			watched := watching(rest, func() { require.Len(t, w.sink.Calls(), before, "written while reading") })
			w.wrap = func(adsync.Source) adsync.Source { return watched }
			report, err := w.try(t.Context())
			if name == "it ends well" {
				require.NoError(t, err)
				require.Equal(t, adsync.OutcomeCompleted, report.Outcome)
				require.Greater(t, len(w.sink.Calls()), before)
				return
			}
			require.NotEqual(t, adsync.OutcomeCompleted, report.Outcome)
			require.Len(t, w.sink.Calls(), before)
		})
	}
}

func numbers(from, to int) (out []int) {
	for n := from; n <= to; n++ {
		out = append(out, n)
	}
	return out
}

// watching gives the steps of a read and looks before each of them.
func watching(steps []step, look func()) adsync.Source {
	return readFunc(func(context.Context, adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
		return func(yield func(adsync.Batch, error) bool) {
			for _, s := range steps {
				look()
				if !yield(s.batch, s.err) || s.err != nil {
					return
				}
			}
			look()
		}
	})
}

// badLister fails when it is asked what the target has.
type badLister struct{ adsync.BatchSink }

func (badLister) List(context.Context, adsync.Kind) iter.Seq2[adsync.Target, error] {
	return func(yield func(adsync.Target, error) bool) {
		yield(adsync.Target{}, errors.New("the list was cut short"))
	}
}

func (badLister) Find(context.Context, adsync.Kind, []adsync.Key) ([]adsync.Target, error) {
	return nil, errors.New("the search was cut short")
}

// With two sources, nothing of the first is written while the second is read.
func TestI1HoldsOverSeveralSources(t *testing.T) {
	w := newWorld(t).crowd(1, 9)
	look := func() { require.Empty(t, w.sink.Calls()) }
	w.with(func(j *adsync.Job) {
		j.Sources = []adsync.SourceConfig{
			{Name: "one", Source: watching(whole("", w.shows(1, 2, 3)...), look)},
			{Name: "two", Source: watching(whole("", w.shows(4, 5)...), look)},
		}
	})
	require.Equal(t, 5, w.run().Counts.Create)
}

// I2: a read that ends without Done is ErrIncomplete. Absence counts as leaving
// only after Done on a snapshot with a good witness.
//
// Red when tryRead does not ask for s.done; when stageAbsent does not ask for
// s.snapshot; when judgeReads is left out.
func TestI2AbsenceCountsOnlyAfterAGoodSnapshot(t *testing.T) {
	some := func(w *world) []adsync.Change { return w.shows(3, 4, 5) }
	for _, c := range []struct {
		name       string
		read       func(w *world) []step
		leavers    int
		incomplete bool
	}{
		{"a good snapshot", func(w *world) []step { return whole("2", some(w)...) }, 2, false},
		{"a snapshot with a good witness", func(w *world) []step {
			s := whole("2", some(w)...)
			s[0].batch.Witness = &adsync.Witness{Bases: []adsync.BaseWitness{{Name: "a", Readable: true, Objects: 3}}}
			return s
		}, 2, false},
		{"a snapshot with an unreadable base", func(w *world) []step {
			s := whole("2", some(w)...)
			s[0].batch.Witness = unreadableBase
			return s
		}, 0, false},
		{"a snapshot of a server that lags behind", func(w *world) []step {
			s := whole("2", some(w)...)
			s[0].batch.Witness = &adsync.Witness{Behind: "dc2 lags behind"}
			return s
		}, 0, false},
		{"a snapshot of nothing", func(*world) []step { return whole("2") }, 0, false},
		{"not a snapshot", func(w *world) []step { return delta("2", some(w)...) }, 0, false},
		{"a snapshot without Done", func(w *world) []step {
			s := whole("2", some(w)...)
			s[0].batch.Done = false
			return s
		}, 0, true},
		{"everything, and not called a snapshot", func(w *world) []step { return delta("2", some(w)...) }, 0, false},
		{"no batch at all", func(*world) []step { return nil }, 0, true},
		{"Done, and then more", func(w *world) []step {
			return append(whole("2", w.shows(4, 5)...), step{batch: adsync.Batch{Snapshot: true, Changes: w.shows(3)}})
		}, 0, true},
		{"an error after Done", func(w *world) []step {
			return append(whole("2", some(w)...), step{err: io.ErrUnexpectedEOF})
		}, 0, false},
		{"an error halfway", func(w *world) []step {
			s := whole("2", some(w)...)
			s[0].batch.Done = false
			return append(s, step{err: adsync.Errorf(adsync.CodeIncomplete, "size limit exceeded")})
		}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 5)
			w.reads(whole("1", w.shows(1, 2, 3, 4, 5)...), c.read(w), c.read(w))
			w.run()
			w.with(func(j *adsync.Job) { j.Snapshot = strings.HasPrefix(c.name, "everything") }) // asked for with an empty cursor
			report, err := w.try(t.Context())
			require.Equal(t, c.incomplete, errors.Is(err, adsync.ErrIncomplete), "%v", err)
			require.Equal(t, c.leavers, report.Counts.Deactivate)
			require.Equal(t, c.leavers > 0, w.target(1).Inactive)
			if err != nil {
				require.Equal(t, adsync.Cursor("1"), w.sourceState("ad").Cursor)
			}
		})
	}
}

// I3: a cursor moves only together with the outcome of everything it covers.
// What failed is remembered and tried again.
//
// Red when sourceStates moves the cursor of a run that halts; when issueOf keeps
// no Wanted; when stageWanted is left out.
func TestI3CursorMovesWithTheOutcome(t *testing.T) {
	begin := func(t *testing.T, reads ...func(w *world) []step) *world {
		w := newWorld(t).crowd(1, 6)
		list := [][]step{whole("1", w.shows(1, 2, 3)...)}
		for _, r := range reads {
			list = append(list, r(w))
		}
		w.reads(list...)
		w.run()
		require.Equal(t, adsync.Cursor("1"), w.sourceState("ad").Cursor)
		return w
	}
	changed := func(w *world) []step { return delta("2", w.person(1, "title", "Clerk").shows(1, 4, 5)...) }
	nothing := func(*world) []step { return delta("3") }
	at := func(t *testing.T, w *world, want adsync.Cursor) {
		t.Helper()
		require.Equal(t, want, w.sourceState("ad").Cursor)
	}

	t.Run("with a run that completes", func(t *testing.T) {
		w := begin(t, changed)
		w.run()
		at(t, w, "2")
	})
	t.Run("not with a read that fails", func(t *testing.T) {
		w := begin(t, func(*world) []step { return broken(io.ErrUnexpectedEOF) })
		_, err := w.try(t.Context())
		require.Error(t, err)
		at(t, w, "1")
	})
	t.Run("not with a plan that is only held", func(t *testing.T) {
		w := begin(t, changed, changed)
		e, plan := w.plan()
		at(t, w, "1")
		_, err := e.Apply(t.Context(), plan.ID())
		require.NoError(t, err)
		at(t, w, "2")
	})
	t.Run("not with a plan that the guard refuses", func(t *testing.T) {
		w := begin(t, changed)
		w.with(func(j *adsync.Job) { j.Guard.Creates = adsync.Limit{Count: 1} })
		require.Equal(t, adsync.OutcomeRefused, w.run().Outcome)
		at(t, w, "1")
	})
	t.Run("not with a run that halts", func(t *testing.T) {
		w := begin(t, changed)
		w.with(func(j *adsync.Job) {
			j.OnMissing, j.Required = adsync.Halt, map[adsync.Kind][]string{adsync.User: {"description"}}
		})
		// The policy asks for a snapshot, which the script answers with changes.
		require.Equal(t, adsync.OutcomeHalted, w.run().Outcome)
		at(t, w, "1")
	})
	t.Run("not with a run that stops halfway, but when it is finished", func(t *testing.T) {
		w := begin(t, changed, nothing)
		w.sink.InterceptBatch = func(b adsync.OpBatch) error {
			return adsync.Errorf(adsync.CodeUnauthenticated, "who?")
		}
		_, err := w.try(t.Context())
		require.Error(t, err)
		at(t, w, "1")
		w.sink.InterceptBatch = nil
		w.run() // finishes that one, and reads on from where it ended
		at(t, w, "3")
		require.NotNil(t, w.target(5))
	})
	t.Run("what failed is tried again, though no read shows it", func(t *testing.T) {
		w := begin(t, changed, nothing)
		w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
			return adsync.Receipt{}, adsync.Errorf(adsync.CodeDenied, "may not"), op.Anchor != id(4)
		}
		report := w.run()
		require.Equal(t, adsync.OutcomePartial, report.Outcome)
		at(t, w, "2")
		require.Equal(t, []string{"000000000001 denied ", "000000000005 denied "}, w.remembered())
		w.sink.Intercept = nil
		report = w.run()
		require.Equal(t, 1, report.Counts.Create, "%+v", report)
		require.Equal(t, 1, report.Counts.Update)
		require.Equal(t, "Clerk", w.target(1).Attrs.Get("title"))
		require.NotNil(t, w.target(5))
		require.Empty(t, w.remembered())
	})
	t.Run("what was quarantined is tried again when it is complete", func(t *testing.T) {
		w := begin(t, func(w *world) []step { return delta("2", w.person(4, "logon", "").shows(4)...) },
			func(w *world) []step { return delta("3", w.person(4).shows(4)...) })
		require.Equal(t, 1, w.run().Counts.Quarantined)
		at(t, w, "2")
		require.Equal(t, 1, w.run().Counts.Create)
		require.Empty(t, w.remembered())
	})
}

// What a source notes becomes lasting with its cursor, or not at all.
//
// Red when Finish settles the notes of sources it does not list.
func TestI3NotesMoveWithTheCursor(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	var saw []string
	done := true
	w.wrap = func(adsync.Source) adsync.Source {
		return readFunc(func(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
			return func(yield func(adsync.Batch, error) bool) {
				value, _, err := r.Notes.Get(ctx, "seen")
				require.NoError(t, err)
				saw = append(saw, value)
				require.NoError(t, r.Notes.Put(ctx, "seen", value+"x"))
				value, _, err = r.Notes.Get(ctx, "seen")
				require.NoError(t, err)
				require.NotEmpty(t, value, "visible to the read itself")
				yield(adsync.Batch{Changes: w.shows(1, 2, 3), Snapshot: true, Done: done, Next: "n"}, nil)
			}
		})
	}
	w.run()
	done = false
	_, err := w.try(t.Context())
	require.ErrorIs(t, err, adsync.ErrIncomplete)
	done = true
	w.run()
	w.run()
	require.Equal(t, []string{"", "x", "x", "xx"}, saw)
}
