// Package wire is the server's half of LDAP v3 messages (RFC 4511): it reads
// requests from a socket and builds the bytes of answers.
//
// It knows nothing of directories, and it is no LDAP library: there is no
// client half, and only what a test server needs is decoded. What it reads is
// hostile by assumption, so every length, depth and count is bounded.
package wire
