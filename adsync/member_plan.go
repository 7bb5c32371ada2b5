package adsync

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"github.com/adsync/sdk/internal/spill"
)

// Members are compared as two streams in the order of group and member: what
// the source says, and what the state has. Neither is held in memory; only the
// changes of one group are.

// membersAtOnce bounds the members of one op.
const membersAtOnce = 1000

// planMembers makes the ops for memberships of every source.
func (p *planner) planMembers(ctx context.Context) error {
	for _, s := range p.sources {
		if s.err != nil || s.members.Len() == 0 {
			continue
		}
		if err := p.planMembersOf(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) planMembersOf(ctx context.Context, s *sourceRead) error {
	known, err := p.membersBeside(ctx, s)
	if err != nil {
		return err
	}
	next, stop := iter.Pull2(known)
	defer stop()
	have := &memberJoin{next: next}
	var g *groupChange
	for record, err := range s.members.Sorted(ctx) {
		if err != nil {
			return err
		}
		group, member := LinkKey(record.Key[:16]), LinkKey(record.Key[16:])
		if g == nil || g.group != group {
			if err := p.finishGroup(ctx, s, g, have); err != nil {
				return err
			}
			g = &groupChange{group: group}
		}
		g.note(member, record)
		if len(g.said) >= membersAtOnce*8 {
			if err := p.comparePart(ctx, s, g, have, false); err != nil {
				return err
			}
		}
	}
	return p.finishGroup(ctx, s, g, have)
}

// groupChange is what the source says of one group, a stretch at a time.
type groupChange struct {
	group  LinkKey
	anchor Anchor
	reset  bool   // the list was given anew
	since  uint32 // by this change
	open   bool   // more was to follow
	broken bool   // part of it could not be read
	said   []saidMember
	part   int
	op     *PlannedOp
	gone   bool // the group will not be in the target, or is left alone
	// protected groups are only listed, once.
	protected, told bool
	// Kept only where the source is the authority on members.
	wanted, removed keySet
}

type saidMember struct {
	key    LinkKey
	anchor Anchor
	at     uint32 // by this change
	remove bool
	waits  bool // it is known to wait
}

// note takes one record. Of a member that came several times the last one
// wins, and what was said before the list began anew is forgotten. The marks
// come before the members.
func (g *groupChange) note(member LinkKey, record spill.Record) {
	what, said, anchor := record.Payload[0], binary.BigEndian.Uint32(record.Payload[1:]), Anchor(record.Payload[5:])
	if mark := what &^ memberMore; mark <= memberGroup {
		g.anchor = anchor
		g.broken = g.broken || mark == memberBroken
		g.open = what&memberMore != 0
		if mark == memberMark {
			g.reset, g.since = true, said
		}
		return
	}
	if said < g.since {
		return
	}
	one := saidMember{key: member, anchor: anchor, at: said, remove: what == memberRemove}
	if n := len(g.said); n > 0 && g.said[n-1].key == member {
		if said >= g.said[n-1].at {
			g.said[n-1] = one
		}
		return
	}
	g.said = append(g.said, one)
}

// complete tells whether the source gave the group's whole list, so that who is
// not in it is no member. A list that was to go on and did not is none.
func (g *groupChange) complete() bool { return g.reset && !g.open && !g.broken }

func (p *planner) finishGroup(ctx context.Context, s *sourceRead, g *groupChange, have *memberJoin) error {
	if g == nil {
		return nil
	}
	if err := p.comparePart(ctx, s, g, have, true); err != nil {
		return err
	}
	if err := p.removeOthers(ctx, s, g); err != nil {
		return err
	}
	if err := p.emitMembers(s, g, true); err != nil {
		return err
	}
	if g.part == 0 && g.complete() {
		if anchor, ok := s.troubled[g.group]; ok {
			s.agreed[anchor] = true
		}
	}
	return nil
}

// comparePart compares what was said so far with what the state has up to the
// same member, or to the end of the group.
func (p *planner) comparePart(ctx context.Context, s *sourceRead, g *groupChange, have *memberJoin, last bool) error {
	said := g.said
	g.said = nil
	if !last { // the last one said may come again
		g.said = []saidMember{said[len(said)-1]}
		said = said[:len(said)-1]
	}
	if err := p.openGroup(ctx, s, g); err != nil {
		return err
	}
	if g.gone {
		return have.skip(g.group, said, last)
	}
	var d memberDifference
	for _, m := range said {
		here, err := have.upTo(g.group, &m.key, g.complete(), &d)
		if err != nil {
			return err
		}
		d.add(m, here)
		if p.job.MembersAuthoritative && !m.remove {
			g.wanted.add(m.key)
		}
	}
	if last {
		if _, err := have.upTo(g.group, nil, g.complete(), &d); err != nil {
			return err
		}
	}
	return p.addMembers(ctx, s, g, &d)
}

// memberDifference is what a stretch of a group's members comes to. Those in
// forgotten were waiting and are no longer wanted.
type memberDifference struct{ added, removed, forgotten []saidMember }

func (d *memberDifference) add(m saidMember, here *Membership) {
	switch {
	case m.remove && here != nil && here.Waiting:
		d.forgotten = append(d.forgotten, m)
	case m.remove && here != nil:
		d.removed = append(d.removed, m)
	case !m.remove && here == nil:
		d.added = append(d.added, m)
	case !m.remove && here.Waiting:
		m.waits = true
		d.added = append(d.added, m)
	}
}

// openGroup finds out whether the group is, or will be, in the target.
func (p *planner) openGroup(ctx context.Context, s *sourceRead, g *groupChange) error {
	if g.op != nil || g.gone {
		return nil
	}
	op := &PlannedOp{Phase: PhaseReferences, Verb: Members, Intent: IntentMembers, Kind: Group, Source: s.Name, Anchor: g.anchor, Link: g.group, Follows: true}
	links, err := p.state.Find(ctx, s.Name, []LinkKey{g.group})
	if err != nil {
		return err
	}
	created := s.created[Group].has(g.group)
	if len(links) == 1 { // also of one that was deleted: what is done now has other keys than what was done then
		op.Generation = links[0].Generation
	}
	if len(links) == 1 && links[0].State != LinkLost && links[0].Target != "" {
		l := links[0]
		op.Anchor = l.Anchor
		if p.answer[answerKey{s.Name, l.Anchor}].Verdict == AnswerIgnore {
			g.gone = true
			return nil
		}
		g.protected = p.isProtected(&Target{ID: l.Target, Kind: l.Kind, Attrs: l.Applied})
		op.Target, op.Kind, op.Full = l.Target, l.Kind, l.Applied
	} else if !created {
		g.gone = true
		return nil
	}
	if op.Anchor == "" { // brought up by members that wait, since the group could not be made before
		op.Anchor = cmp.Or(s.troubled[g.group], uuidOf(g.group))
	}
	g.op = op
	return nil
}

// addMembers puts those members into ops that can be added or removed. Those
// that are not in the target wait, or are left as the target has them. A
// snapshot will name them again; for a delta it is remembered that they wait.
func (p *planner) addMembers(ctx context.Context, s *sourceRead, g *groupChange, d *memberDifference) error {
	keys := make([]LinkKey, 0, len(d.added)+len(d.forgotten))
	for _, list := range [][]saidMember{d.added, d.forgotten} {
		for _, m := range list {
			keys = append(keys, m.key)
		}
	}
	there, err := p.standings(ctx, s, keys)
	if err != nil {
		return err
	}
	d.perhapsAdded(there)
	if g.protected {
		return p.tellProtected(ctx, s, g, len(d.added)+len(d.removed))
	}
	for _, list := range [][]saidMember{d.added, d.removed, d.forgotten} {
		if err := p.nameAnchors(ctx, s, list); err != nil {
			return err
		}
	}
	var wait []Anchor
	for _, m := range d.added {
		if at := there[m.key]; at.standing == standingThere && p.takesMember(at.kind) {
			g.op.Add = append(g.op.Add, m.anchor)
			if err := p.emitMembers(s, g, false); err != nil {
				return err
			}
		} else if p.movesOn(s) && !m.waits && at.standing != standingThere {
			wait = append(wait, m.anchor)
		}
	}
	if err := p.emitWaiting(s, g, wait, d.forgotten); err != nil || s.unsure != "" {
		return err
	}
	for _, m := range d.removed {
		if p.job.MembersAuthoritative {
			g.removed.add(m.key)
		}
		g.op.Remove = append(g.op.Remove, m.anchor)
		if err := p.emitMembers(s, g, false); err != nil {
			return err
		}
	}
	return nil
}

// perhapsAdded moves those who wait no longer, and are in the target, to those who
// are removed: they wait, too, after an op of which it is not known whether it
// added them.
func (d *memberDifference) perhapsAdded(there map[LinkKey]kindThere) {
	gone := func(m saidMember) bool { return there[m.key].standing != standingThere }
	for _, m := range d.forgotten {
		if !gone(m) {
			d.removed = append(d.removed, m)
		}
	}
	d.forgotten = slices.DeleteFunc(d.forgotten, func(m saidMember) bool { return !gone(m) })
}

// emitWaiting adds an op that sends nothing and remembers who waits.
func (p *planner) emitWaiting(s *sourceRead, g *groupChange, wait []Anchor, forgotten []saidMember) error {
	if len(wait)+len(forgotten) == 0 {
		return nil
	}
	op := *g.op
	op.Verb, op.Intent, op.Part, op.Add, op.Remove = 0, 0, g.part, wait, nil
	for _, m := range forgotten {
		op.Remove = append(op.Remove, m.anchor)
	}
	g.part++
	return p.emit(s.number, &op, nil)
}

// tellProtected lists a protected group whose members differ.
func (p *planner) tellProtected(ctx context.Context, s *sourceRead, g *groupChange, differ int) error {
	if differ == 0 || g.told {
		return nil
	}
	g.told = true
	return p.issue(ctx, Issue{
		Source: s.Name, Anchor: g.anchor, Kind: g.op.Kind, Code: IssueProtectedTarget, Attr: "members",
		Detail: fmt.Sprintf("has other members in the directory, and is linked to %s, which is protected, so they stay as they are", g.op.Target),
	})
}

// nameAnchors fills in the anchors of members known by their keys only.
func (p *planner) nameAnchors(ctx context.Context, s *sourceRead, members []saidMember) error {
	var keys []LinkKey
	for i := range members {
		if members[i].anchor == "" {
			keys = append(keys, members[i].key)
		}
	}
	links, err := findLinks(ctx, p.state, s.Name, keys)
	if err != nil {
		return err
	}
	for i := range members {
		if members[i].anchor != "" {
			continue
		}
		if link := linkOf(links, members[i].key); link != nil {
			members[i].anchor = link.Anchor
		} else {
			members[i].anchor = uuidOf(members[i].key) // the link is gone; the anchor was a UUID or nobody needs it
		}
	}
	return nil
}

func uuidOf(k LinkKey) Anchor {
	h := k.String()
	return Anchor(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}

// emitMembers writes the op out when it is full, or when the group ends.
func (p *planner) emitMembers(s *sourceRead, g *groupChange, last bool) error {
	if g.op == nil {
		return nil
	}
	n := len(g.op.Add) + len(g.op.Remove) + len(g.op.RemoveTargets)
	if n == 0 || !last && n < membersAtOnce {
		return nil
	}
	op := *g.op
	op.Part = g.part
	g.part++
	g.op.Add, g.op.Remove, g.op.RemoveTargets = nil, nil, nil
	return p.emit(s.number, &op, nil)
}
