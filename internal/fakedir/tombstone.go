package fakedir

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// defaultLifetime is how long a tombstone stays.
const defaultLifetime = 180 * 24 * time.Hour

// kept are the attributes that outlive a deletion, besides the computed ones
// ([MS-ADTS] section 3.1.1.5.5.1.1).
var kept = map[string]bool{
	"objectClass": true, "instanceType": true, "sAMAccountName": true, "userAccountControl": true, "groupType": true,
	"isDeleted": true, "isRecycled": true, "lastKnownParent": true, "cn": true, "ou": true, "dc": true,
	"dNSHostName": true, "isCriticalSystemObject": true,
}

// restored are the attributes that the directory gives back at a reanimation,
// in pairs.
var restored = map[string][]string{
	"user": {
		"objectCategory", "Person", "primaryGroupID", "513", "sAMAccountType", samUser,
		"accountExpires", "0", "pwdLastSet", "0", "countryCode", "0",
	},
	"group":              {"objectCategory", "Group", "sAMAccountType", samGroup},
	"contact":            {"objectCategory", "Person"},
	"organizationalUnit": {"objectCategory", "Organizational-Unit"},
}

// remove makes tombstones of an entry and of everything below.
func (t *tree) remove(top *entry) {
	if top.isPerson() {
		t.bury(top)
		return
	}
	for _, e := range t.deepestFirst(top) {
		t.bury(e)
	}
}

// deepestFirst lists an entry and what lies below, children before parents.
func (t *tree) deepestFirst(top *entry) []*entry {
	var out []*entry
	for e := range t.all() {
		if e.below(top) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b *entry) int { return b.depth() - a.depth() })
	return out
}

func (e *entry) depth() (n int) {
	for ; e != nil; e = e.parent {
		n++
	}
	return n
}

// bury makes a tombstone: another name in the container of deleted objects, and
// most attributes gone.
func (t *tree) bury(e *entry) {
	e.set(aLastKnownParent, string(e.parent.guid[:]))
	e.set(aIsDeleted, "TRUE")
	e.set(aIsRecycled, "TRUE")
	t.strip(e, e.set)
	if err := t.replace(e, t.deletedObjects(e), e.mangled("DEL")); err != nil {
		panic(err) // the name carries the identifier
	}
	e.wrote(aName)
	t.touch(e)
}

// strip takes away what a tombstone does not keep.
func (t *tree) strip(e *entry, set func(attrID, ...string)) {
	e.deleted, e.password = true, ""
	e.detach()
	for _, h := range slices.Clone(e.values) {
		if !kept[schema[h.id].name] {
			set(h.id)
		}
	}
}

// mangled is the name of a tombstone or of the loser of a conflict ([MS-ADTS]
// section 3.1.1.5.5).
func (e *entry) mangled(why string) string {
	name, _, _ := strings.Cut(e.name, "\n")
	return name + "\n" + why + ":" + e.guid.String()
}

// deletedObjects is the container of tombstones of an entry's naming context.
func (t *tree) deletedObjects(e *entry) *entry {
	return t.byKey["cn=deleted objects,"+e.context().key]
}

// context is the root of the naming context.
func (e *entry) context() *entry {
	for e.parent != nil {
		e = e.parent
	}
	return e
}

// reanimate gives a tombstone a name and a place again, with what it kept.
func (t *tree) reanimate(e, parent *entry, name string) error {
	if !e.deleted || e.parent == nil || e == t.deletedObjects(e) {
		return fmt.Errorf("fakedir: %s is not deleted", e.dn)
	}
	if err := t.replace(e, parent, name); err != nil {
		return err
	}
	e.deleted = false
	e.wrote(aName)
	e.set(aIsDeleted)
	e.set(aIsRecycled)
	classes := e.get(aObjectClass)
	e.setNamed(restored[classes[len(classes)-1]]...)
	t.touch(e)
	return nil
}

// expire ends the tombstones whose time is over. Nothing tells of it: no change
// number, no DirSync.
func (t *tree) expire() {
	oldest := t.now.Add(-t.lifetime).Unix()
	for e := range t.all() {
		if e.deleted && e.parent != nil && e != t.deletedObjects(e) && e.stampOf(aIsDeleted).when < oldest {
			t.purge(e)
		}
	}
	t.compact()
}

func (t *tree) purge(e *entry) {
	e.gone = true
	t.holes++
	delete(t.byKey, e.key)
	delete(t.byGUID, e.guid)
	delete(t.bySID, e.sid)
}

func (t *tree) compact() {
	if t.holes > 100+len(t.entries)/8 {
		t.entries, t.holes = slices.DeleteFunc(t.entries, func(e *entry) bool { return e.gone }), 0
	}
}
