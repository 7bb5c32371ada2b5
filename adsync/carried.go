package adsync

import (
	"context"
	"slices"

	"github.com/adsync/sdk/internal/protection"
)

// What an earlier run could not finish is taken up before the read, so that
// what the read shows of the same objects comes later and wins. A snapshot
// shows everything again and needs none of it.

// stageCarried stages what waits from earlier runs.
func (p *planner) stageCarried(ctx context.Context, s *sourceRead) error {
	for _, stage := range []func(context.Context, *sourceRead) error{p.stageDue, p.stageSettled, p.stageWanted, p.stageWaiting} {
		if err := stage(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// stageDue stages the links that the clock alone brings up.
func (p *planner) stageDue(ctx context.Context, s *sourceRead) error {
	for link, err := range p.state.Due(ctx, p.now) {
		if err != nil {
			return err
		}
		if link.Source != s.Name {
			continue
		}
		if err := p.stageLink(s, &link, dueOnly); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) stageLink(s *sourceRead, link *Link, why Presence) error {
	return p.stage(s, &staged{key: link.Key, linked: true, presence: why, object: Object{Kind: link.Kind, Anchor: link.Anchor}})
}

// settleAtOnce bounds a call of a Settler.
const settleAtOnce = 500

// stageSettled asks what became of pending ops and stages those of which
// something did.
func (p *planner) stageSettled(ctx context.Context, s *sourceRead) error {
	pending := 0
	for _, c := range p.links {
		pending += c.Pending
	}
	if pending == 0 || p.parts.settler == nil {
		return nil
	}
	var links []Link
	for link, err := range p.state.Scan(ctx, s.Name, false) {
		if err != nil {
			return err
		}
		if link.State == LinkPending && link.Target != "" {
			links = append(links, link)
		}
	}
	for part := range slices.Chunk(links, settleAtOnce) {
		if err := p.settle(ctx, s, part); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) settle(ctx context.Context, s *sourceRead, links []Link) error {
	ids := make([]TargetID, len(links))
	for i := range links {
		ids[i] = links[i].Target
	}
	results, err := p.parts.settler.Settle(ctx, ids)
	if err != nil {
		return &TargetError{Errorf(CodeOf(err), "it cannot tell what became of %d pending object(s): %w", len(ids), err)}
	}
	if len(results) != len(ids) {
		return &TargetError{Errorf(CodeOther, "it answered %d results for %d pending objects; this is a fault of the sink", len(results), len(ids))}
	}
	for i, r := range results {
		if r.Err == nil && r.Receipt.Outcome == Pending {
			continue
		}
		if r.Err == nil && r.Receipt.Outcome == Conflicted {
			r.Err = Errorf(CodeConflict, "it found a conflict")
		}
		p.settled[objectRef{s.number, links[i].Key}] = &r
		if err := p.stageLink(s, &links[i], settledOnly); err != nil {
			return err
		}
	}
	return nil
}

// stageWanted stages what could not be written when a cursor had moved on, and
// notes what else was wrong with the objects of the source.
func (p *planner) stageWanted(ctx context.Context, s *sourceRead) error {
	if s.since == "" {
		return nil
	}
	recalled := s.recalled
	s.recalled = nil
	wanted, latest := map[Anchor]*Object{}, map[Anchor]int64{}
	for _, issue := range recalled {
		s.noteTrouble(p.hash.linkKey(issue.Anchor), issue)
		if issue.Left != Present && issue.Run >= latest[issue.Anchor] {
			latest[issue.Anchor] = issue.Run
			delete(wanted, issue.Anchor)
			s.leftBefore = append(s.leftBefore, issue.Anchor)
			if err := p.stageLeftBefore(s, &issue); err != nil {
				return err
			}
		}
		if issue.Wanted == nil || issue.Run < latest[issue.Anchor] {
			continue
		}
		if issue.Run > latest[issue.Anchor] { // what an older run wanted is out of date
			delete(wanted, issue.Anchor)
		}
		latest[issue.Anchor] = issue.Run
		wanted[issue.Anchor] = joinWanted(wanted[issue.Anchor], issue.Wanted)
	}
	anchors := sortedNames(wanted)
	for part := range slices.Chunk(anchors, decideAtOnce) {
		if err := p.stageWantedPart(ctx, s, part, wanted); err != nil {
			return err
		}
	}
	return nil
}

// noteTrouble notes what an earlier run found wrong, by what is to be done about
// it: groups and what could not be read are read by themselves, and where
// nothing is tried again it is listed again.
func (s *sourceRead) noteTrouble(key LinkKey, issue Issue) {
	s.troubled[key] = issue.Anchor
	switch {
	case issue.Kind == Group:
		s.arrived = append(s.arrived, issue.Anchor)
		if issue.Code == IssueMembersFailed {
			s.unlisted = append(s.unlisted, issue)
		}
	case issue.Code == IssueUnreadable:
		s.unread = append(s.unread, issue.Anchor)
	case issue.Wanted == nil && issue.Left == Present && issue.Code != IssueUnknown && !protection.Wanted.Removed():
		s.standing = append(s.standing, issue)
	}
}

// stageLeftBefore stages an object that had left when an op of its failed.
func (p *planner) stageLeftBefore(s *sourceRead, issue *Issue) error {
	key := p.hash.linkKey(issue.Anchor)
	return p.stage(s, &staged{key: key, linked: true, presence: issue.Left, fact: true, object: Object{Kind: issue.Kind, Anchor: issue.Anchor}})
}

// joinWanted joins what two issues of one object keep of it: its attributes,
// and the references that could not be set.
func joinWanted(a, b *Object) *Object {
	if a == nil {
		return b
	}
	joined := *a
	if b.Attrs.Len() > a.Attrs.Len() {
		joined.Attrs = b.Attrs
	}
	if len(b.Refs) > len(a.Refs) {
		joined.Refs = b.Refs
	}
	return &joined
}

func (p *planner) stageWantedPart(ctx context.Context, s *sourceRead, anchors []Anchor, wanted map[Anchor]*Object) error {
	keys := make([]LinkKey, len(anchors))
	for i, a := range anchors {
		keys[i] = p.hash.linkKey(a)
	}
	links, err := findLinks(ctx, p.state, s.Name, keys)
	if err != nil {
		return err
	}
	for i, a := range anchors {
		o := *wanted[a]
		r := staged{key: keys[i], object: o}
		link := linkOf(links, keys[i])
		r.linked, r.lost = link != nil, link != nil && link.State.detached()
		p.fingerprint(&r)
		if o.Container == "" { // taken from an op: not what a read would show
			r.digest = Digest{}
		}
		r.number = p.numberOf(s, r.key, known{}, false)
		if err := p.noteKeys(s, &r); err != nil {
			return err
		}
		if err := p.stage(s, &r); err != nil {
			return err
		}
	}
	return nil
}

// stageWaiting brings up the memberships that wait for their members.
func (p *planner) stageWaiting(ctx context.Context, s *sourceRead) error {
	if s.since == "" {
		return nil
	}
	for m, err := range p.state.WaitingMembers(ctx, s.Name) {
		if err != nil {
			return err
		}
		if err := s.stageMember(m.Group, m.Member, memberAdd, ""); err != nil {
			return err
		}
	}
	return nil
}

// wantedBy gives what an op would have made of its object, to be tried again.
// References stand in an op's record as anchors; those that the op does not set
// are another op's business, and may be out of date by then.
func (s *settings) wantedBy(op *PlannedOp) *Object {
	o := &Object{Kind: op.Kind, Anchor: op.Anchor}
	if op.Verb == Deactivate { // the rest is for the ops that follow it
		o.Attrs.Set(AttrActive, "false")
		return o
	}
	for name, values := range op.Full.All() {
		sets := op.Phase == PhaseReferences && op.Old.Has(name)
		if !sets && s.refers(op, name, values) {
			continue
		}
		if !sets {
			o.Attrs.Set(name, values...)
			continue
		}
		anchors := make([]Anchor, len(values))
		for i, v := range values {
			anchors[i] = Anchor(v)
		}
		if o.Refs == nil {
			o.Refs = map[string][]Anchor{}
		}
		o.Refs[name] = anchors
	}
	for name := range op.Old.All() { // what was to be cleared is not in the record
		if !op.Full.Has(name) && !s.attribute(op.Kind, name).Reference {
			o.Attrs.Set(name)
		}
	}
	setExpires(o, op.Due)
	return o
}

// wantCleared adds to what is wanted what an earlier op of the object was to clear
// and did not: its own issue may have the same code, and give way to this one.
func (s *settings) wantCleared(o *Object, op *PlannedOp, now *Link) {
	if !op.Follows || now == nil {
		return
	}
	for name, values := range now.Applied.All() {
		if !op.Full.Has(name) && !o.Attrs.Has(name) && !s.refers(op, name, values) {
			o.Attrs.Set(name)
		}
	}
}

// leftAs gives a way in which an object may have left so that the job's policy
// makes the same of it again.
func (s *settings) leftAs(op *PlannedOp) Presence {
	action := LeaverDeactivate
	if op.Verb == Delete {
		action = LeaverDelete
	}
	return s.leavingBy(op.Kind, action)
}

// leavingBy gives a way of leaving for which the policy says this.
func (s *settings) leavingBy(kind Kind, action LeaverAction) Presence {
	if s.leaver(kind, Deleted, true) == action {
		return Deleted
	}
	return OutOfScope
}

// leftAgain gives how a staged object left, to be staged once more when what is
// due to it could not be done. Of one that merely was not shown the fact is not
// known: then it is the way with the milder policy.
func (m *matter) leftAgain(s *settings) Presence {
	if m.r.fact {
		return m.r.presence
	}
	return s.leavingBy(m.kind(), s.leaver(m.kind(), m.r.presence, false))
}

// refers tells whether an attribute of an op's record is a reference. A target
// without a schema does not say; there a UUID that the op leaves alone is taken
// for one.
func (s *settings) refers(op *PlannedOp, name string, values []string) bool {
	if s.kinds[op.Kind] != nil || op.Old.Has(name) || op.Intent == IntentCreate {
		return s.attribute(op.Kind, name).Reference
	}
	return !slices.ContainsFunc(values, func(v string) bool { _, ok := parseUUID(v); return !ok })
}
