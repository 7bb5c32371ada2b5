package mapping

import "github.com/adsync/sdk/adsync"

// The canonical vocabulary: the names that ready maps set and ready targets
// know. U, G, C and O say for which kinds: users, groups, contacts,
// organizational units.
//
//	name         kinds  meaning                                  Active Directory
//	externalId   UGCO   the anchor, kept by the target           (not mapped: the engine sends it)
//	logon        U      name to log on with, unique              userPrincipalName, else sAMAccountName@domain
//	samName      UG     short logon name                         sAMAccountName
//	firstName    U C    given name                               givenName
//	middleName   U C    middle name or initials                  middleName, else initials
//	lastName     U C    family name                              sn
//	displayName  UGCO   name for lists                           displayName, else first and last name, else cn
//	email        UGC    main e-mail address                      primaryMail, else mail
//	aliases      UGC    further e-mail addresses, several        mailAliases
//	phone        U C    phone at work                            telephoneNumber
//	mobile       U C    mobile phone                             mobile
//	fax          U C    fax number                               facsimileTelephoneNumber
//	otherPhone   U C    another phone                            (not mapped)
//	title        U C    job title                                title
//	street       U C    street, may hold line breaks (LF)        streetAddress
//	city         U C    city                                     l
//	state        U C    state or province                        st
//	zip          U C    postal code                              postalCode
//	country      U C    ISO 3166-1 code, else name               c, else co
//	office       U C    room or office                           physicalDeliveryOfficeName
//	department   U C    department                               department
//	company      U C    company                                  company
//	employeeId   U C    number of the person                     (not mapped)
//	manager      UGC    reference to a person                    manager
//	description  UGCO   free text                                description (groups, units)
//	active       UGCO   "true" or "false"; absent is unknown     accountEnabled; contacts: "true"
//	expires      U C    RFC 3339 instant, consumed by the engine accountExpires
//	name         G O    the group's or unit's name               cn; ou
//	distinguishedName O the unit's distinguished name            (not mapped)
const (
	ExternalID  = "externalId"
	Logon       = "logon"
	SamName     = "samName"
	FirstName   = "firstName"
	MiddleName  = "middleName"
	LastName    = "lastName"
	DisplayName = "displayName"
	Email       = "email"
	Aliases     = "aliases"
	Phone       = "phone"
	Mobile      = "mobile"
	Fax         = "fax"
	OtherPhone  = "otherPhone"
	Title       = "title"
	Street      = "street"
	City        = "city"
	State       = "state"
	Zip         = "zip"
	Country     = "country"
	Office      = "office"
	Department  = "department"
	Company     = "company"
	EmployeeID  = "employeeId"
	Manager     = "manager"
	Description = "description"
	Active      = adsync.AttrActive
	Expires     = adsync.AttrExpires
	Name        = "name"

	DistinguishedName = "distinguishedName"
)

// Vocabulary gives the canonical target attributes of a kind. Each call gives
// a slice of its own.
func Vocabulary(kind adsync.Kind) []string {
	person := []string{
		ExternalID, FirstName, MiddleName, LastName, DisplayName, Email, Aliases, Phone, Mobile, Fax, OtherPhone,
		Title, Street, City, State, Zip, Country, Office, Department, Company, EmployeeID, Manager, Description,
		Active, Expires,
	}
	switch kind {
	case adsync.User:
		return append(person, Logon, SamName)
	case adsync.Contact:
		return person
	case adsync.Group:
		return []string{ExternalID, Name, SamName, DisplayName, Description, Email, Aliases, Manager, Active}
	case adsync.OrganizationalUnit:
		return []string{ExternalID, Name, DisplayName, Description, DistinguishedName, Active}
	}
	return nil
}
