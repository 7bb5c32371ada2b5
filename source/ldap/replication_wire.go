package ldap

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

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
	ok := eachStamp([]byte(e.value("replPropertyMetaData")), func(s attributeStamp) {
		if s.attribute == stampOfCN || s.attribute == stampOfOU {
			return
		}
		local = max(local, s.here)
		if s.by == invocation {
			last = max(last, s.original)
		}
	})
	if !ok || local < changed {
		return changed
	}
	return last
}

// wasBroughtBack tells of an object that is there whether it had been deleted, and
// came back by a change that is new: only then does isDeleted have a stamp. The
// object itself shows nothing of it.
func wasBroughtBack(e *entry, isNew func(attributeStamp) bool) (back bool) {
	eachStamp([]byte(e.value("replPropertyMetaData")), func(s attributeStamp) {
		back = back || s.attribute == stampOfIsDeleted && isNew(s)
	})
	return back
}

// attributeStamp says when, where and by which change an attribute of an entry was
// last written.
type attributeStamp struct {
	attribute      uint32
	at             time.Time
	by             string // the database where it was written
	original, here uint64 // numbers of the change, there and here
}

// Attributes as stamps name them (MS-ADTS 3.1.1.2.2.4). An entry's naming attribute,
// cn or ou, does not replicate: each database makes it from name, and stamps it as
// its own change.
const stampOfCN, stampOfOU, stampOfIsDeleted = 3, 11, 0x20030

// since1601 is what directories count seconds from, in seconds before 1970.
const since1601 = 11_644_473_600

// eachStamp reads the stamps of an entry's attributes, replPropertyMetaData
// (MS-DRSR, section 5.162, PROPERTY_META_DATA_VECTOR): version 1, a reserved field,
// their number, a reserved field; then each: attribute, version, time, the GUID of
// the database where the change was made, its number there, and its number here.
func eachStamp(raw []byte, use func(attributeStamp)) bool {
	const size = 48
	if len(raw) < 16 || binary.LittleEndian.Uint32(raw) != 1 || uint64(len(raw)-16) != size*uint64(binary.LittleEndian.Uint32(raw[8:])) {
		return false
	}
	for raw = raw[16:]; len(raw) > 0; raw = raw[size:] {
		id, err := directory.GUID(string(raw[16:32]))
		if err != nil {
			continue
		}
		use(attributeStamp{
			attribute: binary.LittleEndian.Uint32(raw), by: id,
			at:       time.Unix(int64(binary.LittleEndian.Uint64(raw[8:]))-since1601, 0),
			original: binary.LittleEndian.Uint64(raw[32:]), here: binary.LittleEndian.Uint64(raw[40:]),
		})
	}
	return true
}
