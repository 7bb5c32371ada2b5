package adsync_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

func TestGuardRules(t *testing.T) {
	limit := func(set func(*adsync.Guard) *adsync.Limit, l adsync.Limit) func(*adsync.Job) {
		return func(j *adsync.Job) { *set(&j.Guard) = l }
	}
	leaving := func(g *adsync.Guard) *adsync.Limit { return &g.Leaving }
	creates := func(g *adsync.Guard) *adsync.Limit { return &g.Creates }
	updates := func(g *adsync.Guard) *adsync.Limit { return &g.Updates }
	adoptions := func(g *adsync.Guard) *adsync.Limit { return &g.Adoptions }
	leave := func(n int) func(*world) { return func(w *world) { w.leave(numbers(1, n)...) } }
	disable := func(n int) func(*world) {
		return func(w *world) {
			for i := 1; i <= n; i++ {
				w.person(i, "active", "false")
			}
		}
	}
	join := func(n int) func(*world) { return func(w *world) { w.crowd(5001, 5000+n) } }
	change := func(n int) func(*world) {
		return func(w *world) {
			for i := 1; i <= n; i++ {
				w.person(i, "title", "Clerk")
			}
		}
	}
	adopt := func(n int) func(*world) {
		return func(w *world) {
			w.crowd(5001, 5000+n)
			for i := 5001; i <= 5000+n; i++ {
				w.existing(i)
			}
		}
	}
	for _, c := range []struct {
		name   string
		people int
		job    func(*adsync.Job)
		what   func(*world)
		rule   string // "" when the plan is not refused
	}{
		{"ten may leave, however few there are", 12, nil, leave(10), ""},
		{"eleven may not", 30, nil, leave(11), "leaving"},
		{"five percent may leave", 400, nil, leave(20), ""},
		{"and not one more", 400, nil, leave(21), "leaving"},
		{"being disabled counts as leaving", 30, nil, disable(11), "leaving"},
		{"a limit in numbers", 30, limit(leaving, adsync.Limit{Count: 3}), leave(4), "leaving"},
		{"just within it", 30, limit(leaving, adsync.Limit{Count: 3}), leave(3), ""},
		{"a limit in percent", 30, limit(leaving, adsync.Limit{Percent: 10}), leave(4), "leaving"},
		{"just within that", 30, limit(leaving, adsync.Limit{Percent: 10}), leave(3), ""},
		{"the larger of both holds", 30, limit(leaving, adsync.Limit{Count: 1, Percent: 10}), leave(3), ""},
		{"no limit", 30, limit(leaving, adsync.Limit{Off: true}), leave(29), ""},
		{"creates", 10, nil, join(201), "creates"},
		{"creates within the limit", 10, nil, join(200), ""},
		{"creates, limited", 10, limit(creates, adsync.Limit{Count: 5}), join(6), "creates"},
		{"updates", 600, nil, change(501), "updates"},
		{"updates within the limit", 600, nil, change(500), ""},
		{"updates, limited", 10, limit(updates, adsync.Limit{Count: 5}), change(6), "updates"},
		{"adoptions", 10, nil, adopt(51), "adoptions"},
		{"adoptions within the limit", 10, nil, adopt(50), ""},
		{"adoptions, limited", 10, limit(adoptions, adsync.Limit{Percent: 20}), adopt(3), "adoptions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t).crowd(1, c.people)
			w.run()
			if c.job != nil {
				w.with(c.job)
			}
			c.what(w)
			calls := len(w.sink.Calls())
			report := w.run()
			if c.rule == "" {
				require.NotEqual(t, adsync.OutcomeRefused, report.Outcome, "%v", report.Findings)
				require.Greater(t, len(w.sink.Calls()), calls)
				return
			}
			require.Equal(t, adsync.OutcomeRefused, report.Outcome)
			require.Len(t, w.sink.Calls(), calls, "a refused plan changes nothing at all")
			require.Equal(t, c.rule, report.Findings[0].Rule)
			require.True(t, report.Findings[0].Refuses)
			require.Equal(t, adsync.User, report.Findings[0].Kind)
			require.Equal(t, c.people, report.Findings[0].Of)
			require.Equal(t, report.Findings[0].Limit+1, report.Findings[0].Count)
		})
	}
}

// Each kind has limits of its own: few groups do not hide behind many people.
func TestGuardJudgesEachKindByItself(t *testing.T) {
	w := newWorld(t).crowd(1, 400)
	for n := 5001; n <= 5030; n++ {
		w.group(n, fmt.Sprint("group", n))
	}
	w.with(func(j *adsync.Job) {
		j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.Group: {OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}}
	})
	w.with(func(j *adsync.Job) { j.Guard.Creates.Off = true })
	w.run()
	w.leave(numbers(5001, 5012)...)
	report := w.run()
	require.Equal(t, adsync.OutcomeRefused, report.Outcome)
	require.Equal(t, adsync.Group, report.Findings[0].Kind)
	require.Equal(t, 12, report.Findings[0].Count)
	require.Equal(t, 30, report.Findings[0].Of)
}

// A target whose objects carry the attribute active and cannot be deactivated
// otherwise: turning it to false is leaving, whatever the op is called.
func TestTurningInactiveCountsAsLeaving(t *testing.T) {
	w := newWorld(t).crowd(1, 30)
	rules := w.sink.Rules.Kinds[adsync.User]
	rules.Deactivate = false
	w.sink.Rules.Kinds[adsync.User] = rules
	w.run()
	for n := 1; n <= 11; n++ {
		w.person(n, "active", "false")
	}
	report := w.run()
	require.Equal(t, adsync.OutcomeRefused, report.Outcome, "%+v %v", report, w.attempts())
	require.Equal(t, "leaving", report.Findings[0].Rule)
}

func TestFirstRun(t *testing.T) {
	stranger := func(w *world) {
		w.sink.Add(adsync.Target{Kind: adsync.Contact, Attrs: text("displayName", "somebody")})
	}
	blind := func(w *world) { w.with(func(j *adsync.Job) { j.Sink, j.Matcher = memory.Blind(w.sink), nil }) }
	unmatched := func(w *world) { w.with(func(j *adsync.Job) { j.Matcher = nil }) }
	for _, c := range []struct {
		name    string
		set     []func(*world)
		refused string
	}{
		{"into an empty target", nil, ""},
		{"into an empty target, matching nothing", []func(*world){unmatched}, ""},
		{"into a target that has something", []func(*world){stranger}, "creates"},
		{"into a target that has something, matching nothing", []func(*world){stranger, unmatched}, "creates"},
		{"into a target that cannot tell", []func(*world){stranger, blind}, ""},
		{"adopting too many", []func(*world){func(w *world) {
			for n := 1; n <= 51; n++ {
				w.existing(n)
			}
			w.leave(numbers(52, 300)...)
		}}, "adoptions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 300)
			for _, f := range c.set {
				f(w)
			}
			report := w.run()
			if c.refused == "" {
				require.Equal(t, 300, report.Counts.Create)
				require.Equal(t, adsync.OutcomeCompleted, report.Outcome)
				w.crowd(1001, 1201)
				require.Equal(t, adsync.OutcomeRefused, w.run().Outcome, "it is free once")
				return
			}
			require.Equal(t, adsync.OutcomeRefused, report.Outcome)
			require.Equal(t, c.refused, report.Findings[0].Rule)
			require.Empty(t, w.sink.Calls())
		})
	}
}

func TestApproval(t *testing.T) {
	w := newWorld(t).crowd(1, 30)
	w.run()
	w.leave(numbers(1, 12)...)
	require.Equal(t, adsync.OutcomeRefused, w.run().Outcome, "Run leaves the plan held")
	calls := len(w.sink.Calls())

	e, plan := w.plan()
	require.NotEmpty(t, plan.Refused())
	require.Equal(t, adsync.OutcomeRefused, plan.Report().Outcome)
	_, err := e.Apply(t.Context(), plan.ID())
	require.ErrorIs(t, err, adsync.ErrNotApproved)
	require.Error(t, e.Approve(t.Context(), plan.ID(), ""), "somebody approves")
	require.ErrorIs(t, e.Approve(t.Context(), "0123456789abcdef", "Ada"), adsync.ErrNoPlan)
	require.NoError(t, e.Approve(t.Context(), plan.ID(), "Ada"))

	// A run that comes to the same plan keeps its id and the approval, one that
	// does not starts anew.
	w.person(20, "title", "Clerk")
	e2, other := w.plan()
	require.NotEqual(t, plan.ID(), other.ID())
	superseded := &adsync.SupersededError{}
	require.ErrorAs(t, e2.Approve(t.Context(), plan.ID(), "Ada"), &superseded)
	require.Equal(t, other.ID(), superseded.Newer)
	_, err = e2.Apply(t.Context(), plan.ID())
	require.ErrorAs(t, err, &superseded)
	_, err = e2.Apply(t.Context(), other.ID())
	require.ErrorIs(t, err, adsync.ErrNotApproved, "the approval was of the other plan")
	require.NoError(t, e2.Approve(t.Context(), other.ID(), "Ada"))
	_, again := w.plan()
	require.Equal(t, other.ID(), again.ID())
	require.Len(t, w.sink.Calls(), calls, "nothing was written so far")
	report, err := e2.Apply(t.Context(), other.ID())
	require.NoError(t, err)
	require.Equal(t, 12, report.Counts.Deactivate)
	var by []string
	for info, err := range e2.History(t.Context()) {
		require.NoError(t, err)
		if info.Plan == other.ID() && info.State == adsync.RunEnded {
			by = append(by, info.Approved)
		}
	}
	require.Equal(t, []string{"Ada"}, by)
	_, err = e2.Apply(t.Context(), other.ID())
	require.ErrorIs(t, err, adsync.ErrNoPlan)
}

func TestApprovedPlanIsAppliedByARunThatComesToTheSame(t *testing.T) {
	w := newWorld(t).crowd(1, 30)
	w.run()
	w.leave(numbers(1, 12)...)
	e, plan := w.plan()
	require.NoError(t, e.Approve(t.Context(), plan.ID(), "Ada"))
	require.Equal(t, 12, w.run().Counts.Deactivate)
}

func TestHeldPlanIsFoundByItsID(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	_, plan := w.plan()
	e := w.engine()
	held, err := e.HeldPlan(t.Context(), plan.ID())
	require.NoError(t, err)
	require.Equal(t, plan.Report().Counts, held.Report().Counts)
	_, err = e.HeldPlan(t.Context(), "none")
	require.ErrorIs(t, err, adsync.ErrNoPlan)
}
