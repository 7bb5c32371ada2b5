package adsync_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// script is a source that gives what it is told: the first Read the first
// list of steps, and so on; the last one again and again.
type script struct {
	reads [][]step
	asked []adsync.ReadRequest
	// single shows objects that are asked for by themselves, noted in only; nil
	// refuses.
	single func([]adsync.Anchor) []adsync.Change
	only   []adsync.Anchor
}

// step is a batch, or the error at which a read ends.
type step struct {
	batch adsync.Batch
	err   error
}

func (s *script) Read(_ context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	if len(r.Only) > 0 {
		return s.readOnly(r)
	}
	steps := s.reads[min(len(s.asked), len(s.reads)-1)]
	s.asked = append(s.asked, r)
	return func(yield func(adsync.Batch, error) bool) {
		for _, st := range steps {
			if !yield(st.batch, st.err) || st.err != nil {
				return
			}
		}
	}
}

// readOnly shows single objects, where the script has them.
func (s *script) readOnly(r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		if s.single == nil {
			yield(adsync.Batch{}, adsync.Errorf(adsync.CodeUnsupported, "single objects cannot be read"))
			return
		}
		s.only = append(s.only, r.Only...)
		yield(adsync.Batch{Changes: s.single(r.Only), Done: true}, nil)
	}
}

// whole is a read that lists everything, and ends well.
func whole(next adsync.Cursor, changes ...adsync.Change) []step {
	return []step{{batch: adsync.Batch{Changes: changes, Snapshot: true, Done: true, Next: next}}}
}

// delta is a read of changes only.
func delta(next adsync.Cursor, changes ...adsync.Change) []step {
	return []step{{batch: adsync.Batch{Changes: changes, Done: true, Next: next}}}
}

func broken(err error) []step { return []step{{err: err}} }

// shows are changes for the world's objects with these numbers, members included.
func (w *world) shows(numbers ...int) []adsync.Change {
	var out []adsync.Change
	for _, n := range numbers {
		c := adsync.Change{Object: w.people[id(n)]}
		if c.Object.Kind == adsync.Group {
			c.Members = &adsync.MemberChange{Reset: true, Add: w.members[id(n)]}
		}
		out = append(out, c)
	}
	return out
}

func gone(n int, presence adsync.Presence) adsync.Change {
	return adsync.Change{Object: adsync.Object{Kind: adsync.User, Anchor: id(n)}, Presence: presence}
}

// reads makes the world's source give these reads, one a run.
func (w *world) reads(reads ...[]step) *script {
	s := &script{reads: reads}
	w.wrap = func(adsync.Source) adsync.Source { return s }
	return s
}

// with adds to what is done to the job.
func (w *world) with(f func(*adsync.Job)) *world {
	before := w.job
	w.job = func(j *adsync.Job) {
		if before != nil {
			before(j)
		}
		f(j)
	}
	return w
}

// try is run for runs that may fail.
func (w *world) try(ctx context.Context) (*adsync.Report, error) {
	w.t.Helper()
	e := w.engine()
	report, err := e.Run(ctx)
	require.NoError(w.t, e.Close())
	return report, err
}

// plan makes a plan and gives its engine too.
func (w *world) plan() (*adsync.Engine, *adsync.Plan) {
	w.t.Helper()
	e := w.engine()
	p, err := e.Plan(w.t.Context())
	require.NoError(w.t, err)
	return e, p
}

// crowd puts people from..to there.
func (w *world) crowd(from, to int) *world {
	for n := from; n <= to; n++ {
		w.person(n)
	}
	return w
}

func (w *world) leave(numbers ...int) {
	for _, n := range numbers {
		delete(w.people, id(n))
	}
}

func (w *world) refer(n int, name string, to ...adsync.Anchor) {
	o := w.people[id(n)]
	o.Refs = map[string][]adsync.Anchor{name: to}
	w.people[id(n)] = o
}

func (w *world) answer(a adsync.Answer) {
	w.t.Helper()
	a.Source = "ad"
	e := w.engine()
	require.NoError(w.t, e.Answer(w.t.Context(), a))
	require.NoError(w.t, e.Close())
}

// remembered gives the issues in the state, as codes does.
func (w *world) remembered() []string {
	w.t.Helper()
	e := w.engine()
	var r adsync.Report
	for i, err := range e.Issues(w.t.Context()) {
		require.NoError(w.t, err)
		r.Issues = append(r.Issues, i)
	}
	require.NoError(w.t, e.Close())
	return codes(&r)
}

// links gives the links of a source by anchor.
func (w *world) links(source string) map[adsync.Anchor]adsync.Link {
	w.t.Helper()
	st, err := w.store.Open(w.t.Context(), "app")
	require.NoError(w.t, err)
	out := map[adsync.Anchor]adsync.Link{}
	for l, err := range st.Scan(w.t.Context(), source, false) {
		require.NoError(w.t, err)
		out[l.Anchor] = l
	}
	require.NoError(w.t, st.Close())
	return out
}

// sourceState gives what the state knows of a source.
func (w *world) sourceState(name string) adsync.SourceState {
	w.t.Helper()
	st, err := w.store.Open(w.t.Context(), "app")
	require.NoError(w.t, err)
	all, err := st.Sources(w.t.Context())
	require.NoError(w.t, err)
	require.NoError(w.t, st.Close())
	for _, s := range all {
		if s.Name == name {
			return s
		}
	}
	return adsync.SourceState{}
}

// attempts gives the ops offered to the sink, as "verb n" or "verb n: code".
func (w *world) attempts() []string {
	var out []string
	for _, c := range w.sink.Calls() {
		var n int
		fmt.Sscanf(string(c.Op.Anchor[24:]), "%d", &n)
		text := fmt.Sprintf("%s %d", c.Op.Intent, n)
		if c.Err != nil {
			text += ": " + adsync.CodeOf(c.Err).String()
		}
		out = append(out, text)
	}
	return out
}

// requireEffectsOnce fails when an op took effect twice.
func (w *world) requireEffectsOnce() {
	w.t.Helper()
	var keys []string
	for _, c := range w.sink.Calls() {
		if c.Effect && c.Receipt.Outcome != adsync.Linked { // recognised as a repetition
			keys = append(keys, c.Op.Key)
		}
	}
	slices.Sort(keys)
	require.Len(w.t, slices.Compact(slices.Clone(keys)), len(keys), "an op took effect twice")
}

// hookedStore gives states through a wrapper.
type hookedStore struct {
	adsync.StateStore
	wrap func(adsync.State) adsync.State
}

func (s hookedStore) Open(ctx context.Context, target string) (adsync.State, error) {
	st, err := s.StateStore.Open(ctx, target)
	if err != nil {
		return nil, err
	}
	return s.wrap(st), nil
}

// hooks are called before a state does what it is asked.
type hooks struct {
	record func(adsync.Record) error
	renew  func() error
	secret []byte
}

type hookedState struct {
	adsync.State
	*hooks
}

// hook puts w.hooks between the engine and the state.
func (w *world) hook() {
	w.hooks = &hooks{}
	w.store = hookedStore{w.store, func(s adsync.State) adsync.State { return &hookedState{s, w.hooks} }}
}

func (s *hookedState) Renew(ctx context.Context, ttl time.Duration) error {
	if s.renew != nil {
		if err := s.renew(); err != nil {
			return err
		}
	}
	return s.State.Renew(ctx, ttl)
}

func (s *hookedState) Record(ctx context.Context, r adsync.Record) error {
	if s.record != nil {
		if err := s.record(r); err != nil {
			return err
		}
	}
	return s.State.Record(ctx, r)
}

func (s *hookedState) Secret(ctx context.Context) ([]byte, error) {
	if s.secret != nil {
		return s.secret, nil
	}
	return s.State.Secret(ctx)
}

var errPower = errors.New("the lights went out")

func text(values ...string) adsync.Attributes {
	var a adsync.Attributes
	for i := 0; i < len(values); i += 2 {
		a.Set(values[i], values[i+1])
	}
	return a
}
