package adsync_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// applyFunc is a sink of one method.
type applyFunc func(adsync.Op) (adsync.Receipt, error)

func (f applyFunc) Apply(_ context.Context, op adsync.Op) (adsync.Receipt, error) { return f(op) }

// answering is a world of two people whose sink answers as a test likes.
func answering(t *testing.T, f applyFunc) *world {
	w := newWorld(t).person(1).person(2)
	w.job = func(j *adsync.Job) {
		j.Sink, j.Matcher = f, nil
		j.Retry = adsync.Retry{Tries: 2, First: 1, Most: 1}
	}
	return w
}

func named(op adsync.Op) adsync.Receipt { return adsync.Receipt{Target: adsync.TargetID(op.Anchor)} }

func TestTwoObjectsNeverGetTheSameObjectOfTheTarget(t *testing.T) {
	w := answering(t, func(adsync.Op) (adsync.Receipt, error) { return adsync.Receipt{Target: "17"}, nil })
	report := w.run()
	require.Equal(t, 1, report.Counts.Create)
	require.Equal(t, []string{"000000000002 already-linked "}, codes(report))
	require.Contains(t, report.Issues[0].Detail, "the sink answered with the id 17, which "+string(id(1))+" of source ad has")
	require.Equal(t, adsync.OutcomeConflicts, report.Outcome)

	w.person(3) // also when the holder's batch was recorded long ago
	require.Equal(t, []string{"000000000002 already-linked ", "000000000003 already-linked "}, codes(w.run()))
}

// A plan of several batches: the holder was recorded earlier in the same run,
// before which no run had come to its end.
func TestAnIdThatComesAgainInALaterBatchIsRefused(t *testing.T) {
	w := newWorld(t)
	for n := range 1100 {
		w.person(n)
	}
	made := 0
	w.job = func(j *adsync.Job) {
		j.Matcher = nil
		j.Sink = applyFunc(func(adsync.Op) (adsync.Receipt, error) {
			made++
			return adsync.Receipt{Target: adsync.TargetID(fmt.Sprint(made % 1099))}, nil
		})
	}
	report := w.run()
	require.Equal(t, 1099, report.Counts.Create)
	require.Equal(t, 1, report.Counts.Conflicts)
}

func TestAnOutcomeThatDoesNotExistIsAFaultOfTheSink(t *testing.T) {
	report := answering(t, func(op adsync.Op) (adsync.Receipt, error) {
		return adsync.Receipt{Target: adsync.TargetID(op.Anchor), Outcome: 99}, nil
	}).run()
	require.Zero(t, report.Counts.Create)
	require.Equal(t, []string{"000000000001 failed ", "000000000002 failed "}, codes(report))
}

func TestPendingWithoutASettlerIsBelieved(t *testing.T) {
	writes := 0
	w := answering(t, func(op adsync.Op) (adsync.Receipt, error) {
		writes++
		return adsync.Receipt{Target: adsync.TargetID(op.Anchor), Outcome: adsync.Pending}, nil
	})
	require.Equal(t, 2, w.run().Counts.Create)
	w.person(1, "title", "Engineer")
	require.Equal(t, 1, w.run().Counts.Update) // it does not wait for an answer that never comes
	require.Equal(t, 3, writes)
}

func TestANilErrorOfOurTypeIsNoPanic(t *testing.T) {
	report := answering(t, func(op adsync.Op) (adsync.Receipt, error) {
		var fault *adsync.Error
		return named(op), fault
	}).run()
	require.Len(t, report.Issues, 2)
	require.Contains(t, report.Issues[0].Detail, "return nil itself where all is well")
}

func TestAPanickingSinkLeavesTheEffectUnknown(t *testing.T) {
	w := answering(t, func(op adsync.Op) (adsync.Receipt, error) {
		if op.Anchor == id(1) {
			panic("index out of range")
		}
		return named(op), nil
	})
	report := w.run()
	require.Equal(t, 1, report.Counts.Create)
	require.Equal(t, []string{"000000000001 unknown "}, codes(report))
	require.Contains(t, report.Issues[0].Detail, "the sink panicked: index out of range")
}

func TestAPanickingMappingIsAnIssueOfThatObject(t *testing.T) {
	w := newWorld(t).person(1).person(2)
	w.mapper.err = func(o adsync.Object) error {
		if o.Anchor == id(1) {
			panic("no such rule")
		}
		return nil
	}
	report := w.run()
	require.Equal(t, 1, report.Counts.Create)
	require.Equal(t, []string{"000000000001 mapping "}, codes(report))
	require.Regexp(t, `the mapping panicked: no such rule in .+, nonsense_test.go:\d+; this is a fault of the mapping`, report.Issues[0].Detail)
}

func TestAPanickingSourceTakesNobodyForGone(t *testing.T) {
	w := newWorld(t).person(1).person(2)
	w.run()
	w.wrap = func(adsync.Source) adsync.Source {
		return readFunc(func(context.Context, adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
			return func(yield func(adsync.Batch, error) bool) {
				yield(adsync.Batch{Snapshot: true}, nil)
				panic("lost")
			}
		})
	}
	e := w.engine()
	report, err := e.Run(t.Context())
	require.ErrorContains(t, err, "source ad panicked: lost")
	require.Equal(t, adsync.OutcomeFailed, report.Outcome)
	require.Zero(t, report.Counts.Writes())
}
