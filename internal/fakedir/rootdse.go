package fakedir

import (
	"strings"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// rootDSE answers what anybody may ask ([MS-ADTS] section 3.1.1.3.2).
func (s *session) rootDSE(id int64, q *wire.Search) {
	s.srv.mu.RLock()
	all := s.srv.rootAttributes()
	s.srv.mu.RUnlock()
	var some []wire.Attribute
	for _, a := range all {
		if asksFor(q.Attributes, a.Name) {
			some = append(some, a)
		}
	}
	s.send(wire.AppendDone(wire.AppendEntry(nil, id, "", some), id, wire.Result{}))
}

func asksFor(names []string, name string) bool {
	for _, n := range names {
		if n == "*" || n == "+" || strings.EqualFold(n, name) {
			return true
		}
	}
	return len(names) == 0
}

func (s *Server) rootAttributes() []wire.Attribute {
	o := s.org
	one := func(name, value string) wire.Attribute { return wire.Attribute{Name: name, Values: []string{value}} }
	settings := o.settingsDN()
	return []wire.Attribute{
		one("currentTime", generalizedTime(o.tree.now.Unix())),
		one("subschemaSubentry", "CN=Aggregate,"+o.schemaDN()),
		one("dsServiceName", settings),
		{Name: "namingContexts", Values: []string{o.base, o.configurationDN(), o.schemaDN()}},
		one("defaultNamingContext", o.base),
		one("rootDomainNamingContext", o.base),
		one("configurationNamingContext", o.configurationDN()),
		one("schemaNamingContext", o.schemaDN()),
		{Name: "supportedControl", Values: s.controls()},
		{Name: "supportedLDAPVersion", Values: []string{"3"}},
		{Name: "supportedLDAPPolicies", Values: []string{"MaxPageSize", "MaxValRange"}},
		one("highestCommittedUSN", number(o.tree.usn)),
		{Name: "supportedCapabilities", Values: []string{
			"1.2.840.113556.1.4.800",  // Active Directory
			"1.2.840.113556.1.4.1670", // of Windows Server 2003 or later
			"1.2.840.113556.1.4.1791", // signing and sealing
			"1.2.840.113556.1.4.1935", // of Windows Server 2008 or later
			"1.2.840.113556.1.4.2080", // of Windows Server 2008 R2 or later
			"1.2.840.113556.1.4.2237", // of Windows Server 2012 or later
		}},
		{Name: "supportedExtension", Values: []string{oidStartTLS, oidWhoAmI}},
		one("dnsHostName", s.host),
		one("ldapServiceName", o.domain+":"+strings.ToLower(o.dc.name())+"$@"+strings.ToUpper(o.domain)),
		one("serverName", strings.TrimPrefix(settings, "CN=NTDS Settings,")),
		one("isSynchronized", "TRUE"),
		one("isGlobalCatalogReady", "TRUE"),
		one("domainFunctionality", "7"),
		one("forestFunctionality", "7"),
		one("domainControllerFunctionality", "7"),
	}
}
