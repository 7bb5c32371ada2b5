package adsync

import "time"

// Subject says of what [Engine.Explain] shall tell: an object of a source, one
// of the target, or whatever has a value.
type Subject struct {
	// Source and Anchor name an object of a source; without Source, of any.
	Source string
	Anchor Anchor
	// Target names an object of the target.
	Target TargetID
	// Value is what a person types: an address, a logon name, a full name. It
	// is compared without case with match keys and unique attributes.
	Value string
}

// Explanation says what is known of one object: what the directory shows, what
// the rules make of it, what the target has, who wrote it when, and why what is
// not written is not. Its JSON form is stable.
type Explanation struct {
	// Found lists the objects that come into question when there are several.
	// Nothing else is filled in then; ask again for one of them.
	Found []Match `json:"found,omitempty"`

	Source string   `json:"source,omitempty"`
	Anchor Anchor   `json:"anchor,omitempty"`
	Kind   Kind     `json:"kind,omitzero"`
	Name   string   `json:"name,omitempty"`
	Target TargetID `json:"target,omitempty"`

	Standing Standing `json:"standing"`
	// Why says in words why the object stands as it does, one reason each, the
	// first one first in weight.
	Why []string `json:"why"`
	// Directory is what the source shows now.
	Directory DirectoryNow `json:"directory"`
	// Written is the last operation that took effect on the object; nil where no
	// kept plan has one.
	Written *Written `json:"written,omitempty"`
	// Pending are operations that a held or begun plan has for it.
	Pending []string `json:"pending,omitempty"`

	Attributes []AttributeExplanation `json:"attributes,omitempty"`
	// Members, for groups.
	Members *MembersExplanation `json:"members,omitempty"`
	// Issues are what is remembered to be wrong with it.
	Issues []Issue `json:"issues,omitempty"`
	Answer *Answer `json:"answer,omitempty"`
}

// Match is one object that comes into question.
type Match struct {
	Source   string   `json:"source,omitempty"`
	Anchor   Anchor   `json:"anchor,omitempty"`
	Kind     Kind     `json:"kind,omitzero"`
	Name     string   `json:"name,omitempty"`
	Target   TargetID `json:"target,omitempty"`
	Standing Standing `json:"standing"`
}

// Standing is where an object stands, in a word.
type Standing string

// The standings.
const (
	StandingActive      Standing = "active"       // linked, and active in the target
	StandingInactive    Standing = "inactive"     // linked, and deactivated
	StandingLeft        Standing = "left"         // linked, and deactivated because it left
	StandingPending     Standing = "pending"      // the target has not said what became of it
	StandingShared      Standing = "shared"       // another source's link holds the target object
	StandingLost        Standing = "lost"         // the target's object is gone; matched anew by the next plan
	StandingIgnored     Standing = "ignored"      // a person said to leave it out
	StandingOutOfScope  Standing = "out-of-scope" // the job or the source does not cover it
	StandingLeftOut     Standing = "left-out"     // the mapping skips it, or the target takes no such kind
	StandingUnreadable  Standing = "unreadable"   // seen, and not readable or not mappable
	StandingConflict    Standing = "conflict"     // waits for a person
	StandingQuarantined Standing = "quarantined"  // waits for the directory to be completed
	StandingFailed      Standing = "failed"       // the target refused it; tried again
	StandingOff         Standing = "inactive-not-created"
	StandingWaiting     Standing = "waiting"   // would be written by the next run, or by a held plan
	StandingForeign     Standing = "unlinked"  // the target has it, and no object of a source stands for it
	StandingUnknown     Standing = "not-found" // nobody knows it
	StandingAmbiguous   Standing = "ambiguous" // several objects; see Found
)

// DirectoryNow is what a source shows when it is asked for the object alone.
type DirectoryNow struct {
	// Asked is false where the source cannot be asked; Error says why, or what
	// went wrong.
	Asked bool      `json:"asked"`
	At    time.Time `json:"at,omitzero"`
	Error string    `json:"error,omitempty"`
	// Shown is false where the source has no such object, or the account may
	// not see it.
	Shown  bool   `json:"shown"`
	Name   string `json:"name,omitempty"`
	Origin string `json:"origin,omitempty"`
	// OutOfScope lists what of the selection leaves it out; Covered says what
	// lets it in.
	OutOfScope []string `json:"outOfScope,omitempty"`
	Covered    string   `json:"covered,omitempty"`
	// Rule is the rule of the mapping that left it out or changed its kind.
	Rule string `json:"rule,omitempty"`
}

// Written is an operation that took effect.
type Written struct {
	Run    int64     `json:"run"`
	Plan   string    `json:"plan"`
	At     time.Time `json:"at"`
	Intent string    `json:"intent"`
	// Origin is where that had been seen which the operation rests on.
	Origin string `json:"origin,omitempty"`
	Note   string `json:"note,omitempty"`
	// Before are the values that it replaced, for an attribute.
	Before Values `json:"before,omitempty"`
}

// AttributeExplanation is the way of one attribute from the directory to the
// target.
type AttributeExplanation struct {
	Attr string `json:"attr"`
	// Reads, Rule, Place and Steps are the mapping's, where it can tell.
	Reads []TraceRead `json:"reads,omitempty"`
	Rule  string      `json:"rule,omitempty"`
	Place string      `json:"place,omitempty"`
	Steps []TraceStep `json:"steps,omitempty"`
	// Mapped is what the mapping makes of the object now; nil where it says
	// nothing, empty where it asks to clear.
	Mapped Values `json:"mapped"`
	Mode   string `json:"mode,omitempty"`
	// Applied was last applied, Present is what the target has now, where it
	// could be asked.
	Applied   Values `json:"applied,omitempty"`
	Present   Values `json:"present,omitempty"`
	AskedNow  bool   `json:"askedNow,omitempty"`
	Differing bool   `json:"changedInTarget,omitempty"` // Present is not what was applied
	// Written is the operation that wrote Applied.
	Written *Written `json:"written,omitempty"`
	Reason  Reason   `json:"reason"`
	Why     string   `json:"why,omitempty"`
}

// Reason says in a word why an attribute is, or is not, as the directory has it.
type Reason string

// The reasons.
const (
	ReasonWritten    Reason = "written"      // the target was given what the mapping makes of it
	ReasonNothing    Reason = "nothing-said" // the directory says nothing, so what is there stays
	ReasonBlank      Reason = "blank-keeps"  // blank in the directory, and the mode keeps the value
	ReasonCreateOnly Reason = "create-only"  // written when the object is made, and not again
	ReasonFilled     Reason = "fill-if-empty"
	ReasonNever      Reason = "never"         // the job never writes it
	ReasonNoSchema   Reason = "not-in-schema" // the target has no such attribute
	ReasonReadOnly   Reason = "read-only"     // the target says that it is never written
	ReasonEngine     Reason = "engine"        // it speaks to the engine, and is not sent
	ReasonTooLong    Reason = "too-long"
	ReasonInvalid    Reason = "invalid"
	ReasonRequired   Reason = "required" // required, and blank in the directory
	ReasonReverted   Reason = "reverted" // put back by a revert, until the directory changes
	ReasonRefused    Reason = "refused-plan"
	ReasonHeld       Reason = "held-plan"
	ReasonUnsure     Reason = "unsure"    // the last read was not trusted, so nothing was cleared
	ReasonHalted     Reason = "halted"    // the last run halted before it came to this
	ReasonWaits      Reason = "waits"     // refers to an object that is not in the target
	ReasonObject     Reason = "object"    // the whole object is held back; see Explanation.Why
	ReasonPending    Reason = "pending"   // the next run writes it
	ReasonRemembered Reason = "last-seen" // the directory does not show the object; this was applied last
)

// MembersExplanation is what is known of a group's members.
type MembersExplanation struct {
	// InTarget counts the memberships that were added and still are.
	InTarget int `json:"inTarget"`
	// Missing lists members that are not in the target's group, at most 50, and
	// More counts the others.
	Missing []MemberExplanation `json:"missing,omitempty"`
	More    int                 `json:"more,omitempty"`
}

// MemberExplanation is a member that waits, and why.
type MemberExplanation struct {
	Anchor Anchor `json:"anchor"`
	Name   string `json:"name,omitempty"`
	Why    string `json:"why"`
}
