package directory

import "github.com/adsync/sdk/adsync"

// Units is a selection by organizational unit. The zero value selects
// everything.
type Units struct {
	decided  map[string]bool // folded name: selected or deselected
	selected bool            // whether any unit is selected
}

// SelectUnits prepares the units of a scope.
func SelectUnits(units []adsync.Unit) (Units, error) {
	u := Units{decided: map[string]bool{}}
	for _, unit := range units {
		folded, err := FoldDN(unit.DN)
		if err != nil {
			return Units{}, adsync.Errorf(adsync.CodeInvalid, "the scope's unit %q: %w", unit.DN, err)
		}
		if before, twice := u.decided[folded]; twice && before == unit.Deselect {
			return Units{}, adsync.Errorf(adsync.CodeInvalid, "the scope's unit %q is both selected and deselected", unit.DN)
		}
		u.decided[folded] = !unit.Deselect
		u.selected = u.selected || !unit.Deselect
	}
	return u, nil
}

// All tells whether no unit is named, so that everything is in scope.
func (u Units) All() bool { return len(u.decided) == 0 }

// Contain tells whether an entry is in scope: the nearest selected or
// deselected name among its own and those above decides; where there is none,
// it is in scope exactly when no unit is selected.
func (u Units) Contain(name DN) bool {
	if u.All() {
		return true
	}
	for level := range name.Depth() {
		if in, ok := u.decided[name.folded[name.starts[level].folded:]]; ok {
			return in
		}
	}
	if in, ok := u.decided[""]; ok {
		return in
	}
	return !u.selected
}
