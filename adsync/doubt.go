package adsync

import "slices"

// What an op would have changed is in doubt when it is not known whether it took
// effect: the target has one value or the other. In a link's record such values
// end in a blank one, so that they equal no others and the next plan writes the
// attribute whatever the directory says by then.

// inDoubt gives the values of an attribute that has either of two.
func inDoubt(now, before []string) []string {
	values := settled(now)
	if isBlank(values) {
		values = settled(before)
	}
	return append(slices.Clone(values), "")
}

// settled gives values without the mark of doubt.
func settled(values []string) []string {
	if n := len(values); n > 0 && values[n-1] == "" {
		return values[:n-1]
	}
	return values
}

// doubting gives a record in which the attributes named in old are in doubt.
func doubting(record, old Attributes) Attributes {
	out := record.Clone()
	for name, before := range old.All() {
		out.Set(name, inDoubt(record.Values(name), before)...)
	}
	return out
}

// settledRecord gives a record as a sink may see it.
func settledRecord(record Attributes) Attributes {
	doubtful := false
	for _, values := range record.All() {
		doubtful = doubtful || len(settled(values)) < len(values)
	}
	if !doubtful {
		return record
	}
	out := record.Clone()
	for name, values := range record.All() {
		setOrDelete(&out, name, settled(values))
	}
	return out
}
