package fakedir

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// entry is one object. Links are pointers, so a renamed or moved object is at
// once named rightly everywhere.
type entry struct {
	dn      string
	key     string
	parent  *entry // nil for the root of a naming context
	rdnType string
	name    string // the RDN's value
	guid    guid
	sid     sid
	values  []held
	links   []link
	back    []link
	gone    bool

	usnCreated, usnChanged int64
	created, changed       int64 // seconds since 1970
	password               string
}

// held is one stored attribute and its values.
type held struct {
	id     attrID
	values []string
}

// link is a linked attribute, forward or back, and the entries it points to.
type link struct {
	id      attrID
	entries []*entry
}

// backOf names the other side of each link.
var backOf = map[attrID]attrID{aMember: aMemberOf, aManager: aDirectReports}

// tree holds the entries of all naming contexts, in the order they came.
type tree struct {
	entries []*entry // with holes: see all
	holes   int
	byKey   map[string]*entry
	byGUID  map[guid]*entry
	bySID   map[sid]*entry
	usn     int64
	now     time.Time
}

func newTree(now time.Time) *tree {
	return &tree{
		byKey: map[string]*entry{}, byGUID: map[guid]*entry{}, bySID: map[sid]*entry{},
		usn: 12000, now: now,
	}
}

// add puts an entry below its parent; parent nil makes a naming context.
func (t *tree) add(parent *entry, rdnType, name string, id guid, s sid) (*entry, error) {
	e := &entry{parent: parent, rdnType: rdnType, name: name, guid: id, sid: s}
	e.rename()
	if err := t.free(e.key, id); err != nil {
		return nil, err
	}
	t.entries = append(t.entries, e)
	t.byKey[e.key], t.byGUID[id] = e, e
	if s != "" {
		t.bySID[s] = e
	}
	t.touch(e)
	e.usnCreated, e.created = e.usnChanged, e.changed
	return e, nil
}

func (t *tree) free(key string, id guid) error {
	if t.byKey[key] != nil {
		return fmt.Errorf("fakedir: %s exists already", key)
	}
	if old := t.byGUID[id]; old != nil {
		return fmt.Errorf("fakedir: objectGUID %s belongs to %s", id, old.dn)
	}
	return nil
}

// addContext makes the root of a naming context from its whole name.
func (t *tree) addContext(dn string, id guid, s sid) (*entry, error) {
	kind, value, err := parseRDN(splitDN(dn)[0])
	if err != nil {
		return nil, err
	}
	e, err := t.add(nil, kind, value, id, s)
	if err != nil {
		return nil, err
	}
	delete(t.byKey, e.key)
	e.dn = dn
	e.key, err = keyOf(dn)
	t.byKey[e.key] = e
	return e, err
}

// rename makes dn and key from the RDN and the parent.
func (e *entry) rename() {
	e.dn = e.rdnType + "=" + EscapeRDN(e.name)
	e.key = rdnKey(e.rdnType, e.name)
	if e.parent != nil {
		e.dn += "," + e.parent.dn
		e.key += "," + e.parent.key
	}
}

// move gives an entry another parent or RDN; everything below moves along.
func (t *tree) move(e, parent *entry, name string) error {
	oldParent, oldName, oldKey := e.parent, e.name, e.key
	e.parent, e.name = parent, name
	e.rename()
	if holder := t.byKey[e.key]; holder != nil && holder != e {
		e.parent, e.name = oldParent, oldName
		e.rename()
		return fmt.Errorf("fakedir: %s exists already", holder.dn)
	}
	delete(t.byKey, oldKey)
	t.byKey[e.key] = e
	e.setRDN()
	t.rekey(e)
	t.touch(e)
	return nil
}

// rekey renames what lies below a container.
func (t *tree) rekey(top *entry) {
	if top.isPerson() {
		return
	}
	for e := range t.all() {
		if e != top && e.below(top) {
			delete(t.byKey, e.key)
		}
	}
	for e := range t.all() {
		if e != top && e.below(top) {
			e.renamePath(top)
			t.byKey[e.key] = e
		}
	}
}

func (e *entry) renamePath(top *entry) {
	if e.parent != top {
		e.parent.renamePath(top)
	}
	e.rename()
}

func (e *entry) isPerson() bool { return slices.Contains(e.get(aObjectClass), "person") }

// below reports whether e lies in the subtree of top, top itself included.
func (e *entry) below(top *entry) bool {
	for ; e != nil; e = e.parent {
		if e == top {
			return true
		}
	}
	return false
}

// remove takes an entry and everything below away; links to it vanish, as in
// Active Directory, without a new change number for the groups.
func (t *tree) remove(top *entry) {
	if top.isPerson() {
		t.drop(top)
	} else {
		for e := range t.all() {
			if e.below(top) {
				t.drop(e)
			}
		}
	}
	t.usn++
	if t.holes > 100+len(t.entries)/8 {
		t.entries, t.holes = slices.DeleteFunc(t.entries, func(e *entry) bool { return e.gone }), 0
	}
}

// all walks the entries that are there, in the order they came.
func (t *tree) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, e := range t.entries {
			if !e.gone && !yield(e) {
				return
			}
		}
	}
}

func (t *tree) drop(e *entry) {
	e.gone = true
	t.holes++
	delete(t.byKey, e.key)
	delete(t.byGUID, e.guid)
	delete(t.bySID, e.sid)
	for _, l := range e.links {
		for _, other := range l.entries {
			other.unlink(&other.back, backOf[l.id], e)
		}
	}
	for _, l := range e.back {
		for _, other := range l.entries {
			other.unlink(&other.links, forwardOf(l.id), e)
		}
	}
	e.links, e.back = nil, nil
}

func forwardOf(back attrID) attrID {
	for forward, b := range backOf {
		if b == back {
			return forward
		}
	}
	return back
}

// touch marks an entry as changed now.
func (t *tree) touch(e *entry) {
	t.usn++
	e.usnChanged, e.changed = t.usn, t.now.Unix()
}

// set replaces the values of a stored attribute; none removes it.
func (e *entry) set(id attrID, values ...string) {
	i := slices.IndexFunc(e.values, func(s held) bool { return s.id == id })
	switch {
	case len(values) == 0 && i >= 0:
		e.values = slices.Delete(e.values, i, i+1)
	case len(values) == 0:
	case i >= 0:
		e.values[i].values = values
	default:
		e.values = append(e.values, held{id, values})
	}
}

// setRDN keeps the naming attribute equal to the name.
func (e *entry) setRDN() { e.set(must(e.rdnType), e.name) }

func (e *entry) get(id attrID) []string {
	for i := range e.values {
		if e.values[i].id == id {
			return e.values[i].values
		}
	}
	return nil
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

// link adds forward links; those that are there already stay.
func (e *entry) link(id attrID, others ...*entry) {
	for _, o := range others {
		if !slices.Contains(o.linked(backOf[id]), e) {
			appendLink(&e.links, id, o)
			appendLink(&o.back, backOf[id], e)
		}
	}
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

func (e *entry) cut(id attrID, other *entry) {
	e.unlink(&e.links, id, other)
	other.unlink(&other.back, backOf[id], e)
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

// at finds an entry by any spelling of its name, or by <GUID=...>, <SID=...>.
func (t *tree) at(name string) *entry {
	if rest, ok := strings.CutPrefix(name, "<"); ok {
		return t.atID(rest)
	}
	key, err := keyOf(name)
	if err != nil {
		return nil
	}
	return t.byKey[key]
}

func (t *tree) atID(rest string) *entry {
	id, _, _ := strings.Cut(rest, ">")
	kind, value, _ := strings.Cut(id, "=")
	switch strings.ToUpper(kind) {
	case "GUID":
		if g, ok := parseGUID(value); ok {
			return t.byGUID[g]
		}
	case "SID":
		return t.bySID[parseSID(value)]
	}
	return nil
}

// number formats an integer attribute.
func number(n int64) string { return strconv.FormatInt(n, 10) }
