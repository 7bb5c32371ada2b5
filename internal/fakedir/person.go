package fakedir

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// person is one employee as the made-up company knows them. The directory
// entry is written from it.
type person struct {
	index    int
	who      identity
	login    string
	mail     string
	aliases  []string
	dept     int
	title    int
	disabled bool
	left     bool
	entry    *entry
}

// The awkward share. Which person is awkward in which way depends on the index
// alone, who the person is on the seed as well, so a test can compute what to
// expect. 200 people show every kind.
func noMail(i int) bool         { return i%50 == 7 }
func noFamily(i int) bool       { return i%50 == 13 }
func noGiven(i int) bool        { return i%50 == 14 }
func noUPN(i int) bool          { return i%100 == 15 }
func noDisplay(i int) bool      { return i%100 == 16 }
func mailOfOther(i int) bool    { return i%100 == 18 }  // of i-1
func mailInCapitals(i int) bool { return i%200 == 119 } // of i-2
func invalidMail(i int) bool    { return i%500 == 33 }
func overlong(i int) bool       { return i%500 == 34 }
func oddPhone(i int) bool       { return i%500 == 35 }
func expired(i int) bool        { return i%300 == 71 }
func expiresLater(i int) bool   { return i%300 == 72 }
func foreignName(i int) bool    { return i%10 == 3 }
func commaInName(i int) bool    { return i%40 == 9 }
func specialInName(i int) bool  { return i%40 == 21 }
func startsDisabled(i int) bool { return i%25 == 11 }
func outOfScope(i int) bool     { return i%100 == 60 }

// awkwardMail reports whether the address is not the person's own usual one.
func awkwardMail(i int) bool {
	return noMail(i) || mailOfOther(i) || mailInCapitals(i) || invalidMail(i)
}

// newPerson makes the person of an index; the same seed and index always give
// the same one.
func (c *company) newPerson(i int) *person {
	r := rand.New(rand.NewPCG(c.seed, uint64(i)))
	p := &person{index: i, who: nameOf(r, i), dept: i % len(departments), title: r.IntN(len(titles))}
	p.login = loginName(p.who, i)
	p.mail = c.mailOf(p.who, i)
	p.aliases = []string{p.login + "@" + c.domain}
	p.disabled = startsDisabled(i)
	switch {
	case noMail(i):
		p.mail = ""
	case mailOfOther(i):
		p.mail = c.usualMail(i - 1)
	case mailInCapitals(i):
		p.mail = strings.ToUpper(c.usualMail(i - 2))
	case invalidMail(i):
		p.mail = "not an address"
	}
	return p
}

func nameOf(r *rand.Rand, i int) identity {
	given, family := givenNames[r.IntN(len(givenNames))], familyNames[r.IntN(len(familyNames))]
	if foreignName(i) {
		return elsewhere[i/10%len(elsewhere)]
	}
	return identity{given, family, strings.ToLower(given), strings.ToLower(family)}
}

// usualMail is the address the person of an index has before any change.
func (c *company) usualMail(i int) string {
	return c.mailOf(nameOf(rand.New(rand.NewPCG(c.seed, uint64(i))), i), i)
}

func (c *company) mailOf(who identity, i int) string {
	return fmt.Sprintf("%s.%s%d@%s", who.loginGiven, who.loginFamily, i, c.domain)
}

// loginName is a sAMAccountName: unique by its number and never over 20 letters.
func loginName(who identity, i int) string {
	family := who.loginFamily
	return fmt.Sprintf("%s%s%d", who.loginGiven[:1], family[:min(len(family), 10)], i)
}

// commonName is unique by its number.
func (p *person) commonName() string {
	switch {
	case specialInName(p.index):
		return fmt.Sprintf(oddNames[p.index/40%len(oddNames)], p.who.given, p.who.family) + fmt.Sprintf(" %d", p.index)
	case commaInName(p.index):
		return fmt.Sprintf("%s, %s %d", p.who.family, p.who.given, p.index)
	}
	return fmt.Sprintf("%s %s %d", p.who.given, p.who.family, p.index)
}

// unit is the organizational unit the person belongs in.
func (c *company) unit(p *person) *entry {
	switch {
	case p.disabled:
		return c.former
	case outOfScope(p.index):
		return c.outside
	}
	return c.deptUnits[p.dept]
}
