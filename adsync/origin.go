package adsync

// said gives, in words, where or by what fact the object was seen as it is
// staged. It goes into PlannedOp.Origin.
func (s *staged) said() string {
	fact := ""
	switch {
	case s.presence == dueOnly:
		return "its time had come"
	case s.presence == OutOfScope && s.object.Attrs.Len() > 0:
		fact = "the mapping makes another kind of it"
	case s.presence == OutOfScope && s.fact:
		fact = "the source said that it is out of scope"
	case s.presence == Deleted && s.fact:
		fact = "the source said that it was deleted"
	case s.presence == Deleted:
		fact = "missing from a complete read"
	default:
		return s.origin
	}
	if s.origin == "" {
		return fact
	}
	return fact + " (" + s.origin + ")"
}
