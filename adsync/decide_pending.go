package adsync

// settle takes up what became of a pending object, and tells whether it may
// take further ops.
func (m *matter) settle(d *decision) bool {
	link := *m.link
	switch {
	case m.settled == nil:
		return false
	case m.settled.Err != nil:
		link.State, link.Target, link.Digest = LinkLost, "", Digest{}
		d.issues = append(d.issues, m.issue(issueCodeOf(m.settled.Err, CodeOf(m.settled.Err)), "", "the target gave it up: %v", m.settled.Err))
	default:
		link.State = LinkActive
	}
	m.link = &link
	return true
}

// noteSettled brings the link of a pending object up to date when the read did
// not show the object.
func (s *settings) noteSettled(m *matter, d *decision) {
	op := m.op(d, phaseOf(m.kind()), 0, 0)
	op.State, op.Digest = m.link.State, m.link.Digest
	d.ops = append(d.ops, op)
}
