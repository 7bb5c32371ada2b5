package fakedir

// Backup is what a controller held at some time.
type Backup struct {
	tree   *tree
	forest *forest
	number int
}

// Backup copies what the controller holds.
func (s *Server) Backup() *Backup {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return &Backup{s.view.clone(), s.forest, s.org.dc.number}
}

// Restore puts an older copy back the proper way: the controller gets a new
// invocationId and goes on counting from the copy's number. What happened since
// comes back only by replication, if another controller has it.
func (s *Server) Restore(b *Backup) {
	s.putBack(b, func(t *tree) {
		t.heard[t.invocation] = t.usn
		t.invocation = s.org.dc.invocation(s.cfg.Seed)
		settings := t.at(s.org.settingsDN())
		settings.set(must("invocationId"), string(t.invocation[:]))
		t.touch(settings)
	})
}

// RollBack puts an older copy back the wrong way, as a snapshot of a virtual
// machine does: the invocationId is the old one and change numbers are given a
// second time, to other changes. Other controllers and clients that had seen
// the numbers miss those changes.
func (s *Server) RollBack(b *Backup) {
	s.putBack(b, func(*tree) {})
}

// putBack replaces the content. The clock goes on, connections are cut, and
// faults on parts of the directory end.
func (s *Server) putBack(b *Backup, change func(*tree)) {
	s.mu.Lock()
	if b.forest != s.forest || b.number != s.org.dc.number {
		panic("fakedir: the backup is another controller's")
	}
	s.org.dc.incarnation++ // new objects do not get identifiers of those that were lost
	t := b.tree.clone()
	t.now = s.view.now
	s.org.on(t)
	s.view.tree = t
	s.view.parts, s.view.below, s.view.lost = nil, nil, nil
	change(t)
	t.expire()
	s.mu.Unlock()
	s.DropConnections()
}
