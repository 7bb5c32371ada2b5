package fakedir

import "slices"

// link is a linked attribute, forward or back, and the entries it points to.
type link struct {
	id      attrID
	entries []*entry
}

// backOf names the other side of each link.
var backOf = map[attrID]attrID{aMember: aMemberOf, aManager: aDirectReports}

func forwardOf(back attrID) attrID {
	for forward, b := range backOf {
		if b == back {
			return forward
		}
	}
	return back
}

func (e *entry) linked(id attrID) []*entry {
	for _, list := range [][]link{e.links, e.back} {
		for _, l := range list {
			if l.id == id {
				return l.entries
			}
		}
	}
	return nil
}

// points reports whether a link has a value. The other side has fewer to look at.
func (e *entry) points(k linkKey) bool { return slices.Contains(k.target.linked(backOf[k.id]), e) }

// link adds forward links; those that are there already stay.
func (e *entry) link(id attrID, others ...*entry) {
	for _, o := range others {
		if !e.points(linkKey{id, o}) {
			appendLink(&e.links, id, o)
			appendLink(&o.back, backOf[id], e)
			e.relinked(id, o, false)
		}
	}
}

// cut takes a forward link out, if it is there.
func (e *entry) cut(id attrID, other *entry) {
	if !e.points(linkKey{id, other}) {
		return
	}
	e.unlink(&e.links, id, other)
	other.unlink(&other.back, backOf[id], e)
	e.relinked(id, other, true)
}

// relink makes others the only forward links.
func (e *entry) relink(id attrID, others []*entry) {
	for _, old := range slices.Clone(e.linked(id)) {
		if !slices.Contains(others, old) {
			e.cut(id, old)
		}
	}
	e.link(id, others...)
}

// detach takes every link from and to an entry away. Nothing is written down:
// the groups of somebody who was deleted do not change.
func (e *entry) detach() {
	for _, l := range e.links {
		for _, other := range l.entries {
			other.unlink(&other.back, backOf[l.id], e)
		}
	}
	for _, l := range e.back {
		for _, other := range l.entries {
			other.unlink(&other.links, forwardOf(l.id), e)
			delete(other.linkStamps, linkKey{forwardOf(l.id), e})
		}
	}
	e.links, e.back, e.linkStamps = nil, nil, nil
}

func appendLink(list *[]link, id attrID, other *entry) {
	for i := range *list {
		if (*list)[i].id == id {
			(*list)[i].entries = append((*list)[i].entries, other)
			return
		}
	}
	*list = append(*list, link{id, []*entry{other}})
}

func (e *entry) unlink(list *[]link, id attrID, other *entry) {
	for i := range *list {
		l := &(*list)[i]
		if l.id != id {
			continue
		}
		if j := slices.Index(l.entries, other); j >= 0 {
			l.entries = slices.Delete(l.entries, j, j+1)
		}
		if len(l.entries) == 0 {
			*list = slices.Delete(*list, i, i+1)
		}
		return
	}
}
