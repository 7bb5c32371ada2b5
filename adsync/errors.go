package adsync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Code says what the engine does about an error.
type Code uint8

// The codes. Connectors attach one with [Error]; see [CodeOf] for errors
// without.
const (
	// CodeOther: nobody said. An issue of that object; the run goes on.
	CodeOther Code = iota
	// CodeInvalid: the target refuses these values. An issue of that object.
	CodeInvalid
	// CodeConflict: a value is taken, or there are several candidates. A
	// conflict of that object, for a person.
	CodeConflict
	// CodeUnsupported: the other side cannot do this. An issue of that object.
	CodeUnsupported
	// CodeDenied: the account may not do this. An issue of that object; when
	// the first 20 ops of a run are all denied, the run stops.
	CodeDenied
	// CodeNotFound: the object is gone. Success for Deactivate and Delete;
	// else the link is lost and the next plan matches the object anew.
	CodeNotFound
	// CodeLimited: too many requests, nothing took effect. The engine waits
	// RetryAfter, however long, and tries again.
	CodeLimited
	// CodeUnavailable: the other side or the network failed, and the effect is
	// unknown. A bounded number of tries; then an issue if others pass, else
	// the run ends unreachable.
	CodeUnavailable
	// CodeTooLarge: nothing took effect; the engine splits the batch.
	CodeTooLarge
	// CodeGone: the session, run or cursor is no longer known; it starts over.
	CodeGone
	// CodeUnauthenticated: the credentials are refused. The run stops.
	CodeUnauthenticated
	// CodeIncomplete: a read ended before it had shown everything.
	CodeIncomplete
)

var codeNames = [...]string{
	"other", "invalid", "conflict", "unsupported", "denied", "not-found", "limited", "unavailable",
	"too-large", "gone", "unauthenticated", "incomplete",
}

// String gives the code's name in lower case.
func (c Code) String() string {
	if int(c) >= len(codeNames) {
		return "invalid-code"
	}
	return codeNames[c]
}

// Error is an error with a code. Its text names what went wrong, where, and
// what to do about it; it holds identifiers, never secrets or whole objects.
type Error struct {
	Code Code
	// Problem is a short name that stays the same over versions, such as
	// "email-in-use"; it becomes the code of the issue. Optional; a conflict
	// over a unique value should have it, and Attr.
	Problem string
	// Attr is the attribute at fault, where there is one.
	Attr string
	// RetryAfter is how long to wait, with CodeLimited and CodeUnavailable.
	RetryAfter time.Duration
	// Candidates, with CodeConflict, are the objects that stand in the way.
	Candidates []Target
	// Err holds the text and the cause.
	Err error
}

// Errorf makes an Error with a code. The format may wrap a cause with %w.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// Error gives the text of the cause, or the code's name where there is none.
func (e *Error) Error() string {
	if e == nil {
		return "a nil *adsync.Error was returned as an error; return nil itself where all is well"
	}
	if e.Err == nil {
		return e.Code.String()
	}
	return e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Is makes errors.Is(err, ErrIncomplete) hold for every error with CodeIncomplete.
func (e *Error) Is(target error) bool {
	return target == ErrIncomplete && e != nil && e.Code == CodeIncomplete
}

// CodeOf gives the code of err: that of the first Error it wraps; Unavailable
// for network errors, deadlines and connections cut short, without the vendor
// doing anything; else CodeOther.
func CodeOf(err error) Code {
	if coded, ok := errors.AsType[*Error](err); ok && coded != nil {
		return coded.Code
	}
	if errors.Is(err, ErrIncomplete) {
		return CodeIncomplete
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return CodeUnavailable
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return CodeUnavailable
	}
	return CodeOther
}

// Errors that a caller may want to tell apart with errors.Is.
var (
	// ErrSkip, from a Mapper, leaves the object out.
	ErrSkip = errors.New("adsync: the mapping leaves this object out")
	// ErrIncomplete: a read ended before it had shown everything. Nothing was
	// taken for absent.
	ErrIncomplete = errors.New("adsync: the read ended before the source said that it was complete")
	// ErrBusy: another run holds the lease of this target.
	ErrBusy = errors.New("adsync: another run is working on this target")
	// ErrFenced: the lease was lost to another run; nothing more is written.
	ErrFenced = errors.New("adsync: the lease of this target was lost to another run")
	// ErrNoPlan: no such plan is stored.
	ErrNoPlan = errors.New("adsync: no such plan")
	// ErrNotApproved: the guard refused the plan and nobody approved it.
	ErrNotApproved = errors.New("adsync: the guard refused this plan; approve it by its id or plan anew")
	// ErrNewerSchema: the state was written by a newer version.
	ErrNewerSchema = errors.New("adsync: the state was written by a newer version of this program; update the program")
	// ErrDamaged: the state cannot be read and was left as it is.
	ErrDamaged = errors.New("adsync: the state is damaged and was left as it is; restore a copy of it")
)

// SourceError is an error of one source.
type SourceError struct {
	Source string
	Err    error
}

// Error gives the source's name and the cause.
func (e *SourceError) Error() string { return "source " + e.Source + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *SourceError) Unwrap() error { return e.Err }

// TargetError is an error of the target that stops the run.
type TargetError struct{ Err error }

// Error gives the cause.
func (e *TargetError) Error() string { return "target: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *TargetError) Unwrap() error { return e.Err }

// UnfinishedError says that a plan was begun and must be finished before a new
// one is made: Run finishes it first, Apply with its id does so too.
type UnfinishedError struct{ Plan string }

// Error names the plan and what to do.
func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("adsync: plan %s was begun and is not finished; Run finishes it first, or apply it by its id", e.Plan)
}

// SupersededError says that a newer plan took the place of the one asked for.
type SupersededError struct{ Plan, Newer string }

// Error names both plans.
func (e *SupersededError) Error() string {
	return fmt.Sprintf("adsync: plan %s was superseded by plan %s; look at that one and apply it by its id", e.Plan, e.Newer)
}

// DriftError says that the world is no longer what the plan was made from.
// Nothing was written.
type DriftError struct {
	Plan string
	// Objects names what changed, at most 20 of them; More counts the others.
	Objects []Drift
	More    int
}

// Drift is one object that changed after the plan was made.
type Drift struct {
	Kind   Kind
	Source string
	Anchor Anchor
	// What changed: "link", "last-applied", "configuration" or "target".
	What   string
	Detail string
}

// Error names what changed.
func (e *DriftError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "adsync: plan %s no longer fits and was not applied; make a new plan. Changed since:", e.Plan)
	for _, d := range e.Objects {
		if d.Anchor == "" {
			fmt.Fprintf(&b, " %s;", d.What)
			continue
		}
		fmt.Fprintf(&b, " %s %s (%s);", d.Kind, d.Anchor, d.What)
	}
	if e.More > 0 {
		fmt.Fprintf(&b, " and %d more", e.More)
	}
	return strings.TrimSuffix(b.String(), ";")
}

// ConfigError lists every fault of a job. errors.Is and errors.As reach each.
type ConfigError struct{ Faults []error }

// Error lists the faults.
func (e *ConfigError) Error() string {
	if len(e.Faults) == 1 {
		return "adsync: the job cannot run: " + e.Faults[0].Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "adsync: the job cannot run, %d faults:", len(e.Faults))
	for _, f := range e.Faults {
		fmt.Fprintf(&b, "\n  - %v", f)
	}
	return b.String()
}

// Unwrap gives the faults.
func (e *ConfigError) Unwrap() []error { return e.Faults }
