package protection

// The protections. Add one where a test, an oracle or an incident needs it; the
// name says what is kept, not how.
var (
	// Witness: a read that gave nothing, or lost a base or an attribute, is not
	// believed.
	Witness = register("witness", "a read that shows much less than before is believed as it is")
	// Guard: a plan over a limit is refused.
	Guard = register("guard", "a plan is applied however many people it would touch")
	// StickyController: reads keep to the controller that answered last.
	StickyController = register("sticky-controller", "each read takes the first controller in the list, so that a later read may see an earlier state")
	// RefusedCredentials: a refused password is given to no further controller.
	RefusedCredentials = register("refused-credentials", "a refused password is tried at the next controller, until the account is locked")
	// Replication: a controller that lacks what was read before is not read.
	Replication = register("replication", "a controller that has not yet received what was read before is read as it is")
)
