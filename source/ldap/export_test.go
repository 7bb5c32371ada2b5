package ldap

import "testing"

// HoldMembers changes for one test how many members of a group are held back.
func HoldMembers(t testing.TB, n int) {
	before := holdMembers
	holdMembers = n
	t.Cleanup(func() { holdMembers = before })
}
