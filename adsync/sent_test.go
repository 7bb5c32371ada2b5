package adsync_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// lostSink does what it is asked, and its answers about 2 are lost.
type lostSink struct{ *memory.Sink }

func (s lostSink) ApplyBatch(ctx context.Context, b adsync.OpBatch) ([]adsync.Result, error) {
	results, err := s.Sink.ApplyBatch(ctx, b)
	for i := range results {
		if b.Ops[i].Anchor == id(2) {
			results[i] = adsync.Result{Err: errors.New("the answer was lost")}
		}
	}
	return results, err
}

// sent is a world in which 2 was made, the answer was lost, and 2 has left.
func sent(t *testing.T) *world {
	w := newWorld(t).crowd(1, 3)
	w.with(func(j *adsync.Job) { j.Sink = lostSink{w.sink} })
	w.run()
	require.Len(t, w.sink.Objects(), 3)
	require.Equal(t, adsync.LinkSent, w.links("ad")[id(2)].State)
	w.job = nil
	w.leave(2)
	return w
}

// Red when settleSent gives up where the target has the object.
func TestWhoWasMadeWithoutAnAnswerAndLeftIsDeactivated(t *testing.T) {
	w := sent(t)
	report := w.run()
	require.Equal(t, 1, report.Counts.Deactivate)
	require.True(t, w.target(2).Inactive)
	require.Equal(t, adsync.LinkInactive, w.links("ad")[id(2)].State)
	require.Zero(t, w.run().Counts.Deactivate)
}

func TestWhoWasSentAndNeverMadeIsForgottenWhenHeLeaves(t *testing.T) {
	w := sent(t)
	w.sink.Remove(w.target(2).ID)
	report := w.run()
	require.Zero(t, report.Counts.Deactivate)
	require.Empty(t, report.Issues)
	require.NotEqual(t, adsync.LinkSent, w.links("ad")[id(2)].State)
}

// Where the target cannot be asked, a person says what became of it.
func TestWhoWasSentAndLeftIsAPersonsQuestionWhereTheTargetCannotBeAsked(t *testing.T) {
	for _, c := range []struct {
		verdict     adsync.Verdict
		deactivates int
	}{{adsync.AnswerLink, 1}, {adsync.AnswerCreate, 0}} {
		w := sent(t)
		at := w.target(2).ID
		w.with(func(j *adsync.Job) { j.Sink, j.Matcher = memory.Blind(w.sink), nil })
		report := w.run()
		require.Equal(t, []string{"000000000002 unknown "}, codes(report))
		require.Contains(t, report.Issues[0].Detail, "since it was sent")
		require.Contains(t, w.remembered(), "000000000002 unknown ")
		answer := adsync.Answer{Source: "ad", Anchor: id(2), Verdict: c.verdict}
		if c.verdict == adsync.AnswerLink {
			answer.Target = at
		}
		w.answer(answer)
		report = w.run()
		require.Equal(t, c.deactivates, report.Counts.Deactivate)
		require.Empty(t, report.Issues)
		require.Equal(t, c.deactivates == 1, w.target(2).Inactive)
	}
}

// What was sent and is not known to be made is made of what the directory says
// now; what it differs in is written later.
func TestWhatChangedSinceItWasSentIsWrittenInTheNextRun(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.sink.Rules.Replay = adsync.ReplayKeyed
	w.person(2, "title", "Clerk")
	w.with(func(j *adsync.Job) { j.Sink = lostSink{w.sink} })
	w.run()
	w.person(2, "title", "Manager")
	w.with(func(j *adsync.Job) { j.Sink, j.Matcher = memory.Blind(w.sink), nil })
	report := w.run()
	require.Contains(t, codes(report), "000000000002 sent-before ")
	require.Equal(t, "Clerk", w.target(2).Attrs.Get("title"), "the target took the create for a repeated one")
	require.Equal(t, 1, w.run().Counts.Update)
	require.Equal(t, "Manager", w.target(2).Attrs.Get("title"))
	require.Empty(t, w.remembered())
}

// What the directory no longer says stays as it was sent, as it would had the
// answer come.
func TestWhatIsBlankNowStaysAsItWasSent(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.sink.Rules.Replay = adsync.ReplayKeyed
	w.person(2, "title", "Clerk")
	w.with(func(j *adsync.Job) { j.Sink = lostSink{w.sink} })
	w.run()
	w.person(2)
	w.with(func(j *adsync.Job) { j.Sink, j.Matcher = memory.Blind(w.sink), nil })
	for range 3 {
		w.run()
		require.Equal(t, "Clerk", w.target(2).Attrs.Get("title"))
	}
	require.Empty(t, w.remembered())
}

// A sink sees of values in doubt those that were sent last.
func TestASinkSeesNoMarkOfDoubt(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.person(2, "title", "Clerk")
	w.with(func(j *adsync.Job) { j.Sink = lostSink{w.sink} })
	w.run()
	require.Equal(t, []string{"", "Clerk"}, w.links("ad")[id(2)].Applied.Values("title"))
	w.job = nil
	w.leave(2)
	require.Equal(t, 1, w.run().Counts.Deactivate)
	calls := w.sink.Calls()
	last := calls[len(calls)-1].Op
	require.Equal(t, adsync.Deactivate, last.Verb)
	for _, record := range []adsync.Attributes{last.Full, last.Before} {
		require.Equal(t, []string{"Clerk"}, record.Values("title"))
	}
}

// Who is inactive is not sent again: he is looked for, and deactivated there.
func TestWhoWasSentAndIsInactiveNowIsDeactivated(t *testing.T) {
	w := sent(t)
	w.person(2, "active", "false")
	e := w.engine()
	explained, err := e.Explain(t.Context(), adsync.Subject{Source: "ad", Anchor: id(2)})
	require.NoError(t, err)
	require.NoError(t, e.Close())
	require.Contains(t, strings.Join(explained.Why, "\n"), "no answer said whether it was")
	require.Equal(t, 1, w.run().Counts.Deactivate)
	require.True(t, w.target(2).Inactive)
	require.Equal(t, adsync.LinkInactive, w.links("ad")[id(2)].State)
	require.Zero(t, w.run().Counts.Writes())
}

// Red when merge takes blank values among others for values.
func TestBlankValuesAmongOthersAreNoDoubt(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.sink.Rules.Kinds[adsync.User].Attributes["title"] = adsync.AttributeSchema{Multi: true}
	o := w.people[id(2)]
	o.Attrs.Set("title", "Ann", "", "Annie")
	w.people[id(2)] = o
	w.run()
	require.Equal(t, []string{"Ann", "Annie"}, w.links("ad")[id(2)].Applied.Values("title"))
	w.person(1, "title", "Clerk")
	require.Equal(t, 1, w.run().Counts.Writes())
	require.Zero(t, w.run().Counts.Writes())
}
