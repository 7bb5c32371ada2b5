package fakedir

import (
	"maps"
	"slices"
)

// clone copies a tree with everything that is known of its changes.
func (t *tree) clone() *tree {
	c := &copying{twins: make(map[*entry]*entry, len(t.entries))}
	for e := range t.all() {
		c.twins[e] = new(entry)
	}
	out := newTree(t.now, t.invocation, t.lifetime)
	out.usn, out.heard = t.usn, maps.Clone(t.heard)
	for e := range t.all() {
		twin := c.twins[e]
		*twin = *e
		c.fill(twin)
		out.enter(twin)
	}
	for _, l := range t.journal {
		if twin := c.twins[l.entry]; twin != nil && l.holds() {
			out.journal = append(out.journal, journalLine{l.usn, twin})
		}
	}
	return out
}

// copying knows which entry became which.
type copying struct{ twins map[*entry]*entry }

// fill makes an entry's slices and pointers its own.
func (c *copying) fill(e *entry) {
	e.parent = c.twins[e.parent]
	e.values, e.stamps = slices.Clone(e.values), slices.Clone(e.stamps)
	e.wroteAttrs, e.wroteLinks = nil, nil
	e.links, e.back = c.links(e.links), c.links(e.back)
	old := e.linkStamps
	e.linkStamps = nil
	for k, s := range old {
		if target := c.twins[k.target]; target != nil {
			e.restampLink(linkKey{k.id, target}, s)
		}
	}
}

func (c *copying) links(list []link) []link {
	out := make([]link, len(list))
	for i, l := range list {
		out[i] = link{l.id, make([]*entry, len(l.entries))}
		for j, e := range l.entries {
			out[i].entries[j] = c.twins[e]
		}
	}
	return out
}

// on gives the company another tree, a copy of its own. People who are not in it
// have left, those who are in it again have not.
func (c *company) on(t *tree) {
	c.tree = t
	for _, e := range []**entry{
		&c.root, &c.users, &c.builtin, &c.controllers, &c.configuration, &c.people, &c.contacts, &c.groupUnit,
		&c.former, &c.outside, &c.services, &c.big, &c.newsletter,
	} {
		*e = t.twin(*e)
	}
	c.deptUnits, c.deptGroups, c.projects = t.twinsOf(c.deptUnits), t.twinsOf(c.deptGroups), t.twinsOf(c.projects)
	for _, p := range c.staff {
		p.entry = t.twin(p.entry)
		p.left = p.entry.gone || p.entry.deleted
	}
}

// twin finds an entry of another tree in this one; what is not there has gone.
func (t *tree) twin(e *entry) *entry {
	if found := t.byGUID[e.guid]; found != nil {
		return found
	}
	return &entry{guid: e.guid, gone: true}
}

func (t *tree) twinsOf(list []*entry) []*entry {
	out := make([]*entry, len(list))
	for i, e := range list {
		out[i] = t.twin(e)
	}
	return out
}
