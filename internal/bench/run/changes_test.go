package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func TestARowsProcessGetsTheWholeSetting(t *testing.T) {
	s := setting{
		url: "ldaps://127.0.0.1", base: "DC=corp,DC=example,DC=com", dir: "/d", n: 7, runs: 3, ca: "ca.pem",
		bind: "sync", password: "file", ad: true, delta: "usn", changes: 5, profile: "p",
	}
	again := defaults()
	require.NoError(t, again.flags().Parse(s.args()))
	require.Equal(t, s, again)
}

func TestNamesComeOutOfLDIF(t *testing.T) {
	names, err := ldifValues([]byte("dn: cn=Ada Example\r\n\ndn:: Y249Wm/Dqw==\n\n# refldap\nmail: dn@example.com\n"), "dn")
	require.NoError(t, err)
	require.Equal(t, []string{"cn=Ada Example", "cn=Zoë"}, names)
	_, err = ldifValues([]byte("dn:: !\n"), "dn")
	require.ErrorContains(t, err, "no base64")
}

// Red when readAs looks at the outcome alone: a server that refuses the way would
// be measured by full reads.
func TestARowThatReadInAnotherWayIsRefused(t *testing.T) {
	report := func(snapshot bool, way string) *adsync.Report {
		return &adsync.Report{
			Outcome: adsync.OutcomeCompleted,
			Sources: []adsync.SourceReport{{Snapshot: snapshot, Method: &adsync.Method{Name: way}}},
		}
	}
	s := setting{delta: "usn"}
	require.NoError(t, readAs(report(false, "usn"), s, changesOnly))
	require.NoError(t, readAs(report(true, "full"), s, everything))
	require.ErrorContains(t, readAs(report(true, "full"), s, changesOnly), "not read by usn")
	require.ErrorContains(t, readAs(report(false, "dirsync"), s, changesOnly), "not read by usn")
	require.ErrorContains(t, readAs(report(false, "usn"), s, everything), "not read by usn")
	refused := report(false, "usn")
	refused.Outcome = adsync.OutcomeRefused
	require.ErrorContains(t, readAs(refused, s, changesOnly), "refused")
}

// All the work of one table, in this process, on the make-believe directory.
// Red when changing people changes none, and when the seed leaves out many.
func TestChangesOfAGroundAreReadByEachOfItsWays(t *testing.T) {
	if _, err := exec.LookPath("ldapsearch"); err != nil {
		t.Skip("ldapsearch is not installed (ldap-utils)")
	}
	s := defaults()
	s.dir, s.n, s.changes = t.TempDir(), 300, 12
	g, err := fakeGround(s)
	require.NoError(t, err)
	defer g.close()

	s = g.setting
	s.dir = filepath.Join(g.dir, "first")
	require.NoError(t, work(t.Context(), "seed", s))
	from := "first"
	for _, way := range []string{"dirsync", "usn"} {
		s.delta, s.dir = way, filepath.Join(g.dir, way)
		require.NoError(t, takeOver(from, way)(t.Context(), g.setting))
		require.NoError(t, work(t.Context(), "full", s))
		require.NoError(t, work(t.Context(), "none", s))
		since, err := g.now(t.Context())
		require.NoError(t, err)
		require.NoError(t, g.change(t.Context(), "Changed "+way))
		require.Len(t, found(t, g, since), 12)
		require.NoError(t, work(t.Context(), "changed", s))
		require.NoError(t, work(t.Context(), "written", s))
		require.NoError(t, work(t.Context(), "sweep", s))
		from = way
	}
	s.changes = 11
	require.NoError(t, g.change(t.Context(), "Changed once more"))
	require.ErrorContains(t, work(t.Context(), "changed", s), "12 of 11")
}

func found(t *testing.T, g *ground, filter string) []string {
	t.Helper()
	names, err := g.values(t.Context(), g.setting, "dn", filter, "1.1")
	require.NoError(t, err)
	return names
}

func TestWhatARowNeedsIsDoneBeforeIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "there")
	r := row{
		command: func(setting) []string { return []string{"test", "-e", file} },
		before:  func(context.Context, setting) error { return os.WriteFile(file, nil, 0o600) },
	}
	_, err := r.measure(t.Context(), setting{}, nil)
	require.NoError(t, err)
	r.before = func(context.Context, setting) error { return os.ErrNotExist }
	_, err = r.measure(t.Context(), setting{}, nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTheTableComparesWithTheFullReadAndTheSearch(t *testing.T) {
	all := []deltaRow{
		{row{name: "ldapsearch", what: "everybody"}, -1, -1, false},
		{row{name: "usn full", what: "everything"}, 0, 1, false},
		{row{name: "usn plan", what: "changes"}, 0, 1, true},
	}
	var out strings.Builder
	require.NoError(t, writeChanges(&out, "fakedir", setting{n: 1000, changes: 100, runs: 1}, all, [][]figures{{
		{Wall: time.Second, CPU: time.Second, Peak: 1 << 20},
		{Wall: 4 * time.Second, CPU: 2 * time.Second, Peak: 1 << 20},
		{Wall: time.Second, CPU: time.Second / 2, Peak: 1 << 20},
	}}))
	require.Regexp(t, `usn full +4\.00 +2\.00 +1 +- +- +- +4\.000 +2\.000`, out.String())
	require.Regexp(t, `usn plan +1\.00 +0\.50 +1 +5000 +0\.250 +0\.250 +1\.000 +0\.500`, out.String())
}
