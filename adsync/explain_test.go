package adsync_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

func (w *world) explain(of adsync.Subject) *adsync.Explanation {
	w.t.Helper()
	e := w.engine()
	out, err := e.Explain(w.t.Context(), of)
	require.NoError(w.t, err)
	require.NoError(w.t, e.Close())
	return out
}

// why explains an object by its number and gives the reasons as one text.
func (w *world) why(n int) (adsync.Standing, string) {
	w.t.Helper()
	out := w.explain(adsync.Subject{Source: "ad", Anchor: id(n)})
	return out.Standing, strings.Join(out.Why, "\n")
}

func attribute(t *testing.T, e *adsync.Explanation, name string) adsync.AttributeExplanation {
	t.Helper()
	i := slices.IndexFunc(e.Attributes, func(a adsync.AttributeExplanation) bool { return strings.EqualFold(a.Attr, name) })
	require.GreaterOrEqual(t, i, 0, "nothing of %s", name)
	return e.Attributes[i]
}

// Every way in which an attribute may not be what the directory has gives its
// reason.
func TestWhyAnAttributeIsNotWritten(t *testing.T) {
	w := newWorld(t)
	w.sink.Rules = memory.New().Rules
	kind := w.sink.Rules.Kinds[adsync.User]
	kind.Attributes = map[string]adsync.AttributeSchema{}
	for _, name := range []string{"logon", "email", "firstName", "lastName", "displayName", "active", "title", "phone", "description", "name"} {
		kind.Attributes[name] = adsync.AttributeSchema{}
	}
	kind.Attributes["title"] = adsync.AttributeSchema{MaxLength: 10}
	kind.Attributes["name"] = adsync.AttributeSchema{ReadOnly: true}
	kind.Attributes["manager"] = adsync.AttributeSchema{Reference: true}
	w.sink.Rules.Kinds[adsync.User] = kind
	w.with(func(j *adsync.Job) {
		j.Merge = map[string]adsync.MergeMode{"phone": adsync.FillIfEmpty, "description": adsync.Never, "displayName": adsync.CreateOnly}
		j.Required = map[adsync.Kind][]string{adsync.User: {"lastName"}}
		j.Merge["lastName"] = adsync.SourceWins
	})
	w.person(1, "title", "Clerk", "phone", "1", "email", "a@example.com", "firstName", "Ada")
	w.run()
	w.person(
		1, "title", "Far too long a title", "phone", "2", "email", "", "displayName", "Other", "description", "x", "name", "y",
		"lastName", "", "active", "true", "firstName", "Ada", "expires", "2099-01-01T00:00:00Z",
	)
	w.refer(1, "manager", id(7))
	w.run()

	out := w.explain(adsync.Subject{Anchor: id(1)})
	for name, want := range map[string]adsync.Reason{
		"firstName": adsync.ReasonWritten, "title": adsync.ReasonTooLong, "phone": adsync.ReasonFilled, "email": adsync.ReasonBlank,
		"displayName": adsync.ReasonCreateOnly, "description": adsync.ReasonNever, "name": adsync.ReasonReadOnly,
		"lastName": adsync.ReasonRequired, "expires": adsync.ReasonEngine, "manager": adsync.ReasonWaits,
	} {
		a := attribute(t, out, name)
		require.Equal(t, want, a.Reason, "%s: %s", name, a.Why)
	}
	require.Equal(t, adsync.Values{"Clerk"}, attribute(t, out, "title").Applied)
	require.Equal(t, adsync.Values{"Clerk"}, attribute(t, out, "title").Present)
	require.Contains(t, attribute(t, out, "manager").Why, string(id(7)))
}

// The run and plan that wrote an attribute last, with the value before and where
// it had been seen. Red when judge takes every operation that was sent for one
// that took effect, or when ops get no Origin.
func TestWhoWroteAnAttributeLast(t *testing.T) {
	w := newWorld(t).person(1, "title", "A", "phone", "1")
	shown := func(origin string) adsync.Change {
		return adsync.Change{Object: w.people[id(1)], Origin: origin}
	}
	s := w.reads(whole("", shown("dc1 USN 10")))
	first := w.run()
	w.person(1, "title", "B", "phone", "1")
	s.reads = append(s.reads, whole("", shown("dc2 USN 4")))
	second := w.run()
	w.person(1, "title", "B", "phone", "2")
	s.reads = append(s.reads, whole("", shown("dc2 USN 9")))
	w.sink.Intercept = func(adsync.Op) (adsync.Receipt, error, bool) {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeInvalid, "no"), true
	}
	w.run()
	w.sink.Intercept = nil

	out := w.explain(adsync.Subject{Anchor: id(1)})
	title := attribute(t, out, "title").Written
	require.Equal(t, second.Run, title.Run)
	require.Equal(t, second.Plan, title.Plan)
	require.Equal(t, "dc2 USN 4", title.Origin)
	require.Equal(t, adsync.Values{"A"}, title.Before)
	phone := attribute(t, out, "phone")
	require.Equal(t, first.Run, phone.Written.Run, "the run that failed wrote nothing")
	require.Equal(t, "dc1 USN 10", phone.Written.Origin)
	require.Equal(t, second.Run, out.Written.Run)
}

func TestWhyAnObjectIsNotInTheTarget(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.with(func(j *adsync.Job) {
		j.Required = map[adsync.Kind][]string{adsync.User: {"email"}}
		j.Sources[0].Scope = &adsync.Scope{Units: []adsync.Unit{{DN: "OU=Sales,DC=example,DC=com", Deselect: true}}}
		j.Protect = []string{"admin"}
	})
	w.person(4, "email", "")                                    // incomplete
	w.person(5, "active", "false")                              // inactive
	w.person(6)                                                 // out of scope
	w.person(7, "email", "twin@example.com")                    // two who share an address
	w.person(8, "email", "twin@example.com")                    //
	w.person(9, "logon", "taken@example.com", "title", "Clerk") // matches two
	w.person(10, "logon", "root@example.com")                   // matches a protected one
	w.person(11)                                                // skipped by the mapping
	o := w.people[id(6)]
	o.Container = "OU=Field,OU=Sales,DC=example,DC=com"
	w.people[id(6)] = o
	w.mapper.err = func(o adsync.Object) error {
		if o.Anchor == id(11) {
			return adsync.ErrSkip
		}
		return nil
	}
	for _, t := range []adsync.Target{
		{ID: "t-1", Attrs: text("logon", "taken@example.com")}, {ID: "t-2", Attrs: text("logon", "TAKEN@example.com")}, {ID: "admin", Attrs: text("logon", "root@example.com")},
	} {
		t.Kind = adsync.User
		w.sink.Add(t)
	}
	w.run()
	w.person(12)

	for n, want := range map[int]struct {
		standing adsync.Standing
		why      string
	}{
		1:  {adsync.StandingActive, ""},
		4:  {adsync.StandingQuarantined, "lacks email, which is required"},
		5:  {adsync.StandingOff, "inactive in the directory"},
		6:  {adsync.StandingOutOfScope, "the unit OU=Sales,DC=example,DC=com is deselected"},
		7:  {adsync.StandingConflict, "in conflict with ad " + string(id(8))},
		9:  {adsync.StandingConflict, "in conflict with target t-1, target t-2"},
		10: {adsync.StandingConflict, "protected"},
		11: {adsync.StandingLeftOut, "the mapping leaves it out"},
		12: {adsync.StandingWaiting, "the next run would create it"},
		13: {adsync.StandingUnknown, ""},
	} {
		standing, why := w.why(n)
		require.Equal(t, want.standing, standing, "%d: %s", n, why)
		require.Contains(t, why, want.why, n)
	}
	w.answer(adsync.Answer{Anchor: id(9), Verdict: adsync.AnswerIgnore, By: "Kim"})
	standing, why := w.why(9)
	require.Equal(t, adsync.StandingIgnored, standing)
	require.Contains(t, why, "Kim said to leave it out")
}

func TestWhenSomebodyLeft(t *testing.T) {
	w := newWorld(t).crowd(1, 12)
	w.reads(whole("1", w.shows(1, 2, 3)...), delta("2", gone(1, adsync.OutOfScope), gone(2, adsync.Deleted)), whole("3", w.shows(1)...))
	w.with(func(j *adsync.Job) { j.Audit = -1 })
	w.run()
	left := w.run()
	w.with(func(j *adsync.Job) { j.Snapshot = true })
	w.run()

	standing, why := w.why(1)
	require.Equal(t, adsync.StandingActive, standing, "it came back: %s", why)
	standing, why = w.why(2)
	require.Equal(t, adsync.StandingLeft, standing)
	require.Contains(t, why, "the source said that it was deleted; run 2 deactivated it")
	require.EqualValues(t, 2, left.Run)
	_, why = w.why(3)
	require.Contains(t, why, "missing from a complete read; run 3 deactivated it")
}

func TestWhatAHeldPlanWouldDo(t *testing.T) {
	w := newWorld(t).crowd(1, 20)
	w.run()
	w.with(func(j *adsync.Job) { j.Guard.Updates = adsync.Limit{Count: 1} })
	for n := range 20 {
		w.person(n+1, "title", "Chief")
	}
	r := w.run()
	require.Equal(t, adsync.OutcomeRefused, r.Outcome)
	out := w.explain(adsync.Subject{Anchor: id(3)})
	require.Equal(t, adsync.ReasonRefused, attribute(t, out, "title").Reason)
	require.Contains(t, strings.Join(out.Why, "\n"), "the guard refused that plan")
	require.Equal(t, []string{"plan " + r.Plan + ": update"}, out.Pending)
}

func TestWhatARevertHolds(t *testing.T) {
	w := newWorld(t).person(1, "title", "A")
	w.run()
	w.person(1, "title", "B")
	w.undo(w.run().Run)
	a := attribute(t, w.explain(adsync.Subject{Anchor: id(1)}), "title")
	require.Equal(t, adsync.ReasonReverted, a.Reason)
	require.Contains(t, a.Why, "run 3 put it back (reverts run 2)")
	require.Equal(t, adsync.Values{"B"}, a.Mapped)
}

func TestAReadThatWasNotBelievedIsTold(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.leave(1, 2, 3)
	require.Equal(t, adsync.OutcomeUnsure, w.run().Outcome)
	standing, why := w.why(1)
	require.Equal(t, adsync.StandingActive, standing)
	require.Contains(t, why, "Nobody was taken for gone")
	require.Contains(t, why, "does not show it now")
}

// What a halted run, or one that was not trusted, withheld of a linked object.
func TestWhatALastRunWithheld(t *testing.T) {
	w := newWorld(t).person(1, "title", "A", "phone", "1").person(9, "title", "A")
	w.with(func(j *adsync.Job) {
		j.Required = map[adsync.Kind][]string{adsync.User: {"lastName"}}
		j.OnMissing = adsync.Halt
		j.Merge = map[string]adsync.MergeMode{"phone": adsync.SourceWins}
	})
	w.run()
	w.person(5, "lastName", "").person(9, "title", "B")
	require.Equal(t, adsync.OutcomeHalted, w.run().Outcome)
	out := w.explain(adsync.Subject{Anchor: id(9)})
	require.Equal(t, adsync.ReasonHalted, attribute(t, out, "title").Reason)
	require.Contains(t, strings.Join(out.Why, "\n"), "halted: 1 new object(s) lack")

	delete(w.people, id(5))
	w.person(1, "title", "A", "phone", "")
	w.wrap = func(s adsync.Source) adsync.Source { return baseless{s} }
	require.Equal(t, adsync.OutcomeUnsure, w.run().Outcome)
	out = w.explain(adsync.Subject{Anchor: adsync.Anchor(strings.ToUpper(string(id(1))))})
	require.Equal(t, adsync.ReasonUnsure, attribute(t, out, "phone").Reason)
}

// baseless is a source whose base cannot be read.
type baseless struct{ adsync.Source }

func (d baseless) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		for b, err := range d.Source.Read(ctx, r) {
			if b.Witness != nil {
				b.Witness.Bases[0].Readable = false
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// An administrator types what is on the screen.
func TestASubjectIsFoundByWhatPeopleKnow(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.person(3, "email", "new@example.com")
	w.group(9, "staff", id(1), id(3))
	w.run()
	w.sink.Add(adsync.Target{ID: "stranger", Kind: adsync.User, Attrs: text("email", "who@example.com", "logon", "who@example.com")})
	byMail := w.explain(adsync.Subject{Value: " USER1@example.com "})
	require.Equal(t, id(1), byMail.Anchor)
	require.Equal(t, id(1), w.explain(adsync.Subject{Target: byMail.Target}).Anchor)
	require.Equal(t, id(1), w.explain(adsync.Subject{Value: string(id(1))}).Anchor)
	require.Equal(t, id(9), w.explain(adsync.Subject{Value: "Staff"}).Anchor)

	stranger := w.explain(adsync.Subject{Value: "who@example.com"})
	require.Equal(t, adsync.StandingForeign, stranger.Standing)
	require.EqualValues(t, "stranger", stranger.Target)
	require.Equal(t, adsync.StandingUnknown, w.explain(adsync.Subject{Value: "nobody@example.com"}).Standing)

	w.person(4, "email", "user1@example.com")
	both := w.explain(adsync.Subject{Value: "user1@example.com"})
	require.Equal(t, adsync.StandingAmbiguous, both.Standing)
	require.Len(t, both.Found, 2)
	require.Equal(t, adsync.StandingActive, both.Found[0].Standing)

	_, err := w.engine().Explain(t.Context(), adsync.Subject{})
	require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(err))
	_, err = w.engine().Explain(t.Context(), adsync.Subject{Source: "typo", Anchor: id(1)})
	require.ErrorContains(t, err, `no source "typo"`)
}

// Whom a group lacks, and why.
func TestWhoIsNotInAGroup(t *testing.T) {
	w := newWorld(t).crowd(1, 2)
	w.with(func(j *adsync.Job) { j.Required = map[adsync.Kind][]string{adsync.User: {"email"}} })
	w.person(3, "email", "")
	w.group(9, "staff", id(1), id(2), id(3), id(8))
	w.run()
	m := w.explain(adsync.Subject{Value: "staff"}).Members
	require.Equal(t, 2, m.InTarget)
	require.Len(t, m.Missing, 2)
	require.Contains(t, m.Missing[0].Why, "required-missing: lacks email")
	require.Equal(t, id(8), m.Missing[1].Anchor)
	require.Contains(t, m.Missing[1].Why, "the source does not show it")
}

// Explain needs no lease, writes nothing, and does not wait for a run. Red when
// Explain takes the lease.
func TestExplainWorksWhileARunIsUnderWay(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.person(1, "title", "Chief")
	e := w.engine()
	var told *adsync.Explanation
	var err error
	w.hook()
	w.hooks.record = func(adsync.Record) error {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		told, err = e.Explain(ctx, adsync.Subject{Value: "user1@example.com"})
		return nil
	}
	e = w.engine()
	_, runErr := e.Run(t.Context())
	require.NoError(t, runErr)
	require.NoError(t, err)
	require.Equal(t, adsync.StandingActive, told.Standing)
	require.Contains(t, strings.Join(told.Why, "\n"), "is being applied")
}

// A source that is read by one call at a time is asked too, and one that fails,
// or panics, takes nothing of the rest away.
func TestSourcesWithoutScopeExplainer(t *testing.T) {
	w := newWorld(t).person(1, "title", "A")
	var fail error
	w.wrap = func(s adsync.Source) adsync.Source {
		return oneAtATime{s, &fail}
	}
	w.run()
	w.person(1, "title", "B")
	out := w.explain(adsync.Subject{Anchor: id(1)})
	require.True(t, out.Directory.Shown, out.Directory.Error)
	require.Equal(t, adsync.ReasonPending, attribute(t, out, "title").Reason)
	require.Equal(t, adsync.Values{"B"}, attribute(t, out, "title").Mapped)

	fail = errors.New("the line is dead")
	out = w.explain(adsync.Subject{Anchor: id(1)})
	require.False(t, out.Directory.Asked)
	require.Contains(t, strings.Join(out.Why, "\n"), "the line is dead")
	require.Equal(t, adsync.Values{"A"}, attribute(t, out, "title").Applied)
	require.Equal(t, adsync.ReasonRemembered, attribute(t, out, "title").Reason)
}

// oneAtATime is a source that can read, and nothing else.
type oneAtATime struct {
	source adsync.Source
	err    *error
}

func (f oneAtATime) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	if *f.err != nil {
		return func(yield func(adsync.Batch, error) bool) { yield(adsync.Batch{}, *f.err) }
	}
	return f.source.Read(ctx, r)
}

// What the directory holds cannot steer a terminal, and JSON stays JSON. Red
// when WriteText writes values as they are.
func TestAnExplanationIsSafeToPrint(t *testing.T) {
	w := newWorld(t).person(1, "title", "\x1b[2Jgone", "description", "\xff\xfe", "displayName", "Ada\nExample: active")
	w.run()
	out := w.explain(adsync.Subject{Anchor: id(1)})
	var b strings.Builder
	require.NoError(t, out.WriteText(&b))
	require.NotContains(t, b.String(), "\x1b")
	require.NotContains(t, b.String(), "\nExample: active")
	require.Contains(t, b.String(), `\x1b[2Jgone`)
	require.Contains(t, b.String(), "2 bytes that are no text")
	packed, err := json.Marshal(out)
	require.NoError(t, err)
	require.True(t, json.Valid(packed))
	require.Contains(t, string(packed), `{"base64":"//4="}`)
}

// Who was inactive already when he left is said to have been, though that is
// noted by an op that sends nothing.
//
// Red when whyLeft looks for ops of leavers alone.
func TestWhoWasInactiveWhenHeLeftIsSaidToHaveBeen(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	w.person(2, "active", "false")
	off := w.run().Run
	w.leave(2)
	left := w.run().Run
	x, err := w.engine().Explain(t.Context(), adsync.Subject{Source: "ad", Anchor: id(2)})
	require.NoError(t, err)
	require.Equal(t, adsync.StandingLeft, x.Standing)
	require.Equal(t, fmt.Sprintf("it left the directory or the selection by run %d, and was inactive already: run %d had deactivated it", left, off), x.Why[0])
}
