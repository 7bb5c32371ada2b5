package adsync

import (
	"context"
	"fmt"
	"strconv"
)

// changed compares the attributes of one object, and whether it is in use.
func (v *verifier) changed(ctx context.Context, link *Link, t *Target, refs map[LinkRef]*Link) error {
	now := *link
	now.Applied = link.Applied.Clone()
	differs, err := v.activity(&now, link, t)
	if err != nil {
		return err
	}
	for name, applied := range link.Applied.All() {
		if isBlank(applied) || !v.owns(link.Kind, name) || sameName(name, AttrActive) && v.canDeactivate(link.Kind) || !v.told(link.Kind, name) {
			continue
		}
		reference := v.attribute(link.Kind, name).Reference
		if reference {
			var whole bool
			if applied, whole = v.resolved(link.Source, applied, refs); !whole {
				continue // what it refers to is not there, and is told by itself
			}
		}
		found := t.Attrs.Values(name)
		if sameValues(applied, found) {
			continue
		}
		differs = true
		if reference || isBlank(found) {
			now.Applied.Delete(name)
		} else {
			now.Applied.Set(name, found...)
		}
		if err := v.tellChanged(link, name, applied, found); err != nil {
			return err
		}
	}
	if !differs {
		return nil
	}
	return v.correct.now(ctx, &now)
}

// told tells whether the target tells the attribute of any object, and notes it
// once when it does not.
func (v *verifier) told(kind Kind, name string) bool {
	known, ok := v.listed[kind][foldName(name)]
	if !ok {
		v.listed[kind][foldName(name)] = false
		v.report.Left = append(v.report.Left, fmt.Sprintf("%s of %s: the target tells it of none", name, plural(kind)))
	}
	return known
}

// activity compares whether the object is in use, where the target can say so.
func (v *verifier) activity(now, link *Link, t *Target) (differs bool, err error) {
	active := link.State == LinkActive
	if active != t.Inactive || !v.canDeactivate(link.Kind) {
		return false, nil
	}
	now.State, now.Left = LinkActive, false
	if t.Inactive {
		now.State = LinkInactive
	}
	if link.Applied.Has(AttrActive) {
		now.Applied.Set(AttrActive, strconv.FormatBool(!t.Inactive))
	}
	return true, v.tellChanged(link, AttrActive, []string{strconv.FormatBool(active)}, []string{strconv.FormatBool(!t.Inactive)})
}

func (v *verifier) tellChanged(link *Link, name string, applied, found []string) error {
	d := differenceOf(DifferenceChanged, link)
	d.Attr, d.Applied, d.Found = name, applied, found
	return v.tell(d)
}

// resolved gives the target's ids of the objects that a reference names; false
// when one of them has none.
func (v *verifier) resolved(source string, anchors []string, refs map[LinkRef]*Link) ([]string, bool) {
	ids := make([]string, len(anchors))
	for i, a := range anchors {
		link := refs[LinkRef{source, v.hash.linkKey(Anchor(a))}]
		if link == nil || link.Target == "" || link.State == LinkLost {
			return nil, false
		}
		ids[i] = string(link.Target)
	}
	return ids, true
}
