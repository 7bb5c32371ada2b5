package adsync_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/source"
)

func TestAnEmptyJobSaysAllThatItLacks(t *testing.T) {
	_, err := adsync.New(adsync.Job{})
	var faults *adsync.ConfigError
	require.ErrorAs(t, err, &faults)
	require.Len(t, faults.Faults, 5)
	for _, part := range []string{"Target", "Sources", "Sink", "Mapper", "State"} {
		require.ErrorContains(t, err, part)
	}
}

func TestEachPolicyThatMakesNoSenseIsNamed(t *testing.T) {
	user := adsync.User
	for want, change := range map[string]func(*adsync.Job){
		"Kinds names kind(99)":           func(j *adsync.Job) { j.Kinds = []adsync.Kind{user, 99} },
		"Required names kind(0)":         func(j *adsync.Job) { j.Required = map[adsync.Kind][]string{0: {"email"}} },
		"Leavers names kind(9)":          func(j *adsync.Job) { j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{9: {}} },
		"Leavers of user has an unknown": func(j *adsync.Job) { j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{user: {Deleted: 9}} },
		"a negative number of days":      func(j *adsync.Job) { j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{user: {DeleteAfterDays: -1}} },
		"Merge of email is 77":           func(j *adsync.Job) { j.Merge = map[string]adsync.MergeMode{"email": 77} },
		"Overlong of email is 9":         func(j *adsync.Job) { j.Overlong = map[string]adsync.OverlongPolicy{"email": 9} },
		"OnMissing is 8":                 func(j *adsync.Job) { j.OnMissing = 8 },
		"Protect has an empty entry":     func(j *adsync.Job) { j.Protect = []string{""} },
		"a limit of Guard is negative":   func(j *adsync.Job) { j.Guard.Updates.Percent = -5 },
		"Identity names badge":           func(j *adsync.Job) { j.Identity = "badge" },
		"two sources are named":          func(j *adsync.Job) { j.Sources = append(j.Sources, j.Sources[0]) },
		"Sources[1] (b) has no Source":   func(j *adsync.Job) { j.Sources = append(j.Sources, adsync.SourceConfig{Name: "b"}) },
		"LeaseTime is under 3 seconds":   func(j *adsync.Job) { j.LeaseTime = 1 },
		"must not be negative":           func(j *adsync.Job) { j.KeepRuns = -1 },
		"neither Find nor List":          func(j *adsync.Job) { j.Sink, j.Matcher = memory.PlainSink{S: memory.New()}, plainMatcher{} },
		"needs a sink with ListMembers":  func(j *adsync.Job) { j.Sink, j.MembersAuthoritative = memory.PlainSink{S: memory.New()}, true },
	} {
		t.Run(want, func(t *testing.T) {
			job := adsync.Job{
				Target: "app", Sources: adsync.From("ad", source.Static()), Sink: memory.New(),
				Mapper: &plainMapper{}, State: adsync.NewMemoryState(),
			}
			_, err := adsync.New(job)
			require.NoError(t, err)
			change(&job)
			_, err = adsync.New(job)
			require.ErrorContains(t, err, want)
		})
	}
}

func TestASchemaWithAKindThatIsNoneIsAFaultOfTheSink(t *testing.T) {
	w := newWorld(t)
	w.sink.Rules.Kinds[77] = adsync.KindSchema{}
	_, err := w.engine().Run(t.Context())
	require.ErrorContains(t, err, "the sink's schema names kind(77)")
}

// giving is a source whose only batch holds these changes.
func giving(changes ...adsync.Change) readFunc {
	return func(context.Context, adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
		return func(yield func(adsync.Batch, error) bool) {
			yield(adsync.Batch{Snapshot: true, Done: true, Changes: changes}, nil)
		}
	}
}

func TestAPresenceThatDoesNotExistIsNoLeaver(t *testing.T) {
	w := newWorld(t).person(1)
	w.run()
	w.wrap = func(adsync.Source) adsync.Source { return giving(adsync.Change{Object: w.people[id(1)], Presence: 9}) }
	_, err := w.engine().Run(t.Context())
	require.ErrorContains(t, err, "the presence 9, which is none")
	require.False(t, w.target(1).Inactive)
}

func TestAnObjectWithoutAKindIsToldAndNotSkippedInSilence(t *testing.T) {
	w := newWorld(t).person(1)
	nobody := w.people[id(1)]
	nobody.Kind = 0
	w.wrap = func(adsync.Source) adsync.Source { return giving(adsync.Change{Object: nobody}) }
	report := w.run()
	require.Equal(t, []string{"000000000001 mapping "}, codes(report))
	require.Contains(t, report.Issues[0].Detail, "the source has to set Object.Kind")
}

func TestASourceThatGoesOnAfterItsErrorIsHeardOnce(t *testing.T) {
	w := newWorld(t)
	w.wrap = func(adsync.Source) adsync.Source {
		return readFunc(func(context.Context, adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
			return func(yield func(adsync.Batch, error) bool) {
				yield(adsync.Batch{}, adsync.Errorf(adsync.CodeUnavailable, "the line is dead"))
				yield(adsync.Batch{Snapshot: true, Done: true}, nil)
			}
		})
	}
	report, err := w.engine().Run(t.Context())
	require.ErrorContains(t, err, "the line is dead")
	require.Equal(t, adsync.OutcomeUnreachable, report.Outcome)
}

// A directory whose attribute suddenly has two values stops that one person,
// who stays as they are, and nobody else.
func TestAnAttributeThatBecomesMultiValuedIsAnIssueAndChangesNothing(t *testing.T) {
	w := newWorld(t).person(1).person(2)
	w.run()
	before := w.target(1).Attrs.Clone()
	two := w.people[id(1)]
	two.Attrs = two.Attrs.Clone()
	two.Attrs.Set("email", "user1@example.com", "other@example.com")
	two.Attrs.Set("displayName", "Changed")
	w.people[id(1)] = two
	w.person(2, "title", "Engineer")
	report := w.run()
	require.Equal(t, []string{"000000000001 value-invalid email"}, codes(report))
	require.Contains(t, report.Issues[0].Detail, "let the mapping choose one")
	require.Equal(t, 1, report.Counts.Update)
	require.True(t, before.Equal(w.target(1).Attrs), "nothing is half written")
	require.False(t, w.target(1).Inactive)

	w.person(1)
	require.Empty(t, w.run().Issues, "put right in the directory, it is in order")
}

func TestWaitingForAnotherRunOfTheEngineCanBeCancelled(t *testing.T) {
	under, goOn := make(chan struct{}), make(chan struct{})
	w := answering(t, func(op adsync.Op) (adsync.Receipt, error) {
		if op.Anchor == id(1) {
			close(under)
			<-goOn
		}
		return named(op), nil
	})
	e := w.engine()
	ended := make(chan error, 1)
	go func() {
		_, err := e.Run(t.Context())
		ended <- err
	}()
	<-under
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := e.Run(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "another run of this engine")
	close(goOn)
	require.NoError(t, <-ended)
}
