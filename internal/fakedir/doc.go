// Package fakedir is a make-believe Active Directory for tests and
// demonstrations: real LDAP with TLS on loopback, and behind it a made-up
// company of any size that lives on from day to day.
//
// The same seed, size and day always give the same directory. It answers as
// Microsoft's product does where that differs from simpler servers: it refuses
// passwords without TLS, stops unpaged searches at 1,000 entries, gives large
// groups in ranges that nobody asked for, and refers to other naming contexts.
// Faults can be switched on while it runs.
//
// It is no directory server: nothing is stored, clients cannot write, nobody
// has rights of their own, and it listens on loopback only. People, names and
// addresses are invented; the domains are example.com's.
package fakedir
