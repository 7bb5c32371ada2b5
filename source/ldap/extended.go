package ldap

import (
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// oidExtendedDN asks Active Directory to write each DN together with the GUID
// and SID of what it names (MS-ADTS 3.1.1.3.4.1.5), so that members and
// managers arrive as anchors without a look-up.
const oidExtendedDN = "1.2.840.113556.1.4.529"

// extendedDNControl asks for the text form of GUID and SID (flag 1).
func extendedDNControl() goldap.Control {
	value := ber.NewSequence("")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, ""))
	return goldap.NewControlString(oidExtendedDN, true, string(value.Bytes()))
}

// splitExtended takes <GUID=…>;<SID=…>;dn apart. A plain DN, which cannot
// begin with "<", comes back as it is, with an empty guid. The guid is in
// lower-case text form, or empty when it is none.
func splitExtended(text string) (guid, dn string) {
	for strings.HasPrefix(text, "<") {
		part, rest, ok := strings.Cut(text, ">")
		if !ok {
			return guid, text
		}
		if name, value, _ := strings.Cut(part[1:], "="); strings.EqualFold(name, "GUID") {
			guid = guidFromText(value)
		}
		text = strings.TrimPrefix(rest, ";")
	}
	return guid, text
}

// guidFromText takes the dashed form, and the hexadecimal form of the wire
// bytes, whose first three groups are little-endian.
func guidFromText(s string) string {
	s = strings.ToLower(s)
	if len(s) == 32 && isHex(s) {
		return s[6:8] + s[4:6] + s[2:4] + s[0:2] + "-" + s[10:12] + s[8:10] + "-" + s[14:16] + s[12:14] + "-" + s[16:20] + "-" + s[20:]
	}
	if len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' && isHex(strings.ReplaceAll(s, "-", "")) {
		return s
	}
	return ""
}

func isHex(s string) bool { return s != "" && strings.Trim(s, "0123456789abcdef") == "" }
