package adsync

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// candidateObject is an object that comes into question: of a source, or, with
// an empty anchor, of the target alone.
type candidateObject struct {
	source   string
	anchor   Anchor
	key      LinkKey
	kind     Kind
	name     string
	target   TargetID
	link     *Link
	sighting *Sighting
	issue    *Issue
	onTarget *Target
}

// foundObjects joins what several places have of the same object.
type foundObjects struct{ list []candidateObject }

func (f *foundObjects) add(c candidateObject) {
	same := func(o candidateObject) bool {
		return o.source == c.source && o.anchor == c.anchor && (c.anchor != "" || o.target == c.target)
	}
	i := slices.IndexFunc(f.list, same)
	if i < 0 {
		f.list = append(f.list, c)
		return
	}
	o := &f.list[i]
	if c.link != nil {
		o.link, o.target, o.kind = c.link, c.target, c.kind
	}
	if c.sighting != nil {
		o.sighting = c.sighting
	}
	if c.issue != nil {
		o.issue = c.issue
	}
	if o.name == "" {
		o.name = c.name
	}
}

func (f *foundObjects) has(source string, anchor Anchor) bool {
	return slices.ContainsFunc(f.list, func(o candidateObject) bool { return o.source == source && o.anchor == anchor })
}

// mostFound bounds a list of objects to choose from.
const mostFound = 50

func (x *explainer) find(ctx context.Context, of Subject) ([]candidateObject, error) {
	found := &foundObjects{}
	var err error
	switch {
	case of.Anchor != "":
		err = x.findAnchor(ctx, of, found)
	case of.Target != "":
		err = x.findTarget(ctx, of.Target, found)
	default:
		err = x.findValue(ctx, strings.TrimSpace(of.Value), found)
	}
	return found.list[:min(len(found.list), mostFound)], err
}

func (x *explainer) ofLink(l *Link) candidateObject {
	return candidateObject{source: l.Source, anchor: l.Anchor, key: l.Key, kind: l.Kind, name: calledBy(l.Applied), target: l.Target, link: l}
}

func (x *explainer) ofSighting(source string, s *Sighting) candidateObject {
	o := &s.Change.Object
	name := calledBy(o.Attrs)
	if name == "" {
		name = s.Name
	}
	return candidateObject{source: source, anchor: o.Anchor, key: x.hash.linkKey(o.Anchor), kind: o.Kind, name: name, sighting: s}
}

// findAnchor looks for an anchor in links, issues and, by themselves, sources.
// Where the source is named and knows nothing, the object is explained all the
// same: that it is not there is an answer.
func (x *explainer) findAnchor(ctx context.Context, of Subject, found *foundObjects) error {
	if lower := strings.ToLower(string(of.Anchor)); of.Anchor != "" {
		if _, isUUID := parseUUID(lower); isUUID { // as people copy it from elsewhere
			of.Anchor = Anchor(lower)
		}
	}
	known := false
	key := x.hash.linkKey(of.Anchor)
	for _, s := range x.job.Sources {
		if of.Source != "" && s.Name != of.Source {
			continue
		}
		known = true
		links, err := x.state.Find(ctx, s.Name, []LinkKey{key})
		if err != nil {
			return err
		}
		if len(links) > 0 {
			found.add(x.ofLink(&links[0]))
			continue
		}
		if sighting := x.look(ctx, s, of.Anchor).sighting; sighting != nil {
			found.add(x.ofSighting(s.Name, sighting))
		}
	}
	if !known {
		return Errorf(CodeInvalid, "adsync: the job has no source %q", of.Source)
	}
	return x.findIssues(ctx, found, func(i *Issue) bool { return i.Anchor == of.Anchor && (of.Source == "" || i.Source == of.Source) })
}

// findTarget looks for an id of the target.
func (x *explainer) findTarget(ctx context.Context, id TargetID, found *foundObjects) error {
	owners, err := x.state.Owners(ctx, []TargetID{id})
	if err != nil {
		return err
	}
	if owner, ok := owners[id]; ok {
		found.add(x.ofLink(&owner))
		return nil
	}
	t, err := x.targetByID(ctx, id)
	if err != nil {
		x.trouble("the target could not be asked for %s: %v", id, err)
	}
	if t != nil {
		found.add(candidateObject{kind: t.Kind, name: calledBy(t.Attrs), target: t.ID, onTarget: t})
	}
	return nil
}

// targetByID looks for an object by the only way there is to find one by its
// id: the list.
func (x *explainer) targetByID(ctx context.Context, id TargetID) (*Target, error) {
	if x.parts.lister == nil {
		return nil, nil
	}
	for _, kind := range x.listedKinds() {
		for t, err := range x.parts.lister.List(ctx, kind) {
			if err != nil {
				return nil, err
			}
			if t.ID == id {
				return &t, nil
			}
		}
	}
	return nil, nil
}

func (x *explainer) trouble(format string, args ...any) {
	x.troubles = append(x.troubles, fmt.Sprintf(format, args...))
}

// findValue looks for a value in what was applied, in issues, in the sources
// and in the target.
func (x *explainer) findValue(ctx context.Context, value string, found *foundObjects) error {
	for _, s := range x.job.Sources {
		for link, err := range x.state.Scan(ctx, s.Name, false) {
			if err != nil {
				return err
			}
			if len(found.list) < mostFound && (x.isKnownAs(link.Kind, link.Anchor, link.Applied, value) || string(link.Target) == value) {
				found.add(x.ofLink(&link))
			}
		}
		x.askSource(ctx, s, value, found)
	}
	err := x.findIssues(ctx, found, func(i *Issue) bool {
		return found.has(i.Source, i.Anchor) || strings.EqualFold(i.Name, value) || string(i.Anchor) == value || i.Wanted != nil && x.isKnownAs(i.Kind, i.Anchor, i.Wanted.Attrs, value)
	})
	if err != nil {
		return err
	}
	return x.askTarget(ctx, value, found)
}

func (x *explainer) findIssues(ctx context.Context, found *foundObjects, is func(*Issue) bool) error {
	for issue, err := range x.state.ListIssues(ctx) {
		if err != nil {
			return err
		}
		if is(&issue) {
			found.add(candidateObject{source: issue.Source, anchor: issue.Anchor, key: x.hash.linkKey(issue.Anchor), kind: issue.Kind, name: issue.Name, issue: &issue})
		}
	}
	return nil
}

// askSource looks a value up in a source that can.
func (x *explainer) askSource(ctx context.Context, s SourceConfig, value string, found *foundObjects) {
	r, err := x.request(ctx, s)
	scoper, ok := s.Source.(ScopeExplainer)
	if !ok || err != nil {
		if err == nil {
			x.trouble("source %s cannot look values up, so only what was synchronised is searched; ask by the anchor", s.Name)
		}
		return
	}
	sightings, err := x.explainScope(ctx, scoper, r, value)
	if err != nil {
		x.trouble("source %s could not be asked: %v", s.Name, err)
	}
	for i := range sightings {
		c := x.ofSighting(s.Name, &sightings[i])
		links, err := x.state.Find(ctx, s.Name, []LinkKey{c.key})
		if err == nil && len(links) > 0 {
			c = x.ofLink(&links[0])
			c.sighting = &sightings[i]
		}
		found.add(c)
	}
}

// askTarget finds objects of the target that nobody is linked to. Who is linked
// was found by the link, or has another name by now and is found so.
func (x *explainer) askTarget(ctx context.Context, value string, found *foundObjects) error {
	if x.parts.finder == nil {
		return nil
	}
	for _, kind := range x.listedKinds() {
		keys := x.keysFor(kind, value)
		if len(keys) == 0 {
			continue
		}
		targets, err := x.parts.finder.Find(ctx, kind, keys)
		if err != nil {
			x.trouble("the target could not look it up: %v", err)
			return nil
		}
		for i := range targets {
			t := &targets[i]
			if !x.isKnownAs(kind, "", t.Attrs, value) {
				continue
			}
			if err := x.addTarget(ctx, t, found); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *explainer) addTarget(ctx context.Context, t *Target, found *foundObjects) error {
	owners, err := x.state.Owners(ctx, []TargetID{t.ID})
	if err != nil {
		return err
	}
	if owner, ok := owners[t.ID]; ok {
		found.add(x.ofLink(&owner))
		return nil
	}
	found.add(candidateObject{kind: t.Kind, name: calledBy(t.Attrs), target: t.ID, onTarget: t})
	return nil
}

// keysFor gives the keys under which the target may know the value: those of
// the matcher, normalised by it, and the unique attributes.
func (x *explainer) keysFor(kind Kind, value string) (keys []Key) {
	for _, name := range x.unique[kind] {
		keys = append(keys, Key{Attr: name, Value: foldUnique(x.kinds[kind][name], value)})
	}
	return keys
}

// isKnownAs tells whether people mean this object by the value.
func (x *explainer) isKnownAs(kind Kind, anchor Anchor, attrs Attributes, value string) bool {
	is := func(v string) bool { return strings.EqualFold(v, value) }
	if is(string(anchor)) && anchor != "" {
		return true
	}
	for _, name := range append([]string{"email", "logon", "displayName", "name", AttrExternalID}, x.unique[kind]...) {
		if slices.ContainsFunc(attrs.Values(name), is) {
			return true
		}
	}
	o := Object{Kind: kind, Anchor: anchor, Attrs: attrs}
	return slices.ContainsFunc(x.identifying(&o), func(k Key) bool { return is(k.Value) })
}
