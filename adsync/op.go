package adsync

// TargetID is what a sink calls an object. No two objects of a target have the
// same one, of whatever kind they are.
type TargetID string

// Verb is all that a sink must know of an Op.
type Verb uint8

// The verbs. The zero Verb is invalid.
const (
	// Put creates the object when Op.Target is empty, and changes it otherwise.
	Put Verb = iota + 1
	// Deactivate makes the object unusable and keeps it.
	Deactivate
	// Delete removes it.
	Delete
	// Members adds and removes members of a group.
	Members
)

var verbNames = [...]string{Put: "put", Deactivate: "deactivate", Delete: "delete", Members: "members"}

// String gives "put", "deactivate", "delete" or "members".
func (v Verb) String() string { return nameOf(verbNames[:], int(v)) }

// Intent says why, for the plan, the guard and the report. A sink may ignore it.
type Intent uint8

// The intents. The zero Intent is invalid.
const (
	IntentCreate     Intent = iota + 1 // a new object
	IntentUpdate                       // attributes change
	IntentRename                       // an attribute by which people know the object changes
	IntentReactivate                   // an inactive object becomes active again
	IntentAdopt                        // an existing object of the target is linked
	IntentDeactivate                   // the directory says that it is inactive
	IntentLeave                        // it left the directory or the scope
	IntentDelete                       // removed, because the job says so by name
	IntentMembers                      // memberships
	IntentReference                    // references of an object that another op of this plan writes
	IntentPark                         // a unique value is set aside so that another can take it
	IntentSend                         // the target decides whether it creates or changes
	IntentResolve                      // nothing is sent: what an earlier run found wrong is over
)

var intentNames = [...]string{
	IntentCreate: "create", IntentUpdate: "update", IntentRename: "rename", IntentReactivate: "reactivate",
	IntentAdopt: "adopt", IntentDeactivate: "deactivate", IntentLeave: "leave", IntentDelete: "delete",
	IntentMembers: "members", IntentReference: "reference", IntentPark: "park", IntentSend: "send", IntentResolve: "resolve",
}

// String gives the intent's name in lower case.
func (i Intent) String() string { return nameOf(intentNames[:], int(i)) }

func nameOf(names []string, i int) string {
	if i <= 0 || i >= len(names) {
		return "invalid"
	}
	return names[i]
}

// Op is one effect to have on the target. A sink only reads it: what it holds
// is sent again when need be. Clone attributes to change them.
type Op struct {
	// Key is the same for every attempt at this effect and another for every
	// other effect, so that a target can recognise a repeated request.
	Key    string
	Verb   Verb
	Intent Intent
	Kind   Kind
	// Source and Anchor name the object in the directory. A sink that keeps an
	// external id stores the anchor.
	Source string
	Anchor Anchor
	// Target is empty when the object has none yet.
	Target TargetID
	// Set holds what changes; present without values asks to clear.
	Set Attributes
	// Full is the whole merged record as it will be; Before is what was last
	// applied, empty for a create.
	Full, Before Attributes
	// Add and Remove are members, for the verb Members.
	Add, Remove []TargetID
	// Swap is not zero when this op and others of the same batch with the same
	// number exchange unique values: all take effect together or none does.
	Swap int
}

// Outcome is what became of an Op.
type Outcome uint8

// The zero Outcome is Applied: it took effect and there is nothing more to say.
const (
	Applied    Outcome = iota // done; the engine takes the intent for what happened
	Created                   // a new object was made
	Updated                   // an existing one was changed
	Linked                    // the target recognised one of its own objects
	Unchanged                 // it was so already
	Pending                   // accepted; Settler says later what became of it, and a sink without one is believed
	Deferred                  // cannot be done yet; the engine offers it again in the next run
	Conflicted                // the target found several candidates or a taken value
)

var outcomeNames = [...]string{"applied", "created", "updated", "linked", "unchanged", "pending", "deferred", "conflict"}

// String gives the outcome's name in lower case.
func (o Outcome) String() string {
	if int(o) >= len(outcomeNames) {
		return "invalid"
	}
	return outcomeNames[o]
}

// Receipt is a sink's answer to an Op that raised no error.
type Receipt struct {
	// Target is the object's id: needed after a create, optional otherwise.
	Target  TargetID
	Outcome Outcome
	// Candidates, with Conflicted, are the objects that came into question.
	Candidates []Target
}

// Target is an object as the target holds it.
type Target struct {
	ID    TargetID   `json:"id"`
	Kind  Kind       `json:"kind"`
	Attrs Attributes `json:"attributes,omitzero"`
	// Inactive says that it is deactivated there.
	Inactive bool `json:"inactive,omitempty"`
	// Protected objects are never adopted, changed or removed by rule:
	// administrators, service accounts, the sync's own account.
	Protected bool `json:"protected,omitempty"`
	// Foreign objects belong to another organisation.
	Foreign bool `json:"foreign,omitempty"`
}
