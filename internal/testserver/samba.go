package testserver

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// AD says how to reach the shared domain controller. What is loaded into it,
// and how Samba differs from Microsoft's directory, is told in ad/README.md.
type AD struct {
	URL, LDAPURL, GCURL                     string // LDAPS, LDAP with StartTLS, global catalogue by LDAPS
	CAFile, HostName                        string // HostName, localhost and the address are in the certificate
	BaseDN, Realm, DNSDomain, NetBIOSDomain string
	AdminUser, AdminDN, AdminPassword       string // users are named as user principal names
	SyncUser, SyncPassword                  string // may replicate changes and list deleted objects
	PlainUser, PlainPassword                string // no delegated right at all
	ResetUser, ResetPassword                string // may set passwords below OU=People,OU=Company
	UserPassword                            string // of user000000 to user000011
	Krb5Config                              string // path
	Users                                   int    // user000000 up to this number, less one
}

// Samba gives the domain controller that all packages of a test run share.
// Tests may add objects, in an organizational unit of their own, and leave
// what was loaded as it is. Without a controller the test is skipped, or
// fails when a run requires it.
func Samba(t testing.TB) AD {
	t.Helper()
	dir := os.Getenv(EnvAD)
	if dir == "" {
		missing(t, "no domain controller: "+EnvAD+" is not set")
	}
	ad, err := readAD(filepath.Join(dir, "env"))
	if err != nil {
		t.Fatalf("the domain controller's settings: %v", err)
	}
	return ad
}

func readAD(path string) (AD, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return AD{}, err
	}
	env := parseEnv(string(text))
	users, err := strconv.Atoi(env["AD_USERS"])
	if err != nil {
		return AD{}, fmt.Errorf("%s: AD_USERS: %w", path, err)
	}
	return AD{
		URL: env["AD_URL"], LDAPURL: env["AD_LDAP_URL"], GCURL: env["AD_GC_URL"],
		CAFile: env["AD_CA_FILE"], HostName: env["AD_HOST_NAME"],
		BaseDN: env["AD_BASE_DN"], Realm: env["AD_REALM"], DNSDomain: env["AD_DNS_DOMAIN"], NetBIOSDomain: env["AD_NETBIOS_DOMAIN"],
		AdminUser: env["AD_ADMIN_USER"], AdminDN: env["AD_ADMIN_DN"], AdminPassword: env["AD_ADMIN_PASSWORD"],
		SyncUser: env["AD_SYNC_USER"], SyncPassword: env["AD_SYNC_PASSWORD"],
		PlainUser: env["AD_PLAIN_USER"], PlainPassword: env["AD_PLAIN_PASSWORD"],
		ResetUser: env["AD_RESET_USER"], ResetPassword: env["AD_RESET_PASSWORD"],
		UserPassword: env["AD_USER_PASSWORD"], Krb5Config: env["AD_KRB5_CONFIG"], Users: users,
	}, nil
}

// parseEnv reads the shell assignments that ad-dc.sh writes: NAME=value or
// NAME='value', with no quote inside.
func parseEnv(text string) map[string]string {
	env := make(map[string]string)
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok {
			env[name] = strings.Trim(value, "'")
		}
	}
	return env
}
