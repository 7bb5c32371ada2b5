package ldap

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/directory"
)

// addCSNs takes change sequence numbers: time, count, server id and modification,
// each of a fixed width.
func (r reached) addCSNs(context string, values []string) {
	for _, csn := range values {
		if parts := strings.Split(csn, "#"); len(parts) == 4 && len(csn) < 64 {
			r[context+parts[2]] = csn
		}
	}
}

// addVector reads UPTODATE_VECTOR_V1_EXT and V2_EXT (MS-DRSR, sections 5.203 and
// 5.204): version, a reserved field, the number of cursors, a reserved field;
// then each cursor, a GUID and a USN, with a time in version 2. It tells whether
// it could.
func (r reached) addVector(context, blob string) bool {
	if blob == "" {
		return true // no other controller ever sent it anything
	}
	raw := []byte(blob)
	if len(raw) < 16 {
		return false
	}
	size := map[uint32]int{1: 24, 2: 32}[binary.LittleEndian.Uint32(raw)]
	count := uint64(binary.LittleEndian.Uint32(raw[8:]))
	if raw = raw[16:]; size == 0 || uint64(len(raw)) != count*uint64(size) {
		return false
	}
	for ; len(raw) > 0; raw = raw[size:] {
		if id, err := directory.GUID(string(raw[:16])); err == nil {
			r[context+id] = usnText(binary.LittleEndian.Uint64(raw[16:]))
		}
	}
	return true
}

// usnText writes a number so that it compares as text.
func usnText(n uint64) string { return fmt.Sprintf("%020d", n) }

// madeHere gives the number of the last change to an entry that this database
// made itself, 0 when others made all of them. Where the entry does not tell, as
// with members, whose origin stands elsewhere, it is uSNChanged.
func madeHere(e *entry, invocation string) (last uint64) {
	changed, err := strconv.ParseUint(e.value("uSNChanged"), 10, 63)
	if err != nil {
		return 0
	}
	local := uint64(0)
	ok := eachStamp([]byte(e.value("replPropertyMetaData")), func(id string, original, here uint64) {
		local = max(local, here)
		if id == invocation {
			last = max(last, original)
		}
	})
	if !ok || local < changed {
		return changed
	}
	return last
}

// The attributes cn and ou, as stamps name them. An entry's naming attribute does
// not replicate: each database makes it from name, and stamps it as its own change.
const stampOfCN, stampOfOU = 3, 11

// eachStamp reads the stamps of an entry's attributes, replPropertyMetaData
// (MS-DRSR, section 5.162, PROPERTY_META_DATA_VECTOR): version 1, a reserved field,
// their number, a reserved field; then each: attribute, version, time, the GUID of
// the database where the change was made, its number there, and its number here.
func eachStamp(raw []byte, use func(invocation string, original, here uint64)) bool {
	const size = 48
	if len(raw) < 16 || binary.LittleEndian.Uint32(raw) != 1 || uint64(len(raw)-16) != size*uint64(binary.LittleEndian.Uint32(raw[8:])) {
		return false
	}
	for raw = raw[16:]; len(raw) > 0; raw = raw[size:] {
		attribute := binary.LittleEndian.Uint32(raw)
		id, err := directory.GUID(string(raw[16:32]))
		if err == nil && attribute != stampOfCN && attribute != stampOfOU {
			use(id, binary.LittleEndian.Uint64(raw[32:]), binary.LittleEndian.Uint64(raw[40:]))
		}
	}
	return true
}
