package adsync_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// verify compares once, with an engine of its own.
func (w *world) verify(o adsync.VerifyOptions) (*adsync.VerifyReport, error) {
	w.t.Helper()
	e := w.engine()
	report, err := e.Verify(w.t.Context(), o)
	require.NoError(w.t, e.Close())
	return report, err
}

// byHand changes one attribute of an object in the target.
func (w *world) byHand(n int, name string, values ...string) {
	o := *w.target(n)
	o.Attrs.Set(name, values...)
	if len(values) == 0 {
		o.Attrs.Delete(name)
	}
	w.sink.Add(o)
}

func (w *world) allByHand(name, value string) {
	for _, o := range w.sink.Objects() {
		o.Attrs.Set(name, value)
		w.sink.Add(o)
	}
}

func TestVerifyComparesWhatTheMappingOwns(t *testing.T) {
	type job = func(*adsync.Job)
	merge := func(mode adsync.MergeMode) job {
		return func(j *adsync.Job) { j.Merge = map[string]adsync.MergeMode{"firstName": mode} }
	}
	for name, c := range map[string]struct {
		job    job
		change func(*world)
		want   []string // "what attr"
	}{
		"nothing was changed":              {nil, func(*world) {}, nil},
		"a value":                          {nil, func(w *world) { w.byHand(1, "firstName", "Other") }, []string{"changed firstName"}},
		"a value that is gone":             {nil, func(w *world) { w.byHand(1, "firstName") }, []string{"changed firstName"}},
		"one that the source wins anyway":  {merge(adsync.SourceWins), func(w *world) { w.byHand(1, "firstName", "Other") }, []string{"changed firstName"}},
		"one that is written once":         {merge(adsync.CreateOnly), func(w *world) { w.byHand(1, "firstName", "Other") }, nil},
		"one that is only filled":          {merge(adsync.FillIfEmpty), func(w *world) { w.byHand(1, "firstName", "Other") }, nil},
		"one that is never written":        {merge(adsync.Never), func(w *world) { w.byHand(1, "firstName", "Other") }, nil},
		"one that the mapping never gives": {nil, func(w *world) { w.byHand(1, "company", "Other") }, nil},
		"one that the target never tells":  {nil, func(w *world) { w.byHand(1, "firstName"); w.byHand(2, "firstName"); w.byHand(3, "firstName") }, nil},
		"taken out of use":                 {nil, func(w *world) { w.byHand(2, "active", "false") }, []string{"changed active"}},
		"an object that is gone":           {nil, func(w *world) { w.sink.Remove(w.target(3).ID) }, []string{"missing "}},
		"an object that a person left out": {nil, func(w *world) { w.sink.Add(adsync.Target{Kind: adsync.User, Attrs: text("logon", "x")}) }, nil},
		"a copy of one of ours":            {nil, func(w *world) { w.sink.Add(adsync.Target{Kind: adsync.User, Attrs: text("externalId", string(id(2)))}) }, []string{"foreign "}},
		"an external id that nobody has": {nil, func(w *world) {
			w.sink.Add(adsync.Target{Kind: adsync.User, Attrs: text("externalId", string(id(99)))})
		}, nil},
		"two of one object":                 {nil, func(w *world) { w.byHand(1, "firstName", "x"); w.byHand(1, "lastName", "y") }, []string{"changed firstName", "changed lastName"}},
		"a member that is gone":             {nil, func(w *world) { w.dropMember(5000, 1) }, []string{"missing-member "}},
		"a member that somebody added":      {nil, func(w *world) { w.sink.AddMember(w.target(5000).ID, w.target(3).ID) }, nil},
		"a group with its members is gone":  {nil, func(w *world) { w.sink.Remove(w.target(5000).ID) }, []string{"missing "}},
		"a member's object is gone as well": {nil, func(w *world) { w.sink.Remove(w.target(1).ID) }, []string{"missing "}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 3)
			w.group(5000, "staff", id(1), id(2))
			if c.job != nil {
				w.with(c.job)
			}
			w.run()
			calls := len(w.sink.Calls())
			c.change(w)
			report, err := w.verify(adsync.VerifyOptions{})
			require.NoError(t, err)
			var got []string
			for _, d := range report.Differences {
				got = append(got, string(d.What)+" "+d.Attr)
			}
			require.Equal(t, c.want, got)
			require.Equal(t, len(c.want), report.Count())
			require.Equal(t, 4, report.Objects)
			require.Len(t, w.sink.Calls(), calls, "nothing is written")
			require.Zero(t, w.run().Counts.Writes(), "and nothing is noted")
		})
	}
}

// dropMember takes a member out of a group in the target.
func (w *world) dropMember(group, member int) {
	g, gone := *w.target(group), w.target(member).ID
	members := w.sink.Members(g.ID)
	w.sink.Remove(g.ID)
	w.sink.Add(g)
	for _, m := range members {
		if m != gone {
			w.sink.AddMember(g.ID, m)
		}
	}
}

// What the target had of its own when an object was adopted is not ours.
//
// Red when owns does not ask the mapping.
func TestVerifyLeavesAloneWhatWasThereBefore(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.existing(1, func(o *adsync.Target) { o.Attrs.Set("company", "Acme") })
	w.run()
	require.Equal(t, "Acme", w.links("ad")[id(1)].Applied.Get("company"))
	w.byHand(1, "company", "Other")
	report, err := w.verify(adsync.VerifyOptions{})
	require.NoError(t, err)
	require.Zero(t, report.Count(), "%+v", report.Differences)
}

// Who left is inactive in the target. One that somebody made active again is told,
// and leaves again when that is repaired.
func TestVerifyFindsALeaverWhoIsActiveAgain(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.leave(2)
	w.run()
	report, err := w.verify(adsync.VerifyOptions{})
	require.NoError(t, err)
	require.Zero(t, report.Count())
	back := *w.target(2)
	back.Attrs.Set("active", "true")
	back.Inactive = false
	w.sink.Add(back)
	report, err = w.verify(adsync.VerifyOptions{Repair: true})
	require.NoError(t, err)
	require.Equal(t, []string{"false", "true"}, append(report.Differences[0].Applied, report.Differences[0].Found...))
	e := w.engine()
	applied, err := e.Apply(t.Context(), report.Plan)
	require.NoError(t, err)
	require.Equal(t, 1, applied.Counts.Deactivate)
	require.True(t, w.target(2).Inactive)
}

func TestVerifyJSONIsStable(t *testing.T) {
	at := time.Date(2031, 3, 5, 7, 9, 11, 0, time.UTC)
	text, err := json.Marshal(adsync.VerifyReport{
		Target: "app", Started: at, Ended: at.Add(time.Second), Objects: 3, Groups: 1, Members: 2, Missing: 1, Changed: 1, MissingMembers: 1,
		Left: []string{"contacts: the target cannot list them"}, Plan: "db523a80fbd6c60b",
		Differences: []adsync.Difference{
			{What: adsync.DifferenceChanged, Kind: adsync.User, Source: "ad", Anchor: "a", Target: "1", Name: "Ada Example", Attr: "title", Applied: []string{"Countess"}, Found: []string{"Boss"}},
			{What: adsync.DifferenceMissingMember, Kind: adsync.Group, Source: "ad", Anchor: "g", Target: "2", Member: "a", MemberTarget: "1"},
		},
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"target":"app","started":"2031-03-05T07:09:11Z","ended":"2031-03-05T07:09:12Z","objects":3,"groups":1,"members":2,
		"missing":1,"changed":1,"foreign":0,"missingMembers":1,"extraMembers":0,"left":["contacts: the target cannot list them"],
		"plan":"db523a80fbd6c60b","differences":[
		{"what":"changed","kind":"user","source":"ad","anchor":"a","target":"1","name":"Ada Example","attr":"title","applied":["Countess"],"found":["Boss"]},
		{"what":"missing-member","kind":"group","source":"ad","anchor":"g","target":"2","member":"a","memberTarget":"1"}]}`, string(text))
}

// The report lists so many; whoever asks hears of all, and may end it.
func TestEachDifferenceIsHeardOf(t *testing.T) {
	w := newWorld(t).crowd(1, 1500)
	w.run()
	w.allByHand("firstName", "Other")
	heard := 0
	report, err := w.verify(adsync.VerifyOptions{Each: func(adsync.Difference) error { heard++; return nil }})
	require.NoError(t, err)
	require.Equal(t, 1500, heard)
	require.Equal(t, 1500, report.Changed)
	require.Len(t, report.Differences, 1000)
	enough := errors.New("enough")
	report, err = w.verify(adsync.VerifyOptions{Each: func(adsync.Difference) error { return enough }})
	require.ErrorIs(t, err, enough)
	require.Equal(t, "enough", report.Error)
}

func TestVerifyRefuses(t *testing.T) {
	t.Run("a sink that cannot list", func(t *testing.T) {
		w := newWorld(t).crowd(1, 2).with(func(j *adsync.Job) { j.Sink, j.Matcher = memory.PlainSink{S: memory.New()}, nil })
		_, err := w.verify(adsync.VerifyOptions{})
		require.Equal(t, adsync.CodeUnsupported, adsync.CodeOf(err))
	})
	t.Run("while a plan is begun", func(t *testing.T) {
		w := newWorld(t).crowd(1, 2)
		w.sink.Intercept = func(adsync.Op) (adsync.Receipt, error, bool) {
			return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnauthenticated, "no"), true
		}
		_, err := w.try(t.Context())
		require.Error(t, err)
		_, err = w.verify(adsync.VerifyOptions{})
		unfinished := &adsync.UnfinishedError{}
		require.ErrorAs(t, err, &unfinished)
	})
	t.Run("a list that breaks off", func(t *testing.T) {
		w := newWorld(t).crowd(1, 30)
		w.run()
		w.byHand(1, "firstName", "Other")
		w.with(func(j *adsync.Job) { j.Sink = brokenList{w.sink} })
		report, err := w.verify(adsync.VerifyOptions{Repair: true})
		target := &adsync.TargetError{}
		require.ErrorAs(t, err, &target)
		require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
		require.Zero(t, report.Count(), "half a list says that the other half is missing, and is not believed")
		require.NotEmpty(t, report.Error)
		require.Empty(t, report.Plan)
		w.job = nil
		require.Equal(t, adsync.Counts{Unchanged: 30}, w.run().Counts, "nothing was noted")
	})
	t.Run("a cancelled context", func(t *testing.T) {
		w := newWorld(t).crowd(1, 3)
		w.run()
		ctx, cancel := context.WithCancel(t.Context())
		e := w.engine()
		_, err := e.Verify(ctx, adsync.VerifyOptions{Each: func(adsync.Difference) error { return nil }})
		require.NoError(t, err)
		cancel()
		_, err = e.Verify(ctx, adsync.VerifyOptions{})
		require.ErrorIs(t, err, context.Canceled)
	})
}

type brokenList struct{ *memory.Sink }

func (s brokenList) List(ctx context.Context, kind adsync.Kind) iter.Seq2[adsync.Target, error] {
	return func(yield func(adsync.Target, error) bool) {
		n := 0
		for t, err := range s.Sink.List(ctx, kind) {
			if n++; n > 10 {
				yield(adsync.Target{}, adsync.Errorf(adsync.CodeUnavailable, "the connection broke"))
				return
			}
			if !yield(t, err) {
				return
			}
		}
	}
}

// A repair that is killed in the middle has noted some of what it found. The next
// run ends it, reads everything, and writes what was noted; the next comparison
// finds the rest.
//
// Red when the run that notes does not say from its start that the sources are
// read in full, and when it is not taken for begun.
func TestARepairThatIsKilledIsEndedByTheNextRun(t *testing.T) {
	w := newWorld(t).crowd(1, 1200)
	w.reads(whole("c1", w.shows(numbers(1, 1200)...)...), delta("c2"), whole("c3", w.shows(numbers(1, 1200)...)...))
	w.with(func(j *adsync.Job) { j.Guard.Rewritten.Off, j.Guard.Updates.Off = true, true })
	w.run()
	w.allByHand("firstName", "Other")
	w.hook()
	records := 0
	w.hooks.record = func(adsync.Record) error {
		if records++; records > 1 {
			return errors.New("killed")
		}
		return nil
	}
	script := w.reads(delta("c2"), whole("c3", w.shows(numbers(1, 1200)...)...))
	_, err := w.verify(adsync.VerifyOptions{Repair: true})
	require.ErrorContains(t, err, "killed")
	require.Empty(t, script.asked, "no plan is made of half")
	w.hooks.record = nil
	script = w.reads(whole("c3", w.shows(numbers(1, 1200)...)...))
	report := w.run()
	require.Empty(t, script.asked[0].Since, "everything is read")
	require.Equal(t, 500, report.Counts.Update)
	verified, err := w.verify(adsync.VerifyOptions{})
	require.NoError(t, err)
	require.Equal(t, 700, verified.Changed)
}

// A plan that was held before no longer fits what is known.
func TestARepairTakesThePlaceOfAHeldPlan(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.person(1, "firstName", "New")
	_, held := w.plan()
	w.byHand(1, "firstName", "Other")
	report, err := w.verify(adsync.VerifyOptions{Repair: true})
	require.NoError(t, err)
	e := w.engine()
	_, err = e.Apply(t.Context(), held.ID())
	superseded := &adsync.SupersededError{}
	require.ErrorAs(t, err, &superseded)
	require.Equal(t, report.Plan, superseded.Newer)
	_, err = e.Apply(t.Context(), report.Plan)
	require.NoError(t, err)
	require.Equal(t, "New", w.target(1).Attrs.Get("firstName"))
}

// A comparison that is due and fails leaves the run as it was, and is tried again.
func TestADueComparisonThatFailsIsTriedAgain(t *testing.T) {
	w := newWorld(t).crowd(1, 30).with(func(j *adsync.Job) { j.VerifyEvery = time.Nanosecond })
	require.Nil(t, w.run().Verify, "a first run wrote everything")
	before := w.job
	w.with(func(j *adsync.Job) { j.Sink = brokenList{w.sink} })
	report := w.run()
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome)
	require.NotEmpty(t, report.Verify.Error)
	w.job = before
	require.Empty(t, w.run().Verify.Error)
	w.with(func(j *adsync.Job) { j.VerifyEvery = -1 })
	require.Nil(t, w.run().Verify, "never")
}
