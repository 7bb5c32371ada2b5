// Package protection names what keeps a sync safe, one by one, so that a test,
// the simulation kit and the incident museum can take one out and show that
// something goes wrong without it.
//
// It is internal on purpose: no program that embeds the library can take a
// protection out.
package protection

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// Protection is one thing that keeps a sync safe. It is in place unless
// [Remove] took it out.
type Protection struct {
	name, what string
	removed    atomic.Bool
}

var all []*Protection

// register is called for package variables only.
func register(name, what string) *Protection {
	p := &Protection{name: name, what: what}
	all = append(all, p)
	return p
}

// Removed tells whether the protection was taken out. The code that protects
// asks this where it would act.
func (p *Protection) Removed() bool { return p.removed.Load() }

// Name is what Remove is given.
func (p *Protection) Name() string { return p.name }

// What says in words what is not done without it.
func (p *Protection) What() string { return p.what }

// All lists the protections, in order of their names.
func All() []*Protection {
	list := slices.Clone(all)
	slices.SortFunc(list, func(a, b *Protection) int { return strings.Compare(a.name, b.name) })
	return list
}

// Remove takes a protection out, for the whole process, until the function that
// it gives is called.
func Remove(name string) (restore func(), err error) {
	for _, p := range all {
		if p.name == name {
			p.removed.Store(true)
			return func() { p.removed.Store(false) }, nil
		}
	}
	return nil, fmt.Errorf("protection: there is none called %q", name)
}
