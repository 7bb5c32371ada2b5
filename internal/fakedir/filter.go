package fakedir

import (
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// truth is the three-valued logic of filters (RFC 4511 section 4.5.1.7): and
// is the least, or the greatest, not the negation.
type truth int8

const (
	no        truth = -1
	undefined truth = 0
	yes       truth = 1
)

// test judges one entry. It is made once per search.
type test func(*entry) truth

// Matching rules of Active Directory ([MS-ADTS] section 3.1.1.3.4.4).
const (
	ruleBitAnd = "1.2.840.113556.1.4.803"
	ruleBitOr  = "1.2.840.113556.1.4.804"
	ruleChain  = "1.2.840.113556.1.4.1941"
)

// compile makes a test of a filter. It never fails: what cannot be judged is
// undefined, as in Active Directory.
func (v *view) compile(f *wire.Filter) test {
	switch f.Kind {
	case wire.And:
		return v.each(f.Sub, yes, func(a, b truth) truth { return min(a, b) })
	case wire.Or:
		return v.each(f.Sub, no, func(a, b truth) truth { return max(a, b) })
	case wire.Not:
		inner := v.compile(f.Sub[0])
		return func(e *entry) truth { return -inner(e) }
	}
	name, _, _ := strings.Cut(f.Attr, ";")
	id, ok := attrNamed(name)
	if !ok || v.hidden[id] {
		return constant(undefined)
	}
	return v.readable(id, v.assertion(f, id))
}

// readable makes a test undefined where the attribute may not be read.
func (v *view) readable(id attrID, t test) test {
	if len(v.parts) == 0 {
		return t
	}
	return func(e *entry) truth {
		if v.hides(e, id) {
			return undefined
		}
		return t(e)
	}
}

func constant(t truth) test { return func(*entry) truth { return t } }

func (v *view) each(subs []*wire.Filter, start truth, join func(a, b truth) truth) test {
	tests := make([]test, len(subs))
	for i, s := range subs {
		tests[i] = v.compile(s)
	}
	return func(e *entry) truth {
		out := start
		for _, t := range tests {
			if out = join(out, t(e)); out == -start {
				break
			}
		}
		return out
	}
}

func (v *view) assertion(f *wire.Filter, id attrID) test {
	if f.Kind == wire.Present {
		return func(e *entry) truth { return is(v.count(e, id) > 0) }
	}
	if f.Kind == wire.Extensible && f.Rule != "" {
		return v.rule(f, id)
	}
	switch schema[id].syntax {
	case dnValue:
		return v.nameTest(f, id)
	case integer:
		return v.numberTest(f, id)
	case octets:
		return v.anyValue(id, compareText(f, func(s string) string { return s }))
	}
	if f.Kind == wire.Equal || f.Kind == wire.Approx {
		want := fold(f.Value)
		return v.anyValue(id, func(s string) bool { return equalText(s, want) })
	}
	return v.anyValue(id, compareText(f, fold))
}

func is(b bool) truth {
	if b {
		return yes
	}
	return no
}

// anyValue is true when one of the values satisfies the comparison.
func (v *view) anyValue(id attrID, ok func(string) bool) test {
	direct := schema[id].source == stored
	return func(e *entry) truth {
		values := e.get(id)
		if !direct {
			values = v.every(e, id)
		}
		for _, s := range values {
			if ok(s) {
				return yes
			}
		}
		return no
	}
}

func compareText(f *wire.Filter, fold func(string) string) func(string) bool {
	want := fold(f.Value)
	switch f.Kind {
	case wire.GreaterOrEqual:
		return func(s string) bool { return fold(s) >= want }
	case wire.LessOrEqual:
		return func(s string) bool { return fold(s) <= want }
	case wire.Substrings:
		p := pattern{initial: fold(f.Initial), final: fold(f.Final)}
		for _, part := range f.Any {
			p.any = append(p.any, fold(part))
		}
		return func(s string) bool { return p.matches(fold(s)) }
	}
	return func(s string) bool { return s == f.Value || fold(s) == want }
}

func (v *view) numberTest(f *wire.Filter, id attrID) test {
	want, err := strconv.ParseInt(f.Value, 10, 64)
	if err != nil {
		return constant(undefined)
	}
	return v.anyValue(id, numbers(func(n int64) bool {
		switch f.Kind {
		case wire.GreaterOrEqual:
			return n >= want
		case wire.LessOrEqual:
			return n <= want
		}
		return n == want
	}))
}

func numbers(ok func(int64) bool) func(string) bool {
	return func(s string) bool {
		n, err := strconv.ParseInt(s, 10, 64)
		return err == nil && ok(n)
	}
}

// nameTest compares by the object that is named. Names have no substrings.
func (v *view) nameTest(f *wire.Filter, id attrID) test {
	if f.Kind != wire.Equal && f.Kind != wire.Approx && f.Kind != wire.Extensible {
		return constant(undefined)
	}
	if id == aObjectCategory {
		return v.categoryTest(f.Value)
	}
	target := v.at(f.Value)
	if target == nil {
		return constant(no)
	}
	if id == aLastKnownParent {
		return v.anyValue(id, func(s string) bool { return s == string(target.guid[:]) })
	}
	if id == aDistinguishedName {
		return func(e *entry) truth { return is(e == target) }
	}
	return oneOf(v.pointing(target, id))
}

// pointing finds the entries whose link names the target: the other side of it.
func (v *view) pointing(target *entry, id attrID) []*entry {
	if back, ok := backOf[id]; ok {
		return target.linked(back)
	}
	return target.linked(forwardOf(id))
}

func oneOf(list []*entry) test {
	set := make(map[*entry]bool, len(list))
	for _, e := range list {
		set[e] = true
	}
	return func(e *entry) truth { return is(set[e]) }
}

// categories of classes whose default object category is not their own.
var categories = map[string]string{
	"user": "person", "contact": "person", "organizationalperson": "person", "inetorgperson": "person",
	"organizationalunit": "organizational-unit", "domain": "domain-dns", "domaindns": "domain-dns",
}

// categoryTest takes a class's short name or the whole name of its category.
func (v *view) categoryTest(value string) test {
	want := strings.ToLower(value)
	if kind, name, err := parseRDN(splitDN(value)[0]); err == nil && strings.EqualFold(kind, "CN") {
		want = strings.ToLower(name)
	} else if other, ok := categories[want]; ok {
		want = other
	}
	return v.anyValueOf(func(e *entry) []string { return e.get(aObjectCategory) }, want)
}

func (v *view) anyValueOf(get func(*entry) []string, want string) test {
	return func(e *entry) truth {
		for _, s := range get(e) {
			if strings.EqualFold(s, want) {
				return yes
			}
		}
		return no
	}
}

func (v *view) rule(f *wire.Filter, id attrID) test {
	if f.Rule == ruleChain {
		return v.chain(f, id)
	}
	mask, err := strconv.ParseInt(f.Value, 10, 64)
	if err != nil || schema[id].syntax != integer {
		return constant(undefined)
	}
	switch f.Rule {
	case ruleBitAnd:
		return v.anyValue(id, numbers(func(n int64) bool { return n&mask == mask }))
	case ruleBitOr:
		return v.anyValue(id, numbers(func(n int64) bool { return n&mask != 0 }))
	}
	return constant(undefined)
}

// chain follows a link over any number of steps; cycles end by themselves.
func (v *view) chain(f *wire.Filter, id attrID) test {
	start := v.at(f.Value)
	if start == nil || schema[id].source == stored || schema[id].source == computed {
		return constant(no)
	}
	seen := map[*entry]bool{}
	for queue := []*entry{start}; len(queue) > 0; queue = queue[1:] {
		for _, e := range v.pointing(queue[0], id) {
			if !seen[e] {
				seen[e] = true
				queue = append(queue, e)
			}
		}
	}
	return func(e *entry) truth { return is(seen[e]) }
}

// narrow finds the few entries that can match at all, when the filter names
// them; it is the index of this directory.
func (v *view) narrow(f *wire.Filter) (list []*entry, ok bool) {
	switch f.Kind {
	case wire.And:
		for _, sub := range f.Sub {
			if list, ok = v.narrow(sub); ok {
				return list, true
			}
		}
	case wire.Or:
		return v.narrowAny(f.Sub)
	case wire.Equal:
		return v.narrowEqual(f)
	case wire.GreaterOrEqual:
		return v.narrowSince(f)
	}
	return nil, false
}

// narrowSince looks into the journal for (uSNChanged>=n).
func (v *view) narrowSince(f *wire.Filter) ([]*entry, bool) {
	id, _ := attrNamed(f.Attr)
	n, err := strconv.ParseInt(f.Value, 10, 64)
	if id != aUSNChanged || err != nil || n <= 0 {
		return nil, false
	}
	return slices.Collect(v.since(n - 1)), true
}

func (v *view) narrowAny(subs []*wire.Filter) ([]*entry, bool) {
	var out []*entry
	seen := map[*entry]bool{}
	for _, sub := range subs {
		list, ok := v.narrow(sub)
		if !ok {
			return nil, false
		}
		for _, e := range list {
			if !seen[e] {
				seen[e] = true
				out = append(out, e)
			}
		}
	}
	return out, true
}

func (v *view) narrowEqual(f *wire.Filter) ([]*entry, bool) {
	var found *entry
	switch id, _ := attrNamed(f.Attr); id {
	case aObjectGUID:
		if len(f.Value) == 16 {
			found = v.byGUID[guid([]byte(f.Value))]
		}
	case aObjectSID:
		found = v.bySID[sid(f.Value)]
	case aDistinguishedName:
		found = v.at(f.Value)
	case aMember, aMemberOf, aManager:
		if target := v.at(f.Value); target != nil {
			return v.pointing(target, id), true
		}
	default:
		return nil, false
	}
	if found == nil {
		return nil, true
	}
	return []*entry{found}, true
}
