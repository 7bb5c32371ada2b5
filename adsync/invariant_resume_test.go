package adsync_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// I4: killed anywhere, run again: the target ends as if it had not been
// killed. No op takes effect twice.
//
// Red when all starts a begun plan from its first batch. The keys of ops and
// the reading back have a test of their own, with a target that does not itself
// refuse what is there already.
func TestI4CutAnywhereAndRunAgain(t *testing.T) {
	for name, replay := range map[string]adsync.Replay{"keyed": adsync.ReplayKeyed, "by external id": adsync.ReplayByExternalID, "none": adsync.ReplayNone} {
		for cut, make := range cuts {
			for _, single := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, single %v", name, cut, single), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						want := play(t, replay, single, nil)
						for at := 1; ; at++ {
							c := make(at)
							got := play(t, replay, single, c)
							require.Equal(t, want, got, "cut at %d", at)
							if !c.happened {
								require.Greater(t, at, 5, "the story has too few places to cut")
								break
							}
						}
					})
				})
			}
		}
	}
}

// cutter cuts a run short at one of its places.
type cutter struct {
	at       int
	happened bool
	wire     func(w *world, c *cutter) context.Context
}

// here counts a place, and tells whether it is the one.
func (c *cutter) here() bool {
	if c.at--; c.at != 0 {
		return false
	}
	c.happened = true
	return true
}

var cuts = map[string]func(at int) *cutter{
	"cancelled before an op": func(at int) *cutter {
		return &cutter{at: at, wire: func(w *world, c *cutter) context.Context {
			ctx, cancel := context.WithCancel(w.t.Context())
			w.sink.Intercept = func(adsync.Op) (adsync.Receipt, error, bool) {
				if c.here() {
					cancel()
					return adsync.Receipt{}, ctx.Err(), true
				}
				return adsync.Receipt{}, nil, false
			}
			return ctx
		}}
	},
	"cancelled after an op": func(at int) *cutter {
		return &cutter{at: at, wire: func(w *world, c *cutter) context.Context {
			ctx, cancel := context.WithCancel(w.t.Context())
			w.sink.Lose = func(adsync.Op) error {
				if c.here() {
					cancel()
					return ctx.Err()
				}
				return nil
			}
			return ctx
		}}
	},
	"outcome not recorded": func(at int) *cutter {
		return &cutter{at: at, wire: func(w *world, c *cutter) context.Context {
			w.hooks.record = func(adsync.Record) error {
				if c.here() {
					return errPower
				}
				return nil
			}
			return w.t.Context()
		}}
	},
	"credentials refused": func(at int) *cutter {
		return &cutter{at: at, wire: func(w *world, c *cutter) context.Context {
			w.sink.Intercept = func(adsync.Op) (adsync.Receipt, error, bool) {
				if c.here() {
					return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnauthenticated, "who?"), true
				}
				return adsync.Receipt{}, nil, false
			}
			return w.t.Context()
		}}
	},
}

// play tells a story of two runs with everything in it, cut short at most once,
// and gives the target as it is in the end.
func play(t *testing.T, replay adsync.Replay, single bool, c *cutter) string {
	w := newWorld(t)
	w.hook()
	w.sink.Rules.Replay, w.sink.Rules.MaxBatch, w.sink.Rules.InFlight, w.sink.Rules.Swap = replay, 3, 2, adsync.SwapPark
	w.with(func(j *adsync.Job) {
		j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.Group: {OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}}
		if single {
			j.Sink = memory.Single(w.sink)
		}
	})
	w.crowd(1, 6).group(100, "staff", ids(1, 4)...).group(101, "short-lived", id(2))
	w.run()
	w.crowd(7, 11).person(1, "email", "user2@example.com").person(2, "email", "user1@example.com").person(3, "active", "false", "title", "Clerk")
	w.leave(4)
	delete(w.people, id(101))
	w.refer(5, "manager", id(8))
	w.group(100, "staff and others", ids(2, 9)...)
	ctx := t.Context()
	if c != nil {
		ctx = c.wire(w, c)
	}
	_, err := w.try(ctx)
	require.Equal(t, c != nil && c.happened, err != nil, "%v", err)
	w.sink.Intercept, w.sink.Lose, w.hooks.record = nil, nil, nil
	report := w.run()
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%+v", report.Issues)
	require.Zero(t, report.Counts.Writes(), "the cut run was finished first: %v", w.attempts())
	w.requireEffectsOnce()
	return w.picture()
}

// picture shows the whole target by external ids, and what the state has of it.
func (w *world) picture() string {
	names := map[string]string{}
	for _, t := range w.sink.Objects() {
		names[string(t.ID)] = strings.TrimLeft(t.Attrs.Get(adsync.AttrExternalID), "0-4")
	}
	var lines []string
	for _, t := range w.sink.Objects() {
		line := fmt.Sprintf("%s %s inactive=%v", t.Kind, names[string(t.ID)], t.Inactive)
		for name, values := range t.Attrs.All() {
			if name == "manager" {
				values = []string{names[values[0]]}
			}
			line += fmt.Sprintf(" %s=%q", name, values)
		}
		var members []string
		for _, m := range w.sink.Members(t.ID) {
			members = append(members, names[string(m)])
		}
		slices.Sort(members)
		lines = append(lines, line+" members="+strings.Join(members, ","))
	}
	for anchor, l := range w.links("ad") {
		lines = append(lines, fmt.Sprintf("link %s %s left=%v %v", anchor, l.State, l.Left, l.Digest.IsZero()))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// A target that recognises nothing and shows nothing: what may have taken
// effect waits for a person, and nothing takes effect twice.
func TestI4WithABlindTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for at := 1; ; at++ {
			w := newWorld(t).crowd(1, 7)
			w.hook()
			w.sink.Rules.Replay, w.sink.Rules.MaxBatch = adsync.ReplayNone, 3
			attrs := w.sink.Rules.Kinds[adsync.User].Attributes
			attrs["logon"], attrs["email"] = adsync.AttributeSchema{}, adsync.AttributeSchema{}
			w.with(func(j *adsync.Job) { j.Sink, j.Matcher = memory.Blind(w.sink), nil })
			c := cuts["outcome not recorded"](at)
			_, _ = w.try(c.wire(w, c))
			w.hooks.record = nil
			for range 3 {
				w.run()
			}
			require.Len(t, w.sink.Objects(), 7)
			w.requireEffectsOnce()
			if !c.happened {
				require.Greater(t, at, 3)
				return
			}
			require.NotEmpty(t, w.remembered())
		}
	})
}

// The answer that an object is to be made holds for one attempt: when it cannot
// be told of that one either whether it took effect, a person has to look again.
//
// Red when failure does not drop the answer.
func TestI4AnAnswerHoldsForOneAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t).person(1)
		w.sink.Rules.Replay = adsync.ReplayNone
		attrs := w.sink.Rules.Kinds[adsync.User].Attributes
		attrs["logon"], attrs["email"] = adsync.AttributeSchema{}, adsync.AttributeSchema{}
		w.with(func(j *adsync.Job) { j.Sink, j.Matcher = memory.Blind(w.sink), nil })
		silent := func(adsync.Op) (adsync.Receipt, error, bool) {
			return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnavailable, "no answer"), true
		}
		w.sink.Intercept = silent // it never came to the target
		_, _ = w.try(t.Context())
		require.Equal(t, []string{"000000000001 unknown "}, w.remembered())
		w.answer(adsync.Answer{Anchor: id(1), Verdict: adsync.AnswerCreate, By: "Ada"})
		w.sink.Intercept = nil
		w.sink.Lose = func(adsync.Op) error { return adsync.Errorf(adsync.CodeUnavailable, "the answer was lost") }
		_, _ = w.try(t.Context())
		w.sink.Lose = nil
		for range 2 {
			w.run()
		}
		require.Len(t, w.sink.Objects(), 1, "%v", w.attempts())
		require.Equal(t, []string{"000000000001 unknown "}, w.remembered())
	})
}

// A target without unique values takes whatever it is sent: only the keys of
// ops, or reading back, keep a person from being made twice.
//
// Red when op keys differ from one attempt to the next (keyed), and when send
// does not read doubtful batches back (none).
func TestI4NothingButTheEngineKeepsFromMakingPeopleTwice(t *testing.T) {
	for name, replay := range map[string]adsync.Replay{"keyed": adsync.ReplayKeyed, "by external id": adsync.ReplayByExternalID, "none": adsync.ReplayNone} {
		for cut, make := range cuts {
			t.Run(name+", "+cut, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					for at := 1; ; at++ {
						w := newWorld(t).crowd(1, 7)
						w.hook()
						w.sink.Rules.Replay, w.sink.Rules.MaxBatch = replay, 3
						attrs := w.sink.Rules.Kinds[adsync.User].Attributes
						attrs["logon"], attrs["email"] = adsync.AttributeSchema{}, adsync.AttributeSchema{}
						w.with(func(j *adsync.Job) { j.Matcher = nil })
						c := make(at)
						_, _ = w.try(c.wire(w, c))
						w.sink.Intercept, w.sink.Lose, w.hooks.record = nil, nil, nil
						require.Equal(t, adsync.OutcomeCompleted, w.run().Outcome)
						require.Len(t, w.sink.Objects(), 7, "cut at %d: %v", at, w.attempts())
						if !c.happened {
							return
						}
					}
				})
			})
		}
	}
}
