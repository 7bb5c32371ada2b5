package ldap

import (
	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// units is the selection by organizational unit, and where to search for it.
type units struct {
	directory.Units
	list     []unit
	listed   map[string]bool // folded DNs
	selected bool            // whether any unit is selected
}

type unit struct {
	dn       directory.DN
	deselect bool
}

func parseUnits(scope *adsync.Scope) (u *units, err error) {
	u = &units{listed: map[string]bool{}}
	if scope == nil {
		return u, nil
	}
	if u.Units, err = directory.SelectUnits(scope.Units); err != nil {
		return nil, err
	}
	for _, given := range scope.Units {
		dn, err := directory.ParseDN(given.DN)
		if err != nil || dn.IsRoot() {
			return nil, invalid("scope: the unit %q is no distinguished name: %v", given.DN, err)
		}
		u.list = append(u.list, unit{dn, given.Deselect})
		u.listed[dn.Folded()] = true
		u.selected = u.selected || !given.Deselect
	}
	return u, nil
}

// unitOf gives the nearest listed unit above an object, the base where there
// is none: the part of the directory that the object can be a canary of.
func (u *units) unitOf(dn, base directory.DN) directory.DN {
	if len(u.listed) == 0 {
		return base
	}
	for at := dn.Parent(); !at.IsRoot(); at = at.Parent() {
		if u.listed[at.Folded()] {
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
