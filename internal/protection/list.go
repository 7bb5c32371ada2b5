package protection

// The protections. Add one where a test, an oracle or an incident needs it; the
// name says what is kept, not how.
var (
	// Witness: a read that gave nothing, or lost a base or an attribute, is not
	// believed.
	Witness = register("witness", "a read that shows much less than before is believed as it is")
	// Guard: a plan over a limit is refused.
	Guard = register("guard", "a plan is applied however many people it would touch")
)
