package adsync

import (
	"log/slog"
	"time"
)

// Job says what to synchronise with what, and by which policies. The zero
// value of every policy is the careful one.
type Job struct {
	// Target names the target in the state store and in reports. Jobs that
	// write to the same target use the same name, and their links are told
	// apart by the names of their sources.
	Target string
	// Sources are read in this order.
	Sources []SourceConfig
	Sink    Sink
	// Mapper is needed; a source whose objects have the target's shape already
	// has one that gives back what it gets, and names the attributes.
	Mapper Mapper
	// Matcher finds existing objects of the target. Nil: nothing is matched,
	// every object without a link is new.
	Matcher Matcher
	State   StateStore

	// Kinds to synchronise. Empty: those that the sink's schema names, or all.
	Kinds []Kind
	// Required attributes per kind, in addition to those of the sink's schema.
	Required map[Kind][]string
	// OnMissing says what to do with a new object that lacks a required
	// attribute. The zero value is Quarantine.
	OnMissing MissingPolicy
	// Overlong says what to do with a value over the schema's length, by
	// attribute. The zero value is Reject.
	Overlong map[string]OverlongPolicy
	// Merge says how source and last applied values join, by attribute. The
	// zero value is KeepOnBlank.
	Merge map[string]MergeMode
	// Leavers says what becomes of objects that left. Kinds that are not named
	// have the default: users and contacts are deactivated where the target
	// can, groups and organizational units are kept and listed.
	Leavers map[Kind]LeaverPolicy
	// CreateInactive creates objects that are inactive when first seen.
	CreateInactive bool
	// ReactivateMatched lets an inactive object of the target that matches by
	// key be adopted and made active.
	ReactivateMatched bool
	// MembersAuthoritative makes the source's member set the whole truth, so
	// that members which others added are removed too.
	MembersAuthoritative bool
	// Identity names an immutable mapped attribute by which objects of several
	// sources are one person: they share one object of the target, and the
	// first-named source owns each attribute it has. The target need not have it.
	Identity string
	// Protect lists target objects that are never touched by rule, in addition
	// to those the sink reports as protected: ids, or values of any unique
	// attribute, compared without case.
	Protect []string
	// Guard limits what one plan may do. The zero value has the defaults.
	Guard Guard
	// Snapshot asks for a full read of every source at every run.
	Snapshot bool
	// FullEvery is how long a source may be read by its cursor before everything
	// is read again and compared, which mends whatever a change-only read
	// missed. Default 7 days; negative: never.
	FullEvery time.Duration
	// Audit is how many objects, picked at random, each change-only read is
	// checked with: they are read by themselves and held against what is
	// known. Default 25; negative: none. Sources that cannot read single
	// objects are not audited.
	Audit int

	// VerifyEvery is how often a run that was carried out ends with a look at the
	// target: is it still as it was last applied? The report says what differs;
	// nothing is changed. Default 7 days; negative: never. Sinks that cannot
	// list are not looked at.
	VerifyEvery time.Duration

	// Owner names this process in the lease. Default: host name and pid.
	Owner string
	// LeaseTime is how long a dead process holds the target. Default 1 minute.
	LeaseTime time.Duration
	// KeepRuns is how many runs keep their plans. Default 10.
	KeepRuns int
	// Retry bounds the tries on CodeUnavailable. The zero value has the defaults.
	Retry Retry
	// Log takes the engine's log. Nil: nothing is logged.
	Log *slog.Logger
	// Progress is called from the engine's goroutines, a few times a second at
	// most. Nil: nobody is told.
	Progress func(Progress)
}

// SourceConfig names a source of a job.
type SourceConfig struct {
	// Name stands in links and reports. It must not change between runs.
	Name   string
	Source Source
	// Scope is the job's selection in this source; nil for everything.
	Scope *Scope
}

// From is the list of sources of a job that has one.
func From(name string, s Source) []SourceConfig { return []SourceConfig{{Name: name, Source: s}} }

// MissingPolicy says what to do with a new object that lacks a required attribute.
type MissingPolicy uint8

const (
	// Quarantine keeps the object aside, lists it, and tries it again when it
	// changes. The others go on.
	Quarantine MissingPolicy = iota
	// Skip leaves it out and counts it.
	Skip
	// Halt stops the run at the object: none after it is created or changed
	// until the directory is completed. Deactivations still happen, and every
	// incomplete object is listed.
	Halt
)

// OverlongPolicy says what to do with a value over the target's length.
type OverlongPolicy uint8

const (
	// Reject makes it an issue of the object, which is not written.
	Reject OverlongPolicy = iota
	// Truncate cuts it at a code point.
	Truncate
	// Omit leaves the attribute out.
	Omit
)

// MergeMode says how the value from the source joins what was last applied.
type MergeMode uint8

const (
	// KeepOnBlank: a value from the source wins; blank keeps what is there.
	KeepOnBlank MergeMode = iota
	// SourceWins: blank clears, where the source says that it is blank.
	SourceWins
	// CreateOnly: written when the object is made, and not again.
	CreateOnly
	// FillIfEmpty: written only while the target has no value that we know of.
	FillIfEmpty
	// Never: not written.
	Never
)

// LeaverAction is what becomes of an object that left.
type LeaverAction uint8

// The actions. The zero value stands for the kind's default.
const (
	LeaverDefault LeaverAction = iota
	LeaverKeep
	LeaverDeactivate
	LeaverDelete
)

// LeaverPolicy is what becomes of an object of one kind, by fact.
type LeaverPolicy struct {
	OutOfScope LeaverAction
	Deleted    LeaverAction
	// DeleteAfterDays deletes what was deactivated as a leaver so many days
	// ago. Zero: never.
	DeleteAfterDays int
}

// Guard limits what one plan may do, together with what was applied to the
// target in the 24 hours before it, by whatever job. Each limit holds per kind
// of object and is the larger of an absolute number and a percentage of the
// active links of the kind before the run, so that the number is the floor below
// which the percentage does not bite. A zero Limit has the default.
//
// What a plan did that a person has approved counts for nothing afterwards, so
// that it does not stand in the way of the small plans that follow.
type Guard struct {
	// Leaving: deactivated or deleted, or made inactive by an attribute.
	// Default 10 or 5 %.
	Leaving Limit
	// UnitLeaving: the same below one organizational unit; the percentage is of
	// the active links below it. Default 10 or 30 %. Off when Leaving is off.
	UnitLeaving Limit
	// MembersRemoved from one group; the percentage is of the members it had.
	// Default 20 or 20 %.
	MembersRemoved Limit
	// Blanked: objects that lose their value of one attribute. Default 20 or 2 %.
	Blanked Limit
	// Rewritten: objects whose value of one attribute becomes another. Default
	// 500 or 30 %. Off when Updates is off.
	Rewritten Limit
	// Updates: changed, renamed or made active again. Default 500 or 30 %.
	Updates Limit
	// Creates: default 200 or 20 %; free on a first run into a target that is
	// empty or cannot be listed.
	Creates Limit
	// Adoptions: existing objects of the target that are linked. Default 50 or
	// 10 %, also on a first run.
	Adoptions Limit
}

// Limit is an absolute number and a percentage; the larger one holds.
type Limit struct {
	Count   int
	Percent float64
	// Off switches the limit off.
	Off bool
}

// Retry bounds the tries when the target or a source is unavailable.
type Retry struct {
	// Tries counts all attempts. Default 5.
	Tries int
	// First is the wait after the first attempt; it doubles, with some
	// randomness, up to Most. Defaults 500 ms and 30 s.
	First, Most time.Duration
}

// Progress is how far a run has come.
type Progress struct {
	Stage  string // "read", "match", "plan", "apply", "verify"
	Source string // for "read"
	Done   int
	Total  int // 0: not known
}
