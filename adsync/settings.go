package adsync

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/internal/protection"
)

// settings are a job's policies with the defaults filled in, joined with the
// sink's schema. They do not change after they are made.
type settings struct {
	job      Job
	schema   Schema
	kinds    map[Kind]map[string]AttributeSchema // by folded name; nil map: any attribute
	spelled  map[Kind]map[string]AttributeSchema // the same as the schema writes them, since folding takes time
	required map[Kind][]string
	modes    map[string]MergeMode
	overlong map[string]OverlongPolicy
	protect  map[string]bool
	unique   map[Kind][]string // folded names, in order
	speaks   map[Kind]bool     // the mapping may say whether an object is active
	config   Digest
}

func foldName(name string) string { return strings.ToLower(name) }

func newSettings(job Job, schema Schema) *settings {
	s := &settings{
		job: job, schema: schema, kinds: map[Kind]map[string]AttributeSchema{}, spelled: map[Kind]map[string]AttributeSchema{}, required: map[Kind][]string{},
		modes: map[string]MergeMode{}, overlong: map[string]OverlongPolicy{}, protect: map[string]bool{},
		unique: map[Kind][]string{}, speaks: map[Kind]bool{},
	}
	for kind, ks := range schema.Kinds {
		if len(ks.Attributes) > 0 {
			s.kinds[kind], s.spelled[kind] = map[string]AttributeSchema{}, map[string]AttributeSchema{}
		}
		for name, a := range ks.Attributes {
			s.kinds[kind][foldName(name)] = a
			s.spelled[kind][name] = a
			if a.Required {
				s.required[kind] = append(s.required[kind], name)
			}
			if a.Unique {
				s.unique[kind] = append(s.unique[kind], foldName(name))
			}
		}
		slices.Sort(s.unique[kind])
	}
	for _, kind := range []Kind{User, Group, Contact, OrganizationalUnit} {
		p, ok := job.Mapper.(Producer)
		s.speaks[kind] = ok && slices.ContainsFunc(p.Produces(kind), func(name string) bool { return sameName(name, AttrActive) })
	}
	for kind, names := range job.Required {
		s.required[kind] = append(s.required[kind], names...)
	}
	for kind, names := range s.required {
		slices.SortFunc(names, compareNames)
		s.required[kind] = slices.CompactFunc(names, sameName)
	}
	for name, mode := range job.Merge {
		s.modes[foldName(name)] = mode
	}
	for name, policy := range job.Overlong {
		s.overlong[foldName(name)] = policy
	}
	for _, p := range job.Protect {
		s.protect[strings.ToLower(p)] = true
	}
	s.config = s.configDigest()
	return s
}

// configDigest changes with whatever decides what an object should look like.
func (s *settings) configDigest() Digest {
	rules := s.job.Mapper.Digest()
	if rules == "" {
		rules = rand.Text() // the mapper cannot tell, so nothing counts as unchanged after a start
	}
	text, err := json.Marshal(map[string]any{
		"mapper": rules, "schema": s.schema.Kinds, "required": s.required, "merge": s.modes, "overlong": s.overlong,
		"createInactive": s.job.CreateInactive, "kinds": s.job.Kinds, "identity": s.job.Identity, "leavers": s.job.Leavers,
		"missing": s.job.OnMissing,
	})
	if err != nil {
		panic(fmt.Sprintf("adsync: settings have no JSON form: %v", err)) // maps of plain values always have one
	}
	sum := sha256.Sum256(text)
	return Digest(sum[:16])
}

// takesKind tells whether the target and the job want objects of this kind.
func (s *settings) takesKind(kind Kind) bool {
	if len(s.job.Kinds) > 0 && !slices.Contains(s.job.Kinds, kind) {
		return false
	}
	if len(s.schema.Kinds) == 0 {
		return kind != 0 && kind <= OrganizationalUnit
	}
	_, ok := s.schema.Kinds[kind]
	return ok
}

// listedKinds are the kinds to look for in the target.
func (s *settings) listedKinds() []Kind {
	if len(s.job.Kinds) > 0 {
		return s.job.Kinds
	}
	if len(s.schema.Kinds) > 0 {
		return slices.Sorted(maps.Keys(s.schema.Kinds))
	}
	return []Kind{User, Group, Contact, OrganizationalUnit}
}

// attribute gives the schema of an attribute; the zero schema where the target
// says nothing.
func (s *settings) attribute(kind Kind, name string) AttributeSchema {
	a, _ := s.look(kind, name)
	return a
}

// look gives the schema of an attribute, and whether the target names it.
func (s *settings) look(kind Kind, name string) (AttributeSchema, bool) {
	if a, ok := s.spelled[kind][name]; ok {
		return a, true
	}
	a, ok := s.kinds[kind][foldName(name)]
	return a, ok
}

// knows tells whether the target's schema names the attribute.
func (s *settings) knows(kind Kind, name string) bool {
	_, ok := s.look(kind, name)
	return ok
}

// takes tells whether an attribute can be written to objects of the kind.
func (s *settings) takes(kind Kind, name string) bool {
	return s.kinds[kind] == nil || s.knows(kind, name)
}

// naming tells whether a change of the attribute is a rename.
func (s *settings) naming(kind Kind, name string) bool {
	if s.kinds[kind] == nil {
		return sameName(name, "logon") || sameName(name, "displayName") || sameName(name, "name")
	}
	return s.attribute(kind, name).Naming
}

// canDeactivate tells whether the target can deactivate objects of the kind.
func (s *settings) canDeactivate(kind Kind) bool {
	return len(s.schema.Kinds) == 0 || s.schema.Kinds[kind].Deactivate
}

func (s *settings) canDelete(kind Kind) bool {
	return len(s.schema.Kinds) == 0 || s.schema.Kinds[kind].Delete
}

// takesMember tells whether a group takes members of the kind.
func (s *settings) takesMember(kind Kind) bool {
	allowed := s.schema.Kinds[Group].MemberKinds
	if len(allowed) == 0 {
		return s.takesKind(kind)
	}
	return slices.Contains(allowed, kind)
}

// leaver gives the action for a leaver and, where the two facts have different
// policies and the fact is not known, the milder one.
func (s *settings) leaver(kind Kind, fact Presence, factKnown bool) LeaverAction {
	p := s.job.Leavers[kind]
	outOfScope, deleted := defaultLeaver(kind, p.OutOfScope), defaultLeaver(kind, p.Deleted)
	if !factKnown {
		return min(outOfScope, deleted)
	}
	if fact == Deleted {
		return deleted
	}
	return outOfScope
}

func defaultLeaver(kind Kind, a LeaverAction) LeaverAction {
	if a != LeaverDefault {
		return a
	}
	if protection.Keeping.Removed() {
		return LeaverDelete
	}
	if kind == User || kind == Contact {
		return LeaverDeactivate
	}
	return LeaverKeep
}

// isProtected tells whether a target object must not be touched by rule.
func (s *settings) isProtected(t *Target) bool {
	if protection.Protected.Removed() {
		return false
	}
	if t.Protected || s.protect[strings.ToLower(string(t.ID))] {
		return true
	}
	if len(s.protect) == 0 {
		return false
	}
	for name, values := range t.Attrs.All() {
		if !s.knows(t.Kind, name) || s.attribute(t.Kind, name).Unique {
			for _, v := range values {
				if s.protect[strings.ToLower(v)] {
					return true
				}
			}
		}
	}
	return false
}

// foldUnique gives the form in which values of a unique attribute are compared.
func foldUnique(a AttributeSchema, value string) string {
	if a.CaseExact {
		return value
	}
	return strings.ToLower(value)
}
