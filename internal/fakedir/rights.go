package fakedir

// Right is what an account may do beyond reading what is there.
type Right byte

const (
	// ReplicateChanges is "Replicating Directory Changes": DirSync without the
	// flag OBJECT_SECURITY, which shows everything, deletions included.
	ReplicateChanges Right = 1 << iota
	// ListDeleted is the right to list CN=Deleted Objects: tombstones in
	// searches with the Show Deleted control, and in DirSync with
	// OBJECT_SECURITY. Without it they are simply not there.
	ListDeleted
)

// Grant gives an account rights. The service account has all from the start, no
// other account has any.
func (s *Server) Grant(account string, rights ...Right) error {
	return s.entitle(account, func(had Right) Right {
		for _, r := range rights {
			had |= r
		}
		return had
	})
}

// Revoke takes rights from an account.
func (s *Server) Revoke(account string, rights ...Right) error {
	return s.entitle(account, func(had Right) Right {
		for _, r := range rights {
			had &^= r
		}
		return had
	})
}

func (s *Server) entitle(account string, change func(Right) Right) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.view.need(account)
	if err == nil {
		s.rights[e.guid] = change(s.rights[e.guid])
	}
	return err
}

// may reports whether the one who is bound has a right.
func (s *session) may(r Right) bool {
	return s.who != nil && s.srv.rights[s.who.guid]&r != 0
}

// sight is the directory as this session may see it in an ordinary search.
func (s *session) sight(a asked) *view {
	v := s.srv.view
	v.tombstones = a.tombstones && s.may(ListDeleted)
	return &v
}

// replica is the directory as DirSync shows it. With the right to replicate and
// without OBJECT_SECURITY nobody asks for rights on single objects.
func (s *session) replica(flags uint32) *view {
	v := s.srv.view
	v.tombstones = s.may(ListDeleted)
	if flags&objectSecurity == 0 {
		v.hidden, v.parts, v.below = nil, nil, nil
		v.tombstones = v.tombstones || !s.srv.cfg.DeletionsNeedListing
	}
	return &v
}
