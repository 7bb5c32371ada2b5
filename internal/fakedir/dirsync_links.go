package fakedir

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// Options that say what became of the values of a link.
const (
	rangeRemoved = ";range=0-0"
	rangeAdded   = ";range=1-1"
)

// linkPlace is a place in the order of an entry's link values: by the object
// they name, which no renaming changes.
type linkPlace struct {
	target guid
	id     attrID
}

func (k linkKey) place() linkPlace { return linkPlace{k.target.guid, k.id} }

func (p linkPlace) compare(o linkPlace) int {
	return cmp.Or(bytes.Compare(p.target[:], o.target[:]), cmp.Compare(p.id, o.id))
}

// linkChanges lists the values of an entry's links that were put in or taken out
// since the cookie, in order.
func (r *round) linkChanges(e *entry) []linkWrite {
	var out []linkWrite
	for _, l := range e.links {
		for _, o := range l.entries {
			if k := (linkKey{l.id, o}); r.isNew(e.linkStampOf(k).stamp) {
				out = append(out, linkWrite{k, false})
			}
		}
	}
	for k, s := range e.linkStamps {
		if s.absent && !k.target.gone && r.isNew(s.stamp) && r.from.knew(s.stamp) {
			out = append(out, linkWrite{k, true})
		}
	}
	slices.SortFunc(out, func(a, b linkWrite) int { return a.place().compare(b.place()) })
	return out
}

// rest lists the link values of an entry that no earlier round has sent, and tells
// whether one has begun with it. An entry that changed in between begins anew.
func (r *round) rest(e *entry) (list []linkWrite, begun bool) {
	if r.flags&incrementalValues == 0 {
		return nil, false
	}
	list = r.linkChanges(e)
	if r.from.part != e.usnChanged {
		return list, false
	}
	return slices.DeleteFunc(list, func(w linkWrite) bool { return w.place().compare(r.from.after) <= 0 }), true
}

// portion gives the link values of an entry for this round.
func (r *round) portion(e *entry) (list []linkWrite, begun bool) {
	list, begun = r.rest(e)
	if r.portionSize > 0 && len(list) > r.portionSize {
		list = list[:r.portionSize]
	}
	return list, begun
}

// split tells whether an entry has more link values than one round sends, and
// after which one the next round goes on.
func (r *round) split(e *entry) (linkPlace, bool) {
	if r.portionSize == 0 {
		return linkPlace{}, false
	}
	list, _ := r.rest(e)
	if len(list) <= r.portionSize {
		return linkPlace{}, false
	}
	return list[r.portionSize-1].place(), true
}

func linkValues(id attrID, list []linkWrite, x extended) []wire.Attribute {
	removed := wire.Attribute{Name: schema[id].name + rangeRemoved}
	added := wire.Attribute{Name: schema[id].name + rangeAdded}
	for _, w := range list {
		switch {
		case w.id != id:
		case w.absent:
			removed.Values = append(removed.Values, x.name(w.target))
		default:
			added.Values = append(added.Values, x.name(w.target))
		}
	}
	return slices.DeleteFunc([]wire.Attribute{removed, added}, func(a wire.Attribute) bool { return len(a.Values) == 0 })
}

// wholeLink renders every value when one of them changed, or as many as the
// server gives at once.
func (r *round) wholeLink(out []wire.Attribute, e *entry, id attrID) []wire.Attribute {
	fresh, knew := r.isNew(e.born), false
	for k, s := range e.linkStamps {
		if k.id == id && r.isNew(s.stamp) {
			fresh, knew = true, knew || r.from.knew(s.stamp)
		}
	}
	switch {
	case fresh && knew && len(e.linked(id)) == 0:
		return append(out, r.attribute(e, id))
	case !fresh:
		return out
	}
	return r.appendAttr(out, e, wanted{id: id, hi: -1}, r.extended, r.most)
}
