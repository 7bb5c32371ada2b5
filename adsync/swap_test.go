package adsync_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// take gives person n the e-mail address of another.
func (w *world) take(n, from int) { w.person(n, "email", fmt.Sprintf("user%d@example.com", from)) }

func TestExchangesOfUniqueValues(t *testing.T) {
	for _, c := range []struct {
		name  string
		takes map[int]int // who takes whose address
		swaps int         // ops in circles
	}{
		{"two", map[int]int{1: 2, 2: 1}, 2},
		{"three in a ring", map[int]int{1: 2, 2: 3, 3: 1}, 3},
		{"two pairs", map[int]int{1: 2, 2: 1, 3: 4, 4: 3}, 4},
		{"a chain behind a pair", map[int]int{1: 2, 2: 1, 3: 30, 4: 3, 5: 4}, 2},
		{"a chain", map[int]int{1: 2, 2: 3, 3: 4, 4: 30}, 0},
	} {
		for name, swap := range map[string]adsync.Swap{"atomic": adsync.SwapAtomic, "park": adsync.SwapPark, "none": adsync.SwapNone} {
			t.Run(c.name+", "+name, func(t *testing.T) {
				w := newWorld(t).crowd(1, 6)
				w.sink.Rules.Swap = swap
				if swap != adsync.SwapAtomic {
					w.with(func(j *adsync.Job) { j.Sink = memory.Single(w.sink) })
				}
				w.run()
				for n, from := range c.takes {
					w.take(n, from)
				}
				_, plan := w.plan()
				parked := 0
				var phase adsync.Phase
				for op, err := range plan.Ops(t.Context()) {
					require.NoError(t, err)
					require.GreaterOrEqual(t, op.Phase, phase)
					phase = op.Phase
					if op.Intent == adsync.IntentPark {
						parked++
						require.Equal(t, adsync.PhasePark, op.Phase)
						require.Contains(t, op.Full.Get("email"), "parked-")
						require.NotEmpty(t, op.Note)
						require.Len(t, op.Changes(), 1)
					}
					require.Equal(t, swap == adsync.SwapAtomic && c.swaps > 0 && isSwapped(op, c.takes), op.Swap != 0, "%s", op.Anchor)
				}
				report := w.run()
				if swap == adsync.SwapNone && c.swaps > 0 {
					require.Equal(t, adsync.OutcomeConflicts, report.Outcome)
					require.Equal(t, c.swaps, report.Counts.Conflicts, "%v", codes(report))
					for _, i := range report.Issues {
						require.Equal(t, adsync.IssueSwapUnsupported, i.Code)
					}
					require.Equal(t, len(c.takes)-c.swaps, report.Counts.Update)
					require.Equal(t, c.swaps, w.run().Counts.Conflicts, "it waits for a person")
					return
				}
				require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%v %v", codes(report), w.attempts())
				require.Equal(t, len(c.takes), report.Counts.Update, "parking is part of what it is for")
				for n, from := range c.takes {
					require.Equal(t, fmt.Sprintf("user%d@example.com", from), w.target(n).Attrs.Get("email"))
				}
				for _, o := range w.sink.Objects() {
					require.False(t, strings.Contains(o.Attrs.Get("email"), "parked"))
				}
				require.Equal(t, parked > 0, swap == adsync.SwapPark && c.swaps > 0)
				w.requireEffectsOnce()
				require.Equal(t, adsync.Counts{Unchanged: 6}, w.run().Counts)
			})
		}
	}
}

func isSwapped(op adsync.PlannedOp, takes map[int]int) bool {
	for n, from := range takes {
		if op.Anchor != id(n) {
			continue
		}
		for next := from; next != 0; next = takes[next] {
			if next == n {
				return true
			}
		}
	}
	return false
}

// A parked value must fit, and two must not be parked under one name.
func TestParkedValuesFitAndDiffer(t *testing.T) {
	w := newWorld(t).crowd(1, 40)
	rules := w.sink.Rules.Kinds[adsync.User].Attributes
	rules["email"] = adsync.AttributeSchema{Unique: true, MaxLength: 30}
	w.sink.Rules.Swap = adsync.SwapPark
	for n := 1; n <= 40; n++ {
		w.person(n, "email", fmt.Sprintf("person-%d@long.example.com", n))
	}
	w.run()
	for n := 1; n <= 40; n += 2 {
		w.person(n, "email", fmt.Sprintf("person-%d@long.example.com", n+1)).person(n+1, "email", fmt.Sprintf("person-%d@long.example.com", n))
	}
	report := w.run()
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%v", report.Issues)
	require.Equal(t, 40, report.Counts.Update)
}

// A deletion that gives up a value somebody takes goes first; the others last.
func TestDeletionThatReleasesAValueGoesFirst(t *testing.T) {
	w := newWorld(t).crowd(1, 6)
	w.with(func(j *adsync.Job) {
		j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.User: {OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}}
		j.Matcher = nil
	})
	w.run()
	w.leave(1, 2)
	w.take(3, 1)
	w.person(9, "email", "new@example.com")
	_, plan := w.plan()
	var order []string
	for op, err := range plan.Ops(t.Context()) {
		require.NoError(t, err)
		order = append(order, fmt.Sprintf("%d %s %s", op.Phase, op.Intent, strings.TrimLeft(string(op.Anchor), "0-4")))
	}
	require.Equal(t, []string{"2 delete 8000-000000000001", "5 update 8000-000000000003", "5 create 8000-000000000009", "8 delete 8000-000000000002"}, order)
	require.Equal(t, adsync.OutcomeCompleted, w.run().Outcome)
}
