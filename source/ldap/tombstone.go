package ldap

import (
	"strings"
)

// isTombstone tells what is left of a deleted object from a live one. Both
// signs are needed (MS-ADTS 3.1.1.5.5): isDeleted alone is also said of objects
// that an account may no longer see.
func isTombstone(e *entry) bool {
	return strings.EqualFold(e.value("isDeleted"), "TRUE") && isMangled(nameOf(e))
}

// isMangled finds the mark that deletion puts into a name: a line feed, DEL:
// and the GUID.
func isMangled(dn string) bool {
	return strings.Contains(dn, `\0ADEL:`) || strings.Contains(dn, "\nDEL:") || strings.Contains(dn, `\nDEL:`)
}
