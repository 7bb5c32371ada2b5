package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

// own is a directory of one's own: one that the test started.
type own struct {
	*fakedir.Server
	password, ca string // files
}

func startOwn(t *testing.T) own {
	t.Helper()
	server, err := fakedir.Start(fakedir.Config{People: 40})
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	ca, err := server.WriteCA(t.TempDir())
	require.NoError(t, err)
	return own{server, secretFile(t, server.Password()+"\n"), ca}
}

func secretFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// flags are those of a run that works; more flags at the end win.
func (o own) flags(dir string, more ...string) []string {
	return append([]string{"-dir", dir, "-url", o.URL(), "-bind", o.BindUPN(), "-password-file", o.password, "-ca", o.ca}, more...)
}

func TestX(t *testing.T) {
	o := startOwn(t)
	other := startOwn(t)
	dir := t.TempDir()
	show := func(name string, r ran) {
		t.Logf("=== %s: %d\n%s---\n%s", name, r.code, r.out, r.err)
	}
	show("works", quickstart(t, o.flags(dir)...))
	show("again", quickstart(t, o.flags(dir, "-json", "-once")...))
	show("no url", quickstart(t, "-dir", dir))
	show("other url", quickstart(t, other.flags(dir)...))
	show("dn", quickstart(t, o.flags(t.TempDir(), "-bind", o.BindDN())...))
	show("domain", quickstart(t, o.flags(t.TempDir(), "-bind", o.BindDomainUser())...))
	show("starttls", quickstart(t, o.flags(t.TempDir(), "-url", o.LDAPURL())...))
	show("wrong password", quickstart(t, o.flags(t.TempDir(), "-password-file", secretFile(t, "x"))...))
	show("wrong ca", quickstart(t, o.flags(t.TempDir(), "-ca", other.ca)...))
	show("no ca", quickstart(t, o.flags(t.TempDir(), "-ca", "/nonexistent")...))
	show("system ca", quickstart(t, "-dir", t.TempDir(), "-url", o.URL(), "-bind", "x@y.example.com", "-password-file", o.password))
	show("unreachable", quickstart(t, o.flags(t.TempDir(), "-url", "ldaps://127.0.0.1:1")...))
	show("unreachable json", quickstart(t, o.flags(t.TempDir(), "-url", "ldaps://127.0.0.1:1", "-json")...))
	show("unknown host", quickstart(t, o.flags(t.TempDir(), "-url", "ldaps://nowhere.invalid")...))
	show("missing base", quickstart(t, o.flags(t.TempDir(), "-base", "OU=Nope,"+o.BaseDN())...))
	show("no dn", quickstart(t, o.flags(t.TempDir(), "-base", "Nope")...))
	show("no password", quickstart(t, o.flags(t.TempDir(), "-password-file", "/nonexistent/password")...))
	require.NoError(t, os.Chmod(o.password, 0o644))
	show("open password", quickstart(t, o.flags(t.TempDir())...))
	show("unknown flag", quickstart(t, "-wat"))
	show("bad seed", quickstart(t, "-seed", "x"))
	show("help", quickstart(t, "-h"))
	d2 := t.TempDir()
	show("file as folder", quickstart(t, "-dir", o.ca+"/x"))
	require.NoError(t, os.WriteFile(d2+"/target.db", []byte("this is no database, it is a text of some length"), 0o600))
	show("target text", quickstart(t, "-dir", d2, "-objects", "20"))
	d3 := t.TempDir()
	require.NoError(t, os.WriteFile(d3+"/state.db", []byte("this is no database, it is a text of some length"), 0o600))
	show("state text", quickstart(t, "-dir", d3, "-objects", "20"))
	d4 := t.TempDir()
	require.NoError(t, os.Mkdir(d4+"/target.db", 0o700))
	show("target dir", quickstart(t, "-dir", d4, "-objects", "20", "-json"))
	d5 := t.TempDir()
	require.NoError(t, os.WriteFile(d5+"/quickstart.json", []byte("{"), 0o600))
	show("note", quickstart(t, "-dir", d5, "-objects", "20"))
	require.NoError(t, os.WriteFile(d5+"/quickstart.json", []byte(`{"objects":-5}`), 0o600))
	show("note", quickstart(t, "-dir", d5))
	o.Blind()
	show("blind", quickstart(t, o.flags(dir)...))
}
