package adsync

import "slices"

// What an op would have changed is in doubt when it is not known whether it took
// effect: the target has one value or the other. In a link's record such values
// are those before, a blank one, and those that were sent. They equal no others,
// so that the next plan writes the attribute whatever the directory says by then.

// inDoubt gives the values of an attribute that has either of two.
func inDoubt(before, sent []string) []string {
	return slices.Concat(confirmed(before), []string{""}, settled(sent))
}

func doubtful(values []string) bool { return slices.Contains(values, "") }

// confirmed gives those of an attribute's values that were there for sure.
func confirmed(values []string) []string {
	if at := slices.Index(values, ""); at >= 0 {
		return values[:at]
	}
	return values
}

// settled gives those of an attribute's values that it is taken to have: of
// values in doubt what was sent, or, where that is blank, what was before.
func settled(values []string) []string {
	at := slices.Index(values, "")
	if at < 0 {
		return values
	}
	if sent := values[at+1:]; !isBlank(sent) {
		return sent
	}
	return values[:at]
}

// doubting gives a record in which the attributes named in old are in doubt.
func doubting(record, old Attributes) Attributes {
	out := record.Clone()
	for name, before := range old.All() {
		out.Set(name, inDoubt(before, record.Values(name))...)
	}
	return out
}

// settledRecord gives a record as a sink may see it.
func settledRecord(record Attributes) Attributes {
	sure := true
	for _, values := range record.All() {
		sure = sure && !doubtful(values)
	}
	if sure {
		return record
	}
	out := record.Clone()
	for name, values := range record.All() {
		setOrDelete(&out, name, settled(values))
	}
	return out
}
