package ldap

import (
	"context"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// wanted is what a read asks of each object.
type wanted struct {
	asked []string // as the mapper named them
	plain *directory.Selection
	refs  []string // those that name other objects
}

// makeWanted sorts out what the mapper asks for. Secrets are refused and not
// passed over: a mapping that hopes for one is a mistake that somebody has to
// see.
func makeWanted(asked []string, s schema) (wanted, error) {
	w := wanted{asked: asked}
	var plain []string
	for _, name := range asked {
		if err := checkName(name); err != nil {
			return w, err
		}
		switch {
		case directory.IsMember(name): // members travel as members
		case !isOwnName(name) && (directory.IsReference(name) || s.isReference(name)):
			w.refs = append(w.refs, name)
		default:
			plain = append(plain, name)
		}
	}
	w.plain = directory.Select(plain)
	return w, nil
}

// isOwnName tells whether an attribute of DN syntax is the entry's own name.
func isOwnName(name string) bool { return strings.EqualFold(name, "distinguishedName") }

// checkName judges an attribute name from a configuration: what is asked of
// the server must be a name (RFC 4512, section 2.5), not "*" or "+", which
// would ask for everything, and no OID, behind which a secret could hide.
func checkName(name string) error {
	if directory.Forbidden(name) {
		return forbidden(name)
	}
	lower := strings.ToLower(name)
	if name == "" || !strings.Contains(letters, lower[:1]) || strings.Trim(lower, letters+"0123456789-;_") != "" {
		return invalid("%q is no attribute name", name)
	}
	return nil
}

const letters = "abcdefghijklmnopqrstuvwxyz"

func forbidden(name string) error {
	return invalid("attribute %s holds secrets and is never read; take it out of the configuration", name)
}

// forbiddenIn finds a secret's attribute in a filter: (unicodePwd=a*) would
// tell it letter by letter.
func forbiddenIn(filter string) (string, bool) {
	for _, part := range strings.FieldsFunc(filter, func(r rune) bool { return strings.ContainsRune("()&|!", r) }) {
		name, _, ok := strings.Cut(part, "=")
		name, _, _ = strings.Cut(strings.TrimRight(name, "<>~"), ":")
		if ok && directory.Forbidden(strings.TrimSpace(name)) {
			return name, true
		}
	}
	return "", false
}

// ask lists what a search for a kind asks the server for.
func (rd *reading) ask(kind adsync.Kind) []string {
	return dedupe(append(rd.askObject(kind), rd.askMembers(kind)...))
}

// askObject lists what an object itself is made of, without its members.
func (rd *reading) askObject(kind adsync.Kind) []string {
	list := slices.Concat(rd.want.plain.Raw(), rd.want.refs, rd.anchors, rd.originAsk())
	if rd.native != "" {
		list = append(list, rd.native)
	}
	if rd.classifies(kind) {
		list = append(list, "objectClass")
	}
	switch {
	case kind == adsync.User && rd.server.ad:
		list = append(list, "primaryGroupID")
	case kind == adsync.User && rd.chosen != nil:
		list = append(list, "uid")
	}
	return list
}

func (rd *reading) askMembers(kind adsync.Kind) []string {
	if kind != adsync.Group {
		return nil
	}
	return rd.memberAsk()
}

// classifies tells whether the entry's classes have the last word on its kind.
// A filter that somebody wrote has the last word itself.
func (rd *reading) classifies(kind adsync.Kind) bool {
	return !rd.server.ad && rd.c.src.Filters[kind] == ""
}

// isOf tells whether an entry is of the kind that was searched for.
func (rd *reading) isOf(kind adsync.Kind, e *entry) bool {
	if !rd.classifies(kind) {
		return true
	}
	classes := e.values("objectClass")
	if rd.classes == nil || !slices.Equal(rd.classes, classes) {
		rd.classes = classes
		list := adsync.MakeAttributes(adsync.Attribute{Name: "objectClass", Values: classes})
		rd.class, rd.classed = directory.Classify(list)
	}
	return rd.classed && rd.class == kind
}

func dedupe(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, n) }) {
			out = append(out, n)
		}
	}
	return out
}

// raw gives an entry's attributes under their own names: ranges completed,
// ;binary taken off, and the long form of DNs left to the references. They are
// valid until the next entry.
func (rd *reading) raw(ctx context.Context, e *entry) (adsync.Attributes, error) {
	rd.columns.begin()
	for _, a := range e.attrs {
		at := rd.columns.of(a.Name)
		if at.member {
			continue
		}
		values := a.Values
		if at.part {
			var err error
			if values, err = rd.wholeRange(ctx, e, at.base); err != nil {
				return adsync.Attributes{}, err
			}
		}
		if rd.server.extended && !rd.want.refers(at.name) {
			values = shortNames(values)
		}
		if len(values) > 0 {
			rd.columns.put(at, values)
		}
	}
	return rd.columns.end(), nil
}

func (w wanted) refers(name string) bool {
	return slices.ContainsFunc(w.refs, func(r string) bool { return strings.EqualFold(r, name) })
}

// shortNames takes the long form off DNs in an attribute that nobody knew to
// hold DNs, since the schema does not show.
func shortNames(values []string) []string {
	if !slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, "<GUID=") }) {
		return values
	}
	out := make([]string, len(values))
	for i, v := range values {
		_, out[i] = splitExtended(v)
	}
	return out
}

func (rd *reading) wholeRange(ctx context.Context, e *entry, name string) (all []string, err error) {
	err = rd.eachValue(ctx, e, name, func(v string) error {
		all = append(all, v)
		return nil
	})
	return all, err
}
