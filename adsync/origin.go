package adsync

// said gives, in words, where or by what fact the object was seen as it is
// staged. It goes into PlannedOp.Origin.
func (r *staged) said() string {
	fact := ""
	switch {
	case r.presence == dueOnly:
		return "its time had come"
	case r.presence == OutOfScope && r.object.Attrs.Len() > 0:
		fact = "the mapping makes another kind of it"
	case r.presence == OutOfScope && r.fact:
		fact = "the source said that it is out of scope"
	case r.presence == Deleted && r.fact:
		fact = "the source said that it was deleted"
	case r.presence == Deleted:
		fact = "missing from a complete read"
	default:
		return r.origin
	}
	if r.origin == "" {
		return fact
	}
	return fact + " (" + r.origin + ")"
}
