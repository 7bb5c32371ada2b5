// Package state keeps what synchronisation jobs remember in an SQLite
// database: links, plans, runs, issues, cursors. One file may hold the state of
// several targets.
//
// [Open] has a file of its own and is the usual choice. [New] puts the tables
// into a database that the caller has already, under a prefix.
//
// The file holds personal data and is made for its owner alone (mode 0600).
// Copy it only while no process has it open, or with SQLite's own backup: next
// to it lies a write-ahead log that belongs to it.
//
// The package is not a database layer, it does not encrypt, and it is not for
// file systems shared over a network, where SQLite's locks cannot be trusted:
// several machines use package postgres.
package state
