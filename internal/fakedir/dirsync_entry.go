package fakedir

import (
	"slices"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// made is an entry as it is sent.
type made struct {
	dn    string
	attrs []wire.Attribute
}

// changed renders what changed of an entry since the cookie: attributes that
// were cleared come without values, what is not replicated never.
func (r *round) changed(e *entry, sel selection) []wire.Attribute {
	var out []wire.Attribute
	for _, id := range r.replicated(e) {
		if !sel.asks(id) || r.hides(e, id) {
			continue
		}
		switch {
		case schema[id].source == linked && r.flags&incrementalValues != 0:
			out = append(out, r.linkValues(e, id)...)
		case schema[id].source == linked:
			out = r.wholeLink(out, e, id)
		case id == aName && r.isNew(e.stampOf(aName)):
			out = append(r.value(out, e, aParentGUID), r.attribute(e, aName))
		case id != aName && r.isNew(e.stampOf(id)):
			out = r.value(out, e, id)
		}
	}
	return out
}

// replicated lists the attributes of an entry that controllers tell each other:
// those it has, and those it lost.
func (r *round) replicated(e *entry) []attrID {
	return append([]attrID{aName, aObjectSID, aWhenCreated, aMember, aManager}, e.storedOrLost()...)
}

func (e *entry) namingAttribute() string { return schema[must(e.rdnType)].name }

// value renders an attribute, or that it has no value any more; somebody who
// knew nothing is not told of that.
func (r *round) value(out []wire.Attribute, e *entry, id attrID) []wire.Attribute {
	a := r.attribute(e, id)
	if len(a.Values) == 0 && (r.from.empty() || schema[id].source == computed) {
		return out
	}
	return append(out, a)
}

func (r *round) attribute(e *entry, id attrID) wire.Attribute {
	return wire.Attribute{Name: schema[id].name, Values: r.view.values(e, id, 0, r.count(e, id), r.extended)}
}

// identified adds what comes with every entry.
func (r *round) identified(e *entry, attrs []wire.Attribute) []wire.Attribute {
	for _, id := range []attrID{aObjectGUID, aInstanceType} {
		if !slices.ContainsFunc(attrs, func(a wire.Attribute) bool { return a.Name == schema[id].name }) {
			attrs = append(attrs, r.attribute(e, id))
		}
	}
	return attrs
}

// Options that say what became of the values of a link.
const (
	rangeRemoved = ";range=0-0"
	rangeAdded   = ";range=1-1"
)

// linkValues renders the values of a link that were taken out and put in.
func (r *round) linkValues(e *entry, id attrID) []wire.Attribute {
	removed := wire.Attribute{Name: schema[id].name + rangeRemoved}
	added := wire.Attribute{Name: schema[id].name + rangeAdded}
	for _, o := range e.linked(id) {
		if r.isNew(e.linkStampOf(linkKey{id, o}).stamp) {
			added.Values = append(added.Values, r.extended.name(o))
		}
	}
	for k, s := range e.linkStamps {
		if k.id == id && s.absent && !k.target.gone && r.isNew(s.stamp) && !r.from.empty() {
			removed.Values = append(removed.Values, r.extended.name(k.target))
		}
	}
	slices.Sort(removed.Values)
	return slices.DeleteFunc([]wire.Attribute{removed, added}, func(a wire.Attribute) bool { return len(a.Values) == 0 })
}

// wholeLink renders every value when one of them changed.
func (r *round) wholeLink(out []wire.Attribute, e *entry, id attrID) []wire.Attribute {
	fresh := r.isNew(e.born) && len(e.linked(id)) > 0
	for k, s := range e.linkStamps {
		fresh = fresh || k.id == id && r.isNew(s.stamp)
	}
	if !fresh {
		return out
	}
	return r.value(out, e, id)
}
