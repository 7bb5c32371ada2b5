package fakedir

import (
	"fmt"
	"strings"
	"time"
)

// Values of userAccountControl, groupType and sAMAccountType ([MS-ADTS]
// sections 2.2.16, 2.2.12 and [MS-SAMR] section 2.2.1.9).
const (
	uacDisabled = 0x2
	uacNormal   = 0x200
	uacNoExpiry = 0x10000
	uacServer   = 0x2000 | 0x80000
	uacStation  = 0x1000

	groupGlobal = -2147483646 // security-enabled, global
	groupLocal  = -2147483643 // security-enabled, built in
	groupMail   = 2           // distribution, global

	samUser       = "805306368"
	samComputer   = "805306369"
	samGroup      = "268435456"
	samMailGroup  = "268435457"
	samAlias      = "536870912"
	neverExpires  = "9223372036854775807"
	neverExpires0 = "0" // the other way to say never
)

var (
	classUser     = []string{"top", "person", "organizationalPerson", "user"}
	classComputer = []string{"top", "person", "organizationalPerson", "user", "computer"}
	classContact  = []string{"top", "person", "organizationalPerson", "contact"}
	classGroup    = []string{"top", "group"}
	classUnit     = []string{"top", "organizationalUnit"}
	classBox      = []string{"top", "container"}
)

// photo is the shortest thing that looks like a JPEG.
const photo = "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x01\x00\x60\x00\x60\x00\x00\xff\xd9"

// setNamed sets attributes by name, in pairs; an empty value removes one.
func (e *entry) setNamed(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			e.set(must(pairs[i]))
			continue
		}
		e.set(must(pairs[i]), pairs[i+1])
	}
}

// ticks counts 100 ns since 1601 ([MS-DTYP] section 2.3.3).
func ticks(t time.Time) int64 { return t.Unix()*10_000_000 + 116444736000000000 }

func fileTime(t time.Time) string { return number(ticks(t)) }

// write puts what is known of a person into the entry.
func (c *company) write(p *person) {
	e := p.entry
	e.setNamed("sn", p.who.family, "givenName", p.who.given, "displayName", p.who.given+" "+p.who.family,
		"title", titles[p.title], "department", departments[p.dept],
		"sAMAccountName", p.login, "userPrincipalName", p.login+"@"+c.domain,
		"userAccountControl", number(accountControl(p.disabled)))
	c.writeMail(p)
	c.writeAwkward(p)
	c.tree.touch(e)
}

func accountControl(disabled bool) int64 {
	if disabled {
		return uacNormal | uacDisabled
	}
	return uacNormal
}

// writeMail keeps proxyAddresses and mail together, as Exchange does: the
// primary address has SMTP in capitals.
func (c *company) writeMail(p *person) {
	p.entry.setNamed("mail", p.mail)
	if awkwardMail(p.index) {
		return
	}
	all := []string{"SMTP:" + p.mail}
	for _, a := range p.aliases {
		if a != p.mail {
			all = append(all, "smtp:"+a)
		}
	}
	p.entry.set(must("proxyAddresses"), all...)
}

func (c *company) writeAwkward(p *person) {
	e, i := p.entry, p.index
	for name, missing := range map[string]bool{
		"sn": noFamily(i), "givenName": noGiven(i), "userPrincipalName": noUPN(i), "displayName": noDisplay(i),
	} {
		if missing {
			e.setNamed(name, "")
		}
	}
	if overlong(i) {
		e.setNamed("displayName", strings.Repeat("Very Long Name ", 18)[:256],
			"description", "line one\nline two\ttab \u200bzero width \u00a0no break \x01 control")
	}
	if oddPhone(i) {
		e.setNamed("telephoneNumber", "call me")
	}
}

// fill sets what a person is given once, when joining.
func (c *company) fill(p *person) {
	e, i := p.entry, p.index
	at := sites[i%len(sites)]
	e.values = make([]held, 0, 32) // what most people have
	e.set(aObjectClass, classUser...)
	e.setRDN()
	e.setNamed("objectCategory", "Person", "instanceType", "4", "company", companies[i%len(companies)],
		"telephoneNumber", fmt.Sprintf("+1 555 %07d", i), "physicalDeliveryOfficeName", fmt.Sprintf("Room %d", i%300),
		"streetAddress", at.street, "l", at.city, "st", at.state, "postalCode", at.code, "c", at.c, "co", at.country,
		"countryCode", at.number, "employeeID", fmt.Sprintf("E%06d", i), "sAMAccountType", samUser,
		"primaryGroupID", "513", "badPwdCount", "0", "logonCount", number(int64(i*7%500)),
		"accountExpires", expiry(i), "pwdLastSet", fileTime(start.AddDate(0, 0, -i%365)))
	if i%3 == 0 {
		e.setNamed("mobile", fmt.Sprintf("+49 (0)170/%07d", i))
	}
	if i%10 == 0 {
		e.setNamed("thumbnailPhoto", photo)
	}
}

func expiry(i int) string {
	switch {
	case expired(i):
		return fileTime(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	case expiresLater(i):
		return fileTime(time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC))
	case i%2 == 0:
		return neverExpires0
	}
	return neverExpires
}
