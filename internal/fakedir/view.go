package fakedir

import (
	"strings"
	"time"
)

// view is the directory as a client is allowed to see it.
type view struct {
	*tree
	base   string
	hidden map[attrID]bool
	parts  []hiddenPart
	below  []*entry // what lies below these is invisible
	lost   []*entry // these and what lies below have vanished
	blind  bool     // searches find nothing

	tombstones bool // are shown
}

// hiddenPart are attributes that nobody may read below an entry.
type hiddenPart struct {
	top *entry
	ids map[attrID]bool
}

// hides reports whether an attribute of an entry may not be read.
func (v *view) hides(e *entry, id attrID) bool {
	if v.hidden[id] {
		return true
	}
	for _, p := range v.parts {
		if p.ids[id] && e != p.top && e.below(p.top) {
			return true
		}
	}
	return false
}

// sees reports whether the entry is shown at all.
func (v *view) sees(e *entry) bool {
	for _, top := range v.lost {
		if e.below(top) {
			return false
		}
	}
	for _, top := range v.below {
		if e != top && e.below(top) {
			return false
		}
	}
	return !e.gone && (v.tombstones || !e.deleted)
}

// count tells how many values an attribute has, without rendering them.
func (v *view) count(e *entry, id attrID) int {
	if v.hides(e, id) {
		return 0
	}
	if id == aLastKnownParent {
		return len(v.lastKnownParent(e, plainDN))
	}
	switch schema[id].source {
	case linked, backlink:
		return len(e.linked(id))
	case computed:
		return len(v.computed(e, id))
	}
	return len(e.get(id))
}

// values renders the values from index lo up to hi.
func (v *view) values(e *entry, id attrID, lo, hi int, x extended) []string {
	switch {
	case v.hides(e, id):
		return nil
	case id == aDistinguishedName:
		return []string{x.name(e)}
	case id == aObjectCategory:
		return v.categories(e, x)
	case id == aLastKnownParent:
		return v.lastKnownParent(e, x)
	}
	switch schema[id].source {
	case linked, backlink:
		return x.names(e.linked(id)[lo:hi])
	case computed:
		return v.computed(e, id)[lo:hi]
	}
	return e.get(id)[lo:hi]
}

// every renders all values.
func (v *view) every(e *entry, id attrID) []string {
	return v.values(e, id, 0, v.count(e, id), plainDN)
}

func (v *view) computed(e *entry, id attrID) []string {
	switch id {
	case aDistinguishedName:
		return []string{e.dn}
	case aName:
		return []string{e.name}
	case aObjectGUID:
		return []string{string(e.guid[:])}
	case aUSNCreated:
		return []string{number(e.usnCreated)}
	case aUSNChanged:
		return []string{number(e.usnChanged)}
	case aWhenCreated:
		return []string{generalizedTime(e.created)}
	case aWhenChanged:
		return []string{generalizedTime(e.changed)}
	}
	return v.computedSome(e, id)
}

// computedSome renders what only some objects have.
func (v *view) computedSome(e *entry, id attrID) []string {
	switch {
	case id == aObjectSID && e.sid != "":
		return []string{string(e.sid)}
	case id == aParentGUID && e.parent != nil:
		return []string{string(e.parent.guid[:])}
	case id == aUpToDateVector && e.dn == v.base:
		return v.upToDateVector()
	case id == aPropertyMetaData:
		return e.propertyMetaData()
	case id == aPrimaryGroupToken && e.isA("group"):
		return []string{number(int64(e.sid.rid()))}
	case schema[id].name == "attributeTypes" && e.isA("subSchema"):
		return attributeTypes()
	}
	return nil
}

func (e *entry) isA(class string) bool {
	for _, c := range e.get(aObjectClass) {
		if strings.EqualFold(c, class) {
			return true
		}
	}
	return false
}

// generalizedTime formats generalized time as Active Directory does.
func generalizedTime(seconds int64) string {
	return time.Unix(seconds, 0).UTC().Format("20060102150405") + ".0Z"
}

// categories renders objectCategory, which is stored as the class's name.
func (v *view) categories(e *entry, x extended) []string {
	var out []string
	for _, name := range e.get(aObjectCategory) {
		dn := "CN=" + name + ",CN=Schema,CN=Configuration," + v.base
		out = append(out, x.join(guidFor(0, dn), "", dn))
	}
	return out
}

// lastKnownParent is stored as the parent's objectGUID, and gone with the parent.
func (v *view) lastKnownParent(e *entry, x extended) []string {
	id := first(e.get(aLastKnownParent))
	if len(id) != 16 {
		return nil
	}
	if parent := v.byGUID[guid([]byte(id))]; parent != nil {
		return []string{x.name(parent)}
	}
	return nil
}

// extended is the form of names: plain, or with the extended DN control's
// identifiers in hexadecimal or in text ([MS-ADTS] section 3.1.1.3.4.1.5).
type extended byte

const (
	plainDN extended = iota
	hexIDs
	textIDs
)

func (x extended) name(e *entry) string { return x.join(e.guid, e.sid, e.dn) }

func (x extended) names(list []*entry) []string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = x.name(e)
	}
	return out
}

func (x extended) join(g guid, s sid, dn string) string {
	switch {
	case x == plainDN:
		return dn
	case x == hexIDs && s == "":
		return "<GUID=" + hexOf(g[:]) + ">;" + dn
	case x == hexIDs:
		return "<GUID=" + hexOf(g[:]) + ">;<SID=" + hexOf([]byte(s)) + ">;" + dn
	case s == "":
		return "<GUID=" + g.String() + ">;" + dn
	}
	return "<GUID=" + g.String() + ">;<SID=" + s.String() + ">;" + dn
}
