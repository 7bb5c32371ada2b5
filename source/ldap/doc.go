// Package ldap reads people, groups, contacts and organizational units from
// Active Directory and other LDAP servers.
package ldap
