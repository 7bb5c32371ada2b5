package directory

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/protection"
)

// GUID gives the text form of an objectGUID: its first three fields are little
// endian (MS-DTYP 2.3.4), unlike the bytes of a UUID (RFC 9562). Lower case.
func GUID(value string) (string, error) {
	if len(value) != 16 {
		return "", fmt.Errorf("a GUID has 16 bytes, not %d", len(value))
	}
	return uuidText(mixed(value)), nil
}

// GUIDBytes is the reverse of GUID, for filters such as (objectGUID=\01\02…).
func GUIDBytes(text string) (string, error) {
	uuid, ok := ParseUUID(text)
	if !ok {
		return "", fmt.Errorf("%q is no UUID", text)
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(uuid, "-", ""))
	if err != nil {
		return "", err
	}
	b := mixed(string(raw))
	return string(b[:]), nil
}

// mixed swaps the bytes of the first three fields; twice is nothing.
func mixed(v string) (b [16]byte) {
	copy(b[:], v)
	if protection.Identifiers.Removed() {
		return b
	}
	b[0], b[1], b[2], b[3] = b[3], b[2], b[1], b[0]
	b[4], b[5] = b[5], b[4]
	b[6], b[7] = b[7], b[6]
	return b
}

func uuidText(b [16]byte) string {
	var out [36]byte
	hex.Encode(out[:8], b[:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:], b[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

// ParseUUID gives a UUID in lower case, and false when text is none. Braces
// around it are accepted.
func ParseUUID(text string) (string, bool) {
	if len(text) == 38 && text[0] == '{' && text[37] == '}' {
		text = text[1:37]
	}
	if len(text) != 36 {
		return "", false
	}
	for i, c := range []byte(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !isHex(c) {
			return "", false
		}
	}
	return strings.ToLower(text), true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// SID gives the text form of an objectSid (MS-DTYP 2.4.2): S-1-5-21-…
func SID(value string) (string, error) {
	if len(value) < 8 || value[0] != 1 || value[1] > 15 || len(value) != 8+4*int(value[1]) {
		return "", fmt.Errorf("%d bytes are no security identifier", len(value))
	}
	authority := binary.BigEndian.Uint64([]byte("\x00\x00" + value[2:8]))
	out := append(make([]byte, 0, 64), "S-1-"...)
	if authority < 1<<32 {
		out = strconv.AppendUint(out, authority, 10)
	} else {
		out = fmt.Appendf(out, "0x%012x", authority)
	}
	for i := 8; i < len(value); i += 4 {
		out = append(out, '-')
		out = strconv.AppendUint(out, uint64(binary.LittleEndian.Uint32([]byte(value[i:i+4]))), 10)
	}
	return string(out), nil
}
