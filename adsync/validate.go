package adsync

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// fault is one thing wrong with a record.
type fault struct {
	code   IssueCode
	attr   string
	detail string
}

// missing names the required attributes that a record lacks, in order.
func (s *settings) missing(kind Kind, full Attributes) []string {
	var lacks []string
	for _, name := range s.required[kind] {
		if isBlank(full.Values(name)) {
			lacks = append(lacks, name)
		}
	}
	return lacks
}

// fit judges lengths and numbers of values of what changes against the
// schema, and applies the policy for what is too long. It is pure.
func (s *settings) fit(kind Kind, applied, full Attributes) (Attributes, []fault) {
	var faults []fault
	out := full
	for name, values := range full.All() {
		if sameValues(applied.Values(name), values) {
			continue
		}
		a := s.attribute(kind, name)
		if !a.Multi && len(values) > 1 && s.knows(kind, name) {
			faults = append(faults, fault{
				IssueValueInvalid, name,
				fmt.Sprintf("%s has %d values and the target takes one; let the mapping choose one", name, len(values)),
			})
			continue
		}
		if a.MaxLength == 0 || longest(values, a.Unit) <= a.MaxLength {
			continue
		}
		var bad *fault
		if out, bad = s.shorten(out, applied, name, a); bad != nil {
			faults = append(faults, *bad)
		}
	}
	return out, faults
}

func (s *settings) shorten(full, applied Attributes, name string, a AttributeSchema) (Attributes, *fault) {
	values := full.Values(name)
	switch s.overlong[foldName(name)] {
	case Truncate:
		cut := make([]string, len(values))
		for i, v := range values {
			cut[i] = truncate(v, a.MaxLength, a.Unit)
		}
		if isBlank(cut) { // a cut erases nothing
			cut = applied.Values(name)
		}
		full = full.Clone()
		setOrDelete(&full, name, cut)
		return full, nil
	case Omit:
		full = full.Clone()
		setOrDelete(&full, name, applied.Values(name))
		return full, nil
	}
	return full, &fault{IssueValueTooLong, name, fmt.Sprintf(
		"%s has %d %s and the target takes %d; shorten it in the directory, or set the policy for %s to truncate or omit",
		name, longest(values, a.Unit), a.Unit, a.MaxLength, name)}
}

func length(v string, unit LengthUnit) int {
	switch unit {
	case Bytes:
		return len(v)
	case UTF16:
		n := 0
		for _, r := range v {
			n += max(1, utf16.RuneLen(r))
		}
		return n
	}
	return utf8.RuneCountInString(v)
}

func longest(values []string, unit LengthUnit) int {
	n := 0
	for _, v := range values {
		n = max(n, length(v, unit))
	}
	return n
}

// truncate cuts v to at most limit units, never inside a code point, and takes
// white space off the end that the cut left there.
func truncate(v string, limit int, unit LengthUnit) string {
	n := 0
	for i, r := range v {
		size := length(string(r), unit)
		if n+size > limit {
			return strings.TrimRight(v[:i], " \t\r\n")
		}
		n += size
	}
	return v
}

func sameValues(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
