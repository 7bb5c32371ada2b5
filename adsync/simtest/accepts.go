package simtest

import (
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// accepts is what a sink of one's own takes, by its schema: the made-up job maps
// nothing else, and the oracles miss nothing else. The zero value takes all.
type accepts struct {
	kinds map[adsync.Kind]adsync.KindSchema
}

// takes tells whether the sink has an attribute for objects of a kind, and can
// write it; for no attribute, whether it takes the kind.
func (a accepts) takes(kind adsync.Kind, name string) bool {
	k, ok := a.kinds[kind]
	if len(a.kinds) == 0 || name == "" || len(k.Attributes) == 0 {
		return ok || len(a.kinds) == 0
	}
	for known, attribute := range k.Attributes {
		if strings.EqualFold(known, name) {
			return !attribute.ReadOnly
		}
	}
	return false
}

// deactivates tells whether the sink knows inactive objects of a kind.
func (a accepts) deactivates(kind adsync.Kind) bool {
	return len(a.kinds) == 0 || a.kinds[kind].Deactivate
}

// takesMembers tells whether groups take members of a kind.
func (a accepts) takesMembers(kind adsync.Kind) bool {
	kinds := a.kinds[adsync.Group].MemberKinds
	return a.takes(kind, "") && (len(kinds) == 0 || slices.Contains(kinds, kind))
}
