package simtest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// Hidden is the one unit that is not in scope.
const Hidden = "Hidden"

// Entry is one object of the made-up directory.
type Entry struct {
	adsync.Object
	// Unit is the organizational unit in which it lives; Object.Container names it
	// too.
	Unit string
	// Members of a group.
	Members []adsync.Anchor
	// Gone: it was deleted, and what remains is a tombstone.
	Gone bool
	// Unreadable: the directory shows it and cannot give what it is.
	Unreadable bool
}

// InScope tells whether a read shows the object.
func (e *Entry) InScope() bool { return !e.Gone && e.Unit != Hidden }

func (e *Entry) copy() Entry {
	c := *e
	c.Attrs, c.Refs, c.Members = e.Attrs.Clone(), maps.Clone(e.Refs), slices.Clone(e.Members)
	return c
}

// Directory is one source's side of the world: a log of changes, and
// controllers that have applied it up to some place.
type Directory struct {
	Name string

	log         []Entry // each change, as the object was after it
	controllers []*controller
	serving     int
	fault       directoryFault
}

// controller is one server of a directory. Its positions count only together
// with its epoch, which changes when it is restored from a copy.
type controller struct {
	name    string
	epoch   int
	applied int
	lags    bool
}

// directoryFault is what is wrong with the answers of a directory, although
// they say that all is well.
type directoryFault struct {
	empty     bool
	attribute string // nobody has it any more
	unit      string // nothing of it is shown
}

func newDirectory(name string) *Directory {
	return &Directory{Name: name, controllers: []*controller{{name: "dc1", epoch: 1}, {name: "dc2", epoch: 1}}}
}

// write puts an object's new state into the log. Controllers that do not lag
// have it at once.
func (d *Directory) write(e Entry) {
	e.Container = e.Unit
	d.log = append(d.log, e)
	for _, c := range d.controllers {
		if !c.lags {
			c.applied = len(d.log)
		}
	}
}

// viewAt gives the objects as they were after so many changes, tombstones too.
func (d *Directory) viewAt(position int) map[adsync.Anchor]*Entry {
	view := map[adsync.Anchor]*Entry{}
	for i := range d.log[:position] {
		view[d.log[i].Anchor] = &d.log[i]
	}
	return view
}

// latest gives an object as it is in truth, for changing it; nil when there is
// none, or no longer.
func (d *Directory) latest(anchor adsync.Anchor) *Entry {
	for i := len(d.log) - 1; i >= 0; i-- {
		if d.log[i].Anchor == anchor {
			if d.log[i].Gone {
				return nil
			}
			e := d.log[i].copy()
			return &e
		}
	}
	return nil
}

func (d *Directory) controller() *controller { return d.controllers[d.serving] }

// Server names the controller that answers now.
func (d *Directory) Server() string { return d.controller().name }

// Position is the place up to which the answering controller has the log. It
// means nothing to another controller, nor to this one once its Epoch changed.
func (d *Directory) Position() int { return d.controller().applied }

// Epoch changes when the answering controller was restored from a copy.
func (d *Directory) Epoch() int { return d.controller().epoch }

// Shown gives what the answering controller shows to somebody who reads
// everything in scope, in order of anchors, with whatever is wrong with its
// answers now.
func (d *Directory) Shown() []Entry { return d.shown(d.viewAt(d.Position())) }

func (d *Directory) shown(view map[adsync.Anchor]*Entry) []Entry {
	var out []Entry
	for _, anchor := range slices.Sorted(maps.Keys(view)) {
		e := view[anchor]
		if !e.InScope() || d.fault.empty || e.Unit == d.fault.unit {
			continue
		}
		out = append(out, d.asShown(e))
	}
	return out
}

func (d *Directory) asShown(e *Entry) Entry {
	c := e.copy()
	if d.fault.attribute != "" {
		c.Attrs.Delete(d.fault.attribute)
	}
	return c
}

// Changed gives the objects that changed after a position of the answering
// controller, as they are now: those that are gone or out of scope too. It is
// false when the controller does not know the position.
func (d *Directory) Changed(epoch, since int) ([]Entry, bool) {
	c := d.controller()
	if epoch != c.epoch || since > c.applied {
		return nil, false
	}
	view, touched := d.viewAt(c.applied), map[adsync.Anchor]bool{}
	for i := since; i < c.applied; i++ {
		touched[d.log[i].Anchor] = true
	}
	var out []Entry
	for _, anchor := range slices.Sorted(maps.Keys(touched)) {
		if e := view[anchor]; e.Unit != d.fault.unit {
			out = append(out, d.asShown(e))
		}
	}
	return out, true
}

// Units lists the units in scope, each of which is a base of a witness. A base
// has the name that objects give as their container, so that the engine can hold
// the two against each other.
func (d *Directory) Units() []string { return []string{"People", "Sales", "Things"} }

// anchorOf gives the anchor of the object with a number: a UUID that is easy to
// read. numberOf gives the number back.
func anchorOf(n int) adsync.Anchor {
	return adsync.Anchor(fmt.Sprintf("00000000-0000-4000-8000-%012d", n))
}

func numberOf(a adsync.Anchor) string {
	_, tail, _ := strings.Cut(string(a), "-8000-")
	n, err := strconv.Atoi(tail)
	if err != nil {
		return string(a)
	}
	return strconv.Itoa(n)
}
