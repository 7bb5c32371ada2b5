package adsync

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// explainReferences explains references: what they name, and who of them is not
// in the target.
func (x *explainer) explainReferences(ctx context.Context, s *subject) error {
	refs := map[string][]Anchor{}
	if s.mapped != nil {
		for name, anchors := range s.mapped.object.Refs {
			refs[name] = anchors
		}
	}
	if s.link != nil {
		for name := range s.link.Applied.All() {
			if _, ok := refs[name]; !ok && s.isReference(x.settings, s.link.Kind, name) {
				refs[name] = nil
			}
		}
	}
	for _, name := range sortedNames(refs) {
		if err := x.explainReference(ctx, s, name, refs[name]); err != nil {
			return err
		}
	}
	return nil
}

func (x *explainer) explainReference(ctx context.Context, s *subject, name string, wanted []Anchor) error {
	a := AttributeExplanation{Attr: name, Mode: x.mergeMode(name, x.attribute(s.out.Kind, name)).String(), Mapped: textsOf(wanted)}
	s.traceInto(&a)
	if s.link != nil {
		a.Applied = s.link.Applied.Values(name)
	}
	if op := s.history.wrote(name, a.Applied); op != nil {
		a.Written = op.written()
		a.Written.Before = confirmed(op.op.Old.Values(name))
	}
	var waiting []string
	for _, anchor := range wanted {
		links, err := x.state.Find(ctx, s.source, []LinkKey{x.hash.linkKey(anchor)})
		if err != nil {
			return err
		}
		if len(links) == 0 || links[0].Target == "" || links[0].State == LinkLost {
			waiting = append(waiting, string(anchor))
		}
	}
	switch {
	case !x.takes(s.out.Kind, name):
		a.Reason, a.Why = ReasonNoSchema, "the target has no such attribute"
	case sameValues(a.Applied, textsOf(wanted)) && len(wanted) > 0:
		a.Reason = ReasonWritten
	case len(waiting) > 0:
		a.Reason, a.Why = ReasonWaits, "it refers to an object that is not in the target: "+strings.Join(waiting, ", ")
	case len(wanted) == 0:
		a.Reason, a.Why = ReasonNothing, "the directory says nothing of it; what is there stays"
	default:
		a.Reason, a.Why = x.notYet(s, s.out.Kind, name, Attributes{}, textsOf(wanted))
	}
	s.out.Attributes = append(s.out.Attributes, a)
	return nil
}

func textsOf(anchors []Anchor) (out []string) {
	for _, a := range anchors {
		out = append(out, string(a))
	}
	return out
}

// namedMembers bounds the members that are listed by name.
const namedMembers = 50

// explainMembers says who of a group is not in the target's group, and why.
func (x *explainer) explainMembers(ctx context.Context, s *subject) error {
	out := &MembersExplanation{}
	s.out.Members = out
	there := &keySet{}
	var missing []Anchor
	for m, err := range x.state.FindMembers(ctx, s.source, []LinkKey{s.key}) {
		if err != nil {
			return err
		}
		if m.Waiting {
			missing = append(missing, x.anchorOf(ctx, s.source, m.Member))
			continue
		}
		out.InTarget++
		there.add(m.Member)
	}
	for _, anchor := range x.membersNow(ctx, s) {
		if !there.has(x.hash.linkKey(anchor)) && !slices.Contains(missing, anchor) {
			missing = append(missing, anchor)
		}
	}
	slices.Sort(missing)
	out.More = max(0, len(missing)-namedMembers)
	missing = missing[:min(len(missing), namedMembers)]
	return x.whyMissing(ctx, s, missing)
}

// anchorOf gives the anchor that a key stands for.
func (x *explainer) anchorOf(ctx context.Context, source string, key LinkKey) Anchor {
	if links, err := x.state.Find(ctx, source, []LinkKey{key}); err == nil && len(links) > 0 {
		return links[0].Anchor
	}
	return uuidOf(key)
}

// membersNow asks the source for the group's members.
func (x *explainer) membersNow(ctx context.Context, s *subject) (members []Anchor) {
	for _, source := range x.job.Sources {
		if source.Name != s.source || s.sighting == nil || len(s.sighting.Left) > 0 {
			continue
		}
		found, err := x.readMembers(ctx, source, s.anchor)
		if err != nil {
			x.trouble("the members in the directory could not be read: %v", err)
			return nil
		}
		return found
	}
	return nil
}

func (x *explainer) readMembers(ctx context.Context, s SourceConfig, group Anchor) (members []Anchor, err error) {
	r, err := x.request(ctx, s)
	if err != nil {
		return nil, err
	}
	if _, ok := s.Source.(ScopeExplainer); !ok {
		select {
		case x.engine.working <- struct{}{}:
			defer func() { <-x.engine.working }()
		default:
			return nil, fmt.Errorf("a run is under way; ask again when it is over")
		}
	}
	r.Only = []Anchor{group}
	defer caught("source "+s.Name, CodeOther, &err)
	for batch, err := range s.Source.Read(ctx, r) {
		if err != nil {
			return nil, err
		}
		for _, c := range batch.Changes {
			if c.Object.Anchor != group || c.Members == nil {
				continue
			}
			if c.Members.Reset {
				members = nil
			}
			members = append(members, c.Members.Add...)
		}
	}
	return members, nil
}

// whyMissing says of each member why it is not in the target's group.
func (x *explainer) whyMissing(ctx context.Context, s *subject, missing []Anchor) error {
	if len(missing) == 0 {
		return nil
	}
	issues := map[Anchor]Issue{}
	for issue, err := range x.state.ListIssues(ctx) {
		if err != nil {
			return err
		}
		if _, known := issues[issue.Anchor]; issue.Source == s.source && !known {
			issues[issue.Anchor] = issue
		}
	}
	for _, anchor := range missing {
		m, err := x.memberWhy(ctx, s, anchor, issues)
		if err != nil {
			return err
		}
		s.out.Members.Missing = append(s.out.Members.Missing, m)
	}
	return nil
}

func (x *explainer) memberWhy(ctx context.Context, s *subject, anchor Anchor, issues map[Anchor]Issue) (MemberExplanation, error) {
	m := MemberExplanation{Anchor: anchor}
	links, err := x.state.Find(ctx, s.source, []LinkKey{x.hash.linkKey(anchor)})
	if err != nil {
		return m, err
	}
	issue, troubled := issues[anchor]
	switch {
	case len(links) > 0 && links[0].Target != "" && links[0].State != LinkLost:
		m.Name, m.Why = calledBy(links[0].Applied), "it is in the target; the next run that shows the group adds it"
		if !x.takesMember(links[0].Kind) {
			m.Why = fmt.Sprintf("the target's groups take no %s", links[0].Kind)
		}
		if s.link == nil || s.link.Target == "" {
			m.Why = "the group itself is not in the target"
		}
	case troubled:
		m.Name, m.Why = issue.Name, fmt.Sprintf("%s: %s", issue.Code, issue.Detail)
	default:
		m.Why = x.unknownMember(ctx, s.source, anchor, &m)
	}
	return m, nil
}

// unknownMember asks the source about a member that nothing is known of.
func (x *explainer) unknownMember(ctx context.Context, source string, anchor Anchor, m *MemberExplanation) string {
	for _, c := range x.job.Sources {
		if c.Name != source {
			continue
		}
		found := x.look(ctx, c, anchor)
		if found.sighting == nil {
			break
		}
		m.Name = calledBy(found.sighting.Change.Object.Attrs)
		if len(found.sighting.Left) > 0 {
			return "out of scope: " + strings.Join(found.sighting.Left, "; ")
		}
		return "it is in the directory and not in the target; explain it by itself"
	}
	return "the source does not show it: deleted, or not visible to the account"
}
