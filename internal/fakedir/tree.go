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
	deleted bool // a tombstone, or the container of tombstones
	gone    bool // not even a tombstone is left

	metadata
	password string
}

// held is one stored attribute and its values.
type held struct {
	id     attrID
	values []string
}

// tree holds the entries of all naming contexts of one controller, in the order
// they came.
type tree struct {
	entries  []*entry // with holes: see all
	holes    int
	byKey    map[string]*entry
	byGUID   map[guid]*entry
	bySID    map[sid]*entry
	now      time.Time
	lifetime time.Duration // of tombstones
	numbering
}

func newTree(now time.Time, invocation guid, lifetime time.Duration) *tree {
	return &tree{
		byKey: map[string]*entry{}, byGUID: map[guid]*entry{}, bySID: map[sid]*entry{},
		now: now, lifetime: lifetime,
		numbering: numbering{usn: 12000, invocation: invocation, heard: map[guid]int64{}},
	}
}

// add puts an entry below its parent; parent nil makes a naming context. What is
// set on it until [tree.grown] belongs to its making.
func (t *tree) add(parent *entry, rdnType, name string, id guid, s sid) (*entry, error) {
	e := &entry{parent: parent, rdnType: rdnType, name: name, guid: id, sid: s}
	e.rename()
	if err := t.free(e.key, id); err != nil {
		return nil, err
	}
	t.enter(e)
	t.bear(e)
	return e, nil
}

// enter puts an entry that has its name into the indexes.
func (t *tree) enter(e *entry) {
	t.entries = append(t.entries, e)
	t.byKey[e.key], t.byGUID[e.guid] = e, e
	if e.sid != "" {
		t.bySID[e.sid] = e
	}
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
	if e.parent == parent && e.name == name {
		return nil
	}
	if err := t.replace(e, parent, name); err != nil {
		return err
	}
	e.wrote(aName)
	t.touch(e)
	return nil
}

// replace moves an entry without writing down that it changed.
func (t *tree) replace(e, parent *entry, name string) error {
	oldParent, oldName, oldKey := e.parent, e.name, e.key
	if parent.below(e) {
		return fmt.Errorf("fakedir: %s cannot move below itself", e.dn)
	}
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

// set replaces the values of a stored attribute; none removes it. The same
// values again are no change.
func (e *entry) set(id attrID, values ...string) {
	if slices.Equal(e.get(id), values) {
		return
	}
	e.put(id, values)
	e.wrote(id)
}

func (e *entry) put(id attrID, values []string) {
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

// setRDN keeps the naming attribute equal to the name. It is the name that is
// written down as changed, not this.
func (e *entry) setRDN() { e.put(must(e.rdnType), []string{e.name}) }

func (e *entry) get(id attrID) []string {
	for i := range e.values {
		if e.values[i].id == id {
			return e.values[i].values
		}
	}
	return nil
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
