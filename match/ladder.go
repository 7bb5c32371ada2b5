package match

import (
	"slices"

	"github.com/adsync/sdk/adsync"
)

// Matcher is an ordered list of rungs. It is pure, and several goroutines may
// use it.
type Matcher struct{ rungs []Rung }

var _ adsync.Matcher = (*Matcher)(nil)

// firstRung is the number of a ladder's first rung; rung 1 is the link.
const firstRung = 2

// Ladder makes a matcher of rungs, the surest first.
func Ladder(rungs ...Rung) *Matcher { return &Matcher{rungs: slices.Clone(rungs)} }

// Local suits a database of accounts: external id, logon, short logon name;
// contacts by e-mail address.
func Local() *Matcher {
	return Ladder(ExternalID(), Logon(), SamName(), Email(adsync.Contact))
}

// Panel suits a control panel that knows people by their e-mail address:
// external id, logon, short logon name, e-mail address.
func Panel() *Matcher { return Ladder(ExternalID(), Logon(), SamName(), Email()) }

// Passly suits an identity provider in the manner of Passly: as Local.
func Passly() *Matcher { return Local() }

// Autotask suits a list of contacts without logon names, in the manner of
// Autotask: external id, e-mail address, name.
func Autotask() *Matcher { return Ladder(ExternalID(), Email(), Name()) }

// Keys gives the keys of an object in order of their rungs. A rung that does
// not apply to the kind, or finds nothing to compare, gives no key.
func (l *Matcher) Keys(o adsync.Object) []adsync.Key {
	var keys []adsync.Key
	for i, r := range l.rungs {
		if !slices.Contains(r.kinds, o.Kind) {
			continue
		}
		if value := r.value(o); value != "" {
			keys = append(keys, adsync.Key{Rung: firstRung + i, Attr: r.attr, Value: value})
		}
	}
	return keys
}
