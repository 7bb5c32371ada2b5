package ldap

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// HoldMembers changes for one test how many members of a group are held back.
func HoldMembers(t testing.TB, n int) {
	before := holdMembers
	holdMembers = n
	t.Cleanup(func() { holdMembers = before })
}

// MentionsByFilter changes for one test how many names are asked for by filters.
func MentionsByFilter(t testing.TB, n int) {
	before := mentionsByFilter
	mentionsByFilter = n
	t.Cleanup(func() { mentionsByFilter = before })
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

// Netlogon is a controller's answer about sites.
func Netlogon(theirs, ours string) string {
	name := func(text string) string {
		if text == "" {
			return "\x00"
		}
		return string(rune(len(text))) + text + "\x00"
	}
	answer := "\x17\x00\x00\x00" + strings.Repeat("\x00", 20)
	for _, text := range []string{"example", "corp", "dc1", "CORP", "DC1", "", theirs, ours} {
		answer += name(text)
	}
	return answer + "\x05\x00\x00\x00\xff\xff\xff\xff"
}

// ByGoLDAP leaves all searches of one test to go-ldap's loop.
func ByGoLDAP(t testing.TB) {
	byGoLDAP = true
	t.Cleanup(func() { byGoLDAP = false })
}

// ReadAheadBytes changes for one test how large a page may be for the next to be
// read meanwhile.
func ReadAheadBytes(t testing.TB, n int64) {
	before := aheadBytes
	aheadBytes = n
	t.Cleanup(func() { aheadBytes = before })
}

// SweptAt gives a cursor in which all objects were last seen at another time.
func SweptAt(t testing.TB, text adsync.Cursor, at time.Time) adsync.Cursor {
	c, err := decodeCursor(text)
	require.NoError(t, err)
	c.Swept = at.UTC()
	text, err = c.encode()
	require.NoError(t, err)
	return text
}
