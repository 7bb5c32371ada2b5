package simtest

import (
	"time"

	"github.com/adsync/sdk/adsync"
)

// Event is one thing that happened while a script was played, in the order in
// which it happened: one of the types below. Process numbers the lives of the
// program; each run of a script is one, and a killed one is followed by another.
type Event any

type (
	// Stepped begins a line of the script.
	Stepped struct {
		Number int
		Step   Step
	}
	// ReadBegun is told when a source was asked. Truth is what the answering controller
	// really has, whatever it then shows.
	ReadBegun struct {
		Process int
		Source  string
		Request adsync.ReadRequest
		Truth   map[adsync.Anchor]*Entry
		At      time.Time
	}
	// ReadBatch is told when the engine was given a batch.
	ReadBatch struct {
		Process int
		Source  string
		Batch   adsync.Batch
	}
	// Acquired and Released are of the lease.
	Acquired struct{ Process int }
	// Released is told when the lease was given up.
	Released struct{ Process int }
	// Counted is told when the engine learnt how many links there are.
	Counted struct {
		Process int
		Links   map[adsync.Kind]adsync.LinkCount
	}
	// Planned is told when a part of a plan was stored.
	Planned struct {
		Process int
		Run     int64
		Batches []adsync.PlanBatch
	}
	// Saved is told when what is known of a run was stored.
	Saved struct {
		Process int
		Info    adsync.RunInfo
	}
	// Finished is told when a run was ended, and these sources' cursors moved.
	Finished struct {
		Process int
		Info    adsync.RunInfo
		Sources []adsync.SourceState
	}
	// Recorded is told when the outcome of a batch was stored.
	Recorded struct {
		Process int
		Record  adsync.Record
	}
	// Noted is told when issues were stored.
	Noted struct {
		Process int
		Issues  []adsync.Issue
	}
	// Sent is told when the sink was called with these ops. Answered comes when it answered.
	Sent struct {
		Process int
		Ops     []adsync.Op
		Batch   bool
	}
	// Answered is told with the sink's answer, as the engine got it.
	Answered struct {
		Process int
		Ops     []adsync.Op
		Results []adsync.Result
		Err     error
	}
	// Affected is told when the target changed.
	Affected struct {
		Step int
		Effect
	}
	// Asked is told when something was asked for so many things at once, of which there may
	// be at most so many.
	Asked struct {
		Process int
		What    string
		N, Most int
	}
	// Killed is told when a process died at its n-th call.
	Killed struct{ Process, Call int }
	// Suspended is told when a process stands still until then.
	Suspended struct {
		Process int
		Until   time.Time
	}
	// Ran is told when a run came to an end, well or not. Faults tells what went wrong in it
	// by the script's doing.
	Ran struct {
		Process int
		Report  *adsync.Report
		Err     error
		Step    Step
	}
	// Replanned is told when the same was planned twice.
	Replanned struct{ First, Second string }
	// Said is told when a text went to where a person or a file gets it.
	Said struct{ Where, Text string }
)
