package fakedir

import "strings"

// syntax says how values of an attribute compare.
type syntax byte

const (
	text    syntax = iota // folds case and accents
	octets                // byte for byte
	integer               // by number
	dnValue               // by the object that is named
	instant               // generalized time, compares as text
)

// source says where an attribute's values come from.
type source byte

const (
	stored source = iota
	linked        // forward link: pointers to other entries
	backlink
	computed
)

// attribute is one row of the schema.
type attribute struct {
	name        string
	oid         string
	syntax      syntax
	source      source
	single      bool
	onlyOnAsked bool // constructed: not part of "*"
	local       bool // each controller has its own: neither replicated nor numbered
}

// attrID numbers the rows of the schema.
type attrID uint16

// The attributes the code itself names. Their order is the order of the table.
const (
	aObjectClass attrID = iota
	aCN
	aOU
	aDC
	aSN
	aGivenName
	aDistinguishedName
	aName
	aObjectGUID
	aObjectSID
	aUSNCreated
	aUSNChanged
	aWhenCreated
	aWhenChanged
	aMember
	aMemberOf
	aManager
	aDirectReports
	aObjectCategory
	aPrimaryGroupToken
	aParentGUID
	aUpToDateVector
	aPropertyMetaData
	aIsDeleted
	aIsRecycled
	aLastKnownParent
	aInstanceType
	aNamed // the first that only tables name
)

// schema lists what this directory knows of Active Directory's schema: names,
// identifiers and syntaxes are those of [MS-ADA1] to [MS-ADA3].
var schema = []attribute{
	aObjectClass:       {name: "objectClass", oid: "2.5.4.0"},
	aCN:                {name: "cn", oid: "2.5.4.3", single: true},
	aOU:                {name: "ou", oid: "2.5.4.11"},
	aDC:                {name: "dc", oid: "0.9.2342.19200300.100.1.25", single: true},
	aSN:                {name: "sn", oid: "2.5.4.4", single: true},
	aGivenName:         {name: "givenName", oid: "2.5.4.42", single: true},
	aDistinguishedName: {name: "distinguishedName", oid: "2.5.4.49", syntax: dnValue, source: computed, single: true},
	aName:              {name: "name", oid: "1.2.840.113556.1.4.1", source: computed, single: true},
	aObjectGUID:        {name: "objectGUID", oid: "1.2.840.113556.1.4.2", syntax: octets, source: computed, single: true},
	aObjectSID:         {name: "objectSid", oid: "1.2.840.113556.1.4.146", syntax: octets, source: computed, single: true},
	aUSNCreated:        {name: "uSNCreated", oid: "1.2.840.113556.1.2.19", syntax: integer, source: computed, single: true},
	aUSNChanged:        {name: "uSNChanged", oid: "1.2.840.113556.1.2.120", syntax: integer, source: computed, single: true},
	aWhenCreated:       {name: "whenCreated", oid: "1.2.840.113556.1.2.2", syntax: instant, source: computed, single: true},
	aWhenChanged:       {name: "whenChanged", oid: "1.2.840.113556.1.2.3", syntax: instant, source: computed, single: true},
	aMember:            {name: "member", oid: "2.5.4.31", syntax: dnValue, source: linked},
	aMemberOf:          {name: "memberOf", oid: "1.2.840.113556.1.2.102", syntax: dnValue, source: backlink},
	aManager:           {name: "manager", oid: "0.9.2342.19200300.100.1.10", syntax: dnValue, source: linked, single: true},
	aDirectReports:     {name: "directReports", oid: "1.2.840.113556.1.2.436", syntax: dnValue, source: backlink},
	aObjectCategory:    {name: "objectCategory", oid: "1.2.840.113556.1.4.782", syntax: dnValue, source: stored, single: true},
	aPrimaryGroupToken: {name: "primaryGroupToken", oid: "1.2.840.113556.1.4.1412", syntax: integer, source: computed, single: true, onlyOnAsked: true},
	aParentGUID:        {name: "parentGUID", oid: "1.2.840.113556.1.4.1224", syntax: octets, source: computed, single: true, onlyOnAsked: true},
	aUpToDateVector:    {name: "replUpToDateVector", oid: "1.2.840.113556.1.4.4", syntax: octets, source: computed, single: true, onlyOnAsked: true},
	aPropertyMetaData:  {name: "replPropertyMetaData", oid: "1.2.840.113556.1.4.3", syntax: octets, source: computed, single: true, onlyOnAsked: true},
	aIsDeleted:         {name: "isDeleted", oid: "1.2.840.113556.1.2.48", single: true},
	aIsRecycled:        {name: "isRecycled", oid: "1.2.840.113556.1.4.2058", single: true},
	aLastKnownParent:   {name: "lastKnownParent", oid: "1.2.840.113556.1.4.781", syntax: dnValue, single: true},
	aInstanceType:      {name: "instanceType", oid: "1.2.840.113556.1.2.1", syntax: integer, single: true},

	{name: "displayName", oid: "1.2.840.113556.1.2.13", single: true},
	{name: "description", oid: "2.5.4.13"},
	{name: "title", oid: "2.5.4.12", single: true},
	{name: "department", oid: "1.2.840.113556.1.2.141", single: true},
	{name: "company", oid: "1.2.840.113556.1.2.146", single: true},
	{name: "physicalDeliveryOfficeName", oid: "2.5.4.19", single: true},
	{name: "telephoneNumber", oid: "2.5.4.20", single: true},
	{name: "mobile", oid: "0.9.2342.19200300.100.1.41", single: true},
	{name: "streetAddress", oid: "1.2.840.113556.1.2.256", single: true},
	{name: "l", oid: "2.5.4.7", single: true},
	{name: "st", oid: "2.5.4.8", single: true},
	{name: "postalCode", oid: "2.5.4.17", single: true},
	{name: "c", oid: "2.5.4.6", single: true},
	{name: "co", oid: "1.2.840.113556.1.2.131", single: true},
	{name: "countryCode", oid: "1.2.840.113556.1.4.25", syntax: integer, single: true},
	{name: "employeeID", oid: "1.2.840.113556.1.4.35", single: true},
	{name: "mail", oid: "0.9.2342.19200300.100.1.3", single: true},
	{name: "proxyAddresses", oid: "1.2.840.113556.1.2.210"},
	{name: "sAMAccountName", oid: "1.2.840.113556.1.4.221", single: true},
	{name: "sAMAccountType", oid: "1.2.840.113556.1.4.302", syntax: integer, single: true},
	{name: "userPrincipalName", oid: "1.2.840.113556.1.4.656", single: true},
	{name: "userAccountControl", oid: "1.2.840.113556.1.4.8", syntax: integer, single: true},
	{name: "accountExpires", oid: "1.2.840.113556.1.4.159", syntax: integer, single: true},
	{name: "pwdLastSet", oid: "1.2.840.113556.1.4.96", syntax: integer, single: true},
	{name: "lockoutTime", oid: "1.2.840.113556.1.4.662", syntax: integer, single: true},
	{name: "badPwdCount", oid: "1.2.840.113556.1.4.12", syntax: integer, single: true, local: true},
	{name: "logonCount", oid: "1.2.840.113556.1.4.169", syntax: integer, single: true, local: true},
	{name: "primaryGroupID", oid: "1.2.840.113556.1.4.98", syntax: integer, single: true},
	{name: "groupType", oid: "1.2.840.113556.1.4.750", syntax: integer, single: true},
	{name: "adminCount", oid: "1.2.840.113556.1.4.150", syntax: integer, single: true},
	{name: "isCriticalSystemObject", oid: "1.2.840.113556.1.4.868", single: true},
	{name: "showInAdvancedViewOnly", oid: "1.2.840.113556.1.2.169", single: true},
	{name: "thumbnailPhoto", oid: "2.16.840.1.113730.3.1.35", syntax: octets, single: true},
	{name: "dNSHostName", oid: "1.2.840.113556.1.4.619", single: true},
	{name: "operatingSystem", oid: "1.2.840.113556.1.4.363", single: true},
	{name: "tombstoneLifetime", oid: "1.2.840.113556.1.2.54", syntax: integer, single: true},
	{name: "invocationId", oid: "1.2.840.113556.1.2.115", syntax: octets, single: true},
	{name: "mS-DS-ConsistencyGuid", oid: "1.2.840.113556.1.4.1360", syntax: octets, single: true},
	{name: "extensionAttribute1", oid: "1.2.840.113556.1.2.423", single: true},
	{name: "extensionAttribute2", oid: "1.2.840.113556.1.2.424", single: true},
	{name: "targetAddress", oid: "1.2.840.113556.1.2.352", single: true},
	{name: "info", oid: "1.2.840.113556.1.2.81", single: true},
	{name: "wWWHomePage", oid: "1.2.840.113556.1.2.464", single: true},
	{name: "attributeTypes", oid: "2.5.21.5", source: computed, onlyOnAsked: true},
	{name: "objectClasses", oid: "2.5.21.6", source: stored, onlyOnAsked: true},
}

var schemaByName = indexSchema()

func indexSchema() map[string]attrID {
	out := make(map[string]attrID, 3*len(schema))
	for i, a := range schema {
		out[a.name] = attrID(i)
		out[strings.ToLower(a.name)] = attrID(i)
		out[a.oid] = attrID(i)
	}
	return out
}

// attrNamed finds an attribute by name or by object identifier.
func attrNamed(name string) (attrID, bool) {
	id, ok := schemaByName[name]
	if !ok {
		id, ok = schemaByName[strings.ToLower(name)]
	}
	return id, ok
}

// must is for the names this package writes itself.
func must(name string) attrID {
	id, ok := attrNamed(name)
	if !ok {
		panic("fakedir: no attribute " + name)
	}
	return id
}

// syntaxOIDs are the LDAP syntaxes as a server names them (RFC 4517).
var syntaxOIDs = map[syntax]string{
	text:    "1.3.6.1.4.1.1466.115.121.1.15",
	octets:  "1.3.6.1.4.1.1466.115.121.1.40",
	integer: "1.3.6.1.4.1.1466.115.121.1.27",
	dnValue: "1.3.6.1.4.1.1466.115.121.1.12",
	instant: "1.3.6.1.4.1.1466.115.121.1.24",
}

// attributeTypes renders the schema as the subschema entry shows it.
func attributeTypes() []string {
	out := make([]string, 0, len(schema))
	for _, a := range schema {
		s := "( " + a.oid + " NAME '" + a.name + "' SYNTAX '" + syntaxOIDs[a.syntax] + "'"
		if a.single {
			s += " SINGLE-VALUE"
		}
		if a.source == backlink || a.source == computed {
			s += " NO-USER-MODIFICATION"
		}
		out = append(out, s+" )")
	}
	return out
}
