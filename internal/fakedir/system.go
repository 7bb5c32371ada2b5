package fakedir

// system makes what every domain has: well-known accounts and groups, which a
// synchronisation must leave out, computers, and the configuration context.
func (c *company) system() {
	c.root = c.context(c.base, c.sid, []string{"top", "domain", "domainDNS"}, "Domain-DNS")
	c.root.setNamed("isCriticalSystemObject", "TRUE")
	c.users = c.critical(c.object(c.root, "CN", "Users", classBox, "Container"))
	c.builtin = c.critical(c.object(c.root, "CN", "Builtin", []string{"top", "builtinDomain"}, "Builtin-Domain"))
	c.deletedObjects(c.root)
	c.critical(c.object(c.root, "CN", "LostAndFound", []string{"top", "lostAndFound"}, "Lost-And-Found"))
	computers := c.critical(c.object(c.root, "CN", "Computers", classBox, "Container"))
	c.controllers = c.critical(c.unitBelow(c.root, "Domain Controllers"))
	c.wellKnown()
	c.computers(computers)
	c.configure()
}

func (c *company) context(dn string, s sid, classes []string, category string) *entry {
	e, err := c.tree.addContext(dn, guidFor(c.seed, dn), s)
	if err != nil {
		panic(err)
	}
	e.set(aObjectClass, classes...)
	e.setRDN()
	e.setNamed("objectCategory", category, "instanceType", "5")
	return e
}

func (c *company) critical(e *entry) *entry {
	e.setNamed("isCriticalSystemObject", "TRUE", "showInAdvancedViewOnly", "FALSE")
	return e
}

func (c *company) wellKnown() {
	admin := c.critical(c.account(c.users, "Administrator", 500, classUser, samUser, uacNormal|uacNoExpiry))
	admin.setNamed("adminCount", "1", "description", "Built-in account for administering the domain")
	guest := c.critical(c.account(c.users, "Guest", 501, classUser, samUser, uacNormal|uacDisabled|uacNoExpiry))
	guest.setNamed("primaryGroupID", "514")
	c.critical(c.account(c.users, "krbtgt", 502, classUser, samUser, uacNormal|uacDisabled))
	admins := c.builtinGroup(c.users, "Domain Admins", 512)
	admins.link(aMember, admin)
	c.builtinGroup(c.users, "Domain Users", 513)
	c.builtinGroup(c.users, "Domain Guests", 514)
	c.builtinGroup(c.users, "Domain Computers", 515)
	c.builtinGroup(c.users, "Domain Controllers", 516)
	c.builtinGroup(c.users, "Enterprise Admins", 519).link(aMember, admin)
	administrators := c.group(c.builtin, "Administrators", parseSID("S-1-5-32-544"), groupLocal, samAlias)
	c.critical(administrators).link(aMember, admin, admins)
}

func (c *company) builtinGroup(parent *entry, name string, rid uint32) *entry {
	return c.critical(c.group(parent, name, c.sid.with(rid), groupGlobal, samGroup))
}

// computers are users by class: a filter on objectClass=user finds them too.
func (c *company) computers(parent *entry) {
	c.computerOf(c.dc)
	for i, name := range []string{"PC-0001", "PC-0002"} {
		pc := c.account(parent, name, uint32(1101+i), classComputer, samComputer, uacStation)
		pc.setNamed("sAMAccountName", name+"$", "dNSHostName", name+"."+c.domain, "primaryGroupID", "515")
	}
}

// computerOf makes the account of a controller.
func (c *company) computerOf(dc controller) {
	e := c.critical(c.account(c.controllers, dc.name(), uint32(999+dc.number), classComputer, samComputer, uacServer))
	e.setNamed("sAMAccountName", dc.name()+"$", "dNSHostName", dc.host(c.domain), "primaryGroupID", "516",
		"operatingSystem", "Windows Server 2022 Standard")
}

// addController makes what the directory knows of a new controller.
func (c *company) addController(dc controller) {
	c.computerOf(dc)
	id := dc.invocation(c.seed)
	c.settingsOf(dc).set(must("invocationId"), string(id[:]))
	c.tree.grown()
}

// settingsOf makes the objects that stand for a controller in the configuration.
func (c *company) settingsOf(dc controller) *entry {
	server := c.object(c.tree.at(c.serversDN()), "CN", dc.name(), classBox, "Container")
	return c.object(server, "CN", "NTDS Settings", []string{"top", "applicationSettings", "nTDSDSA"}, "NTDS-DSA")
}

func (c *company) configurationDN() string { return "CN=Configuration," + c.base }

func (c *company) schemaDN() string { return "CN=Schema," + c.configurationDN() }

func (c *company) serversDN() string {
	return "CN=Servers,CN=Default-First-Site-Name,CN=Sites," + c.configurationDN()
}

// host is the controller's DNS name.
func (c *company) host() string { return c.dc.host(c.domain) }

// settingsDN names the object that stands for the directory service of this
// controller; it holds the invocationId.
func (c *company) settingsDN() string {
	return "CN=NTDS Settings,CN=" + c.dc.name() + "," + c.serversDN()
}

func (c *company) configure() {
	c.configuration = c.context(c.configurationDN(), "", []string{"top", "configuration"}, "Configuration")
	below := c.configuration
	for _, name := range []string{"Sites", "Default-First-Site-Name", "Servers"} {
		below = c.object(below, "CN", name, classBox, "Container")
	}
	c.settingsOf(c.dc).set(must("invocationId"), string(c.tree.invocation[:]))
	c.deletedObjects(c.configuration)
	c.directoryService()
	schema := c.context(c.schemaDN(), "", []string{"top", "dMD"}, "DMD")
	c.object(schema, "CN", "Aggregate", []string{"top", "subSchema"}, "SubSchema")
}

// deletedObjects is where tombstones go. It counts as deleted itself, so that
// nobody sees it who does not ask for tombstones.
func (c *company) deletedObjects(context *entry) {
	e := c.critical(c.object(context, "CN", "Deleted Objects", classBox, "Container"))
	e.setNamed("isDeleted", "TRUE", "description", "Container for deleted objects", "showInAdvancedViewOnly", "TRUE")
	e.deleted = true
}

// directoryService is where a client reads how long tombstones stay.
func (c *company) directoryService() {
	below := c.configuration
	for _, name := range []string{"Services", "Windows NT", "Directory Service"} {
		below = c.object(below, "CN", name, classBox, "Container")
	}
	below.setNamed("tombstoneLifetime", number(int64(c.tree.lifetime.Hours()/24)))
}
