package adsync_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func TestDriftRefusesTheWholePlan(t *testing.T) {
	for _, c := range []struct {
		name  string
		drift func(t *testing.T, w *world)
		what  string
		whom  int
	}{
		{"a value of the target was changed by hand", func(_ *testing.T, w *world) {
			o, _ := w.sink.Object(w.target(1).ID)
			o.Attrs.Set("title", "Boss")
			w.sink.Add(o)
		}, "target", 1},
		{"the mapping is another one", func(_ *testing.T, w *world) { w.mapper.digest = "2" }, "configuration", 0},
		{"a policy is another one", func(_ *testing.T, w *world) {
			w.with(func(j *adsync.Job) { j.Merge = map[string]adsync.MergeMode{"title": adsync.Never} })
		}, "configuration", 0},
		{"the link was written since", func(t *testing.T, w *world) {
			relink(t, w, func(l *adsync.Link) { l.Generation++ })
		}, "link", 1},
		{"the image is another one", func(t *testing.T, w *world) {
			relink(t, w, func(l *adsync.Link) { l.Applied = text("email", "x@example.com") })
		}, "last-applied", 1},
		{"the link is gone", func(t *testing.T, w *world) { relink(t, w, nil) }, "link", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 4)
			w.person(1, "title", "Clerk")
			w.run()
			w.person(1, "title", "Head clerk").crowd(5, 6)
			_, plan := w.plan()
			calls := len(w.sink.Calls())
			c.drift(t, w)
			e := w.engine()
			_, err := e.Apply(t.Context(), plan.ID())
			drift := &adsync.DriftError{}
			require.ErrorAs(t, err, &drift)
			require.Len(t, w.sink.Calls(), calls, "nothing was written")
			require.Equal(t, plan.ID(), drift.Plan)
			require.Len(t, drift.Objects, 1)
			require.Equal(t, c.what, drift.Objects[0].What)
			if c.whom > 0 {
				require.Equal(t, id(c.whom), drift.Objects[0].Anchor)
				require.Contains(t, err.Error(), string(id(c.whom)))
			}
			require.NoError(t, e.Close())
			require.NotEqual(t, adsync.OutcomeFailed, w.run().Outcome, "a new plan takes its place")
		})
	}
}

// relink changes or removes the link of person 1 behind the engine's back, as
// another process that shares the state would have.
func relink(t *testing.T, w *world, change func(*adsync.Link)) {
	st, err := w.store.Open(t.Context(), "app")
	require.NoError(t, err)
	require.NoError(t, st.Acquire(t.Context(), "another", 1e9))
	var held adsync.RunInfo
	for info, err := range st.History(t.Context()) {
		require.NoError(t, err)
		if info.State == adsync.RunSealed {
			held = info
		}
	}
	link := w.links("ad")[id(1)]
	r := adsync.Record{Run: held.ID, Unlinked: []adsync.LinkRef{{Source: "ad", Key: link.Key}}}
	if change != nil {
		change(&link)
		r.Links = append(r.Links, link)
	}
	before := held
	held.State = adsync.RunApplying
	require.NoError(t, st.Save(t.Context(), held))
	require.NoError(t, st.Record(t.Context(), r))
	require.NoError(t, st.Save(t.Context(), before))
	require.NoError(t, st.Close())
}

func TestDriftNamesTwentyAndCountsTheRest(t *testing.T) {
	w := newWorld(t).crowd(1, 30)
	w.run()
	for n := 1; n <= 30; n++ {
		w.person(n, "title", "Clerk")
	}
	_, plan := w.plan()
	for n := 1; n <= 30; n++ {
		o, _ := w.sink.Object(w.target(n).ID)
		o.Attrs.Set("title", "Boss")
		w.sink.Add(o)
	}
	_, err := w.engine().Apply(t.Context(), plan.ID())
	drift := &adsync.DriftError{}
	require.ErrorAs(t, err, &drift)
	require.Len(t, drift.Objects, 20)
	require.Equal(t, 10, drift.More)
}

// What a person changes in attributes that the plan does not touch is no drift.
func TestOtherChangesAreNoDrift(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.person(1, "title", "Clerk")
	e, plan := w.plan()
	o, _ := w.sink.Object(w.target(1).ID)
	o.Attrs.Set("phone", "1")
	w.sink.Add(o)
	_, err := e.Apply(t.Context(), plan.ID())
	require.NoError(t, err)
	require.Equal(t, "1", w.target(1).Attrs.Get("phone"))
}
