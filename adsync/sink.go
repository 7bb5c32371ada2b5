package adsync

import (
	"context"
	"iter"
)

// Sink writes to a target.
//
// The engine calls Apply for one op at a time and object, from at most
// Schema.InFlight goroutines (one, when the sink is no Describer). It never
// has two ops of one object under way. Apply reports what it knows: a nil
// error means that the effect is there (or, with Pending, accepted). The
// error's code says what the engine does next: see [Code]. An error without a
// code becomes an issue of that object. A panic leaves the outcome unknown.
//
// CodeNotFound speaks of the object itself. A member of a group that the target
// does not know is CodeInvalid: the group's own link must not be lost for it.
//
// When ctx is cancelled Apply returns soon; the op's outcome is then unknown,
// and the engine offers it again, with the same Key, in the next run.
type Sink interface {
	Apply(ctx context.Context, op Op) (Receipt, error)
}

// OpBatch is what BatchSink takes at once. A batch is journalled before it is
// sent, and sent again unchanged after a crash.
type OpBatch struct {
	Run int64  // the run's number
	N   int    // the batch's number in the plan, from 0
	Key string // the same for every attempt at this batch
	Ops []Op
}

// Result is the answer to one op of a batch.
type Result struct {
	Receipt Receipt
	Err     error
}

// BatchSink writes many ops at a call. It answers one Result per op, in the
// order of the ops; an error is for the batch as a whole and says that the
// engine must take the outcome of every op for unknown, except CodeTooLarge,
// CodeLimited and CodeUnauthenticated, which say that nothing took effect.
type BatchSink interface {
	Sink
	ApplyBatch(ctx context.Context, batch OpBatch) ([]Result, error)
}

// Describer tells what the target accepts. Called once, after Open.
type Describer interface {
	Schema(ctx context.Context) (Schema, error)
}

// Finder looks objects up by keys. It gives every object that has any of the
// keys, each once, in any order; it may give more than asked for, since the
// engine runs the matcher on what comes. At most 500 keys a call.
type Finder interface {
	Find(ctx context.Context, kind Kind, keys []Key) ([]Target, error)
}

// Lister lists all objects of a kind. An error is the last thing yielded; a
// list that ends without one is complete.
type Lister interface {
	List(ctx context.Context, kind Kind) iter.Seq2[Target, error]
}

// MemberLister gives the members that a group has in the target, whoever added
// them. A job with MembersAuthoritative needs it.
type MemberLister interface {
	ListMembers(ctx context.Context, group TargetID) iter.Seq2[TargetID, error]
}

// RunSink is told where a run begins and ends. Begin with a run that is known
// already resumes it. End is called once per Begin, also after a failure.
type RunSink interface {
	Begin(ctx context.Context, run int64) error
	End(ctx context.Context, run int64, completed bool) error
}

// Settler says what became of ops that were answered Pending. It gives
// Pending again for those still under way.
type Settler interface {
	Settle(ctx context.Context, targets []TargetID) ([]Result, error)
}

// Scoper tells the target's side of the selection. It may narrow the job's
// scope and never widens it. Called once per run, before the read.
type Scoper interface {
	Scope(ctx context.Context) (*Scope, error)
}

// Checker tries, without writing, whether a source or sink could work now:
// address, certificate, credentials, rights. Called by Engine.Check.
type Checker interface {
	Check(ctx context.Context) error
}

// Validator checks a part's configuration without any I/O. New calls it and
// reports all faults of all parts together.
type Validator interface {
	Validate() error
}

// Opener is called before first use and when the engine closes. Open may be
// called again after Close.
type Opener interface {
	Open(ctx context.Context) error
	Close() error
}
