package adsync

import "context"

// ScopeExplainer is an optional ability of a Source: it looks at single objects
// whatever the selection says of them, and says what of the selection leaves
// them out. [Engine.Explain] rests on it. It reads only, and may be called while
// a read is under way, as may then a Read with Only.
type ScopeExplainer interface {
	// ExplainScope gives the objects that r.Only names or, where that is empty,
	// those that people know by the value: an address, a logon name, a full
	// name. r.Kinds, r.Attributes and r.Scope are those of a read; Since and
	// Notes are not used. Objects that are not there, or that the account may
	// not see, are left out. At most 20.
	ExplainScope(ctx context.Context, r ReadRequest, value string) ([]Sighting, error)
}

// Sighting is an object as its source shows it when it is asked for by itself.
type Sighting struct {
	// Change is what a read would show: Present or OutOfScope, with attributes
	// in both cases, and without members.
	Change Change
	// Name is the object's full name in the source, such as its DN.
	Name string
	// Left says in words, one rule a line, what leaves it out of the read; empty
	// where nothing does.
	Left []string
	// Covered says in words what lets it in, such as the nearest selected unit.
	Covered string
}
