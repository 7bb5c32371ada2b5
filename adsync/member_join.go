package adsync

import (
	"bytes"
	"context"
	"iter"
)

// membersBeside gives the memberships with which those of the source are
// compared: of all groups beside a full read, of those spoken of beside a read
// of changes.
func (p *planner) membersBeside(ctx context.Context, s *sourceRead) (iter.Seq2[Membership, error], error) {
	if s.index != nil {
		return p.state.ScanMembers(ctx, s.Name), nil
	}
	var groups []LinkKey
	for record, err := range s.members.Sorted(ctx) {
		if err != nil {
			return nil, err
		}
		if g := LinkKey(record.Key[:16]); len(groups) == 0 || groups[len(groups)-1] != g {
			groups = append(groups, g)
		}
	}
	return p.state.FindMembers(ctx, s.Name, groups), nil
}

// memberJoin walks the state's memberships beside the source's.
type memberJoin struct {
	next  func() (Membership, error, bool)
	held  *Membership
	ended bool
}

func (j *memberJoin) peek() (*Membership, error) {
	if j.held != nil || j.ended {
		return j.held, nil
	}
	m, err, ok := j.next()
	if err != nil {
		return nil, err
	}
	if !ok {
		j.ended = true
		return nil, nil
	}
	j.held = &m
	return j.held, nil
}

// upTo passes the memberships of a group before member (nil: all the rest) and
// gives the one that equals it. When the source's list is complete, those
// passed are no longer wanted.
func (j *memberJoin) upTo(group LinkKey, member *LinkKey, complete bool, d *memberDifference) (*Membership, error) {
	for {
		m, err := j.peek()
		if m == nil || err != nil {
			return nil, err
		}
		order := bytes.Compare(m.Group[:], group[:])
		if order > 0 || order == 0 && member != nil && compareKeys(m.Member, *member) > 0 {
			return nil, nil
		}
		here := j.held
		j.held = nil
		if order == 0 && member != nil && m.Member == *member {
			return here, nil
		}
		if order == 0 && complete {
			d.add(saidMember{key: here.Member, remove: true}, here)
		}
	}
}

// skip passes the memberships of a group that is not in the target.
func (j *memberJoin) skip(group LinkKey, said []saidMember, last bool) error {
	var none memberDifference
	if last {
		_, err := j.upTo(group, nil, false, &none)
		return err
	}
	for i := range said {
		if _, err := j.upTo(group, &said[i].key, false, &none); err != nil {
			return err
		}
	}
	return nil
}
