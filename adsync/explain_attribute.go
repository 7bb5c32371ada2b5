package adsync

import (
	"fmt"
	"strings"
)

var mergeModeNames = [...]string{"keep-on-blank", "source-wins", "create-only", "fill-if-empty", "never"}

// String names the mode, in lower case.
func (m MergeMode) String() string {
	if int(m) >= len(mergeModeNames) {
		return "invalid"
	}
	return mergeModeNames[m]
}

// attributes explains every attribute that the mapping makes, the target was
// given, or a rule of the mapping speaks of. References are explained apart.
func (x *explainer) attributes(s *subject) {
	if s.link == nil && (s.mapped == nil || s.sighting.Change.Presence != Present) {
		return
	}
	kind, applied := s.out.Kind, Attributes{}
	if s.mapped != nil {
		kind = s.mapped.object.Kind
	}
	if s.link != nil && !s.link.State.detached() {
		applied = s.link.Applied
	}
	var names Attributes // those to explain, in order
	for name := range applied.All() {
		names.Set(name)
	}
	if s.mapped != nil {
		for name := range s.made.All() {
			names.Set(name)
		}
		for _, name := range x.required[kind] {
			names.Set(name)
		}
	}
	for _, rule := range s.trace.Rules {
		names.Set(rule.Attr)
	}
	for name := range names.All() {
		if !s.isReference(x.settings, kind, name) {
			s.out.Attributes = append(s.out.Attributes, x.attributeOf(s, kind, name, applied))
		}
	}
}

// isReference tells whether an attribute holds other objects.
func (s *subject) isReference(x *settings, kind Kind, name string) bool {
	if x.attribute(kind, name).Reference {
		return true
	}
	if s.mapped != nil {
		if _, ok := s.mapped.object.Refs[name]; ok {
			return true
		}
	}
	for _, rule := range s.trace.Rules {
		if sameName(rule.Attr, name) && strings.HasPrefix(rule.Rule, "reference") {
			return true
		}
	}
	return false
}

func (x *explainer) attributeOf(s *subject, kind Kind, name string, applied Attributes) AttributeExplanation {
	a := AttributeExplanation{Attr: name, Applied: applied.Values(name), Mode: x.mergeMode(name, x.attribute(kind, name)).String()}
	s.traceInto(&a)
	if s.made.Has(name) {
		a.Mapped = append(Values{}, s.made.Values(name)...)
	}
	s.presentInto(&a)
	if op := s.history.wrote(name, a.Applied); op != nil {
		a.Written = op.written()
		a.Written.Before = confirmed(op.op.Old.Values(name))
	}
	a.Reason, a.Why = x.reason(s, kind, name, applied)
	return a
}

func (s *subject) traceInto(a *AttributeExplanation) {
	for _, rule := range s.trace.Rules {
		if sameName(rule.Attr, a.Attr) {
			a.Reads, a.Rule, a.Place, a.Steps = rule.Reads, rule.Rule, rule.Place, rule.Steps
			if rule.Error != "" {
				a.Why = rule.Error
			}
		}
	}
}

func (s *subject) presentInto(a *AttributeExplanation) {
	if s.present == nil {
		return
	}
	a.Present, a.AskedNow = s.present.Attrs.Values(a.Attr), true
	a.Differing = !sameValues(a.Present, a.Applied) && !(isBlank(a.Present) && isBlank(a.Applied)) && s.present.Attrs.Has(a.Attr)
}

// reason says why an attribute has what was last applied, and not what the
// mapping makes of the object now.
func (x *explainer) reason(s *subject, kind Kind, name string, applied Attributes) (Reason, string) {
	schema := x.attribute(kind, name)
	had := applied.Values(name)
	switch {
	case sameName(name, AttrExpires):
		return ReasonEngine, "tells the engine when the account ends; it is not sent"
	case !x.takes(kind, name) && len(had) == 0:
		return ReasonNoSchema, "the target has no such attribute"
	case schema.ReadOnly:
		return ReasonReadOnly, "the target says that it is never written"
	case s.mapped == nil || s.sighting.Change.Presence != Present:
		return ReasonRemembered, "the directory does not show the object, or the mapping leaves it out; this is what was applied last"
	}
	wanted, said := s.mapped.object.Attrs.Values(name), s.mapped.object.Attrs.Has(name)
	if sameName(name, AttrActive) && s.link != nil && s.link.State == LinkInactive {
		wanted, said = []string{"false"}, true
	}
	if sameValues(wanted, had) && len(had) > 0 {
		return ReasonWritten, ""
	}
	if reason, why := x.kept(name, schema, had, wanted, said, s.link == nil); reason != "" {
		if s.link == nil && x.lacks(kind, name) {
			return ReasonRequired, "required, and the directory has no value for it"
		}
		return reason, why
	}
	return x.notYet(s, kind, name, applied, wanted)
}

func (x *explainer) lacks(kind Kind, name string) bool {
	for _, required := range x.required[kind] {
		if sameName(required, name) {
			return true
		}
	}
	return false
}

// kept gives the reason of the merge mode, or none when the mode would write.
func (x *explainer) kept(name string, schema AttributeSchema, had, wanted []string, said, creating bool) (Reason, string) {
	mode := x.mergeMode(name, schema)
	if _, writes := mergeValues(mode, had, wanted, creating); said && writes && !(isBlank(wanted) && isBlank(had)) {
		return "", ""
	}
	switch {
	case mode == Never:
		return ReasonNever, "the job's merge mode for it is never"
	case !said:
		if x.job.Identity != "" && len(x.job.Sources) > 1 {
			return ReasonNothing, "this source says nothing of it; another source of the same person may"
		}
		return ReasonNothing, "the directory says nothing of it: no value, or the account may not read it; what is there stays"
	case isBlank(wanted) && isBlank(had):
		return ReasonBlank, "blank in the directory, and nothing was written before"
	case mode == CreateOnly:
		return ReasonCreateOnly, "it is written when the object is made, and not again"
	case mode == FillIfEmpty:
		return ReasonFilled, "it is written only while the target has no value that we know of"
	}
	return ReasonBlank, "blank in the directory; the merge mode " + mode.String() + " keeps what is there"
}

// notYet is for values that the mode would write and that are not there.
func (x *explainer) notYet(s *subject, kind Kind, name string, applied Attributes, wanted []string) (Reason, string) {
	one := applied.Clone()
	setOrDelete(&one, name, wanted)
	fitted, faults := x.fit(kind, applied, one)
	if len(faults) > 0 {
		if faults[0].code == IssueValueTooLong {
			return ReasonTooLong, faults[0].detail
		}
		return ReasonInvalid, faults[0].detail
	}
	if now := fitted.Values(name); !sameValues(now, wanted) && sameValues(now, applied.Values(name)) {
		return ReasonTooLong, fmt.Sprintf("over the target's length; the job's policy %s gives what is there", overlongName(x.overlong[foldName(name)]))
	}
	if isBlank(wanted) && x.lacks(kind, name) {
		return ReasonRequired, "required, and blank in the directory now; the value in the target is kept"
	}
	if s.link != nil && s.mapped.digest == s.link.Digest {
		return ReasonReverted, x.revertedBy(s, name)
	}
	if plan := s.history.plan; plan != nil && s.history.holds(name) {
		if refuses(plan.Findings) && plan.Approved == "" {
			return ReasonRefused, "plan " + plan.Plan + " would write it, and the guard refused that plan"
		}
		return ReasonHeld, "plan " + plan.Plan + " writes it when it is applied"
	}
	if f := s.history.finding(findingWitness, s.source); f != nil && isBlank(wanted) {
		return ReasonUnsure, "the last read was not trusted, so nothing was cleared"
	}
	if s.history.finding(findingHalted, "") != nil {
		return ReasonHalted, "the last run halted at somebody who lacks a required attribute, and withheld what came after"
	}
	if s.out.Standing != StandingWaiting && (s.link == nil || s.answer.Verdict == AnswerIgnore || s.decision == nil || len(s.decision.ops) == 0) {
		return ReasonObject, "the whole object is held back; see above"
	}
	return ReasonPending, "the directory has it, and the next run writes it"
}

func overlongName(p OverlongPolicy) string {
	return [...]string{"reject", "truncate", "omit"}[min(p, Omit)]
}

// revertedBy names the run that put the value back.
func (x *explainer) revertedBy(s *subject, name string) string {
	text := "it was put back by a revert, and stays so until the directory, the mapping or a policy changes"
	if op := s.history.lastDone(func(op *PlannedOp) bool { return op.Old.Has(name) }); op != nil && op.op.Note != "" {
		text = fmt.Sprintf("run %d put it back (%s); it stays so until the directory, the mapping or a policy changes", op.run.ID, op.op.Note)
	}
	return text
}
