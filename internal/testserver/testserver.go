// Package testserver gives tests real servers: an Active Directory domain
// controller ([Samba]), OpenLDAP ([Slapd]) and PostgreSQL ([Postgres]).
//
// All of them are private to the test run and listen on loopback only. The
// controller and PostgreSQL take seconds to start, so `make test` starts one
// of each for all packages and says by environment variables where they are;
// slapd starts in a blink, so each test has its own.
//
// The package is for tests of this module alone. It simulates nothing: faults
// that a real server will not show on request need a scripted one.
package testserver

import (
	"os"
	"testing"
)

// The environment variables by which a test run tells its packages what there
// is.
const (
	// EnvAD is the folder of the domain controller; its file env holds the
	// settings.
	EnvAD = "ADSYNC_TEST_AD_DIR"
	// EnvPostgres is the DSN (a URL) of a PostgreSQL superuser.
	EnvPostgres = "ADSYNC_TEST_POSTGRES"
	// EnvRequire, when "1", makes a missing server a failure: otherwise a run
	// could be green only because everything was skipped.
	EnvRequire = "ADSYNC_TEST_REQUIRE"
)

// missing ends a test whose server is not there.
func missing(t testing.TB, what string) {
	t.Helper()
	text := what + "; `make test` installs and starts what the tests need, internal/testserver/servers.sh does it for a single test"
	if os.Getenv(EnvRequire) == "1" {
		t.Fatal(text)
	}
	t.Skip(text)
}
