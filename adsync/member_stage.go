package adsync

import (
	"context"
	"encoding/binary"
	"slices"
)

// What a staged membership says. The first byte of its key's tail orders the
// mark of a complete list before the members.
const (
	memberMark   byte = iota // the list of this group begins anew; carries the group's anchor
	memberBroken             // part of the list could not be read
	memberGroup              // the group is spoken of; carries its anchor
	memberAdd                // is a member
	memberRemove             // is no longer a member
)

// memberMore, with a mark: the list goes on.
const memberMore byte = 0x80

// takeMembers stages what a change says of a group's members. A problem says
// that its list is not whole: what was read is added, and nobody is removed.
func (p *planner) takeMembers(s *sourceRead, group LinkKey, c *Change) error {
	s.said++
	if c.Problem != nil {
		if err := s.stageMember(group, LinkKey{}, memberBroken, c.Object.Anchor); err != nil || !c.MembersOnly || c.Members == nil {
			return err
		}
	}
	m, mark := c.Members, memberGroup
	if m.Reset {
		mark = memberMark
	}
	if m.More {
		mark |= memberMore
	}
	if err := s.stageMember(group, LinkKey{}, mark, c.Object.Anchor); err != nil {
		return err
	}
	for _, a := range m.Add {
		if err := s.stageMember(group, p.hash.linkKey(a), memberAdd, a); err != nil {
			return err
		}
	}
	for _, a := range m.Remove {
		if err := s.stageMember(group, p.hash.linkKey(a), memberRemove, a); err != nil {
			return err
		}
	}
	return nil
}

// stageParted adds that some objects are in no group any more, as the change
// with this number.
func (p *planner) stageParted(ctx context.Context, s *sourceRead, gone []LinkKey, said uint32) error {
	now := s.said
	defer func() { s.said = max(now, said) }()
	s.said = said
	slices.SortFunc(gone, compareKeys)
	for part := range slices.Chunk(gone, atOnce) {
		for m, err := range p.state.MembershipsOf(ctx, s.Name, part) {
			if err != nil {
				return &stateError{err}
			}
			if err := s.stageMember(m.Group, m.Member, memberRemove, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// stageMember adds one record: what is said, the number of the change that says
// so, and the anchor.
func (s *sourceRead) stageMember(group, member LinkKey, what byte, anchor Anchor) error {
	key := append(append(make([]byte, 0, 32), group[:]...), member[:]...)
	record := append(binary.BigEndian.AppendUint32([]byte{what}, s.said), anchor...)
	if err := s.members.Add(key, record); err != nil {
		return &stateError{err}
	}
	return nil
}
