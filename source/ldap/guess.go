package ldap

import "context"

// Of an entry that the server has just shown, it is known where it was, and most
// are there still. A search as in a full read then says what they are, and who
// comes of it needs no other search. Nothing else is concluded from a guess: whoever
// does not come is looked for as if nothing had been known.

// guess takes an object to be where the report showed it.
func (s *settling) guess(id string) bool {
	t := s.list[id]
	if t.seen == "" || t.gone || t.back || t.below {
		return false
	}
	ref, err := parseReference(t.seen)
	if err != nil {
		return false
	}
	s.places[id] = place{ref: ref, kind: t.kind, classed: t.kind != 0}
	s.guessed[id] = true
	return true
}

// lookAgain finds out where those are that were not where they were taken to be,
// and shows them.
func (s *settling) lookAgain(ctx context.Context) error {
	var wrong []string
	for _, id := range s.order {
		if s.guessed[id] && !s.shown[id] {
			wrong = append(wrong, id)
			delete(s.places, id)
		}
	}
	if err := s.lookFor(ctx, wrong); err != nil {
		return err
	}
	return s.showAll(ctx, wrong)
}
