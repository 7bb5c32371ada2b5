package ldap_test

import (
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

func TestAboutActiveDirectory(t *testing.T) {
	server, err := fakedir.Start(fakedir.Config{People: 5})
	require.NoError(t, err)
	defer server.Close()
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(server.CAPEM())
	s := &ldap.Source{URL: server.URL(), Bind: server.BindUPN(), CAs: trusted, Password: text(server.Password())}
	about, err := s.About(t.Context())
	require.NoError(t, err)
	require.Equal(t, ldap.About{ActiveDirectory: true, BaseDN: server.BaseDN(), Domain: "corp.example.com"}, about)
	s.Password = text("wrong")
	_, err = s.About(t.Context())
	require.Error(t, err)
}
