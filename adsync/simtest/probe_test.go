package simtest

import (
	"os"
	"testing"
)

func TestProbe(t *testing.T) {
	text := os.Getenv("SCRIPT")
	s, err := Parse(text)
	if err != nil {
		t.Skip(err)
	}
	trace := play(t, s, Options{})
	for _, e := range trace.Events {
		switch e := e.(type) {
		case Stepped:
			t.Logf("== %d %s", e.Number, e.Step)
		case ReadBegun:
			t.Logf("P%d read %s since %q only %d", e.Process, e.Source, e.Request.Since, len(e.Request.Only))
		case ReadBatch:
			for _, c := range e.Batch.Changes {
				t.Logf("     %s %s %v %v", numberOf(c.Object.Anchor), c.Presence, c.Members, c.Problem)
			}
			t.Logf("     batch snapshot=%v done=%v next=%q", e.Batch.Snapshot, e.Batch.Done, e.Batch.Next)
		case Planned:
			for _, b := range e.Batches {
				for _, op := range b.Ops {
					t.Logf("P%d plan run %d batch %d: phase %d %s/%s %s %s g%d add=%d remove=%d follows=%v", e.Process, e.Run, b.N, op.Phase, op.Verb, op.Intent, op.Kind, numberOf(op.Anchor), op.Generation, len(op.Add), len(op.Remove), op.Follows)
				}
			}
		case Answered:
			for i, op := range e.Ops {
				var r any = e.Err
				if i < len(e.Results) {
					r = e.Results[i]
				}
				t.Logf("P%d sent %s/%s %s key %s: %v", e.Process, op.Verb, op.Intent, numberOf(op.Anchor), op.Key[:6], r)
			}
		case Affected:
			t.Logf("   effect %s/%s %s", e.Op.Verb, e.Op.Intent, numberOf(e.Op.Anchor))
		case Recorded:
			t.Logf("P%d recorded run %d batch %d links %d issues %v resolved %v joined %d", e.Process, e.Record.Run, e.Record.Batch, len(e.Record.Links), len(e.Record.Issues), e.Record.Resolved, len(e.Record.Joined))
		case Finished:
			t.Logf("P%d finished %d %s %s", e.Process, e.Info.ID, e.Info.Outcome, e.Info.Error)
		case Saved:
			t.Logf("P%d saved %d %s %v", e.Process, e.Info.ID, e.Info.State, e.Info.Findings)
		case Acquired, Released, Killed, Suspended:
			t.Logf("%T %v", e, e)
		case Ran:
			if e.Report != nil {
				t.Logf("P%d ran: %s %+v err %v issues %v", e.Process, e.Report.Outcome, e.Report.Counts, e.Err, e.Report.Issues)
			} else {
				t.Logf("P%d ran: err %v", e.Process, e.Err)
			}
		}
	}
	t.Log(trace.Issues, trace.World.tainted)
	for _, v := range trace.Check() {
		t.Error(v)
	}
}

func TestFlaky(t *testing.T) {
	s, err := Parse(os.Getenv("SCRIPT"))
	if err != nil {
		t.Skip(err)
	}
	for range 30 {
		for _, v := range try(t, s, Options{}) {
			t.Log(v)
		}
	}
}
