package adsync

import "time"

// IssueCode names what is wrong with an object. The names stay the same over
// versions. A sink's own Error.Problem is a code too.
type IssueCode string

// The codes that the engine uses.
const (
	IssueSourceDuplicate   IssueCode = "source-duplicate"     // shares a key or unique value with another source object
	IssueTargetAmbiguous   IssueCode = "target-ambiguous"     // several objects of the target match
	IssueAlreadyLinked     IssueCode = "already-linked"       // the object it matches is linked to another source object
	IssueProtectedTarget   IssueCode = "protected-target"     // the object it matches is protected
	IssueForeignTarget     IssueCode = "cross-organisation"   // the object it matches belongs to another organisation
	IssueInactiveTarget    IssueCode = "target-inactive"      // the object it matches is inactive and the job does not reactivate
	IssueRecreatedIdentity IssueCode = "recreated-identity"   // the object it matches belonged to a source object that is gone
	IssueHeldByLeaver      IssueCode = "held-by-leaver"       // an inactive link holds a unique value it needs
	IssueSwapUnsupported   IssueCode = "swap-unsupported"     // objects exchange unique values and the target cannot
	IssueRequiredMissing   IssueCode = "required-missing"     // a required attribute has no value
	IssueValueInvalid      IssueCode = "value-invalid"        // a value that the target cannot take
	IssueValueTooLong      IssueCode = "value-too-long"       // over the length, policy reject
	IssueMapping           IssueCode = "mapping"              // the mapper gave an error
	IssueUnreadable        IssueCode = "unreadable"           // the source saw it but could not read it
	IssueLeaverKept        IssueCode = "leaver-kept"          // left, and policy or target keeps it
	IssueTargetGone        IssueCode = "target-gone"          // the linked object is gone from the target
	IssueReferenceWaits    IssueCode = "reference-waits"      // refers to an object that has no link yet
	IssueMembersFailed     IssueCode = "members-failed"       // memberships of a group could not be changed
	IssueDenied            IssueCode = "denied"               // the target does not allow it
	IssueUnavailable       IssueCode = "unavailable"          // the target did not answer, others passed
	IssueUnknown           IssueCode = "unknown"              // it cannot be told whether an op took effect
	IssueSentBefore        IssueCode = "sent-before"          // made of what an earlier run sent, perhaps; what differs is written next
	IssueFailed            IssueCode = "failed"               // any other error of the sink
	IssueOtherKind         IssueCode = "other-kind"           // the mapping makes another kind of it now
	IssueUnmatchedInactive IssueCode = "inactive-not-created" // inactive when first seen, nothing to match
	IssuePending           IssueCode = "pending"              // the target has not said what became of it; what changed since waits
)

// IssueClass groups codes by who has to act.
type IssueClass uint8

// The classes.
const (
	ClassIssue       IssueClass = iota // tried again by itself
	ClassConflict                      // waits for a person's answer
	ClassQuarantined                   // waits for the directory to be completed
	ClassNote                          // listed only
)

// Class says who has to act on the code.
func (c IssueCode) Class() IssueClass {
	switch c {
	case IssueSourceDuplicate, IssueTargetAmbiguous, IssueAlreadyLinked, IssueProtectedTarget, IssueForeignTarget,
		IssueInactiveTarget, IssueRecreatedIdentity, IssueHeldByLeaver, IssueSwapUnsupported,
		IssueUnknown, "email-in-use", "logon-in-use", "value-in-use":
		return ClassConflict
	case IssueRequiredMissing:
		return ClassQuarantined
	case IssueLeaverKept, IssueReferenceWaits, IssueOtherKind, IssueUnmatchedInactive, IssuePending:
		return ClassNote
	}
	return ClassIssue
}

// Issue is one thing that is wrong with one object. It is remembered until a
// later run finds the object in order, or gone.
type Issue struct {
	Source string    `json:"source"`
	Anchor Anchor    `json:"anchor"`
	Kind   Kind      `json:"kind"`
	Code   IssueCode `json:"code"`
	// Attr is the attribute at fault, where there is one.
	Attr string `json:"attr,omitempty"`
	// Name is what people call the object, for lists.
	Name string `json:"name,omitempty"`
	// Detail says in words what is wrong and what to do.
	Detail string `json:"detail"`
	// Candidates are the target's objects that come into question.
	Candidates []Target `json:"candidates,omitempty"`
	// Others are the source objects that share the value.
	Others []Anchor `json:"others,omitempty"`
	// Since and Run are the first and the latest run that saw it. Each run tries
	// again.
	Since int64 `json:"since,omitempty"`
	Run   int64 `json:"run,omitempty"`
	// Wanted is the mapped object that could not be applied, kept so that a
	// delta cursor may move on. Empty where the object will be read again.
	Wanted *Object `json:"-"`
	// Left, kept for the same reason, is how the object had left when what was
	// due to it could not be done; Present for objects that had not.
	Left Presence `json:"-"`
}

// calledBy gives what people call an object with these attributes, which may be
// the directory's own; "" when nothing says.
func calledBy(a Attributes) string {
	for _, name := range []string{"displayName", "name", "cn", "logon", "email"} {
		if v := a.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// Verdict is a person's answer to a conflict.
type Verdict string

// The verdicts.
const (
	AnswerLink    Verdict = "link"    // link to Answer.Target
	AnswerCreate  Verdict = "create"  // make a new object, whatever matches
	AnswerIgnore  Verdict = "ignore"  // leave this object out from now on
	AnswerRelink  Verdict = "relink"  // the same person with a new anchor: take over the old link
	AnswerRelease Verdict = "release" // take the value from the leaver that holds it
	AnswerRetry   Verdict = "retry"   // judge it anew
)

// answerAccept, without an anchor, says that a source's read is to be believed.
const answerAccept Verdict = "accept-read"

// Answer is remembered for one source object until it has been carried out
// (retry) or for good (the others).
type Answer struct {
	Source  string    `json:"source"`
	Anchor  Anchor    `json:"anchor"`
	Verdict Verdict   `json:"verdict"`
	Target  TargetID  `json:"target,omitempty"`
	By      string    `json:"by,omitempty"`
	At      time.Time `json:"at,omitzero"`
}
