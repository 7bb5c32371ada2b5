package fakedir

import (
	"bytes"
	"cmp"
	"slices"
)

// take writes what another controller told. Objects come first, so that links
// find both ends.
func (t *tree) take(p parcel) {
	for _, o := range p.objects {
		t.takeObject(o)
	}
	for _, o := range p.objects {
		t.takeLinks(o)
	}
	for id, usn := range p.heard {
		if id != t.invocation {
			t.heard[id] = max(t.heard[id], usn)
		}
	}
}

func (t *tree) takeObject(o sentObject) {
	e := t.byGUID[o.guid]
	if e == nil {
		t.takeNew(o)
		return
	}
	wins := o.nameStamp.beats(e.stampOf(aName))
	attrs := slices.DeleteFunc(o.attrs, func(a sentAttr) bool { return !a.beats(e.stampOf(a.id)) })
	if !wins && len(attrs) == 0 {
		return
	}
	t.number(e)
	t.takeAttrs(e, attrs)
	e.password = o.password
	if wins {
		t.takeName(e, o)
	}
	t.judge(e)
}

// takeNew makes an object that was made elsewhere. One of which only a change
// came has been deleted here for so long that nothing is left; it stays away.
func (t *tree) takeNew(o sentObject) {
	if !slices.ContainsFunc(o.attrs, func(a sentAttr) bool { return a.id == aObjectClass }) {
		return
	}
	e := &entry{rdnType: o.rdnType, guid: o.guid, sid: o.sid, password: o.password, name: o.guid.String()}
	e.parent = t.parentFor(o)
	e.rename()
	t.enter(e)
	t.number(e)
	e.usnCreated, e.created, e.born = t.usn, o.born.when, o.born
	e.born.usn = t.usn
	t.takeAttrs(e, o.attrs)
	t.takeName(e, o)
	t.judge(e)
}

func (t *tree) takeAttrs(e *entry, attrs []sentAttr) {
	for _, a := range attrs {
		e.put(a.id, a.values)
		if a.stamp.originUSN != e.born.originUSN || a.origin != e.born.origin {
			a.usn = t.usn
			e.restamp(a.id, a.stamp)
		}
	}
}

// parentFor finds where an object goes: a parent that is not here, or deleted,
// sends it to the lost and found.
func (t *tree) parentFor(o sentObject) *entry {
	parent := t.byGUID[o.parent]
	if parent == nil || parent.deleted && parent != t.deletedObjects(parent) {
		return t.lostAndFound()
	}
	return parent
}

func (t *tree) lostAndFound() *entry {
	return t.byKey["cn=lostandfound,"+t.entries[0].context().key] // the domain came first
}

// takeName gives an object its name and place. Of two with the same name the
// older is renamed, with CNF and its identifier in the name.
func (t *tree) takeName(e *entry, o sentObject) {
	parent, name := t.parentFor(o), o.name
	s := o.nameStamp
	s.usn = t.usn
	if rival := t.rival(e, parent, name); rival != nil {
		if s.beats(rival.stampOf(aName)) {
			if t.move(rival, rival.parent, rival.mangled("CNF")) != nil {
				return
			}
			t.number(e)
			s.usn = t.usn
		} else {
			name = (&entry{name: name, guid: e.guid}).mangled("CNF")
		}
	}
	if err := t.replace(e, parent, name); err != nil && t.replace(e, t.lostAndFound(), name) != nil {
		return
	}
	e.restamp(aName, s)
	if e.parent.guid != o.parent || e.name != o.name { // this controller's own doing, for the others to hear
		e.wrote(aName)
		t.touch(e)
	}
}

// rival is another object that has the name already.
func (t *tree) rival(e, parent *entry, name string) *entry {
	named := &entry{rdnType: e.rdnType, name: name, parent: parent}
	named.rename()
	if holder := t.byKey[named.key]; holder != e {
		return holder
	}
	return nil
}

// judge makes an object a tombstone, or alive again, as its attributes say.
func (t *tree) judge(e *entry) {
	if first(e.get(aIsDeleted)) != "TRUE" {
		e.deleted = false
		return
	}
	if e == t.deletedObjects(e) {
		return
	}
	t.strip(e, func(id attrID, _ ...string) { e.put(id, nil) })
	t.rescueBelow(e)
	if t.move(e, t.deletedObjects(e), e.mangled("DEL")) != nil {
		panic("fakedir: two objects with one identifier")
	}
}

// rescueBelow sends what somebody put below a container, while another
// controller deleted it, to the lost and found.
func (t *tree) rescueBelow(top *entry) {
	for _, e := range t.deepestFirst(top) {
		if e.parent != top {
			continue
		}
		name := e.name
		if t.rival(e, t.lostAndFound(), name) != nil {
			name = e.mangled("CNF")
		}
		if err := t.move(e, t.lostAndFound(), name); err != nil {
			panic(err) // the name carries the identifier
		}
	}
}

// takeLinks writes values of links. Both ends must be there and alive.
func (t *tree) takeLinks(o sentObject) {
	e := t.byGUID[o.guid]
	if e == nil || e.deleted {
		return
	}
	numbered := false
	for _, l := range o.links {
		target := t.byGUID[l.target]
		if target == nil || target.deleted || !e.wouldTake(l, target) {
			continue
		}
		if !numbered {
			t.number(e)
			numbered = true
		}
		l.usn = t.usn
		e.takeLink(l, target)
	}
}

func (e *entry) wouldTake(l sentLink, target *entry) bool {
	k := linkKey{l.id, target}
	_, stamped := e.linkStamps[k]
	if !stamped && !e.points(k) {
		return true
	}
	return l.beats(e.linkStampOf(k).stamp)
}

func (e *entry) takeLink(l sentLink, target *entry) {
	e.restampLink(linkKey{l.id, target}, l.linkStamp)
	switch {
	case schema[l.id].single:
		e.relink(l.id, e.latest(l.id))
	case l.absent:
		e.cut(l.id, target)
	default:
		e.link(l.id, target)
	}
	e.wroteLinks = nil
}

// latest decides between the values that several controllers gave a link that
// holds one: the one written last, if it was not taken out last.
func (e *entry) latest(id attrID) []*entry {
	var value linkKey
	var best linkStamp
	for k, s := range e.allLinkStamps() {
		if k.id == id && !k.target.deleted && !k.target.gone && (value.target == nil || s.later(best)) {
			value, best = k, s
		}
	}
	if value.target == nil || best.absent {
		return nil
	}
	return []*entry{value.target}
}

// later compares writes of different values. One controller takes the old value
// out and puts the new one in at the same time.
func (s linkStamp) later(o linkStamp) bool {
	if s.when == o.when && s.absent != o.absent {
		return !s.absent
	}
	return cmp.Or(cmp.Compare(s.when, o.when), bytes.Compare(s.origin[:], o.origin[:]), cmp.Compare(s.originUSN, o.originUSN)) > 0
}
