package ldap

import "testing"

// HoldMembers changes for one test how many members of a group are held back.
func HoldMembers(t testing.TB, n int) {
	before := holdMembers
	holdMembers = n
	t.Cleanup(func() { holdMembers = before })
}

// Connections counts those that a source holds.
func Connections(s *Source) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}
