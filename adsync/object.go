package adsync

// Anchor is what a source never changes or reuses for an object: objectGUID,
// entryUUID, a Graph id. A UUID is written in lower-case text form.
type Anchor string

// Object is a directory object as a source shows it, or, behind the [Mapper],
// the shape in which the target should have it.
type Object struct {
	Kind   Kind
	Anchor Anchor
	// Container says where the object lives: the parent's distinguished name.
	Container string
	Attrs     Attributes
	// Refs holds single- or many-valued references to other objects of the
	// same source, such as manager, as anchors. Members of a group do not
	// travel here: see MemberChange.
	Refs map[string][]Anchor
}

// Some attribute names of a mapped object mean something to the engine itself.
const (
	// AttrExternalID holds, in the target, the anchor of the object that it is
	// a copy of. A hit on it is our own mark and is adopted without asking.
	AttrExternalID = "externalId"
	// AttrActive holds "true" or "false". An object that had true and now has
	// false is deactivated like a leaver. Absent is unknown, never active.
	AttrActive = "active"
	// AttrExpires holds an RFC 3339 instant from which on the object counts as
	// inactive, whatever AttrActive says. The engine consumes it: it is not
	// sent to the target.
	AttrExpires = "expires"
)

// Presence tells facts apart that have policies of their own.
type Presence uint8

// The zero Presence is Present.
const (
	Present    Presence = iota // it is there and in scope
	OutOfScope                 // it exists, but the job's scope does not cover it
	Deleted                    // it no longer exists
)

// String gives "present", "out-of-scope" or "deleted".
func (p Presence) String() string {
	switch p {
	case Present:
		return "present"
	case OutOfScope:
		return "out-of-scope"
	case Deleted:
		return "deleted"
	}
	return "unknown"
}

// Change is one object as it is now, whole. A protocol that reports only
// differences tells the source which objects changed; the source then reads
// what they are, so that mapping, scope and validation never see half an
// object.
type Change struct {
	Object   Object
	Presence Presence
	// Members, for groups, may be spread over several changes of one read.
	// Such a further change may repeat the object or carry only its Kind and
	// Anchor with MembersOnly set.
	Members *MemberChange
	// MembersOnly says that this change carries members and no attributes.
	MembersOnly bool
	// Problem says that the object was seen but could not be read. It is
	// listed as an issue, and the object is never taken for absent. With
	// MembersOnly it says so of the group's members: none of them is taken for
	// removed.
	Problem error
	// Origin says where the change was seen, such as a controller and a USN.
	// It is for people and never compared.
	Origin string
}

// MemberChange changes what is known of a group's members.
type MemberChange struct {
	// Reset forgets what was known first, so that Add becomes the whole set.
	Reset bool
	// More says that further changes of this read continue the list.
	More        bool
	Add, Remove []Anchor
}
