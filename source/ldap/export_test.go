package ldap

import (
	"testing"
	"time"
)

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

// PauseFor changes for one test the wait before the servers are tried again.
func PauseFor(t testing.TB, d time.Duration) {
	before := firstPause
	firstPause = d
	t.Cleanup(func() { firstPause = before })
}
