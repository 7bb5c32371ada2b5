package adsync

// stands tells whether an object whose digest is the one that was last applied
// in full needs no look. The digest says, too, whether the object was active
// then. So an inactive link that carries the digest of an active object was made
// inactive by a revert, and stays so until the directory, the mapping or a
// policy says something new; see docs/decisions/0012. Whoever left, or was
// deactivated by the clock, carries no digest.
func (s LinkState) stands() bool { return s == LinkActive || s == LinkInactive }

// missed tells whether a read that does not show its object is to be doubted: who
// was inactive may well be gone, and who is just being made was there a moment ago.
func (s LinkState) missed() bool { return s == LinkActive || s == LinkPending }

// detached tells whether a link holds no object of the target, or none that is
// known: the next plan matches anew, and makes it where nothing matches.
func (s LinkState) detached() bool { return s == LinkLost || s == LinkSent }
