package ldap

import (
	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// units is the selection by organizational unit: the nearest selected or
// deselected ancestor decides.
type units struct {
	list     []unit
	byName   map[string]bool // folded DN → selected
	selected bool            // whether any unit is selected
}

type unit struct {
	dn       directory.DN
	deselect bool
}

func parseUnits(scope *adsync.Scope) (*units, error) {
	u := &units{byName: map[string]bool{}}
	if scope == nil {
		return u, nil
	}
	for _, given := range scope.Units {
		dn, err := directory.ParseDN(given.DN)
		if err != nil || dn.IsRoot() {
			return nil, invalid("scope: the unit %q is no distinguished name: %v", given.DN, err)
		}
		if selected, twice := u.byName[dn.Folded()]; twice && selected == given.Deselect {
			return nil, invalid("scope: the unit %s is both selected and deselected", given.DN)
		}
		u.list = append(u.list, unit{dn, given.Deselect})
		u.byName[dn.Folded()] = !given.Deselect
		u.selected = u.selected || !given.Deselect
	}
	return u, nil
}

// covers tells whether an object is in scope, by its name.
func (u *units) covers(dn directory.DN) bool {
	if len(u.list) == 0 {
		return true
	}
	for at := dn.Parent(); ; at = at.Parent() {
		if selected, listed := u.byName[at.Folded()]; listed {
			return selected
		}
		if at.IsRoot() {
			return !u.selected
		}
	}
}

// unitOf gives the nearest listed unit above an object, the base where there
// is none: the part of the directory that the object can be a canary of.
func (u *units) unitOf(dn, base directory.DN) directory.DN {
	for at := dn.Parent(); !at.IsRoot(); at = at.Parent() {
		if _, listed := u.byName[at.Folded()]; listed {
			return at
		}
	}
	return base
}

// roots gives where to search below one base: the topmost selected units
// inside it, so that a small selection in a large directory is a small read;
// the base itself when nothing is selected, or when it lies inside a selection.
func (u *units) roots(base directory.DN) []directory.DN {
	if !u.selected {
		return []directory.DN{base}
	}
	var roots []directory.DN
	for _, one := range u.list {
		switch {
		case one.deselect:
		case base.Within(one.dn):
			return []directory.DN{base}
		case one.dn.Within(base):
			roots = append(roots, one.dn)
		}
	}
	return topmost(roots)
}

// topmost leaves out what lies inside another of the list, so that nothing is
// searched twice.
func topmost(list []directory.DN) []directory.DN {
	var out []directory.DN
	for i, dn := range list {
		inside := false
		for j, other := range list {
			if i != j && dn.Within(other) && (!dn.Equal(other) || j < i) {
				inside = true
			}
		}
		if !inside {
			out = append(out, dn)
		}
	}
	return out
}
