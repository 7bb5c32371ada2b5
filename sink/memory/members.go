package memory

import (
	"maps"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// setMembers adds and removes members, all or none. Adding one that is in and
// removing one that is not are no errors.
func (s *Sink) setMembers(g *object, op adsync.Op) (adsync.Receipt, error) {
	kinds := s.Rules.Kinds[adsync.Group].MemberKinds
	for _, id := range op.Add {
		m := s.objects[id]
		if m == nil {
			return adsync.Receipt{}, invalid("member-unknown", "members", "%q cannot become a member of %s: it is not there", id, g.target.ID)
		}
		if len(kinds) > 0 && !slices.Contains(kinds, m.target.Kind) {
			return adsync.Receipt{}, invalid("member-invalid", "members", "a %s cannot be a member here", m.target.Kind)
		}
	}
	before := maps.Clone(g.members)
	for _, id := range op.Add {
		g.members[id] = true
	}
	for _, id := range op.Remove {
		delete(g.members, id)
	}
	r := adsync.Receipt{Target: g.target.ID, Outcome: adsync.Updated}
	if maps.Equal(before, g.members) {
		r.Outcome = adsync.Unchanged
	}
	return r, nil
}
