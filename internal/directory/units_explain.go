package directory

// Decider gives the name of the unit that decides about an entry, and whether
// it selects or deselects. Without one the entry is in scope exactly when no
// unit is selected.
func (u Units) Decider(name DN) (unit DN, selects, found bool) {
	if u.All() {
		return DN{}, false, false
	}
	for at := name; ; at = at.Parent() {
		if in, ok := u.decided[at.Folded()]; ok {
			return at, in, true
		}
		if at.IsRoot() {
			return DN{}, false, false
		}
	}
}

// Explain says in words what the units mean for whatever lives in a container:
// what leaves it out, or what lets it in.
func (u Units) Explain(container DN) (left, covered string) {
	unit, selects, found := u.Decider(container)
	switch {
	case found && selects:
		return "", "the unit " + unit.String() + " is selected"
	case found:
		return "the unit " + unit.String() + " is deselected", ""
	case u.selected:
		return "none of the selected units holds it; it lives in " + container.String(), ""
	}
	return "", ""
}
