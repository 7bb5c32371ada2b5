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
	// Done: a read that ends without saying that it was done is not used.
	Done = register("done", "a read that was cut short counts as complete")
	// Unknown: an account of which it cannot be seen whether it is active is not
	// taken for active.
	Unknown = register("unknown", "who cannot be seen to be active counts as active")
	// Outcomes: a cursor moves when everything that its read led to has an outcome.
	Outcomes = register("outcomes", "a run that stopped half-way ends as if it had been carried out")
	// Wanted: what could not be written is remembered when the cursor moves on.
	Wanted = register("wanted", "what could not be written is forgotten when the cursor moves on")
	// Keys: an op has the same key at every attempt.
	Keys = register("keys", "each attempt at an op has a key of its own")
	// ReadBack: what may have taken effect before a crash is looked for first.
	ReadBack = register("read-back", "what may have taken effect before a crash is sent again unasked")
	// Blank: a value that the source leaves blank stays as the target has it.
	Blank = register("blank", "a value that is blank in the source is erased in the target")
	// Keeping: who is absent is not deleted, unless the job says so by name.
	Keeping = register("keeping", "who is absent is deleted")
	// OthersMembers: members that others added stay.
	OthersMembers = register("others-members", "members that others added to a group are removed")
	// Ambiguity: several objects that match are a conflict.
	Ambiguity = register("ambiguity", "of several objects that match the first one is taken")
	// Protected: objects that are protected in the target are not touched.
	Protected = register("protected", "protected objects of the target are written like any other")
	// OneObject: an object that cannot be mapped does not stop the others.
	OneObject = register("one-object", "one object that cannot be mapped stops its whole source")
	// Batches: a batch is no larger than the target takes.
	Batches = register("batches", "a batch holds a whole plan")
	// Lease: a target that another run works on is left alone.
	Lease = register("lease", "two runs work on one target at the same time")
	// Identity: who is renamed or moved is the same person.
	Identity = register("identity", "an object is known by its name, so that a new name makes a new person")
	// Identifiers: the bytes of an objectGUID are read in the order that they have.
	Identifiers = register("identifiers", "the bytes of an objectGUID are read from left to right")
	// WholeGroups: all values of an attribute that comes in ranges are read.
	WholeGroups = register("whole-groups", "values that come in ranges are looked for under the plain name, where there are none")
	// Spelling: names that differ in case or in spaces name the same object.
	Spelling = register("spelling", "names of objects are compared as text")
	// Circles: a group that was seen is not walked again.
	Circles = register("circles", "groups that contain each other are walked for ever")
	// ReleaseFirst: who gives up a unique value comes before who takes it.
	ReleaseFirst = register("release-first", "unique values are taken before they are given up")
	// Differences: what is as it should be is not sent.
	Differences = register("differences", "everybody is written in each run, whether anything changed or not")
	// Pages: a search that failed has not come to its end.
	Pages = register("pages", "a search that breaks off in the middle counts as one that came to its end")
	// BindCauses: what a controller says about a refused bind is told.
	BindCauses = register("bind-causes", "each refused bind is told as a wrong password")
	// Resync: where a position is refused, everything is read anew.
	Resync = register("resync", "a position that the source no longer takes is offered for ever")
	// MembersReadBack: members that were to go are looked for in the target.
	MembersReadBack = register("members-read-back", "a target that says that a member was removed is believed")
	// Expiry: an account whose time is over is not active.
	Expiry = register("expiry", "accounts that have expired stay active")
	// Escaping: what somebody typed cannot become part of a filter.
	Escaping = register("escaping", "values go into filters as they are")
)
