package fakedir

import (
	"fmt"
	"strings"
	"time"
)

// start is when day 0 begins. The directory's clock never reads the real one.
var start = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

// company is the made-up organisation whose life the directory shows.
type company struct {
	tree   *tree
	seed   uint64
	domain string // DNS name
	base   string // the same as a distinguished name
	sid    sid
	day    int

	root, users, builtin, controllers *entry
	configuration                     *entry
	people, contacts, groupUnit       *entry
	former, outside, services         *entry
	deptUnits                         []*entry
	deptGroups, projects              []*entry
	big, newsletter                   *entry

	dc controller // where it lives; no two controllers make the same identifiers

	ownGroups uint32 // how many were made, for their relative identifiers

	staff []*person // by index; those who left stay here
}

// newCompany founds the company and brings it to the day that is asked for.
func newCompany(c Config) *company {
	base := "DC=" + strings.ReplaceAll(c.Domain, ".", ",DC=")
	o := &company{
		tree: newTree(start, guidFor(c.Seed, "invocation"), c.TombstoneLifetime), dc: controller{number: 1}, seed: c.Seed, domain: c.Domain, base: base, sid: domainSID(c.Seed),
	}
	o.system()
	o.units()
	o.groups()
	for range c.People {
		o.join()
	}
	o.partners(max(5, min(50, c.People/20)))
	o.tree.grown()
	for range c.Days {
		o.advance()
	}
	return o
}

// object adds an entry whose identifier comes from what it is for.
func (c *company) object(parent *entry, kind, name string, classes []string, category string) *entry {
	what := strings.ToLower(kind + "=" + name + "," + parent.dn)
	return c.place(parent, kind, name, guidFor(c.seed, what), "", classes, category)
}

func (c *company) place(parent *entry, kind, name string, g guid, s sid, classes []string, category string) *entry {
	e, err := c.tree.add(parent, kind, name, g, s)
	if err != nil {
		panic(err) // the company's own names are unique
	}
	e.set(aObjectClass, classes...)
	e.setRDN()
	e.setNamed("objectCategory", category, "instanceType", "4")
	return e
}

func (c *company) unitBelow(parent *entry, name string) *entry {
	return c.object(parent, "OU", name, classUnit, "Organizational-Unit")
}

func (c *company) units() {
	top := c.unitBelow(c.root, "Company")
	c.people = c.unitBelow(top, "People")
	c.groupUnit = c.unitBelow(top, "Groups")
	c.contacts = c.unitBelow(top, "Contacts")
	c.outside = c.unitBelow(top, "Out of Scope")
	c.former = c.unitBelow(c.people, "Former Staff")
	for _, d := range departments {
		c.deptUnits = append(c.deptUnits, c.unitBelow(c.people, d))
	}
	c.services = c.unitBelow(c.root, "Service Accounts")
	c.service("svc-sync", 2101)
	c.service("svc-backup", 2102)
}

// syncDN names the account that tests read with.
func (c *company) syncDN() string { return "CN=svc-sync,OU=Service Accounts," + c.base }

func (c *company) service(name string, rid uint32) {
	e := c.account(c.services, name, rid, classUser, samUser, uacNormal|uacNoExpiry)
	e.setNamed("userPrincipalName", name+"@"+c.domain, "description", "Service account")
}

// account adds a security principal.
func (c *company) account(parent *entry, name string, rid uint32, classes []string, kind string, uac int64) *entry {
	category := "Person"
	if kind == samComputer {
		category = "Computer"
	}
	e := c.place(parent, "CN", name, guidFor(c.seed, "account/"+name), c.sid.with(rid), classes, category)
	e.setNamed("sAMAccountName", name, "sAMAccountType", kind, "userAccountControl", number(uac),
		"primaryGroupID", "513", "accountExpires", neverExpires, "pwdLastSet", fileTime(start))
	return e
}

// group adds a group; its name may hold anything, its account name may not.
func (c *company) group(parent *entry, name string, s sid, groupType int64, kind string) *entry {
	e := c.place(parent, "CN", name, guidFor(c.seed, "group/"+name), s, classGroup, "Group")
	account := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`"/\[]:;|=,+*?<>`, r) {
			return '_'
		}
		return r
	}, name)
	e.setNamed("sAMAccountName", account, "groupType", number(groupType), "sAMAccountType", kind)
	return e
}

func (c *company) ownGroup(name string) *entry {
	c.ownGroups++
	return c.group(c.groupUnit, name, c.sid.with(3000+c.ownGroups), groupGlobal, samGroup)
}

// groups makes the groups: by department, nested three levels, a cycle, a big
// flat one, one for mail, an empty one, one with a name to escape.
func (c *company) groups() {
	for i, d := range departments {
		g := c.ownGroup("Dept " + d)
		g.setNamed("mail", fmt.Sprintf("dept%d@%s", i, c.domain))
		c.deptGroups = append(c.deptGroups, g)
	}
	dept := c.deptGroups
	technical, business, top := c.ownGroup("Technical, all"), c.ownGroup("Business"), c.ownGroup("Everyone at Company")
	technical.link(aMember, dept[0], dept[4], dept[6])
	business.link(aMember, dept[1], dept[2], dept[3], dept[5], dept[7])
	top.link(aMember, technical, business)
	a, b := c.ownGroup("Cycle A"), c.ownGroup("Cycle B")
	a.link(aMember, b)
	b.link(aMember, a)
	c.big = c.ownGroup("Big flat group")
	c.newsletter = c.group(c.groupUnit, "Newsletter (distribution)", c.sid.with(3900), groupMail, samMailGroup)
	c.newsletter.setNamed("mail", "newsletter@"+c.domain)
	c.ownGroup("Empty group")
	c.ownGroup(`Quotes "and", commas`).link(aMember, top)
	for _, name := range []string{"Apollo", "Borealis", "Citadel", "Delta"} {
		c.projects = append(c.projects, c.ownGroup("Project "+name))
	}
}

// join adds the next person.
func (c *company) join() *person {
	p := c.newPerson(len(c.staff))
	id, s := guidFor(c.seed, fmt.Sprintf("person/%d", p.index)), c.sid.with(uint32(10000+p.index))
	e, err := c.tree.add(c.unit(p), "CN", p.commonName(), id, s)
	if err != nil {
		panic(err) // names and identifiers carry the index
	}
	p.entry = e
	c.staff = append(c.staff, p)
	c.fill(p)
	c.write(p)
	c.enrol(p)
	return p
}

// enrol gives a new person a manager and groups.
func (c *company) enrol(p *person) {
	if boss := c.staff[max(0, p.index-1)/8]; p.index > 0 && !boss.left {
		p.entry.link(aManager, boss.entry)
	}
	groups := []*entry{c.big, c.deptGroups[p.dept]}
	if p.index%7 == 0 {
		groups = append(groups, c.newsletter)
	}
	if p.index%5 == 2 {
		groups = append(groups, c.projects[p.index/5%len(c.projects)])
	}
	for _, g := range groups {
		g.link(aMember, p.entry)
		c.tree.touch(g)
	}
}

// partners adds the contacts.
func (c *company) partners(n int) {
	for i := range n {
		who := elsewhere[i%len(elsewhere)]
		if i%2 == 0 {
			who = identity{givenNames[i%len(givenNames)], familyNames[i*3%len(familyNames)], "partner", "contact"}
		}
		e := c.object(c.contacts, "CN", fmt.Sprintf("%s %s (partner %d)", who.given, who.family, i), classContact, "Person")
		e.setNamed("givenName", who.given, "sn", who.family, "displayName", who.given+" "+who.family,
			"mail", fmt.Sprintf("partner%d@partner.example.net", i), "company", "Partner & Sons, Ltd",
			"telephoneNumber", fmt.Sprintf("+44 20 %07d", i))
		e.setNamed("targetAddress", "SMTP:"+e.get(must("mail"))[0])
		if i%10 == 6 {
			e.setNamed("sn", "")
		}
		if i%10 == 8 {
			e.setNamed("mail", "", "targetAddress", "")
		}
	}
}
