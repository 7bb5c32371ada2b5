// Package directory holds what Active Directory and LDAP values mean:
// distinguished names that compare as names, identifiers, times and flags as
// text, and [Selection], which turns the raw attributes of an entry into those
// that a mapper asks for.
//
// It does no I/O and speaks no protocol: source/ldap and source/ldif read
// entries in their own ways and share this package.
//
// # Attributes on offer
//
// A mapper may ask for any attribute of the directory by its own name, and for
// these, which are derived:
//
//	dn, distinguishedName  the entry's name as the directory wrote it
//	container              the parent's name
//	objectGUID             text, such as 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
//	mS-DS-ConsistencyGuid  the same
//	objectSid, sIDHistory  text, S-1-5-21-…
//	entryUUID              lower case
//	accountEnabled         "true" or "false", from userAccountControl; absent where
//	                       that is absent, since unknown is not active
//	accountExpires         RFC 3339 in UTC; absent when the account never expires
//	pwdLastSet and other   RFC 3339 in UTC; absent when zero
//	FILETIME attributes
//	primaryMail            the primary address of proxyAddresses, else mail
//	mailAliases            the other SMTP addresses of proxyAddresses, sorted
//	groupScope             "global", "domain-local" or "universal"
//	groupSecurity          "true" for a security group, "false" for a distribution list
//
// Attributes that hold distinguished names, such as manager, are references
// and come apart from the others. Some attributes hold secrets and are never
// given, whoever asks: see [Forbidden].
package directory
