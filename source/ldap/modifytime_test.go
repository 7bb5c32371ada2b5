package ldap

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// A stamp of the future does not hide all later changes, and one that cannot be
// read hides nothing: everything is looked at.
func TestHeldBack(t *testing.T) {
	require.Equal(t, "20200102030405Z", heldBack("20200102030405Z"))
	require.Equal(t, "20200102030405Z", heldBack("20200102030405.123456Z"))
	require.LessOrEqual(t, heldBack("20990102030405Z"), time.Now().UTC().Add(time.Second).Format(generalizedTime))
	require.Empty(t, heldBack("yesterday"))
	require.Empty(t, heldBack(""))
}

// Whatever stands in a position, the answer is a full read or a position.
func TestDamagedPositionsAskForAFullRead(t *testing.T) {
	for _, text := range []string{"", "{", `{"buckets":0}`, `{"buckets":4294967295}`, `{"buckets":-1}`, `{"cookies":7}`} {
		_, err := decodeByName([]byte(text))
		require.Equal(t, adsync.CodeGone, adsync.CodeOf(err), text)
	}
}
