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

// In references two blanks stand there: they are written by themselves, and a
// merge of plain attributes must leave them as they are.
func referenceInDoubt(before, sent []string) []string {
	return slices.Concat(confirmed(before), []string{"", ""}, settled(sent))
}

func doubtful(values []string) bool { return slices.Contains(values, "") }

func doubtfulReference(values []string) bool {
	at := slices.Index(values, "")
	return at >= 0 && at+1 < len(values) && values[at+1] == ""
}

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
	if !doubtful(values) {
		return values
	}
	before := confirmed(values)
	if sent := filled(values[len(before):]); len(sent) > 0 {
		return sent
	}
	return before
}

// filled gives values without the blank ones, which have a meaning of their own
// in a record.
func filled(values []string) []string {
	if !doubtful(values) {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

// doubting gives a record in which the attributes named in old are in doubt.
func doubting(record, old Attributes, mark func(before, sent []string) []string) Attributes {
	out := record.Clone()
	for name, before := range old.All() {
		out.Set(name, mark(before, record.Values(name))...)
	}
	return out
}

// settledRecord gives a record as a sink may see it.
func settledRecord(record Attributes) Attributes { return settle(record, doubtful) }

// settledValues gives a record whose references may still be in doubt.
func settledValues(record Attributes) Attributes {
	return settle(record, func(values []string) bool { return doubtful(values) && !doubtfulReference(values) })
}

func settle(record Attributes, which func([]string) bool) Attributes {
	out, cloned := record, false
	for name, values := range record.All() {
		if !which(values) {
			continue
		}
		if !cloned {
			out, cloned = record.Clone(), true
		}
		setOrDelete(&out, name, settled(values))
	}
	return out
}
