package adsync

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// release has leavers set aside the unique values that the object needs, when
// a person said so.
func (s *settings) release(m *matter, d *decision, full Attributes) {
	if m.answer.Verdict != AnswerRelease {
		return
	}
	holders := slices.Clone(m.holders)
	for _, c := range m.candidates {
		holders = append(holders, c.ID)
	}
	slices.Sort(holders)
	for _, id := range slices.Compact(holders) {
		owner, owned := m.ownerOf(id)
		if !owned || !owner.Left && !m.gone(owner) {
			continue
		}
		if park := s.park(owner, full); park.Old.Len() > 0 {
			d.parks = append(d.parks, park)
		}
	}
}

// park gives the op that sets aside the unique values of a link that claimed
// has too. It follows whatever else this plan does to that link.
func (s *settings) park(owner *Link, claimed Attributes) PlannedOp {
	op := PlannedOp{
		Phase: PhasePark, Verb: Put, Intent: IntentPark, Kind: owner.Kind, Source: owner.Source, Anchor: owner.Anchor, Link: owner.Key,
		Generation: owner.Generation, Target: owner.Target, Follows: true, State: owner.State, Left: owner.Left, Due: owner.Due, Identity: owner.Identity,
		Digest: owner.Digest, Full: owner.Applied.Clone(), Note: "set aside so that another can take it",
	}
	for _, name := range s.unique[owner.Kind] {
		a := s.kinds[owner.Kind][name]
		old := owner.Applied.Get(name)
		if old != "" && foldUnique(a, old) == foldUnique(a, claimed.Get(name)) {
			op.Old.Set(name, old)
			op.Full.Set(name, parkedValue(owner.Key, old, a.MaxLength))
		}
	}
	return op
}

// parkedValue is what a unique value becomes while it is set aside: still of
// its own form, and recognisable. All of the key goes into it, since the keys of
// two holders may well begin or end alike.
func parkedValue(key LinkKey, value string, limit int) string {
	var mark uint32
	for i := range 4 {
		mark = mark*31 + binary.BigEndian.Uint32(key[4*i:])
	}
	prefix := fmt.Sprintf("parked-%08x", mark)
	parked := prefix + "-" + value
	if _, domain, ok := strings.Cut(value, "@"); ok && limit > 0 && len(parked) > limit {
		parked = prefix + "@" + domain
	}
	if limit > 0 {
		parked = truncate(parked, limit, Runes)
	}
	return parked
}
