package memory

import (
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/adsync/sdk/adsync"
)

// judge holds what an op sets, and the object as it would be, against the schema.
func (s *Sink) judge(before, next *object, op adsync.Op) error {
	for name, values := range op.Set.All() {
		a, ok := s.attribute(op.Kind, name)
		if !ok {
			return invalid("value-invalid", name, "a %s has no attribute %s here", op.Kind, name)
		}
		if err := s.judgeValues(a, name, values); err != nil {
			return err
		}
		if a.CreateOnly && before.target.ID != "" && !slices.Equal(before.target.Attrs.Values(name), values) {
			return invalid("value-invalid", name, "%s is written when the object is made, and not again", name)
		}
	}
	for name, a := range s.Rules.Kinds[op.Kind].Attributes {
		if a.Required && next.target.Attrs.Get(name) == "" {
			return invalid("required-missing", name, "a %s needs a value for %s", op.Kind, name)
		}
	}
	return nil
}

func (s *Sink) judgeValues(a adsync.AttributeSchema, name string, values []string) error {
	if a.ReadOnly {
		return invalid("value-invalid", name, "%s is never written", name)
	}
	if len(values) > 1 && !a.Multi && len(s.Rules.Kinds) > 0 {
		return invalid("value-invalid", name, "%s takes one value, not %d", name, len(values))
	}
	for _, v := range values {
		if n := length(a.Unit, v); a.MaxLength > 0 && n > a.MaxLength {
			return invalid("value-too-long", name, "%s takes a length of %d, not %d", name, a.MaxLength, n)
		}
		if a.Reference && s.objects[adsync.TargetID(v)] == nil {
			return invalid("value-invalid", name, "%s refers to %q, which is not there", name, v)
		}
	}
	if name == adsync.AttrActive && !slices.Equal(values, []string{"true"}) && !slices.Equal(values, []string{"false"}) {
		return invalid("value-invalid", name, "%s is true or false", name)
	}
	return nil
}

// free says whether nobody else holds the unique values among the claims.
func (s *Sink) free(claims adsync.Attributes, t adsync.Target) error {
	for name, values := range claims.All() {
		a, _ := s.attribute(t.Kind, name)
		for _, v := range values {
			k, ok := s.key(t.Kind, name, v)
			if !ok || !a.Unique {
				continue
			}
			if holders := s.others(k, t.ID); len(holders) > 0 {
				return taken(name, t.Kind, holders)
			}
		}
	}
	return nil
}

func (s *Sink) others(k valueKey, self adsync.TargetID) []adsync.Target {
	var out []adsync.Target
	for _, id := range s.values[k] {
		if id != self {
			out = append(out, s.objects[id].shown())
		}
	}
	slices.SortFunc(out, compareTargets)
	return out
}

func taken(name string, kind adsync.Kind, holders []adsync.Target) error {
	err := adsync.Errorf(adsync.CodeConflict, "memory: another %s, %s, has this %s", kind, holders[0].ID, name)
	err.Problem, err.Attr, err.Candidates = "value-in-use", name, holders
	switch name {
	case "email":
		err.Problem = "email-in-use"
	case "logon":
		err.Problem = "logon-in-use"
	}
	return err
}

func invalid(problem, attr, format string, args ...any) error {
	err := adsync.Errorf(adsync.CodeInvalid, "memory: "+format, args...)
	err.Problem, err.Attr = problem, attr
	return err
}

func length(unit adsync.LengthUnit, v string) int {
	switch unit {
	case adsync.UTF16:
		return len(utf16.Encode([]rune(v)))
	case adsync.Bytes:
		return len(v)
	}
	return utf8.RuneCountInString(v)
}
