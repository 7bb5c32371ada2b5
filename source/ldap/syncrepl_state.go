package ldap

import (
	"encoding/binary"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

// syncStateHead is how the value of a Sync State control (RFC 4533, section 2.3)
// begins: a sequence, a state of one byte, an identifier of 16, and perhaps a cookie.
const syncStateHead = 2 + 3 + 2 + len(key{})

// usualSyncState reads that control as servers write it, which comes with every
// entry that changed. It gives nil for any other, and go-ldap reads those.
func usualSyncState(c ber.Control) *goldap.ControlSyncState {
	v := c.Value
	if c.OID != goldap.ControlTypeSyncState || c.Critical || len(v) < syncStateHead || len(v) > 0x7f+2 {
		return nil
	}
	const shape, identifier = 0x0a01, 0x0410
	usual := v[0] == 0x30 && int(v[1]) == len(v)-2 && binary.BigEndian.Uint16(v[2:]) == shape && binary.BigEndian.Uint16(v[5:]) == identifier
	if !usual || v[4] > byte(goldap.SyncStateDelete) {
		return nil
	}
	state := &goldap.ControlSyncState{State: goldap.ControlSyncStateState(v[4])}
	copy(state.EntryUUID[:], v[7:])
	rest := v[syncStateHead:]
	if len(rest) == 0 {
		return state
	}
	if len(rest) < 2 || rest[0] != 0x04 || int(rest[1]) != len(rest)-2 {
		return nil
	}
	state.Cookie = rest[2:]
	return state
}
