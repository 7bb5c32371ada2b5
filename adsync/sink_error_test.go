package adsync_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// failing answers the ops of one person with an error, as often as said.
func failing(n, times int, err error) func(adsync.Op) (adsync.Receipt, error, bool) {
	return func(op adsync.Op) (adsync.Receipt, error, bool) {
		if op.Anchor != id(n) || times == 0 {
			return adsync.Receipt{}, nil, false
		}
		times--
		return adsync.Receipt{}, err, true
	}
}

const always = 1 << 30

func TestErrorsOfOneObject(t *testing.T) {
	named := adsync.Errorf(adsync.CodeInvalid, "no such country")
	named.Problem, named.Attr = "country-unknown", "country"
	for _, c := range []struct {
		err     error
		issue   string
		outcome adsync.RunOutcome
	}{
		{adsync.Errorf(adsync.CodeInvalid, "bad"), "value-invalid ", adsync.OutcomeCompleted},
		{named, "country-unknown country", adsync.OutcomeCompleted},
		{adsync.Errorf(adsync.CodeConflict, "taken"), "value-in-use ", adsync.OutcomeConflicts},
		{adsync.Errorf(adsync.CodeUnsupported, "cannot"), "failed ", adsync.OutcomePartial},
		{adsync.Errorf(adsync.CodeDenied, "may not"), "denied ", adsync.OutcomePartial},
		{adsync.Errorf(adsync.CodeTooLarge, "one op is too large"), "value-invalid ", adsync.OutcomePartial},
		{adsync.Errorf(adsync.CodeGone, "what run?"), "failed ", adsync.OutcomePartial},
		{errors.New("something else"), "failed ", adsync.OutcomePartial},
		{adsync.Errorf(adsync.CodeUnavailable, "no answer"), "unavailable ", adsync.OutcomePartial},
		{io.ErrUnexpectedEOF, "unavailable ", adsync.OutcomePartial},
		{context.DeadlineExceeded, "unavailable ", adsync.OutcomePartial},
	} {
		for _, single := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, single %v", c.err, single), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t).crowd(1, 5)
					if single {
						w.sink.Rules.Swap = adsync.SwapNone
						w.with(func(j *adsync.Job) { j.Sink = memory.Single(w.sink) })
					}
					w.sink.Intercept = failing(3, always, c.err)
					report := w.run()
					require.Equal(t, []string{"000000000003 " + c.issue}, codes(report))
					require.Equal(t, c.outcome, report.Outcome)
					require.Equal(t, 4, report.Counts.Create)
					if link, ok := w.links("ad")[id(3)]; ok { // it may have been made
						require.Equal(t, adsync.LinkSent, link.State)
						require.Contains(t, []string{"failed ", "unavailable "}, c.issue)
					}
					w.sink.Intercept = nil
					report = w.run()
					require.Equal(t, adsync.Counts{Create: 1, Unchanged: 4}, report.Counts)
					require.Empty(t, w.remembered())
				})
			})
		}
	}
}

func TestFirstTwentyDeniedStopTheRun(t *testing.T) {
	for name, c := range map[string]struct {
		passes int // the person whose op passes
		stops  bool
	}{"all of them": {0, true}, "one in between passes": {15, false}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 60)
			w.sink.Rules.MaxBatch = 10
			w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
				return adsync.Receipt{}, adsync.Errorf(adsync.CodeDenied, "may not"), op.Anchor != id(c.passes)
			}
			report, err := w.try(t.Context())
			if !c.stops {
				require.NoError(t, err)
				require.Len(t, w.sink.Calls(), 60)
				require.Equal(t, 59, len(report.Issues))
				return
			}
			require.Equal(t, adsync.CodeDenied, adsync.CodeOf(err))
			require.Len(t, w.sink.Calls(), 20)
			require.Equal(t, adsync.OutcomeFailed, report.Outcome)
			w.sink.Intercept = nil
			w.run()
			require.Len(t, w.sink.Objects(), 60)
		})
	}
}

func TestNotFoundByVerb(t *testing.T) {
	t.Run("a leaver that is gone has left", func(t *testing.T) {
		w := newWorld(t).crowd(1, 3)
		w.run()
		w.sink.Remove(w.target(1).ID)
		w.leave(1)
		report := w.run()
		require.Equal(t, adsync.Counts{Deactivate: 1, Unchanged: 2}, report.Counts)
		require.Empty(t, report.Issues)
		require.Equal(t, adsync.Counts{Unchanged: 2}, w.run().Counts)
	})
	t.Run("what was to be deleted is deleted", func(t *testing.T) {
		w := newWorld(t).crowd(1, 3)
		w.with(func(j *adsync.Job) {
			j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.User: {OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}}
		})
		w.run()
		w.sink.Remove(w.target(1).ID)
		w.leave(1)
		report := w.run()
		require.Equal(t, adsync.Counts{Delete: 1, Unchanged: 2}, report.Counts)
		require.Equal(t, adsync.LinkLost, w.links("ad")[id(1)].State)
		require.Empty(t, w.links("ad")[id(1)].Target)
	})
	lost := func(t *testing.T) *world {
		w := newWorld(t).crowd(1, 3)
		w.run()
		w.sink.Remove(w.target(1).ID)
		w.person(1, "title", "Clerk")
		report := w.run()
		require.Equal(t, []string{"000000000001 target-gone "}, codes(report))
		require.Equal(t, adsync.LinkLost, w.links("ad")[id(1)].State)
		return w
	}
	t.Run("a change finds it gone, and it is made anew", func(t *testing.T) {
		w := lost(t)
		require.Equal(t, adsync.Counts{Create: 1, Unchanged: 2}, w.run().Counts)
		require.Equal(t, "Clerk", w.target(1).Attrs.Get("title"))
		require.Equal(t, adsync.Counts{Unchanged: 3}, w.run().Counts)
	})
	t.Run("somebody has made it anew by hand, and it is matched", func(t *testing.T) {
		w := lost(t)
		byHand := w.existing(1)
		require.Equal(t, adsync.Counts{Adopt: 1, Unchanged: 2}, w.run().Counts)
		require.Equal(t, byHand, w.target(1).ID)
		require.Equal(t, adsync.Counts{Unchanged: 3}, w.run().Counts)
	})
	t.Run("and then two of them", func(t *testing.T) {
		w := lost(t)
		for range 2 {
			w.existing(1)
		}
		require.Equal(t, []string{"000000000001 target-ambiguous "}, codes(w.run()))
	})
	t.Run("a newcomer has its address", func(t *testing.T) {
		w := lost(t)
		w.person(9, "email", "user1@example.com")
		require.Equal(t, []string{"000000000001 source-duplicate email", "000000000009 source-duplicate email"}, codes(w.run()))
	})
}

func TestLimitedWaitsAsLongAsItIsTold(t *testing.T) {
	for _, single := range []bool{false, true} {
		t.Run(fmt.Sprint("single ", single), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t).crowd(1, 20)
				if single {
					w.sink.Rules.Swap = adsync.SwapNone
					w.with(func(j *adsync.Job) { j.Sink = memory.Single(w.sink) })
				}
				limited := adsync.Errorf(adsync.CodeLimited, "slow down")
				limited.RetryAfter = 7 * time.Minute
				times := 30 // more than any bound on tries
				var asked []time.Time
				w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
					if op.Anchor != id(3) || times == 0 {
						return adsync.Receipt{}, nil, false
					}
					times--
					asked = append(asked, time.Now())
					return adsync.Receipt{}, limited, true
				}
				begun := time.Now()
				report := w.run()
				require.Equal(t, adsync.OutcomeCompleted, report.Outcome)
				require.Equal(t, 20, report.Counts.Create)
				require.GreaterOrEqual(t, time.Since(begun), 30*7*time.Minute)
				require.Less(t, time.Since(begun), 31*7*time.Minute)
				for i := 1; i < len(asked); i++ {
					require.GreaterOrEqual(t, asked[i].Sub(asked[i-1]), 7*time.Minute)
				}
				w.requireEffectsOnce()
			})
		})
	}
}

// A sink that takes one op at a time and says that this is too fast is not
// asked for the next one at once.
func TestLimitedStopsTheOpsBehindIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 20)
		w.sink.Rules.Swap = adsync.SwapNone
		w.with(func(j *adsync.Job) { j.Sink = memory.Single(w.sink) })
		limited := adsync.Errorf(adsync.CodeLimited, "slow down")
		limited.RetryAfter = time.Minute
		until := time.Now().Add(time.Minute)
		early := 0
		w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
			if op.Anchor >= id(5) && time.Now().Before(until) {
				early++
				return adsync.Receipt{}, limited, true
			}
			return adsync.Receipt{}, nil, false
		}
		require.Equal(t, 20, w.run().Counts.Create)
		require.Equal(t, 1, early)
	})
}

func TestUnavailableIsTriedWithBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 5)
		w.with(func(j *adsync.Job) { j.Retry = adsync.Retry{Tries: 4, First: time.Second, Most: 3 * time.Second} })
		var asked []time.Time
		w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
			if op.Anchor != id(2) {
				return adsync.Receipt{}, nil, false
			}
			asked = append(asked, time.Now())
			return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnavailable, "no answer"), true
		}
		w.run()
		require.Len(t, asked, 4)
		for i, most := range []time.Duration{1, 2, 3} {
			wait := asked[i+1].Sub(asked[i])
			require.LessOrEqual(t, wait, most*time.Second)
			require.GreaterOrEqual(t, wait, most*time.Second/2)
		}
	})
}

func TestDeadTargetEndsTheRunUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 60)
		w.sink.Rules.MaxBatch = 15
		w.sink.InterceptBatch = func(b adsync.OpBatch) error {
			if b.N >= 2 {
				return adsync.Errorf(adsync.CodeUnavailable, "no answer")
			}
			return nil
		}
		report, err := w.try(t.Context())
		require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
		require.Equal(t, adsync.OutcomeUnreachable, report.Outcome)
		require.Equal(t, 30, report.Counts.Create)
		w.sink.InterceptBatch = nil
		report = w.run()
		require.Equal(t, adsync.OutcomeCompleted, report.Outcome)
		require.Len(t, w.sink.Objects(), 60)
		w.requireEffectsOnce()
	})
}

// I7: an op that the target never answers, alone in the plan, must not keep
// everybody else from being synchronised for good.
func TestOpThatIsNeverAnsweredDoesNotBlockTheOthersForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 20)
		w.run()
		w.sink.Intercept = failing(3, always, adsync.Errorf(adsync.CodeUnavailable, "no answer"))
		w.leave(3)
		report, err := w.try(t.Context())
		require.Error(t, err)
		require.Equal(t, adsync.OutcomeUnreachable, report.Outcome, "nothing at all was answered")
		w.person(5, "title", "Clerk").person(21)
		report, err = w.try(t.Context())
		require.NoError(t, err)
		require.Equal(t, adsync.OutcomePartial, report.Outcome)
		require.Equal(t, 1, report.Counts.Update)
		require.Equal(t, 1, report.Counts.Create)
		w.sink.Intercept = nil
		require.Equal(t, 1, w.run().Counts.Deactivate)
	})
}

func TestTooLargeBatchIsSplit(t *testing.T) {
	w := newWorld(t).crowd(1, 40)
	var sizes []int
	keys := map[string]string{}
	w.sink.InterceptBatch = func(b adsync.OpBatch) error {
		var content []string
		for _, op := range b.Ops {
			content = append(content, op.Key)
		}
		all := strings.Join(content, " ")
		require.Contains(t, []string{"", all}, keys[b.Key], "a key stands for one batch")
		keys[b.Key] = all
		if len(b.Ops) > 12 {
			return adsync.Errorf(adsync.CodeTooLarge, "too large")
		}
		sizes = append(sizes, len(b.Ops))
		return nil
	}
	require.Equal(t, 40, w.run().Counts.Create)
	require.Equal(t, []int{10, 10, 10, 10}, sizes)
	w.requireEffectsOnce()
}

func TestSplitDoesNotTearAnExchange(t *testing.T) {
	w := newWorld(t).crowd(1, 8)
	w.run()
	for n := 1; n <= 8; n += 2 { // odd ones exchange with the next
		w.person(n, "email", fmt.Sprintf("user%d@example.com", n+1)).person(n+1, "email", fmt.Sprintf("user%d@example.com", n))
	}
	w.person(1, "email", "user3@example.com").person(2, "email", "user1@example.com").person(3, "email", "user2@example.com").person(4)
	w.sink.InterceptBatch = func(b adsync.OpBatch) error {
		if len(b.Ops) > 4 {
			return adsync.Errorf(adsync.CodeTooLarge, "too large")
		}
		return nil
	}
	report := w.run()
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%v", report.Issues)
	require.Equal(t, 7, report.Counts.Update)
	require.Equal(t, "user3@example.com", w.target(1).Attrs.Get("email"))
}

// What is tried again of a batch is another batch: a target that recognises
// batches by their key would answer for the whole of the first.
func TestRestOfABatchHasAKeyOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 6)
		sizes := map[string]int{}
		w.sink.InterceptBatch = func(b adsync.OpBatch) error {
			if n, known := sizes[b.Key]; known {
				require.Len(t, b.Ops, n, "batch %s", b.Key)
			}
			sizes[b.Key] = len(b.Ops)
			return nil
		}
		w.sink.Intercept = failing(3, 2, adsync.Errorf(adsync.CodeUnavailable, "no answer"))
		require.Equal(t, 6, w.run().Counts.Create)
		require.Len(t, sizes, 2)
	})
}

type runSink struct {
	*memory.Sink
	begun []int64
	ended []bool
}

func (s *runSink) Begin(_ context.Context, run int64) error {
	s.begun = append(s.begun, run)
	return nil
}

func (s *runSink) End(_ context.Context, _ int64, completed bool) error {
	s.ended = append(s.ended, completed)
	return nil
}

func TestGoneRunBeginsAgain(t *testing.T) {
	w := newWorld(t).crowd(1, 6)
	sink := &runSink{Sink: w.sink}
	w.with(func(j *adsync.Job) { j.Sink = sink })
	gone := 1
	w.sink.InterceptBatch = func(adsync.OpBatch) error {
		if gone == 0 {
			return nil
		}
		gone--
		return adsync.Errorf(adsync.CodeGone, "what run?")
	}
	require.Equal(t, 6, w.run().Counts.Create)
	require.Equal(t, []int64{1, 1}, sink.begun)
	require.Equal(t, []bool{true}, sink.ended)
	w.sink.InterceptBatch = func(adsync.OpBatch) error { return adsync.Errorf(adsync.CodeUnauthenticated, "who?") }
	w.person(7)
	_, err := w.try(t.Context())
	require.Error(t, err)
	require.Equal(t, []bool{true, false}, sink.ended, "End is called after a failure too")
}

func TestRefusedCredentialsStopTheRun(t *testing.T) {
	for _, single := range []bool{false, true} {
		w := newWorld(t).crowd(1, 6)
		if single {
			w.sink.Rules.Swap = adsync.SwapNone
			w.with(func(j *adsync.Job) { j.Sink = memory.Single(w.sink) })
		}
		w.sink.Intercept = failing(4, 1, adsync.Errorf(adsync.CodeUnauthenticated, "wrong password"))
		if !single {
			w.sink.Intercept = nil
			w.sink.InterceptBatch = func(adsync.OpBatch) error {
				return adsync.Errorf(adsync.CodeUnauthenticated, "wrong password")
			}
		}
		_, err := w.try(t.Context())
		require.Equal(t, adsync.CodeUnauthenticated, adsync.CodeOf(err))
		w.sink.InterceptBatch = nil
		require.Equal(t, adsync.OutcomeCompleted, w.run().Outcome)
		require.Len(t, w.sink.Objects(), 6)
		w.requireEffectsOnce()
	}
}

// lossy is a target that loses the answer to a create and then refuses the
// repeated one: a 409 that answers our own create.
func TestConflictWithOurOwnCreateIsSuccess(t *testing.T) {
	for name, replay := range map[string]adsync.Replay{"none": adsync.ReplayNone, "keyed": adsync.ReplayKeyed} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t).crowd(1, 4)
				w.sink.Rules.Replay = adsync.ReplayNone // it recognises nothing, whatever it says
				w.with(func(j *adsync.Job) { j.Sink = saying{w.sink, replay} })
				lose := true
				w.sink.Lose = func(op adsync.Op) error {
					if op.Anchor == id(2) && lose {
						lose = false
						return io.ErrUnexpectedEOF
					}
					return nil
				}
				report := w.run()
				require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%+v", report.Issues)
				require.Equal(t, 4, report.Counts.Create)
				require.Len(t, w.sink.Objects(), 4)
				require.Equal(t, w.target(2).ID, w.links("ad")[id(2)].Target)
			})
		})
	}
}

// saying is a sink that claims another Replay than it has.
type saying struct {
	*memory.Sink
	replay adsync.Replay
}

func (s saying) Schema(ctx context.Context) (adsync.Schema, error) {
	schema, err := s.Sink.Schema(ctx)
	schema.Replay = s.replay
	return schema, err
}

func TestReceiptsThatAreNotEnough(t *testing.T) {
	for _, c := range []struct {
		name    string
		receipt adsync.Receipt
		issue   string
	}{
		{"a create without an id", adsync.Receipt{Outcome: adsync.Created}, "failed "},
		{"deferred", adsync.Receipt{Outcome: adsync.Deferred}, "reference-waits "},
		{"in conflict", adsync.Receipt{Outcome: adsync.Conflicted, Candidates: []adsync.Target{{ID: "x-1", Kind: adsync.User}}}, "target-ambiguous "},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t).crowd(1, 3)
			w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) { return c.receipt, nil, op.Anchor == id(2) }
			report := w.run()
			require.Equal(t, []string{"000000000002 " + c.issue}, codes(report))
			require.Equal(t, c.receipt.Candidates, report.Issues[0].Candidates)
			require.Equal(t, 2, report.Counts.Create)
			if link, ok := w.links("ad")[id(2)]; ok { // it may have been made
				require.Equal(t, "failed ", c.issue)
				require.Equal(t, adsync.LinkSent, link.State)
			}
			w.sink.Intercept = nil
			require.Equal(t, 1, w.run().Counts.Create)
		})
	}
}

// shortSink answers with another number of results than it got ops.
type shortSink struct {
	*memory.Sink
	by int
}

func (s shortSink) ApplyBatch(ctx context.Context, b adsync.OpBatch) ([]adsync.Result, error) {
	results, err := s.Sink.ApplyBatch(ctx, b)
	if s.by > 0 {
		return append(results, make([]adsync.Result, s.by)...), err
	}
	return results[:len(results)+s.by], err
}

func TestWrongNumberOfResults(t *testing.T) {
	for _, by := range []int{-1, 1} {
		w := newWorld(t).crowd(1, 3)
		w.with(func(j *adsync.Job) { j.Sink = shortSink{w.sink, by} })
		report := w.run()
		require.Equal(t, adsync.OutcomePartial, report.Outcome)
		require.Len(t, report.Issues, 3)
		require.Contains(t, report.Issues[0].Detail, "results")
		for _, link := range w.links("ad") {
			require.Equal(t, adsync.LinkSent, link.State, "they may have been made")
		}
		w.job = nil
		require.Zero(t, w.run().Counts.Create, "they are found by our mark")
		require.Len(t, w.links("ad"), 3)
		require.Len(t, w.sink.Objects(), 3)
	}
}

func TestOneDeadObjectLeavesTheOrderOfTheOthers(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.mapper.err = func(o adsync.Object) error {
		if o.Anchor == id(2) {
			return errors.New("no surname rule fits")
		}
		return nil
	}
	report := w.run()
	require.Equal(t, []string{"000000000002 mapping "}, codes(report))
	require.True(t, slices.Equal([]string{"create 1", "create 3"}, w.attempts()))
}

// A change was lost on its way back, again and again, and the directory has
// changed since: the target must not take the new change for the old one.
func TestChangeThatFollowsALostOneIsAnotherEffect(t *testing.T) {
	for name, replay := range map[string]adsync.Replay{"keyed": adsync.ReplayKeyed, "by external id": adsync.ReplayByExternalID, "none": adsync.ReplayNone} {
		t.Run(name, func(t *testing.T) { changeAfterALostOne(t, replay) })
	}
}

func changeAfterALostOne(t *testing.T, replay adsync.Replay) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 5)
		w.sink.Rules.Replay = replay
		w.person(2, "phone", "1")
		w.run()
		w.sink.Lose = func(op adsync.Op) error {
			if op.Anchor == id(2) {
				return io.ErrUnexpectedEOF
			}
			return nil
		}
		w.person(1, "title", "Clerk").person(2, "title", "Clerk", "active", "false")
		w.run() // the first attempt took effect; the engine does not know
		w.sink.Lose = nil
		w.person(2, "title", "Head clerk", "phone", "1")
		report := w.run()
		require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%+v", report.Issues)
		require.Equal(t, "Head clerk", w.target(2).Attrs.Get("title"))
		require.Equal(t, "Head clerk", w.links("ad")[id(2)].Applied.Get("title"))
		require.Equal(t, "1", w.target(2).Attrs.Get("phone"), "back to what it was, as far as the engine knew")
		require.False(t, w.target(2).Inactive)
		require.Zero(t, w.run().Counts.Writes())
	})
}

// The target cannot tell a repetition and cannot be asked: what may have taken
// effect is never sent again by rule.
func TestUnknownCreateWaitsForAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).crowd(1, 4)
		w.sink.Rules.Replay = adsync.ReplayNone
		w.with(func(j *adsync.Job) { j.Sink, j.Matcher = memory.Blind(w.sink), nil })
		lose := true
		w.sink.Lose = func(op adsync.Op) error {
			if op.Anchor == id(2) && lose {
				return io.ErrUnexpectedEOF
			}
			return nil
		}
		for range 3 {
			report := w.run()
			require.Equal(t, []string{"000000000002 unknown "}, codes(report))
			require.Equal(t, adsync.OutcomeConflicts, report.Outcome)
		}
		require.Len(t, w.sink.Objects(), 4)
		require.Equal(t, adsync.LinkSent, w.links("ad")[id(2)].State)
		lose = false
		w.answer(adsync.Answer{Anchor: id(2), Verdict: adsync.AnswerLink, Target: w.target(2).ID})
		require.Equal(t, adsync.OutcomeCompleted, w.run().Outcome)
		require.Equal(t, w.target(2).ID, w.links("ad")[id(2)].Target)
		require.Empty(t, w.remembered())
	})
}

// A batch that failed as a whole with an error of any sort may have taken effect.
func TestBatchThatFailedAsAWholeIsReadBack(t *testing.T) {
	w := newWorld(t).crowd(1, 4)
	w.sink.Rules.Replay = adsync.ReplayNone
	w.with(func(j *adsync.Job) { j.Sink, j.Matcher = afterwards{w.sink}, nil })
	report := w.run()
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%v", report.Issues)
	require.Equal(t, 4, report.Counts.Create)
	w.job = nil
	require.Zero(t, w.run().Counts.Writes())
	require.Len(t, w.sink.Objects(), 4)
}

// afterwards does what it is told and says that it failed.
type afterwards struct{ *memory.Sink }

func (s afterwards) ApplyBatch(ctx context.Context, b adsync.OpBatch) ([]adsync.Result, error) {
	if _, err := s.Sink.ApplyBatch(ctx, b); err != nil {
		return nil, err
	}
	return nil, errors.New("the answer makes no sense")
}
