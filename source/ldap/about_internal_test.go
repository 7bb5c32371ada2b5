package ldap

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDomainOfANamingContext(t *testing.T) {
	for name, want := range map[string]string{
		"DC=corp,DC=example,DC=com": "corp.example.com",
		"dc=Example, dc=NET":        "example.net",
		"o=Example":                 "",
		"ou=People,dc=example":      "",
		"":                          "",
		"dc=":                       "",
	} {
		require.Equal(t, want, domainOf(name), name)
	}
}
