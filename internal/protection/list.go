package protection

// The protections. Add one where a test, an oracle or an incident needs it; the
// name says what is kept, not how.
var (
	// Witness: a read that gave nothing, or lost a base or an attribute, is not
	// believed.
	Witness = register("witness", "a read that shows much less than before is believed as it is")
	// Guard: a plan over a limit is refused.
	Guard = register("guard", "a plan is applied however many people it would touch")
	// SameConfiguration: changes are asked for only under the configuration of the
	// last read.
	SameConfiguration = register("same-configuration", "changes are read on after the scope or the attributes changed")
	// SameController: a number that one controller gave means nothing to another,
	// nor to the same one after it was put back to an older state.
	SameController = register("same-controller", "the change number of one controller is taken to another")
	// HiddenStays: only what the server says was deleted is gone.
	HiddenStays = register("hidden-stays", "what an account can no longer see is taken for deleted")
	// RenamedUnits: what lies below a renamed unit is read again.
	RenamedUnits = register("renamed-units", "nothing below a renamed or moved unit is read again")
	// Canaries: an account that sees nothing any more is told of no change.
	Canaries = register("canaries", "no change is believed from an account that sees nothing any more")
	// Sweep: a way of reading that does not see who left looks at all objects
	// from time to time.
	Sweep = register("sweep", "who left is never looked for where the changes do not tell")
	// StickyController: reads keep to the controller that answered last.
	StickyController = register("sticky-controller", "each read takes the first controller in the list, so that a later read may see an earlier state")
	// RefusedCredentials: a refused password is given to no further controller.
	RefusedCredentials = register("refused-credentials", "a refused password is tried at the next controller, until the account is locked")
	// Replication: a controller that lacks what was read before is not read.
	Replication = register("replication", "a controller that has not yet received what was read before is read as it is")
)
