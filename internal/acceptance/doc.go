// Package acceptance tries the whole engine on real directories: Samba as an
// Active Directory domain controller, and OpenLDAP, into a database, with the
// state on disk. It holds tests only. What a part does by itself is tried
// beside that part.
package acceptance
