package ldap

import (
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	asn1 "github.com/go-asn1-ber/asn1-ber"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

// syncStates are values of the control: as they are usual, and otherwise.
func syncStates() (values []string) {
	id := "\x04\x10" + strings.Repeat("\xab", 16)
	for _, body := range []string{
		"\x0a\x01\x00" + id, "\x0a\x01\x01" + id, "\x0a\x01\x02" + id + "\x04\x00", "\x0a\x01\x03" + id + "\x04\x03rid",
		"\x0a\x01\x04" + id, "\x0a\x01\xff" + id, "\x0a\x02\x00\x01" + id, "\x02\x01\x01" + id, "\x0a\x01\x01" + id + "\x04\x09rid",
		"\x0a\x01\x01\x04\x0f" + id[3:], "\x0a\x01\x01\x04\x0f" + id[3:] + "\x00\x04\x00", "\x0a\x01\x01" + id + "\x30\x00", "\x0a\x01\x01" + id + "x", "\x0a\x01\x01", "",
	} {
		values = append(values, "\x30"+string(rune(len(body)))+body, "\x30\x81"+string(rune(len(body)))+body)
	}
	return append(values, "", "\x30", "\x31"+values[0][1:], "\x30\x05"+values[0][2:], "\x30\x7f"+values[0][2:])
}

// What is read here is what go-ldap reads, or is left to it.
//
// Red when a value of another shape is taken for the usual one.
func TestTheUsualSyncStateIsReadAsGoLDAPReadsIt(t *testing.T) {
	usual := 0
	for _, value := range syncStates() {
		c := ber.Control{OID: goldap.ControlTypeSyncState, Value: []byte(value)}
		got := usualSyncState(c)
		if got == nil {
			continue
		}
		usual++
		packet, err := asn1.DecodePacketErr([]byte(value))
		require.NoError(t, err, "%x", value)
		want, err := goldap.NewControlSyncState(packet)
		require.NoError(t, err)
		require.Equal(t, want.State, got.State)
		require.Equal(t, want.EntryUUID, got.EntryUUID)
		require.Equal(t, string(want.Cookie), string(got.Cookie))
	}
	require.Equal(t, 4, usual)
	require.Nil(t, usualSyncState(ber.Control{OID: goldap.ControlTypeSyncDone, Value: []byte(syncStates()[0])}))
}
