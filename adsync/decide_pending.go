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

// waitForTarget leaves a pending object as it is. What the read says of it is
// remembered, where the next one will not say it again.
func (m *matter) waitForTarget(d *decision) {
	present := m.r.presence == Present
	d.unchanged = present
	changed := m.r.digest != m.link.Digest || m.r.digest.IsZero() // zero: what an earlier run could not write
	if m.movesOn && (present && changed || m.r.leaves() && !m.unsure) {
		d.issues = append(d.issues, m.issue(IssuePending, "", "the target has accepted it and has not said what became of it; what changed since is done once it has"))
	}
}

// noteSettled brings the link of a pending object up to date when the read did
// not show the object.
func (s *settings) noteSettled(m *matter, d *decision) {
	op := m.op(d, phaseOf(m.kind()), 0, 0)
	op.State, op.Digest = m.link.State, m.link.Digest
	d.ops = append(d.ops, op)
	d.keeps = true
}
