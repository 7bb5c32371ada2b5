package lossysink

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// object is a record of the target.
type object struct {
	kind     adsync.Kind
	external adsync.Anchor
	attrs    adsync.Attributes
	inactive bool
	members  []adsync.TargetID
}

// answer is what became of one op.
type answer struct {
	Target  adsync.TargetID `json:"target,omitempty"`
	Outcome adsync.Outcome  `json:"outcome,omitempty"`
	Code    adsync.Code     `json:"code,omitempty"`
	Text    string          `json:"text,omitempty"`
}

func (s *Server) apply(r *request) (out response) {
	for i := range r.Ops {
		op := &r.Ops[i]
		known, again := s.answers[op.Key]
		if s.mode != Keyed || !again {
			before := s.picture(op)
			known = s.one(op)
			s.answers[op.Key] = known
			if s.picture(op) != before {
				s.record.effect(op)
			}
		}
		out.Answers = append(out.Answers, known)
	}
	s.record.judge(s.objects)
	return out
}

// picture shows all that an op can change.
func (s *Server) picture(op *adsync.Op) string {
	if op.Target == "" {
		return fmt.Sprint(s.made)
	}
	return fmt.Sprintf("%+v", s.objects[op.Target])
}

func (s *Server) one(op *adsync.Op) answer {
	if op.Target == "" && op.Verb == adsync.Put {
		return s.create(op)
	}
	o := s.objects[op.Target]
	if o == nil {
		return answer{Code: adsync.CodeNotFound, Text: "there is no " + string(op.Target)}
	}
	switch op.Verb {
	case adsync.Put:
		o.set(op)
	case adsync.Deactivate:
		o.inactive = true
	case adsync.Delete:
		delete(s.objects, op.Target)
	case adsync.Members:
		o.change(op.Add, op.Remove)
	}
	return answer{Target: op.Target}
}

func (s *Server) create(op *adsync.Op) answer {
	if s.mode == External {
		for id, o := range s.objects {
			if o.external == op.Anchor {
				return answer{Target: id, Outcome: adsync.Linked}
			}
		}
	}
	s.made++
	id := adsync.TargetID(fmt.Sprintf("id-%d", s.made))
	o := &object{kind: op.Kind, external: op.Anchor}
	o.set(op)
	s.objects[id] = o
	return answer{Target: id, Outcome: adsync.Created}
}

func (o *object) set(op *adsync.Op) {
	attrs := o.attrs.Clone()
	for name, values := range op.Set.All() {
		if len(values) == 0 {
			attrs.Delete(name)
			continue
		}
		attrs.Set(name, values...)
	}
	o.attrs = attrs
	if attrs.Has(adsync.AttrActive) {
		o.inactive = attrs.Get(adsync.AttrActive) == "false"
	}
}

// change makes a new list, so that a picture taken before stays.
func (o *object) change(add, remove []adsync.TargetID) {
	var members []adsync.TargetID
	for _, id := range append(slices.Clone(o.members), add...) {
		if !slices.Contains(remove, id) && !slices.Contains(members, id) {
			members = append(members, id)
		}
	}
	slices.Sort(members)
	o.members = members
}

func (s *Server) find(r *request) (out response) {
	for id, o := range s.objects {
		if o.kind == r.Kind && slices.ContainsFunc(r.Values, func(v string) bool { return o.has(v) }) {
			out.Targets = append(out.Targets, o.target(id))
		}
	}
	slices.SortFunc(out.Targets, func(a, b adsync.Target) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out
}

func (o *object) has(value string) bool {
	if string(o.external) == value {
		return true
	}
	return strings.EqualFold(o.attrs.Get("logon"), value) || strings.EqualFold(o.attrs.Get("email"), value)
}

func (o *object) target(id adsync.TargetID) adsync.Target {
	t := adsync.Target{ID: id, Kind: o.kind, Attrs: o.attrs.Clone(), Inactive: o.inactive}
	t.Attrs.Set(adsync.AttrExternalID, string(o.external))
	return t
}
