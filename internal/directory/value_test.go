package directory

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFiletime(t *testing.T) {
	for _, c := range []struct{ value, text string }{
		{"132223104000000000", "2020-01-01T00:00:00Z"},
		{"132223104009999999", "2020-01-01T00:00:00Z"},
		{"116444736000000000", "1970-01-01T00:00:00Z"},
		{"1", "1601-01-01T00:00:00Z"},
		{"2650467743999999999", "9999-12-31T23:59:59Z"},
		{"2650467744000000000", ""},
		{"0", ""},
		{"9223372036854775807", ""},
	} {
		text, err := FiletimeText(c.value)
		require.NoError(t, err)
		require.Equal(t, c.text, text, c.value)
	}
	for _, bad := range []string{"", "x", "-1", "9223372036854775808", "1.5"} {
		_, err := FiletimeText(bad)
		require.Error(t, err, bad)
	}
}

func TestAccountEnabled(t *testing.T) {
	for value, want := range map[string]bool{"512": true, "514": false, "66048": true, "66050": false, "2": false, "-2147483646": false} {
		enabled, err := AccountEnabled(value)
		require.NoError(t, err)
		require.Equal(t, want, enabled, value)
	}
	for _, bad := range []string{"", "0x200", "4294967296", "enabled"} {
		enabled, err := AccountEnabled(bad)
		require.Error(t, err)
		require.False(t, enabled, "unknown is never active")
	}
}

func TestGroupType(t *testing.T) {
	for _, c := range []struct {
		value, scope string
		security     bool
	}{
		{"-2147483646", "global", true},
		{"-2147483644", "domain-local", true},
		{"-2147483640", "universal", true},
		{"2", "global", false},
		{"4", "domain-local", false},
		{"8", "universal", false},
		{"-2147483643", "domain-local", true},
		{"2147483650", "global", true},
	} {
		scope, err := GroupScope(c.value)
		require.NoError(t, err)
		require.Equal(t, c.scope, scope)
		security, err := GroupSecurity(c.value)
		require.NoError(t, err)
		require.Equal(t, c.security, security)
	}
	for _, bad := range []string{"", "0", "6", "x"} {
		_, err := GroupScope(bad)
		require.Error(t, err, bad)
	}
}

func TestProxyAddresses(t *testing.T) {
	for _, c := range []struct {
		name    string
		values  []string
		primary string
		aliases []string
	}{
		{"none", nil, "", nil},
		{"usual", []string{"smtp:z@example.com", "SMTP:ada@example.com", "smtp:a@example.com"}, "ada@example.com", []string{"a@example.com", "z@example.com"}},
		{"other kinds", []string{"X500:/o=x", "sip:ada@example.com", "x400:c=us", "ada@example.com"}, "", nil},
		{"alias equal to the primary", []string{"SMTP:ada@example.com", "smtp:ADA@example.com"}, "ada@example.com", nil},
		{"doubled alias", []string{"smtp:b@example.com", "smtp:B@example.com"}, "", []string{"B@example.com"}},
		{"two primaries", []string{"SMTP:b@example.com", "SMTP:a@example.com"}, "a@example.com", []string{"b@example.com"}},
		{"empty address", []string{"SMTP:", "smtp:"}, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			primary, aliases := ProxyAddresses(c.values)
			require.Equal(t, c.primary, primary)
			require.ElementsMatch(t, c.aliases, aliases)
			require.IsIncreasing(t, append([]string{""}, aliases...))
		})
	}
}

func TestAttributeNames(t *testing.T) {
	require.Equal(t, "cn", BaseName("cn;lang-de"))
	require.True(t, HasOption("userCertificate;x;Binary", "binary"))
	require.False(t, HasOption("binary", "binary"))
	require.Equal(t, "userCertificate", TrimOption("userCertificate;binary", "BINARY"))
	require.Equal(t, "cn;lang-de", TrimOption("cn;lang-de", "binary"))
	require.Equal(t, "cn;lang-de", TrimOption("cn;binary;lang-de", "binary"))
}

func TestForbiddenAttributes(t *testing.T) {
	for _, name := range []string{
		"unicodePwd", "UNICODEPWD", "userPassword;binary", "ms-Mcs-AdmPwd", "ms-Mcs-AdmPwdExpirationTime",
		"msLAPS-EncryptedPassword", "msDS-ManagedPassword", "msDS-ManagedPasswordId", "msFVE-RecoveryPassword", "supplementalCredentials", "dBCSPwd", "2.5.4.35",
	} {
		require.True(t, Forbidden(name), name)
	}
	for _, name := range []string{"mail", "pwdLastSet", "accountExpires", "cn;lang-de", ""} {
		require.False(t, Forbidden(name), name)
	}
}
