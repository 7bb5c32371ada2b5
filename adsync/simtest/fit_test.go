package simtest

import (
	"context"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// plainSink is a vendor's sink that passes on nothing but what an op does. What
// happens to its answer is up to the test.
type plainSink struct {
	system *System
	twist  func(adsync.Op, adsync.Receipt) adsync.Receipt
}

func (s plainSink) Apply(_ context.Context, op adsync.Op) (adsync.Receipt, error) {
	r, err := s.system.Do(adsync.Op{Verb: op.Verb, Kind: op.Kind, Target: op.Target, Anchor: op.Anchor, Set: op.Set, Add: op.Add, Remove: op.Remove})
	if s.twist != nil {
		r = s.twist(op, r)
	}
	return r, err
}

func (plainSink) Schema(context.Context) (adsync.Schema, error) {
	return adsync.Schema{Kinds: map[adsync.Kind]adsync.KindSchema{
		adsync.User: {Delete: true, Attributes: map[string]adsync.AttributeSchema{"logon": {Unique: true}, "displayName": {}}},
	}, Replay: adsync.ReplayByExternalID}, nil
}

// No groups, no contacts, no units, no managers, and nobody is ever inactive.
func TestASinkThatTakesLittleMissesNothing(t *testing.T) {
	Run(t, Options{Seeds: 30, Steps: 12, Sink: func(w *World) adsync.Sink { return plainSink{system: w.System} }})
}

func TestTheSinkSaysWhatItCanDo(t *testing.T) {
	o := Options{Sink: func(w *World) adsync.Sink { return plainSink{system: w.System} }}.fitted(t)
	fitted := o.fit(Script{World: Step{Verb: "world", Args: []string{"people=3", "replay=keyed", "see=both"}}, Steps: []Step{{Verb: "run", Args: []string{"sink=later:2,lie:1"}}}})
	require.Equal(t, "world people=3 sink=single see=blind replay=external swap=none decides=no\nrun sink=lose:2,lie:1\n", fitted.String())
	require.ErrorContains(t, o.contradicts(Step{"world", []string{"replay=keyed"}}), "the sink says replay=external")
	require.NoError(t, o.contradicts(Step{"world", []string{"replay=external"}}))
}

func TestWhatIsToBeAvoidedIsSomethingThatScriptsSay(t *testing.T) {
	for _, avoid := range []string{"restore", "sink=later", "read=unit", "kill", "suspend", "plan"} {
		require.NoError(t, checkAvoid(avoid), avoid)
	}
	for _, avoid := range []string{"restart", "sink=latter", "read=later", "reed=cut", ""} {
		require.Error(t, checkAvoid(avoid), avoid)
	}
}

// choosy takes contacts, and no contacts as members.
type choosy struct{ plainSink }

func (choosy) Schema(context.Context) (adsync.Schema, error) {
	person := map[string]adsync.AttributeSchema{"displayName": {}, adsync.AttrActive: {}}
	return adsync.Schema{Kinds: map[adsync.Kind]adsync.KindSchema{
		adsync.User:    {Deactivate: true, Attributes: person},
		adsync.Contact: {Deactivate: true, Attributes: person},
		adsync.Group:   {Attributes: map[string]adsync.AttributeSchema{"name": {}}, MemberKinds: []adsync.Kind{adsync.User}},
	}, Replay: adsync.ReplayByExternalID}, nil
}

func TestMembersThatTheTargetDoesNotTakeAreNotMissed(t *testing.T) {
	Replay(t, "world people=2 contacts=1\njoin 100 200\nrun", Options{Sink: func(w *World) adsync.Sink { return choosy{plainSink{system: w.System}} }})
}

// renaming makes up an external id of its own.
type renaming struct{ plainSink }

func (r renaming) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	op.Anchor = "x" + op.Anchor
	return r.plainSink.Apply(ctx, op)
}

func TestAnEffectThatNobodyAskedForIsTold(t *testing.T) {
	o := Options{Sink: func(w *World) adsync.Sink { return renaming{plainSink{system: w.System}} }}.fitted(t)
	script, err := Parse("world people=1\nrun")
	require.NoError(t, err)
	require.Contains(t, said(try(t, o.suit(script), o)), "the engine had sent no op of such an anchor or target")
}

// alwaysTheFirst answers each op with the same id.
func alwaysTheFirst(_ adsync.Op, r adsync.Receipt) adsync.Receipt {
	r.Target = "user-1"
	return r
}

func TestAFailureTellsWhatPassed(t *testing.T) {
	o := Options{Sink: func(w *World) adsync.Sink {
		return plainSink{w.System, alwaysTheFirst}
	}}.fitted(t)
	script, err := Parse("world people=2\nrun")
	require.NoError(t, err)
	trace, violations := tried(t, o.suit(script), o)
	require.NotEmpty(t, violations)
	text := said(violations) + trace.story()
	for _, part := range []string{"(it should be that ", "step 1: run\n", "put create user 2 ", "→ created user-1\n", "→ linked user-1\n", "in the end, an issue of user"} {
		require.Contains(t, text, part)
	}
	require.Less(t, strings.Count(text, "\n"), 80)
}

// forgetful is a source that says nothing of its own ability to see.
type forgetful struct{ adsync.Source }

func (s forgetful) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		for b, err := range s.Source.Read(ctx, r) {
			if b.Witness = nil; !yield(b, err) {
				return
			}
		}
	}
}

func TestASourceWithoutAWitnessIsToldWhatItCannotTell(t *testing.T) {
	o := Options{Source: func(w *World, d *Directory) adsync.Source { return forgetful{w.scriptedSource(d)} }}
	script, err := Parse("world people=3 read=full\nrun\nrun read=unit:Sales")
	require.NoError(t, err)
	require.Contains(t, said(try(t, script, o)), "put read=unit into Options.Avoid")
}
