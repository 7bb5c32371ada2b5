package adsync

import (
	"iter"
	"slices"
)

// Attribute is one named attribute with its values. Values are byte strings;
// they need not be UTF-8. No values is a statement of its own: see Attributes.
type Attribute struct {
	Name   string
	Values []string
}

// Attributes holds the attributes of one object, in the order of their names.
//
// Names fold ASCII case: "Mail" and "mail" are one attribute. Absent says
// nothing about the target; present without values asks to clear it. The zero
// value is empty and ready to use. Copies share storage, as slices do: call
// Clone before changing one of two copies.
type Attributes struct {
	list []Attribute // ascending by folded name, no name twice
}

// MakeAttributes takes over list and gives it as Attributes. When a name
// stands twice, the last one wins.
func MakeAttributes(list ...Attribute) Attributes {
	if ascending(list) {
		return Attributes{list: list}
	}
	slices.SortStableFunc(list, func(a, b Attribute) int { return compareNames(a.Name, b.Name) })
	out := list[:0]
	for _, a := range list {
		if n := len(out); n > 0 && sameName(out[n-1].Name, a.Name) {
			out[n-1] = a
			continue
		}
		out = append(out, a)
	}
	return Attributes{list: out}
}

// ascending tells whether names are in order and none stands twice, as what is
// made from other Attributes mostly is.
func ascending(list []Attribute) bool {
	for i := 1; i < len(list); i++ {
		if compareNames(list[i-1].Name, list[i].Name) >= 0 {
			return false
		}
	}
	return true
}

// Get gives the first value of an attribute, or "" when it is absent or has none.
func (a Attributes) Get(name string) string {
	if v := a.Values(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// Values gives the values of an attribute, nil when it is absent or has none.
// The caller does not change them.
func (a Attributes) Values(name string) []string {
	if i, ok := a.at(name); ok {
		return a.list[i].Values
	}
	return nil
}

// Has tells whether the attribute is present, with or without values.
func (a Attributes) Has(name string) bool {
	_, ok := a.at(name)
	return ok
}

// Len counts the attributes that are present.
func (a Attributes) Len() int { return len(a.list) }

// Set makes the attribute present with these values; without any it asks to
// clear it. It keeps the values slice.
func (a *Attributes) Set(name string, values ...string) {
	if n := len(a.list); n == 0 || compareNames(a.list[n-1].Name, name) < 0 {
		a.list = append(a.list, Attribute{Name: name, Values: values})
		return
	}
	i, ok := a.find(name)
	if ok {
		a.list[i] = Attribute{Name: name, Values: values}
		return
	}
	a.list = slices.Insert(a.list, i, Attribute{Name: name, Values: values})
}

// Delete makes the attribute absent.
func (a *Attributes) Delete(name string) {
	if i, ok := a.find(name); ok {
		a.list = slices.Delete(a.list, i, i+1)
	}
}

// All gives the attributes in the order of their folded names.
func (a Attributes) All() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		for _, e := range a.list {
			if !yield(e.Name, e.Values) {
				return
			}
		}
	}
}

// Clone gives a copy that can be changed on its own. Values, which nobody
// changes, stay shared.
func (a Attributes) Clone() Attributes { return Attributes{list: slices.Clone(a.list)} }

// cloneFor is Clone with room for so many attributes more.
func (a Attributes) cloneFor(more int) Attributes {
	return Attributes{list: append(make([]Attribute, 0, len(a.list)+more), a.list...)}
}

// Equal tells whether both hold the same attributes with the same values in
// the same order. Absent and present without values are different.
func (a Attributes) Equal(b Attributes) bool {
	return slices.EqualFunc(a.list, b.list, func(x, y Attribute) bool {
		return sameName(x.Name, y.Name) && slices.Equal(x.Values, y.Values)
	})
}

// fewNames is how many names are looked at one by one: that most differ in
// length is seen sooner than half of them are compared.
const fewNames = 48

// at gives the place of an attribute that is present.
func (a Attributes) at(name string) (int, bool) {
	if len(a.list) > fewNames {
		return a.find(name)
	}
	for i := range a.list {
		if n := a.list[i].Name; len(n) == len(name) && (n == name || sameName(n, name)) {
			return i, true
		}
	}
	return 0, false
}

// find gives the place of an attribute, or the one that it would have.
func (a Attributes) find(name string) (int, bool) {
	return slices.BinarySearchFunc(a.list, name, func(e Attribute, n string) int { return compareNames(e.Name, n) })
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// compareNames orders attribute names, folding ASCII case.
func compareNames(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] == b[i] {
			continue
		}
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func sameName(a, b string) bool { return len(a) == len(b) && compareNames(a, b) == 0 }
