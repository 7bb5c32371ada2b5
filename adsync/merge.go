package adsync

import (
	"slices"

	"github.com/adsync/sdk/internal/protection"
)

// merge joins what the source says with what was last applied. It gives the
// whole record as it should be, without blank attributes. It is pure.
func (s *settings) merge(kind Kind, applied, mapped Attributes, creating bool) Attributes {
	full := settledValues(applied).cloneFor(mapped.Len())
	for name, values := range mapped.All() {
		a, known := s.look(kind, name)
		if a.ReadOnly || a.Reference || !known && s.kinds[kind] != nil {
			continue
		}
		mode := s.mergeMode(name, a)
		if next, ok := mergeValues(mode, applied.Values(name), values, creating); ok {
			setOrDelete(&full, name, filled(next))
		}
	}
	return full
}

// mergeValues gives the values that an attribute should have, and false when
// it stays as it is.
func mergeValues(mode MergeMode, applied, wanted []string, creating bool) ([]string, bool) {
	blank := isBlank(wanted)
	switch mode {
	case Never:
		return nil, false
	case CreateOnly:
		return wanted, creating && !blank
	case FillIfEmpty:
		return wanted, isBlank(applied) && !blank
	case SourceWins:
		return wanted, true
	default:
		return wanted, !blank || protection.Blank.Removed()
	}
}

func (s *settings) mergeMode(name string, a AttributeSchema) MergeMode {
	if a.CreateOnly {
		return CreateOnly
	}
	if len(s.modes) == 0 {
		var usual MergeMode
		return usual
	}
	return s.modes[foldName(name)]
}

func setOrDelete(a *Attributes, name string, values []string) {
	if isBlank(values) {
		a.Delete(name)
		return
	}
	a.Set(name, values...)
}

// isBlank: no values, or only empty ones.
func isBlank(values []string) bool {
	for _, v := range values {
		if v != "" {
			return false
		}
	}
	return true
}

// difference gives the attributes that differ, with the values they had:
// without values where there were none.
func difference(before, after Attributes) Attributes {
	var old Attributes
	for name, values := range after.All() {
		if !slices.Equal(before.Values(name), values) {
			old.Set(name, before.Values(name)...)
		}
	}
	for name, values := range before.All() {
		if !after.Has(name) && !isBlank(values) {
			old.Set(name, values...)
		}
	}
	return old
}

// changesOf gives Op.Set: the attributes named in old with the values that
// full has, and without values where it has none.
func changesOf(full, old Attributes) Attributes {
	list := make([]Attribute, 0, old.Len())
	for name := range old.All() {
		list = append(list, Attribute{Name: name, Values: full.Values(name)})
	}
	return MakeAttributes(list...)
}

// beforeOf gives Op.Before: full with the old values put back.
func beforeOf(full, old Attributes) Attributes {
	before := full.Clone()
	for name, values := range old.All() {
		setOrDelete(&before, name, values)
	}
	return before
}
