package adsync

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Effects counts what a plan would do, or what a run did, in the way the guard
// judges it. It is stored with each run, so that history can be read when the
// plans are gone. Its size is bounded: see effectsKept.
type Effects struct {
	Kinds      []KindEffects
	Attributes []AttributeEffects
	// Units and Groups with the most, in order of their names.
	Units  []UnitEffects
	Groups []GroupEffects
	// First says that it was a first run into a target that was empty or could
	// not say. Its creates count for nothing later.
	First bool
}

// KindEffects counts objects of one kind.
type KindEffects struct {
	Kind                                      Kind
	Deactivate, Delete, Create, Update, Adopt int
}

// AttributeEffects counts the objects whose value of one attribute was lost, or
// became another.
type AttributeEffects struct {
	Kind               Kind
	Name               string
	Blanked, Rewritten int
}

// UnitEffects counts who left below one organizational unit.
type UnitEffects struct {
	Source  string
	Kind    Kind
	Unit    string
	Leaving int
}

// GroupEffects counts the members that were removed from one group.
type GroupEffects struct {
	Source  string
	Group   LinkKey
	Name    string
	Removed int
}

const (
	// effectsKept is how many units, and how many groups, are stored with a run:
	// those with the most.
	effectsKept = 1000
	// effectsCounted is how many are told apart while counting. Beyond it those
	// with the least are forgotten; who leaves from that many units at once is
	// caught by the limit on leaving.
	effectsCounted = 8000
	// namesKept is how many people and groups a finding names.
	namesKept = 3
)

type attributeRef struct {
	kind Kind
	name string // folded
}

type unitRef struct {
	source string
	kind   Kind
	unit   string // folded
}

// effects counts ops one after the other.
type effects struct {
	kinds       map[Kind]*KindEffects
	attributes  map[attributeRef]*AttributeEffects
	spelled     map[attributeRef]*AttributeEffects // the same by the names as they are written, since folding takes time
	units       map[unitRef]*UnitEffects
	groups      map[LinkRef]*GroupEffects
	first       bool
	leaverNames map[Kind][]string // of the first who leave
}

func newEffects() *effects {
	return &effects{
		kinds: map[Kind]*KindEffects{}, attributes: map[attributeRef]*AttributeEffects{}, spelled: map[attributeRef]*AttributeEffects{}, units: map[unitRef]*UnitEffects{},
		groups: map[LinkRef]*GroupEffects{}, leaverNames: map[Kind][]string{},
	}
}

// add adds what was counted elsewhere.
func (e *effects) add(x *Effects) {
	e.first = e.first || x.First
	for _, k := range x.Kinds {
		sum := e.kind(k.Kind)
		sum.Deactivate += k.Deactivate
		sum.Delete += k.Delete
		sum.Create += k.Create
		sum.Update += k.Update
		sum.Adopt += k.Adopt
	}
	for _, a := range x.Attributes {
		sum := e.attribute(a.Kind, a.Name)
		sum.Blanked += a.Blanked
		sum.Rewritten += a.Rewritten
	}
	for _, u := range x.Units {
		e.unit(u.Source, u.Kind, u.Unit).Leaving += u.Leaving
	}
	for _, g := range x.Groups {
		e.group(LinkRef{g.Source, g.Group}, g.Name).Removed += g.Removed
	}
}

func (e *effects) kind(kind Kind) *KindEffects {
	if e.kinds[kind] == nil {
		e.kinds[kind] = &KindEffects{Kind: kind}
	}
	return e.kinds[kind]
}

func (e *effects) attribute(kind Kind, name string) *AttributeEffects {
	spelled := attributeRef{kind, name}
	if known := e.spelled[spelled]; known != nil {
		return known
	}
	ref := attributeRef{kind, foldName(name)}
	if e.attributes[ref] == nil {
		e.attributes[ref] = &AttributeEffects{Kind: kind, Name: name}
	}
	e.spelled[spelled] = e.attributes[ref]
	return e.attributes[ref]
}

func (e *effects) unit(source string, kind Kind, unit string) *UnitEffects {
	ref := unitRef{source, kind, foldUnit(unit)}
	if e.units[ref] == nil {
		if len(e.units) >= effectsCounted {
			forgetLeast(e.units, (*UnitEffects).size)
		}
		e.units[ref] = &UnitEffects{Source: source, Kind: kind, Unit: unit}
	}
	return e.units[ref]
}

func (e *effects) group(ref LinkRef, name string) *GroupEffects {
	if e.groups[ref] == nil {
		if len(e.groups) >= effectsCounted {
			forgetLeast(e.groups, (*GroupEffects).size)
		}
		e.groups[ref] = &GroupEffects{Source: ref.Source, Group: ref.Key, Name: name}
	}
	return e.groups[ref]
}

func (u *UnitEffects) size() int  { return u.Leaving }
func (g *GroupEffects) size() int { return g.Removed }

// forgetLeast drops the smaller half.
func forgetLeast[K comparable, V any](m map[K]*V, size func(*V) int) {
	sizes := make([]int, 0, len(m))
	for _, v := range m {
		sizes = append(sizes, size(v))
	}
	slices.Sort(sizes)
	middle, spare := sizes[len(sizes)/2], len(sizes)/2
	maps.DeleteFunc(m, func(_ K, v *V) bool { return size(v) < middle })
	for k, v := range m {
		if len(m) <= spare {
			return
		}
		if size(v) == middle {
			delete(m, k)
		}
	}
}

// stored gives what was counted in the form in which it is stored: in order, so
// that the same run is stored the same, and cut to the largest.
func (e *effects) stored() Effects {
	out := Effects{First: e.first}
	out.Kinds = sortedValues(e.kinds, func(a, b KindEffects) int { return cmp.Compare(a.Kind, b.Kind) })
	out.Attributes = sortedValues(e.attributes, func(a, b AttributeEffects) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), compareNames(a.Name, b.Name))
	})
	out.Units = largest(sortedValues(e.units, compareUnitEffects), func(u UnitEffects) int { return u.Leaving }, compareUnitEffects)
	out.Groups = largest(sortedValues(e.groups, compareGroupEffects), func(g GroupEffects) int { return g.Removed }, compareGroupEffects)
	return out
}

func compareUnitEffects(a, b UnitEffects) int {
	return cmp.Or(strings.Compare(a.Source, b.Source), cmp.Compare(a.Kind, b.Kind), strings.Compare(foldUnit(a.Unit), foldUnit(b.Unit)))
}

func compareGroupEffects(a, b GroupEffects) int {
	return cmp.Or(strings.Compare(a.Source, b.Source), compareKeys(a.Group, b.Group))
}

func sortedValues[K comparable, V any](m map[K]*V, compare func(a, b V) int) []V {
	var out []V
	for _, v := range m {
		out = append(out, *v)
	}
	slices.SortFunc(out, compare)
	return out
}

// largest cuts a sorted list to the largest, and keeps the order.
func largest[V any](list []V, size func(V) int, compare func(a, b V) int) []V {
	if len(list) <= effectsKept {
		return list
	}
	slices.SortStableFunc(list, func(a, b V) int { return cmp.Compare(size(b), size(a)) })
	list = list[:effectsKept:effectsKept]
	slices.SortFunc(list, compare)
	return list
}
