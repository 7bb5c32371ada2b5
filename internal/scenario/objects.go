package scenario

import (
	"fmt"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// references are the attributes whose values are names of other objects.
var references = map[string]bool{"manager": true, "parent": true}

// object makes a source object of "user ada title=Countess manager=charles". A
// person is complete unless the line says otherwise: attr= leaves the attribute
// without a value, attr=- takes it away, and in=Sales/Offices says in which units
// it is.
func (w *world) object(args []string) (o adsync.Object, members []adsync.Anchor, err error) {
	if len(args) < 2 {
		return o, nil, fmt.Errorf("a kind and a name are needed")
	}
	if o.Kind, err = kindOf(args[0]); err != nil {
		return o, nil, err
	}
	o.Anchor = w.names.anchor(args[1])
	o.Container = "OU=People,DC=example,DC=com"
	o.Attrs = standard(o.Kind, args[1])
	for _, arg := range args[2:] {
		name, value, ok := strings.Cut(arg, "=")
		switch {
		case !ok:
			return o, nil, fmt.Errorf("%q is no attribute=value", arg)
		case name == "in": // units, the nearest first
			o.Container = "OU=" + strings.ReplaceAll(value, "/", ",OU=") + ",DC=example,DC=com"
		case name == "members":
			members = w.anchors(value)
		case references[name]:
			o.Refs = map[string][]adsync.Anchor{name: w.anchors(value)}
		default:
			set(&o.Attrs, name, value)
		}
	}
	return o, members, nil
}

func (w *world) anchors(list string) (out []adsync.Anchor) {
	for name := range strings.SplitSeq(list, ",") {
		if name != "" {
			out = append(out, w.names.anchor(name))
		}
	}
	return out
}

func set(a *adsync.Attributes, name, value string) {
	switch value {
	case "":
		a.Set(name)
	case "-":
		a.Delete(name)
	default:
		a.Set(name, strings.Split(value, "|")...)
	}
}

func kindOf(word string) (adsync.Kind, error) {
	if word == "unit" {
		return adsync.OrganizationalUnit, nil
	}
	return adsync.ParseKind(word)
}

func kindName(k adsync.Kind) string {
	if k == adsync.OrganizationalUnit {
		return "unit"
	}
	return k.String()
}

// standard gives what an object has unless the story says otherwise.
func standard(kind adsync.Kind, name string) adsync.Attributes {
	var a adsync.Attributes
	if kind == adsync.Group || kind == adsync.OrganizationalUnit {
		a.Set("name", name)
		return a
	}
	a.Set("email", name+"@example.com")
	a.Set("firstName", strings.ToUpper(name[:1])+name[1:])
	a.Set("lastName", "Example")
	a.Set("displayName", strings.ToUpper(name[:1])+name[1:]+" Example")
	if kind == adsync.User {
		a.Set("logon", name+"@example.com")
		a.Set("active", "true")
	}
	return a
}
