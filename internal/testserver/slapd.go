package testserver

import (
	"crypto/rand"
	"crypto/x509/pkix"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
)

//go:embed slapd.conf
var slapdConf string

// LDAP says how to reach a test's own slapd.
type LDAP struct {
	URL, LDAPURL           string // LDAPS; LDAP, which offers StartTLS and accepts passwords in clear
	CAFile                 string
	BaseDN                 string
	BindDN, Password       string // may read everything but passwords
	ClientCert, ClientKey  string // SASL EXTERNAL with these is BindDN
	AdminDN, AdminPassword string // the database's root
	dir                    string
}

// Option changes what [Slapd] starts.
type Option func(*slapd)

// People loads the first n of [PersonAt], their organizational units and the
// groups that [WriteGroups] makes of them.
func People(n int) Option { return func(s *slapd) { s.people = n } }

// MemberOf lets the server keep the attribute memberOf.
func MemberOf() Option { return func(s *slapd) { s.MemberOf = true } }

// SessionLog lets the server remember so many changes for syncrepl, so that it
// can name what was deleted. Without it the server names what is still there.
func SessionLog(n int) Option { return func(s *slapd) { s.SessionLog = n } }

// RefInt lets the server rewrite member, uniqueMember and manager when what
// they name is renamed or deleted.
func RefInt() Option { return func(s *slapd) { s.RefInt = true } }

// NoSyncProvider takes syncrepl out of the server.
func NoSyncProvider() Option { return func(s *slapd) { s.NoSyncProvider = true } }

// Branch puts a part of the tree, such as ou=Branch, into a database of its own
// below the first one (subordinate). With glue, syncprov stands above both, as
// slapd.conf(5) wants it; without, it sees nothing of the branch.
func Branch(rdn string, glue bool) Option {
	return func(s *slapd) { s.Branch, s.Glue = rdn, glue }
}

// Line adds a line to the database's part of slapd.conf, for limits and the
// like.
func Line(line string) Option { return func(s *slapd) { s.Lines = append(s.Lines, line) } }

// Access puts a rule before the one that lets the reading account read
// everything, such as: to dn.base="dc=example,dc=com" by * none.
func Access(rule string) Option { return func(s *slapd) { s.Rules = append(s.Rules, rule) } }

// LDIF loads entries (or change records) after everything else.
func LDIF(text string) Option { return func(s *slapd) { s.ldif = append(s.ldif, text) } }

// slapd is one server; its exported fields fill slapd.conf.
type slapd struct {
	LDAP
	SchemaDir, ModuleDir, Dir, CertFile, KeyFile string
	Schemas, Lines, Rules                        []string
	MemberOf, RefInt, NoSyncProvider             bool
	SessionLog                                   int
	Branch                                       string
	Glue                                         bool

	people    int
	ldif      []string
	authority *authority
}

// Slapd starts an OpenLDAP server for this test and stops it with the test.
// It has the schemas core, cosine, inetorgperson and nis, the suffix
// dc=example,dc=com, a certificate of a CA of its own, and answers syncrepl
// unless an option takes that out.
// Without slapd on this machine the test is skipped, or fails when a run
// requires it.
func Slapd(t testing.TB, options ...Option) LDAP {
	t.Helper()
	s := &slapd{SchemaDir: "/etc/ldap/schema", ModuleDir: "/usr/lib/ldap", Schemas: []string{"core", "cosine", "inetorgperson", "nis"}}
	if findServer("slapd") == "" || !exists(s.SchemaDir) || !exists(s.ModuleDir) {
		missing(t, "slapd is not installed")
	}
	for _, option := range options {
		option(s)
	}
	s.configure(t)
	s.load(t)
	s.start(t)
	for _, text := range s.overTheWire() {
		s.Modify(t, text)
	}
	return s.LDAP
}

// configure fills the folder: keys, passwords, slapd.conf.
func (s *slapd) configure(t testing.TB) {
	t.Helper()
	s.Dir = t.TempDir()
	s.dir, s.BaseDN, s.Password, s.AdminPassword = s.Dir, BaseDN, rand.Text(), rand.Text()
	s.BindDN, s.AdminDN = "cn=sync,ou=Services,"+BaseDN, "cn=admin,"+BaseDN
	s.authority = newAuthority(t, s.Dir)
	s.CAFile = s.authority.caFile()
	s.CertFile, s.KeyFile = s.authority.server(t)
	s.ClientCert, s.ClientKey = s.authority.client(t, pkix.Name{Organization: []string{"example clients"}, CommonName: "sync"})
	fatal(t, os.Mkdir(filepath.Join(s.Dir, "data"), 0o700))
	fatal(t, os.Mkdir(filepath.Join(s.Dir, "branch"), 0o700))
	fatal(t, os.WriteFile(s.passwordFile(), []byte(s.AdminPassword), 0o600))
	conf, err := os.OpenFile(s.confFile(), os.O_CREATE|os.O_WRONLY, 0o600)
	fatal(t, err)
	defer conf.Close()
	fatal(t, template.Must(template.New("slapd.conf").Parse(slapdConf)).Execute(conf, s))
}

func (s *slapd) confFile() string   { return filepath.Join(s.Dir, "slapd.conf") }
func (l LDAP) passwordFile() string { return filepath.Join(l.dir, "admin.password") }

// load fills the database before the server runs: fast, but overlays see
// nothing of it.
func (s *slapd) load(t testing.TB) {
	t.Helper()
	var ldif strings.Builder
	writeRoot(&ldif, s.BindDN, s.Password)
	if s.people > 0 {
		WritePeople(&ldif, s.people)
	}
	run(t, ldif.String(), findServer("slapadd"), "-q", "-f", s.confFile())
}

// overTheWire is what the server must see being added: groups, for memberOf,
// and the test's own entries.
func (s *slapd) overTheWire() []string {
	if s.people == 0 {
		return s.ldif
	}
	var groups strings.Builder
	WriteGroups(&groups, s.people)
	return append([]string{groups.String()}, s.ldif...)
}

// Modify applies LDIF, entries or change records, as the database's root.
func (l LDAP) Modify(t testing.TB, ldif string) {
	t.Helper()
	run(t, ldif, "ldapmodify", "-o", "TLS_CACERT="+l.CAFile, "-a", "-x", "-H", l.URL, "-D", l.AdminDN, "-y", l.passwordFile())
}

// run gives text to a program and fails the test with what it said.
func run(t testing.TB, text, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, out))
	}
}

// findServer looks where Debian puts servers: /usr/sbin is not in everybody's
// path.
func findServer(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if path := "/usr/sbin/" + name; exists(path) {
		return path
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
