// Package ldif reads a directory from an LDIF file (RFC 2849), such as an
// export by ldapsearch, slapcat or ldifde. It is for directories that cannot be
// reached, for trials on real data, and for tests.
//
// Entries become objects by their object classes; computers, containers and
// built-in accounts are left out. Attributes are those of the directory and the
// derived ones that source/ldap offers: accountEnabled, accountExpires,
// primaryMail, mailAliases, groupScope, groupSecurity, container and so on.
// Members and references, which stand in a file as names, become anchors; one
// that names an entry outside the file is left out.
//
// # When absence counts
//
// A file that was cut short looks like a smaller directory. So a read is a
// snapshot, after which what it does not show counts as gone, only when
// [Source.Expect] says how many entries the file has or what its checksum is,
// and that is so; when it is not so, the read ends with an error before the
// first object. Without Expect a read adds and changes, and nothing is ever
// taken for gone: memberships are added and never removed, and a last entry
// without an empty line after it is reported as a problem, since the rest of it
// may be missing. A file in which an entry has no anchor is no snapshot either:
// it cannot be told who that is.
//
// # Memory
//
// The file is read twice: once to check it and to learn which name has which
// anchor, and once for its objects. Memory is bounded by one entry
// (MaxEntry), one batch, and an index of 48 bytes an entry, plus 32 for one
// with a POSIX account, plus the text of anchors that are no UUIDs, plus, when
// the scope names groups, about 16 bytes a membership.
//
// The package does not write LDIF and does not carry out change records.
package ldif
