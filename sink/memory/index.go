package memory

import (
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// valueKey is one value of one attribute, folded as the schema says.
type valueKey struct {
	kind  adsync.Kind
	attr  string // in lower case
	value string
}

// attribute gives the schema of an attribute, and false when the schema names
// attributes of the kind and this is not among them.
func (s *Sink) attribute(kind adsync.Kind, name string) (adsync.AttributeSchema, bool) {
	attrs := s.Rules.Kinds[kind].Attributes
	if a, ok := attrs[name]; ok {
		return a, true
	}
	for n, a := range attrs {
		if strings.EqualFold(n, name) {
			return a, true
		}
	}
	return adsync.AttributeSchema{}, len(attrs) == 0
}

// key gives the index entry of a value, and false for attributes that are not indexed.
func (s *Sink) key(kind adsync.Kind, name, value string) (valueKey, bool) {
	a, _ := s.attribute(kind, name)
	if !a.Unique && !strings.EqualFold(name, AttrExternalID) {
		return valueKey{}, false
	}
	return valueKey{kind, strings.ToLower(name), fold(a, value)}, true
}

func fold(a adsync.AttributeSchema, value string) string {
	if a.CaseExact {
		return value
	}
	return strings.ToLower(value)
}

func (s *Sink) index(o *object) {
	s.eachKey(o, func(k valueKey) { s.values[k] = append(s.values[k], o.target.ID) })
}

func (s *Sink) unindex(o *object) {
	s.eachKey(o, func(k valueKey) {
		s.values[k] = slices.DeleteFunc(s.values[k], func(id adsync.TargetID) bool { return id == o.target.ID })
		if len(s.values[k]) == 0 {
			delete(s.values, k)
		}
	})
}

func (s *Sink) eachKey(o *object, do func(valueKey)) {
	for name, values := range o.target.Attrs.All() {
		for _, v := range values {
			if k, ok := s.key(o.target.Kind, name, v); ok {
				do(k)
			}
		}
	}
}

// known gives the object that an op without a target is about: the one that
// holds its external id. One that was seeded without a source counts for any.
func (s *Sink) known(op adsync.Op) *object {
	if s.Rules.Replay != adsync.ReplayByExternalID || op.Anchor == "" {
		return nil
	}
	k, _ := s.key(op.Kind, AttrExternalID, string(op.Anchor))
	for _, id := range s.values[k] {
		if o := s.objects[id]; o.source == op.Source || o.source == "" {
			return o
		}
	}
	return nil
}
