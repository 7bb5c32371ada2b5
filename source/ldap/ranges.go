package ldap

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/protection"
)

// Active Directory gives at most 1,500 values of an attribute at once, says so
// by an option in the name, such as member;range=0-1499, and leaves the plain
// name empty. Who looks only for "member" sees a group without members
// (MS-ADTS 3.1.1.3.1.3.3).

const (
	firstRange = 200  // values of member asked for with each group of a page
	rangeStep  = 1500 // values asked for at once from then on
)

// valueRange is a stretch of an attribute's values.
type valueRange struct {
	from, to int // to is the last one that came
	last     bool
}

// rangedName asks for values from a number on.
func rangedName(name string, from, count int) string {
	return fmt.Sprintf("%s;range=%d-%d", name, from, from+count-1)
}

// parseRanged takes name;range=0-1499 apart; ok is false for a name without a
// range that makes sense. "*" says that these are the last.
func parseRanged(name string) (base string, r valueRange, ok bool) {
	base, rest, found := strings.Cut(name, ";")
	if !found {
		return name, r, false
	}
	var kept []string
	for option := range strings.SplitSeq(rest, ";") {
		key, span, _ := strings.Cut(option, "=")
		if !strings.EqualFold(key, "range") || ok {
			kept = append(kept, option)
			continue
		}
		if r, ok = parseSpan(span); !ok {
			return name, valueRange{}, false
		}
	}
	return strings.Join(append([]string{base}, kept...), ";"), r, ok
}

func parseSpan(span string) (r valueRange, ok bool) {
	low, high, _ := strings.Cut(span, "-")
	from, err := strconv.ParseUint(low, 10, 31)
	if err != nil {
		return r, false
	}
	if high == "*" {
		return valueRange{from: int(from), last: true}, true
	}
	to, err := strconv.ParseUint(high, 10, 31)
	if err != nil || to < from {
		return r, false
	}
	return valueRange{from: int(from), to: int(to)}, true
}

// ranged finds an attribute under its name or under its name with a range.
// A plain attribute that has values is whole. Options such as ;binary do not
// hide it.
func (e *entry) ranged(name string) (values []string, r valueRange) {
	r.last = true
	for _, a := range e.attrs {
		base, span, isRange := parseRanged(a.Name)
		base, _, _ = strings.Cut(base, ";")
		if !strings.EqualFold(base, name) {
			continue
		}
		if isRange && !span.last && protection.WholeGroups.Removed() {
			continue
		}
		if isRange {
			return a.Values, span
		}
		if len(a.Values) > 0 {
			values = a.Values
		}
	}
	return values, r
}
