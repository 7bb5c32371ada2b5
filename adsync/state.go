package adsync

import (
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"time"
)

// StateStore keeps what jobs remember between runs. Stores are in
// adsync/state; NewMemoryState gives one for tests. The caller closes it after
// the engines that use it.
type StateStore interface {
	// Open gives the state of one target, made empty when there is none yet.
	// Each engine opens its own.
	Open(ctx context.Context, target string) (State, error)
	Close() error
}

// State is one engine's handle on the state of one target. A call is a batch
// or a stream, never one object. Reads see what was committed before they
// began. Every method that writes, Answers apart, needs the lease and fails
// with ErrFenced, without effect, when another holds it. A failed write leaves
// the state as it was.
//
// Methods are called from several goroutines; a stream may be open while
// others write, and need not show their writes.
type State interface {
	Lease
	Links
	Memberships
	Runs
	Plans
	Recorder
	Issues
	Answers
	// Sources gives what is known of each source, in order of names.
	Sources(ctx context.Context) ([]SourceState, error)
	// Notes gives the memory of one source. What is put is pending until
	// Finish of that run names the source, and visible through this state at
	// once. A store may gather what is put, and find out that the lease was lost
	// at a later Put, or when the run is saved or finished: nothing of it is
	// stored then.
	Notes(source string, run int64) Notes
	// DropNotes forgets what a run has put into the notes of one source and what
	// is pending still. For this run too, what was there before holds again. The
	// run may put others.
	DropNotes(ctx context.Context, source string, run int64) error
	// Secret gives 32 random bytes made when the state was made: the key of
	// digests and link keys, so that stored digests cannot be guessed.
	Secret(ctx context.Context) ([]byte, error)
	// Close releases the handle, and the lease if it is held.
	Close() error
}

// Lease lets one run at a time work on a target, over all processes.
type Lease interface {
	// Acquire takes the lease until ttl from now, or fails with ErrBusy while
	// another holder's has not run out. It raises the fence: from here on every
	// write of an earlier holder fails with ErrFenced.
	Acquire(ctx context.Context, owner string, ttl time.Duration) error
	// Renew extends the lease; ErrFenced when it was lost.
	Renew(ctx context.Context, ttl time.Duration) error
	// Release gives it up. It does nothing when the lease is not held.
	Release(ctx context.Context) error
}

// LinkKey is 16 bytes that sort: the UUID itself where the anchor is one, else
// a keyed hash of the anchor.
type LinkKey [16]byte

// String gives the key in hexadecimal.
func (k LinkKey) String() string { return hex.EncodeToString(k[:]) }

// Digest is a keyed hash of a record. The zero Digest equals no record's.
type Digest [16]byte

// LinkState says what is known of the linked object.
type LinkState uint8

// The states of a link. The zero state is active.
const (
	LinkActive   LinkState = iota
	LinkInactive           // deactivated by us, or inactive in the directory
	LinkLost               // the target's object is gone; the next plan matches anew
	LinkIgnored            // a person said to leave it out
	LinkPending            // the target accepted it and has not said what became of it
	LinkShared             // another link, of another source, holds the same target object
	LinkSent               // it was sent to be made, and it is not known whether it was; Applied is what was sent
)

var linkStateNames = [...]string{"active", "inactive", "lost", "ignored", "pending", "shared", "sent"}

// String gives the state's name.
func (s LinkState) String() string {
	if int(s) >= len(linkStateNames) {
		return "invalid"
	}
	return linkStateNames[s]
}

// Link ties a source object to a target object.
type Link struct {
	Source string
	Key    LinkKey
	Anchor Anchor
	Kind   Kind
	Target TargetID
	// Container is where the object was when it was last written; the guard
	// tells by it from where people leave. Empty: not known.
	Container string
	State     LinkState
	// Left tells why an inactive link is inactive: it left the directory or
	// the scope, as against disabled there.
	Left bool
	// Digest is of the mapped object that was last applied in full; zero while
	// something of it is still to do.
	Digest Digest
	// Config is the configuration under which Digest was made.
	Config Digest
	// Generation counts the ops committed for this link.
	Generation uint64
	// Due is when the clock alone changes something; zero for never.
	Due time.Time
	// Run wrote the link last.
	Run int64
	// Identity is the keyed hash of the job's identity attribute; zero without.
	Identity LinkKey
	// Applied is the merged record as last applied. References stand in it as
	// anchors.
	Applied Attributes
}

// LinkRef names a link.
type LinkRef struct {
	Source string
	Key    LinkKey
}

// Links are read while planning.
type Links interface {
	// Scan gives the links of one source in key order. With digestsOnly a
	// store may leave Anchor, Target, Container and Applied out.
	Scan(ctx context.Context, source string, digestsOnly bool) iter.Seq2[Link, error]
	// Find gives those of the keys that have a link, in key order. Keys come
	// sorted, at most 1,000 a call.
	Find(ctx context.Context, source string, keys []LinkKey) ([]Link, error)
	// Owners tells which links hold the targets; targets without one are left
	// out. At most 1,000 a call.
	Owners(ctx context.Context, targets []TargetID) (map[TargetID]Link, error)
	// Due gives the links whose Due is set and not after the instant, in order
	// of source and key.
	Due(ctx context.Context, at time.Time) iter.Seq2[Link, error]
	// Sample gives up to n links of a source, picked at random, each at most
	// once, in key order. Who has left, is lost or ignored may be among them.
	Sample(ctx context.Context, source string, n int) ([]Link, error)
	// Count gives the number of links by kind and state.
	Count(ctx context.Context) (map[Kind]LinkCount, error)
}

// LinkCount counts links of a kind. Shared links are not counted: the link that
// holds the object is. Nor are sent ones: there may be no object.
type LinkCount struct{ Active, Inactive, Lost, Ignored, Pending int }

// Add counts n links of a state.
func (c *LinkCount) Add(state LinkState, n int) {
	switch state {
	case LinkActive:
		c.Active += n
	case LinkInactive:
		c.Inactive += n
	case LinkLost:
		c.Lost += n
	case LinkIgnored:
		c.Ignored += n
	case LinkPending:
		c.Pending += n
	}
}

// Membership is one member of one group, both named by their links.
type Membership struct {
	Group, Member LinkKey
	// Waiting memberships are wanted, and not in the target yet.
	Waiting bool
}

// Memberships are those that we added, or that wait.
type Memberships interface {
	// ScanMembers gives the memberships of one source in order of group and member.
	ScanMembers(ctx context.Context, source string) iter.Seq2[Membership, error]
	// FindMembers gives those of some groups, in the same order. Groups come sorted.
	FindMembers(ctx context.Context, source string, groups []LinkKey) iter.Seq2[Membership, error]
	// MembershipsOf gives those in which some links are members, in order of
	// member and group. Members come sorted.
	MembershipsOf(ctx context.Context, source string, members []LinkKey) iter.Seq2[Membership, error]
	// WaitingMembers gives those of a source that wait, in order of group and member.
	WaitingMembers(ctx context.Context, source string) iter.Seq2[Membership, error]
}

// RunState says how far a run has come.
type RunState string

// The states of a run.
const (
	RunPlanning   RunState = "planning"   // dropped by the next run
	RunSealed     RunState = "sealed"     // the held plan
	RunApplying   RunState = "applying"   // must be finished first
	RunEnded      RunState = "ended"      // see its outcome
	RunSuperseded RunState = "superseded" // a newer plan took its place
)

// RunInfo is what is stored of a run.
type RunInfo struct {
	ID    int64
	State RunState
	// Plan is the plan's id, once sealed.
	Plan    string
	Outcome RunOutcome
	// Approved names who approved a refused plan.
	Approved string
	Started  time.Time
	Sealed   time.Time
	Ended    time.Time
	// Batches and Ops count the plan; Recorded counts the batches whose results
	// are recorded (written by Record, ignored by Save).
	Batches, Ops, Recorded int
	// Planned counts what the plan would do; Applied what was done.
	Planned, Applied Counts
	// Effects is what was done, as the guard counts it.
	Effects Effects
	// Verified is when the target was last compared with what had been applied,
	// by this run or one before it.
	Verified time.Time
	// Config is the configuration digest the plan was made with.
	Config Digest
	// Findings are what the guard and the witness found.
	Findings []Finding
	// Sources says what each source gave; it becomes the sources' state at the
	// end of the run.
	Sources []SourceState
	Error   string
}

// SourceState is what is known of a source.
type SourceState struct {
	Name string `json:"name"`
	// Cursor is where the next read starts; empty for a snapshot.
	Cursor  Cursor   `json:"cursor,omitempty"`
	Witness *Witness `json:"witness,omitempty"`
	// Config is the configuration digest under which the cursor was taken.
	Config string `json:"config,omitempty"`
	// Objects is the number of objects the last read gave; Snapshot says that it
	// listed everything.
	Objects  int  `json:"objects"`
	Snapshot bool `json:"snapshot,omitempty"`
	// Run is the run that moved the cursor last.
	Run int64 `json:"run,omitempty"`
	// Full is when the last snapshot was read that listed everything.
	Full time.Time `json:"full,omitzero"`
}

// Runs keeps runs and their order.
type Runs interface {
	// Begin makes a run in state planning and gives its number, larger than
	// any before. Runs left in planning, with what they hold, are dropped.
	Begin(ctx context.Context, started time.Time) (int64, error)
	// Save replaces what is known of a run, durably. Saving it as sealed marks
	// every other sealed run superseded in the same transaction.
	Save(ctx context.Context, info RunInfo) error
	// Finish saves an ended run; stores the state of the sources it lists and
	// their pending notes; drops the pending notes of the run's other sources;
	// and drops the plans, the witnesses in RunInfo.Sources and the names in
	// RunInfo.Findings of all but the newest keep runs. All in one durable
	// transaction.
	Finish(ctx context.Context, info RunInfo, sources []SourceState, keep int) error
	// Held gives the runs whose plan is held or begun (sealed, applying), newest
	// first: one or two, however many runs there were.
	Held(ctx context.Context) ([]RunInfo, error)
	// History gives the runs, newest first.
	History(ctx context.Context) iter.Seq2[RunInfo, error]
}

// PlanBatch is a stretch of a plan that is sent as one.
type PlanBatch struct {
	N   int
	Ops []PlannedOp
}

// Plans are written once, in the order of the ops.
type Plans interface {
	// AddBatches appends to the plan of a run in state planning. N continues
	// from the batch before, starting with 0.
	AddBatches(ctx context.Context, run int64, batches []PlanBatch) error
	// Batches gives the batches of a plan from number from on.
	Batches(ctx context.Context, run int64, from int) iter.Seq2[PlanBatch, error]
}

// Record is the outcome of one batch, as it is stored.
type Record struct {
	Run int64
	// Batch must be the run's RunInfo.Recorded; anything else is refused.
	Batch int
	// Links are written, new or over what was there; Unlinked are removed
	// together with their memberships.
	Links    []Link
	Unlinked []LinkRef
	// Joined memberships are written, new or over what was there; Parted ones
	// are removed.
	Joined, Parted []MembershipOf
	Issues         []Issue
	Resolved       []IssueRef
	Applied        Counts  // of the run so far
	Effects        Effects // of the run so far
}

// MembershipOf is a membership and the source that both links belong to.
type MembershipOf struct {
	Source string
	Membership
}

// Recorder stores outcomes: one call, one transaction.
type Recorder interface {
	Record(ctx context.Context, r Record) error
}

// IssueRef names the issues of an object: all of them when Code is empty.
type IssueRef struct {
	Source string
	Anchor Anchor
	Code   IssueCode
}

// Issues are remembered until they are resolved. Source, anchor, code and
// attribute together name one; storing it again keeps Since and replaces the rest.
type Issues interface {
	// PutIssues stores what a run found.
	PutIssues(ctx context.Context, issues []Issue) error
	// Resolve removes issues.
	Resolve(ctx context.Context, refs []IssueRef) error
	// ResolveOlder removes the issues of a source that no run from number run
	// on has seen: what a complete snapshot did not find wrong again.
	ResolveOlder(ctx context.Context, source string, run int64) error
	// ListIssues gives them in order of source, anchor, code and attribute.
	ListIssues(ctx context.Context) iter.Seq2[Issue, error]
}

// Answers are what people decided. They are written without the lease.
type Answers interface {
	PutAnswer(ctx context.Context, a Answer) error
	// DropAnswer forgets the answer for an object.
	DropAnswer(ctx context.Context, source string, anchor Anchor) error
	// ListAnswers gives them in order of source and anchor.
	ListAnswers(ctx context.Context) iter.Seq2[Answer, error]
}

// MarshalText writes the digest in hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(d[:])), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Digest) UnmarshalText(text []byte) error {
	if n, err := hex.Decode(d[:], text); err != nil || n != len(d) || len(text) != 2*len(d) {
		return fmt.Errorf("adsync: %q is no digest", text)
	}
	return nil
}

// IsZero tells whether the digest is unset.
func (d Digest) IsZero() bool { return d == Digest{} }
