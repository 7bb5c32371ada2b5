// Package postgres keeps what synchronisation jobs remember in PostgreSQL, 13
// or later, in a database that the caller has already: for agents that run on
// several machines, or beside a panel's own tables.
//
// The tables stand under a prefix, so that they can share a schema with others,
// and are made and brought up to date by [New]. One of several machines works
// on a target at a time: leases run out by the clock of the database.
//
// The package opens no connection by itself and knows no passwords. It is not
// for one machine alone: package state needs no server.
package postgres
