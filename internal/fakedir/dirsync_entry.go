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
	links, begun := r.portion(e)
	for _, id := range r.replicated(e) {
		if !sel.asks(id) || r.hides(e, id) || begun && schema[id].source != linked {
			continue
		}
		switch {
		case schema[id].source == linked && r.flags&incrementalValues != 0:
			out = append(out, linkValues(id, links, r.extended)...)
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
	if len(a.Values) == 0 && (schema[id].source == computed || !r.from.knew(e.stampOf(id))) {
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
