package main

import (
	"context"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

func TestTheEmbeddedSynchronisationRunsTwice(t *testing.T) {
	server, err := fakedir.Start(fakedir.Config{People: 60})
	require.NoError(t, err)
	defer server.Close()
	trusted := x509.NewCertPool()
	require.True(t, trusted.AppendCertsFromPEM(server.CAPEM()))
	directory := &ldap.Source{
		URL: server.URL(), Bind: server.BindUPN(), CAs: trusted,
		Password: ldap.SecretFunc(func(context.Context) (string, error) { return server.Password(), nil }),
	}
	dir := t.TempDir()
	database, remembered := filepath.Join(dir, "people.db"), filepath.Join(dir, "state.db")

	report, err := synchronise(t.Context(), directory, database, remembered)
	require.NoError(t, err)
	require.Greater(t, report.Counts.Create, 50)
	again, err := synchronise(t.Context(), directory, database, remembered)
	require.NoError(t, err)
	require.Zero(t, again.Counts.Writes())
	require.False(t, again.Sources[0].Snapshot, "only what changed is read")
	require.Contains(t, []adsync.RunOutcome{adsync.OutcomeCompleted, adsync.OutcomeConflicts}, again.Outcome)
}

// The README promises about 25 lines.
func TestTheBodyIsShort(t *testing.T) {
	text, err := os.ReadFile("main.go")
	require.NoError(t, err)
	_, body, ok := strings.Cut(string(text), "remembered string) (*adsync.Report, error) {\n")
	require.True(t, ok)
	body, _, _ = strings.Cut(body, "\n}\n")
	lines := 0
	for line := range strings.Lines(body) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	require.LessOrEqual(t, lines, 27)
}
