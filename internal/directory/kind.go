package directory

import (
	"strings"

	"github.com/adsync/sdk/adsync"
)

// ClassifyAttributes are the raw attributes that Classify looks at.
var ClassifyAttributes = []string{"objectClass", "sAMAccountType", "isCriticalSystemObject", "userAccountControl"}

// Classify tells the kind of an entry by its object classes, and false for
// entries that are none of ours: computers and managed service accounts, which
// Active Directory derives from user, trust accounts, and the built-in accounts
// and groups that the directory marks as critical system objects.
func Classify(raw adsync.Attributes) (adsync.Kind, bool) {
	kind, ok := kindOf(raw.Values("objectClass"))
	if !ok || kind == adsync.OrganizationalUnit {
		return kind, ok // the unit Domain Controllers is critical, and a unit all the same
	}
	if strings.EqualFold(raw.Get("isCriticalSystemObject"), "TRUE") {
		return 0, false
	}
	if kind == adsync.User && !isPersonAccount(raw) {
		return 0, false
	}
	return kind, true
}

func isPersonAccount(raw adsync.Attributes) bool {
	if f, err := flags(raw.Get("sAMAccountType")); err == nil && f != normalUserAccount {
		return false
	}
	f, err := flags(raw.Get("userAccountControl"))
	return err != nil || f&anyTrust == 0
}

func kindOf(classes []string) (adsync.Kind, bool) {
	var found adsync.Kind
	for _, class := range classes {
		switch kind := classKinds[lowerASCII(class)]; kind {
		case 0:
		case leftOut:
			return 0, false
		default:
			found = stronger(found, kind)
		}
	}
	return found, found != 0
}

// stronger decides between the classes of one entry: in Active Directory a
// contact is a person too.
func stronger(a, b adsync.Kind) adsync.Kind {
	for _, k := range [...]adsync.Kind{adsync.Contact, adsync.Group, adsync.OrganizationalUnit} {
		if a == k || b == k {
			return k
		}
	}
	return adsync.User
}

const leftOut = adsync.Kind(255)

var classKinds = map[string]adsync.Kind{
	"computer": leftOut, "msds-managedserviceaccount": leftOut, "msds-groupmanagedserviceaccount": leftOut,
	"msds-delegatedmanagedserviceaccount": leftOut, "trusteddomain": leftOut,
	"user": adsync.User, "person": adsync.User, "organizationalperson": adsync.User, "inetorgperson": adsync.User,
	"posixaccount": adsync.User, "account": adsync.User,
	"contact": adsync.Contact,
	"group":   adsync.Group, "groupofnames": adsync.Group, "groupofuniquenames": adsync.Group,
	"groupofmembers": adsync.Group, "groupofentries": adsync.Group, "posixgroup": adsync.Group,
	"organizationalunit": adsync.OrganizationalUnit,
}
