package adsync

import "time"

// Phase orders a plan; see the numbers' comments.
type Phase uint8

// The phases of a plan, in their order.
const (
	PhaseDeactivate Phase = iota + 1 // deactivations; never withheld
	PhaseRelease                     // deletions that release a value someone claims
	PhasePark                        // values set aside for an exchange
	PhaseUnits                       // organizational units, parents first
	PhasePeople                      // users and contacts, releasing before claiming
	PhaseGroups                      // groups
	PhaseReferences                  // memberships and references, once both ends exist
	PhaseDelete                      // other deletions
)

// PlannedOp is an op as it stands in a plan. Targets that do not exist yet are
// named by anchors; they are resolved when the op is applied. An op whose Verb
// is zero sends nothing: it only brings what is remembered of an object up to
// date, and no listing shows it.
type PlannedOp struct {
	Phase  Phase
	Verb   Verb
	Intent Intent
	Kind   Kind
	Source string
	Anchor Anchor
	// Container is where the object is, or was last seen; it becomes the link's.
	Container string
	Link      LinkKey
	// Generation is the link's when the plan was made.
	Generation uint64
	// Ahead is how many ops of this plan are sent for the object before this one.
	// Generation counts them as done; where one fails the link falls behind it.
	Ahead  int
	Target TargetID
	// Base is the digest of what was last applied; Digest is of the mapped
	// object, and zero when more ops of the object follow or something of it waits.
	Base, Digest Digest
	// Full is the whole merged record as it will be. References stand in it as
	// anchors.
	Full Attributes
	// Old holds what changes, with the values it had; without values where it
	// had none. For a create everything in Full is new: Old is empty, or has what
	// an earlier create sent otherwise, of which no answer came.
	Old Attributes
	// Add and Remove are members, for the verb Members.
	Add, Remove []Anchor
	// RemoveTargets are members that no source object stands for, where the
	// source is the authority on members.
	RemoveTargets []TargetID
	// Part numbers the ops of a group whose members do not fit one op.
	Part int
	// Follows says that an earlier op of this plan is of the same object, so
	// that its link is read again before this one is sent.
	Follows bool
	// Swap is not zero when ops exchange unique values; see Op.Swap.
	Swap int
	// State, Left and Due become the link's when the op has been applied.
	State LinkState
	Left  bool
	Due   time.Time
	// Identity becomes the link's.
	Identity LinkKey
	// Replaces is the link from which this one takes the target over; zero for none.
	Replaces LinkRef
	// Shares is the link whose target object this one shares; zero for none.
	Shares LinkRef
	// Note says something to the reader of the plan, such as "target decides".
	Note string
	// Origin says where that was seen which the op rests on: Change.Origin, or
	// by what fact an object left. It is for people, and no part of the plan's id.
	Origin string
}

// AttributeChange is one line of an op: the attribute with the values before
// and after. An absent or blank side is empty.
type AttributeChange struct {
	Attr          string
	Before, After []string
}

// Changes lists what the op changes, in order of attribute names.
func (op PlannedOp) Changes() []AttributeChange {
	var out []AttributeChange
	op.eachChange(func(name string, before, after []string) {
		out = append(out, AttributeChange{Attr: name, Before: before, After: after})
	})
	return out
}

func (op *PlannedOp) eachChange(what func(name string, before, after []string)) {
	if op.Intent == IntentCreate || op.Intent == IntentSend {
		for name, values := range op.Full.All() {
			if len(values) > 0 {
				what(name, nil, values)
			}
		}
		return
	}
	for name, values := range op.Old.All() {
		what(name, confirmed(values), op.Full.Values(name))
	}
}
