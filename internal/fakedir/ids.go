package fakedir

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// guid is an objectGUID in the byte order of the wire: its first three parts
// are little-endian ([MS-DTYP] section 2.3.4).
type guid [16]byte

// guidFor derives an identifier from the seed and a name that never changes, so
// it is the same on every day and after every restart.
func guidFor(seed uint64, what string) guid {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%s", seed, what))
	g := guid(sum[:16])
	g[7] = g[7]&0x0f | 0x40 // version 4: the high byte of the third part comes second
	g[8] = g[8]&0x3f | 0x80
	return g
}

// String gives the form people read.
func (g guid) String() string {
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", binary.LittleEndian.Uint32(g[0:]),
		binary.LittleEndian.Uint16(g[4:]), binary.LittleEndian.Uint16(g[6:]), g[8:10], g[10:])
}

// parseGUID reads what stands in <GUID=...>: the bytes in hexadecimal, or the
// form with dashes.
func parseGUID(s string) (guid, bool) {
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != 16 {
		return guid{}, false
	}
	g := guid(b)
	if strings.Contains(s, "-") {
		g = swapped(g)
	}
	return g, true
}

func swapped(g guid) guid {
	g[0], g[1], g[2], g[3] = g[3], g[2], g[1], g[0]
	g[4], g[5], g[6], g[7] = g[5], g[4], g[7], g[6]
	return g
}

// sid is the binary form of a security identifier, empty when there is none.
type sid string

// domainSID derives the domain's identifier from the seed.
func domainSID(seed uint64) sid {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/domain", seed))
	b := []byte{1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0}
	return sid(append(b, sum[:12]...))
}

// with appends a relative identifier.
func (s sid) with(rid uint32) sid {
	b := []byte(s)
	b[1]++
	return sid(binary.LittleEndian.AppendUint32(b, rid))
}

func (s sid) rid() uint32 {
	if len(s) < 12 {
		return 0
	}
	return binary.LittleEndian.Uint32([]byte(s[len(s)-4:]))
}

// String gives the form S-1-5-21-...
func (s sid) String() string {
	if len(s) < 8 {
		return ""
	}
	out := "S-" + strconv.Itoa(int(s[0])) + "-" + strconv.Itoa(int(s[7]))
	for rest := []byte(s[8:]); len(rest) >= 4; rest = rest[4:] {
		out += "-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(rest)), 10)
	}
	return out
}

// parseSID reads S-1-... or the bytes in hexadecimal.
func parseSID(s string) sid {
	if b, err := hex.DecodeString(s); err == nil {
		return sid(b)
	}
	parts := strings.Split(s, "-")
	if len(parts) < 4 || len(parts) > 18 || !strings.EqualFold(parts[0], "S") || len(parts[2]) != 1 {
		return ""
	}
	b := []byte{1, byte(len(parts) - 3), 0, 0, 0, 0, 0, parts[2][0] - '0'}
	for _, p := range parts[3:] {
		n, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			return ""
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return sid(b)
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
