package ldif

import (
	"cmp"
	"strconv"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// token differs from page to page; where a page begins is kept beside.
func (rd *reading) token() string {
	return strconv.Itoa(rd.pass.entries.at) + "/" + strconv.Itoa(len(rd.waiting))
}

// changes appends what is to be said of an entry: nothing, one change, or
// several when a group has many members.
func (rd *reading) changes(out []adsync.Change, e entry) []adsync.Change {
	attrs := gather(e.fields)
	kind, ours := directory.Classify(attrs.Attributes)
	if !ours {
		return out
	}
	c := adsync.Change{
		Object: adsync.Object{Kind: kind},
		Origin: "line " + strconv.Itoa(e.line),
	}
	name, err := rd.identify(&c, e, attrs)
	h := hashOf(string(c.Object.Anchor))
	if !rd.wanted(kind, c.Object.Anchor) || rd.reported[h] {
		return out
	}
	if rd.survey.twins[h] {
		rd.reported[h] = true
	}
	if err == nil && !rd.inScope(kind, c.Object.Anchor, name) {
		return rd.outside(out, c)
	}
	if err == nil {
		err = rd.fill(&c, name, attrs)
	}
	if err != nil {
		rd.reported[h] = true
		c.Problem = problem(e, err)
		rd.tally.Count(c.Object)
		return append(out, c)
	}
	rd.tally.Count(c.Object)
	if kind == adsync.Group {
		return rd.withMembers(out, c, attrs)
	}
	return append(out, c)
}

// standIn is a place to hang the problem of an entry without an anchor on. Two
// entries of one name, or of none, have a place each.
func (rd *reading) standIn(name directory.DN, e entry) adsync.Anchor {
	anchor := "dn:" + cmp.Or(name.Folded(), e.dn)
	if rd.reported[hashOf(anchor)] {
		anchor += ", line " + strconv.Itoa(e.line)
	}
	return adsync.Anchor(anchor)
}

// identify finds out who an entry is, and whether that can be trusted.
func (rd *reading) identify(c *adsync.Change, e entry, attrs raw) (directory.DN, error) {
	name, nameErr := directory.ParseDN(e.dn)
	c.Object.Container = name.Parent().String()
	anchor, err := directory.Anchor(rd.source.anchors(), attrs.Attributes)
	if err != nil {
		c.Object.Anchor = rd.standIn(name, e)
		return name, err
	}
	c.Object.Anchor = anchor
	switch {
	case nameErr != nil:
		return name, nameErr
	case rd.survey.twins[hashOf(string(anchor))]:
		return name, adsync.Errorf(adsync.CodeConflict, "other entries have the same anchor %s; correct one of them, or choose another anchor attribute", anchor)
	case rd.survey.index.ambiguous[keyOfName(name)]:
		return name, adsync.Errorf(adsync.CodeConflict, "another entry has the same distinguished name")
	case !e.closed && rd.source.Expect.isZero():
		return name, adsync.Errorf(adsync.CodeIncomplete, "the file ends without an empty line behind this entry, so the rest of it may be missing; export it again, or set Expect")
	}
	return name, nil
}

// outside says that an object is out of scope, where the whole file is known to
// be there: a group that was cut off would make all its members outsiders.
func (rd *reading) outside(out []adsync.Change, c adsync.Change) []adsync.Change {
	if !rd.snapshot && (len(rd.request.Only) == 0 || rd.source.Expect.isZero()) {
		return out
	}
	c.Presence = adsync.OutOfScope
	return append(out, c)
}

// fill puts attributes and references into the change.
func (rd *reading) fill(c *adsync.Change, name directory.DN, attrs raw) error {
	if attrs.partial != "" {
		return adsync.Errorf(adsync.CodeIncomplete, "the export holds a part of %s only (range=); export all of its values", attrs.partial)
	}
	decoded, err := rd.selection.Decode(name, attrs.Attributes)
	if err != nil {
		return err
	}
	c.Object.Attrs = decoded.Attrs
	for attr, names := range decoded.Refs {
		keys := make([]hash16, len(names))
		for i, n := range names {
			keys[i] = keyOfName(n)
		}
		if anchors := rd.survey.resolve(keys); len(anchors) > 0 {
			if c.Object.Refs == nil {
				c.Object.Refs = map[string][]adsync.Anchor{}
			}
			c.Object.Refs[attr] = anchors
		}
	}
	return nil
}

// withMembers appends a group with its members, in several changes where there
// are many. Only a snapshot takes away members that the file does not list.
func (rd *reading) withMembers(out []adsync.Change, c adsync.Change, attrs raw) []adsync.Change {
	members := rd.survey.resolve(attrs.memberKeys())
	for first := true; first || len(members) > 0; first = false {
		n := min(rd.size, len(members))
		c.Members = &adsync.MemberChange{Reset: first && !rd.source.Expect.isZero() && rd.survey.unnamed == 0, Add: members[:n:n]}
		members = members[n:]
		c.Members.More = len(members) > 0
		out = append(out, c)
		c = adsync.Change{Object: adsync.Object{Kind: c.Object.Kind, Anchor: c.Object.Anchor}, MembersOnly: true, Origin: c.Origin}
	}
	return out
}

// problem is what is wrong with one entry. It names the line, and no values.
func problem(e entry, err error) error {
	return adsync.Errorf(adsync.CodeOf(err), "ldif: the entry at line %d: %w", e.line, err)
}
