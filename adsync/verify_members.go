package adsync

import (
	"context"
	"fmt"
	"slices"

	"github.com/adsync/sdk/internal/protection"
	"github.com/adsync/sdk/internal/spill"
)

// What stands in verifier.members, under source, group and the member's id: the
// group itself first, then what was applied, then what is there.
const (
	verifyGroup byte = iota
	verifyApplied
	verifyFound
)

// gatherMembers puts the memberships that were applied and those that are there
// side by side.
func (v *verifier) gatherMembers(ctx context.Context) error {
	if !v.takesKind(Group) {
		return nil
	}
	if v.parts.members == nil {
		v.report.Left = append(v.report.Left, "members of groups: the target cannot list them")
		return nil
	}
	for number, source := range v.job.Sources {
		listed := &keySet{}
		if err := v.gatherFound(ctx, number, source.Name, listed); err != nil {
			return err
		}
		if err := v.gatherApplied(ctx, number, source.Name, listed); err != nil {
			return err
		}
	}
	return nil
}

// gatherFound lists the members of every group that is there, and notes which
// those are.
func (v *verifier) gatherFound(ctx context.Context, number int, source string, listed *keySet) error {
	for link, err := range v.state.Scan(ctx, source, false) {
		if err != nil {
			return err
		}
		if link.Kind != Group || link.Target == "" || link.State != LinkActive && link.State != LinkInactive || v.gone[source].has(link.Key) {
			continue
		}
		there, err := v.listMembers(ctx, objectRef{number, link.Key}, link.Target)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		listed.add(link.Key)
		v.report.Groups++
		v.buf = v.codec.appendLink(append(v.buf[:0], verifyGroup), &link)
		if err := v.members.Add(memberOrder(objectRef{number, link.Key}, ""), v.buf); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) listMembers(ctx context.Context, group objectRef, target TargetID) (there bool, err error) {
	for id, err := range v.parts.members.ListMembers(ctx, target) {
		if CodeOf(err) == CodeNotFound {
			return false, nil
		}
		if err != nil {
			return false, targetFault(fmt.Sprintf("list the members of %s", target), err)
		}
		if err := v.members.Add(memberOrder(group, id), []byte{verifyFound}); err != nil {
			return false, err
		}
	}
	return true, ctx.Err()
}

func memberOrder(group objectRef, member TargetID) []byte { return append(group.bytes(), member...) }

// gatherApplied names the members that were added by their ids.
func (v *verifier) gatherApplied(ctx context.Context, number int, source string, listed *keySet) error {
	part := make([]Membership, 0, atOnce)
	for m, err := range v.state.ScanMembers(ctx, source) {
		if err != nil {
			return err
		}
		if m.Waiting || !listed.has(m.Group) || v.gone[source].has(m.Member) {
			continue
		}
		if part = append(part, m); len(part) < atOnce {
			continue
		}
		if err := v.gatherPart(ctx, number, source, part); err != nil {
			return err
		}
		part = part[:0]
	}
	return v.gatherPart(ctx, number, source, part)
}

func (v *verifier) gatherPart(ctx context.Context, number int, source string, part []Membership) error {
	keys := make([]LinkKey, len(part))
	for i, m := range part {
		keys[i] = m.Member
	}
	links, err := findLinks(ctx, v.state, source, keys)
	if err != nil {
		return err
	}
	for _, m := range part {
		link := linkOf(links, m.Member)
		if link == nil || link.Target == "" || link.State == LinkLost || link.State == LinkPending {
			continue
		}
		v.report.Members++
		payload := append(append([]byte{verifyApplied}, m.Member[:]...), link.Anchor...)
		if err := v.members.Add(memberOrder(objectRef{number, m.Group}, link.Target), payload); err != nil {
			return err
		}
	}
	return nil
}

// memberPair is one member of one group on both sides.
type memberPair struct {
	order          string
	applied, found bool
	member         LinkKey
	anchor         Anchor
}

// compareMembers walks both sides, group by group.
func (v *verifier) compareMembers(ctx context.Context) error {
	var group *Link
	var one memberPair
	for record, err := range v.members.Sorted(ctx) {
		if err != nil {
			return err
		}
		if string(record.Key) != one.order {
			if err := v.compareMember(ctx, group, &one); err != nil {
				return err
			}
			one = memberPair{order: string(record.Key)}
		}
		if record.Payload[0] == verifyGroup {
			link, err := v.codec.link(record.Payload[1:])
			if err != nil {
				return err
			}
			group = &link
			continue
		}
		one.take(record)
	}
	if err := v.compareMember(ctx, group, &one); err != nil {
		return err
	}
	return v.correct.flush(ctx)
}

func (m *memberPair) take(record spill.Record) {
	if record.Payload[0] == verifyFound {
		m.found = true
		return
	}
	rest := slices.Clone(record.Payload[1:])
	m.applied, m.member, m.anchor = true, LinkKey(rest[:16]), Anchor(rest[16:])
}

func (v *verifier) compareMember(ctx context.Context, group *Link, m *memberPair) error {
	if m.applied == m.found {
		return nil
	}
	d := differenceOf(DifferenceMissingMember, group)
	d.Member, d.MemberTarget = m.anchor, TargetID(m.order[18:])
	if m.applied {
		if err := v.tell(d); err != nil {
			return err
		}
		return v.correct.parted(ctx, MembershipOf{group.Source, Membership{Group: group.Key, Member: m.member}})
	}
	if !v.job.MembersAuthoritative || protection.MembersReadBack.Removed() {
		return nil
	}
	d.What = DifferenceExtraMember
	if err := v.tell(d); err != nil {
		return err
	}
	return v.correct.readAgain(ctx)
}
