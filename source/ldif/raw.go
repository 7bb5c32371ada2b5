package ldif

import (
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// raw is an entry with its values gathered by attribute.
type raw struct {
	adsync.Attributes
	// partial names an attribute of which the export holds a part only.
	partial string
}

// gather brings the values of each attribute together. Attributes that hold
// secrets are dropped here, so that nothing behind can see them.
func gather(fields []field) raw {
	var out raw
	var list []adsync.Attribute
	at := map[string]int{}
	for _, f := range fields {
		name := directory.TrimOption(f.name, "binary")
		if directory.Forbidden(name) {
			continue
		}
		if base, bounds, ranged := cutRange(name); ranged {
			if name = base; bounds != "0-*" {
				out.partial = base
			}
		}
		key := strings.ToLower(name)
		i, known := at[key]
		if !known {
			i = len(list)
			at[key] = i
			list = append(list, adsync.Attribute{Name: name})
		}
		list[i].Values = append(list[i].Values, f.value)
	}
	out.Attributes = adsync.MakeAttributes(list...)
	return out
}

// cutRange takes "member;range=0-1499" apart. Active Directory answers so when
// an attribute has more values than it gives at once.
func cutRange(name string) (base, bounds string, ranged bool) {
	base, options, _ := strings.Cut(name, ";")
	for option := range strings.SplitSeq(options, ";") {
		if rest, ok := strings.CutPrefix(strings.ToLower(option), "range="); ok {
			return base, rest, true
		}
	}
	return name, "", false
}

// keyOfName and keyOfUID are what the index finds anchors by.
func keyOfName(name directory.DN) hash16 { return hashOf("dn:" + name.Folded()) }

func keyOfUID(uid string) hash16 { return hashOf("uid:" + directory.Fold(uid)) }

// memberKeys gives the keys of a group's members. A name that is none is left
// out like one that names nothing in the file.
func (r raw) memberKeys() []hash16 {
	var keys []hash16
	for _, attr := range [...]string{"member", "uniqueMember"} {
		for _, value := range r.Values(attr) {
			if name, err := directory.ParseDN(withoutUID(value)); err == nil && !name.IsRoot() {
				keys = append(keys, keyOfName(name))
			}
		}
	}
	for _, uid := range r.Values("memberUid") {
		keys = append(keys, keyOfUID(uid))
	}
	return keys
}

// withoutUID drops the bit string behind a uniqueMember (RFC 4517 3.3.21):
// cn=x,o=y#'0101'B.
func withoutUID(value string) string {
	if i := strings.LastIndex(value, "#'"); i > 0 && strings.HasSuffix(value, "'B") {
		return value[:i]
	}
	return value
}

// hasClass tells whether the entry is of an object class.
func (r raw) hasClass(class string) bool {
	for _, c := range r.Values("objectClass") {
		if strings.EqualFold(c, class) {
			return true
		}
	}
	return false
}
