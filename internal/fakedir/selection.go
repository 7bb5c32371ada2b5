package fakedir

import (
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// wanted is one attribute a client asks for, perhaps only some of its values.
type wanted struct {
	id     attrID
	ranged bool
	lo, hi int // hi -1 is "to the end"
}

// selection is the list of attributes of a search (RFC 4511 section 4.5.1.8).
type selection struct {
	all       bool
	typesOnly bool
	some      []wanted
}

func parseSelection(q *wire.Search) selection {
	sel := selection{all: len(q.Attributes) == 0, typesOnly: q.TypesOnly}
	for _, name := range q.Attributes {
		if name == "*" {
			sel.all = true
			continue
		}
		base, option, _ := strings.Cut(name, ";")
		if id, ok := attrNamed(base); ok {
			sel.some = append(sel.some, withRange(wanted{id: id, hi: -1}, option))
		}
	}
	return sel
}

// withRange reads "range=0-1499" or "range=1500-*" ([MS-ADTS] section
// 3.1.1.3.1.3.3). Another option asks for nothing special.
func withRange(w wanted, option string) wanted {
	if len(option) < 6 || !strings.EqualFold(option[:6], "range=") {
		return w
	}
	low, high, ok := strings.Cut(option[6:], "-")
	lo, err := strconv.Atoi(low)
	if !ok || err != nil || lo < 0 {
		return w
	}
	hi, err := strconv.Atoi(high)
	if err != nil || hi < lo {
		hi = -1
	}
	return wanted{id: w.id, ranged: true, lo: lo, hi: hi}
}

// asks reports whether an attribute was asked for; nothing asked is everything.
func (sel selection) asks(id attrID) bool {
	return sel.all || slices.ContainsFunc(sel.some, func(w wanted) bool { return w.id == id })
}

// render makes the attributes of an entry that were asked for.
func (v *view) render(e *entry, sel selection, x extended, most int) []wire.Attribute {
	out := make([]wire.Attribute, 0, 48)
	if sel.all {
		for _, id := range e.own() {
			out = v.appendAttr(out, e, wanted{id: id, hi: -1}, x, most)
		}
	}
	for _, w := range sel.some {
		if !sel.all || w.ranged || schema[w.id].onlyOnAsked {
			out = v.appendAttr(out, e, w, x, most)
		}
	}
	if sel.typesOnly {
		for i := range out {
			out[i].Values = nil
		}
	}
	return out
}

// own lists what "*" means for an entry.
func (e *entry) own() []attrID {
	ids := make([]attrID, 0, 48)
	for _, h := range e.values {
		if !schema[h.id].onlyOnAsked {
			ids = append(ids, h.id)
		}
	}
	for _, list := range [][]link{e.links, e.back} {
		for _, l := range list {
			ids = append(ids, l.id)
		}
	}
	return append(ids, aDistinguishedName, aName, aObjectGUID, aObjectSID, aUSNCreated, aUSNChanged, aWhenCreated, aWhenChanged)
}

// appendAttr adds one attribute. More values than the server gives at once come
// as a range even when nobody asked for one, beside an empty attribute of the
// plain name, as Active Directory does it.
func (v *view) appendAttr(out []wire.Attribute, e *entry, w wanted, x extended, most int) []wire.Attribute {
	n := v.count(e, w.id)
	if n == 0 || w.lo >= n {
		return out
	}
	name := schema[w.id].name
	if !w.ranged && n <= most {
		return append(out, wire.Attribute{Name: name, Values: v.values(e, w.id, 0, n, x)})
	}
	if !w.ranged {
		out = append(out, wire.Attribute{Name: name})
	}
	end := min(n, w.lo+most)
	if w.hi >= 0 {
		end = min(end, w.hi+1)
	}
	return append(out, wire.Attribute{Name: name + rangeOption(w.lo, end, n), Values: v.values(e, w.id, w.lo, end, x)})
}

func rangeOption(lo, end, n int) string {
	last := "*"
	if end < n {
		last = strconv.Itoa(end - 1)
	}
	return ";range=" + strconv.Itoa(lo) + "-" + last
}
