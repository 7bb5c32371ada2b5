package ldap_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/source/ldap"
)

func TestASecretNeverShows(t *testing.T) {
	const value = "Tr0ub4dor-and-3"
	t.Setenv("ADSYNC_TEST_SECRET", value)
	path := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(path, []byte(value), 0o600))
	for _, secret := range []ldap.Secret{
		ldap.SecretFile(path), ldap.SecretEnv("ADSYNC_TEST_SECRET"),
		ldap.SecretFunc(func(context.Context) (string, error) { return value, nil }),
		{},
	} {
		source := ldap.Source{URL: "ldaps://dc1.example.com", Bind: "sync@example.com", Password: secret}
		var shown strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&shown, verb+verb+verb, secret, &secret, &source)
		}
		text, err := json.Marshal(struct{ Password ldap.Secret }{secret})
		require.NoError(t, err)
		shown.Write(text)
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("connecting", "password", secret, "all", struct{ P ldap.Secret }{secret})
		slog.New(slog.NewJSONHandler(&log, nil)).Info("connecting", "password", secret, "all", struct{ P ldap.Secret }{secret})
		shown.Write(log.Bytes())
		require.NotContains(t, shown.String(), value)
		require.NotContains(t, shown.String(), fmt.Sprintf("%x", value))
	}
}

func TestASecretsFileThatOthersMayReadIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("file modes say nothing on Windows")
	}
	s := newScripted(t)
	for mode, refused := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o622: true} {
		path := filepath.Join(t.TempDir(), "password")
		require.NoError(t, os.WriteFile(path, []byte("correct\r\n"), 0o600))
		require.NoError(t, os.Chmod(path, mode))
		src := s.source()
		src.Password = ldap.SecretFile(path)
		_, err := collect(t.Context(), src, unitsOnly)
		if refused {
			require.ErrorContains(t, err, "chmod 600", mode)
		} else {
			require.NoError(t, err, mode)
		}
	}
	require.Equal(t, "sync@corp.example.com correct", s.bound()[0], "without the line break")
	require.Len(t, s.bound(), 2)
}

func TestASecretThatIsNotThereIsAnError(t *testing.T) {
	s := newScripted(t)
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, []byte("\n"), 0o600))
	for _, secret := range []ldap.Secret{
		ldap.SecretEnv("ADSYNC_TEST_NO_SUCH_SECRET"), ldap.SecretFile(empty), ldap.SecretFile(t.TempDir()), ldap.SecretFile(empty + "-none"),
		text(""),
	} {
		src := s.source()
		src.Password = secret
		_, err := collect(t.Context(), src, unitsOnly)
		require.ErrorContains(t, err, "password of sync@corp.example.com")
	}
	require.Empty(t, s.bound(), "a bind without a password would succeed as nobody")
}
