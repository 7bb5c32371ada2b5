package mapping

import _ "embed" // for the ready maps

//go:embed activedirectory.yaml
var activeDirectoryYAML string

//go:embed openldap.yaml
var openLDAPYAML string

// ActiveDirectory maps users, groups, contacts and organizational units of
// Active Directory to the canonical vocabulary. The parameter domain completes
// the logon name of accounts without a userPrincipalName. A fault in the
// options is given by Validate, and by Map for every object.
func ActiveDirectory(options ...Option) *Mapper { return ready(activeDirectoryYAML, options) }

// OpenLDAP does the same for inetOrgPerson, groupOfNames and
// organizationalUnit. The parameter domain, when set, is added to the uid to
// make the logon name.
func OpenLDAP(options ...Option) *Mapper { return ready(openLDAPYAML, options) }

// ActiveDirectoryYAML gives the text of the ready map, to print, copy and change.
func ActiveDirectoryYAML() string { return activeDirectoryYAML }

// OpenLDAPYAML gives the text of the ready map, to print, copy and change.
func OpenLDAPYAML() string { return openLDAPYAML }

func ready(text string, options []Option) *Mapper {
	rules, err := Parse([]byte(text))
	if err != nil {
		return &Mapper{fault: err}
	}
	return compile(rules, collect(options))
}
