package match

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/adsync/sdk/adsync"
)

// The target attributes that keys name.
const (
	AttrExternalID = "externalId"
	AttrLogon      = "logon"
	AttrSamName    = "samName"
	AttrEmail      = "email"
	AttrName       = "name"
	attrFirstName  = "firstName"
	attrMiddleName = "middleName"
	attrLastName   = "lastName"
)

// Rung is one way to know an object.
type Rung struct {
	attr  string
	kinds []adsync.Kind
	value func(adsync.Object) string
}

// ExternalID compares our own mark at the target: what a lost state file falls
// back on. Objects of a source that do not map externalId have their anchor.
func ExternalID() Rung {
	all := []adsync.Kind{adsync.User, adsync.Group, adsync.Contact, adsync.OrganizationalUnit}
	return Rung{attr: AttrExternalID, kinds: all, value: func(o adsync.Object) string {
		if id := o.Attrs.Get(AttrExternalID); id != "" {
			return id
		}
		return string(o.Anchor)
	}}
}

// Logon compares the logon names of users, without case.
func Logon() Rung { return byAttribute(AttrLogon, adsync.User) }

// SamName compares the short logon names of users, without case; contacts have
// none. Short names are unique in one domain only: leave this rung out where
// several domains meet in one target.
func SamName() Rung { return byAttribute(AttrSamName, adsync.User) }

// Email compares e-mail addresses without case, of the kinds given, or else of
// users and contacts. Dots and plus signs count.
func Email(kinds ...adsync.Kind) Rung {
	if len(kinds) == 0 {
		kinds = []adsync.Kind{adsync.User, adsync.Contact}
	}
	return byAttribute(AttrEmail, kinds...)
}

// Name compares the names of people (see PersonName) and of groups. A group's
// name keeps its punctuation: "C" and "C++" are two groups.
func Name() Rung {
	kinds := []adsync.Kind{adsync.User, adsync.Contact, adsync.Group}
	return Rung{attr: AttrName, kinds: kinds, value: func(o adsync.Object) string {
		if o.Kind == adsync.Group {
			return caseless(o.Attrs.Get(AttrName))
		}
		return PersonName(o.Attrs.Get(attrFirstName), o.Attrs.Get(attrMiddleName), o.Attrs.Get(attrLastName))
	}}
}

func byAttribute(attr string, kinds ...adsync.Kind) Rung {
	return Rung{attr: attr, kinds: kinds, value: func(o adsync.Object) string { return caseless(o.Attrs.Get(attr)) }}
}

// caseless makes values that differ in case or white space at the ends equal.
func caseless(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if norm.NFC.IsNormalString(s) {
		return s
	}
	return norm.NFC.String(s)
}
