package testserver

import (
	"bytes"
	"embed"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

//go:embed ad/ad-dc.sh ad/accounts.py ad/load.py
var adScripts embed.FS

// Controller is one of the controllers of a domain of the test's own. Nothing
// flows between them unless Replicate says so.
type Controller struct {
	AD
	Address string // of loopback; the ports are 389 and 636
	pair    string // folder of the scripts
	dir     string
}

// Controllers starts two domain controllers of one new domain, with people
// people loaded into both, until the test ends. That takes about 20 seconds, so
// only tests that are about two controllers ask for it. Where [Samba] has no
// controller, there are none here either.
func Controllers(t testing.TB, people int) (first, second *Controller) {
	t.Helper()
	if os.Getenv(EnvAD) == "" {
		missing(t, "no domain controllers: "+EnvAD+" is not set")
	}
	dir, err := os.MkdirTemp("", "controllers-")
	fatal(t, err)
	t.Cleanup(func() { asRoot(t, "rm", "-rf", dir) })
	unpackScripts(t, dir)
	first, second = newController(t, dir, "dc1"), newController(t, dir, "dc2")
	first.start(t, "--replicate")
	first.script(t, "load", first.dir, strconv.Itoa(people), "--contacts", "0")
	second.script(t, "join", second.dir, first.dir, "--address", second.Address, "--host", "dc2", "--until", strconv.Itoa(os.Getpid()), "--timeout", "120")
	for _, c := range []*Controller{first, second} {
		t.Cleanup(func() { c.Stop(t) })
		c.AD, err = readAD(filepath.Join(c.dir, "env"))
		fatal(t, err)
	}
	return first, second
}

func unpackScripts(t testing.TB, dir string) {
	t.Helper()
	for _, name := range []string{"ad-dc.sh", "accounts.py", "load.py"} {
		text, err := adScripts.ReadFile("ad/" + name)
		fatal(t, err)
		fatal(t, os.WriteFile(filepath.Join(dir, name), text, 0o700))
	}
}

// Stop ends the controller as a power cut ends it for its clients: connections
// break and nothing listens any more. What it holds stays.
func (c *Controller) Stop(t testing.TB) {
	t.Helper()
	c.script(t, "stop", c.dir)
}

// Start brings a stopped controller back.
func (c *Controller) Start(t testing.TB) {
	t.Helper()
	c.start(t)
}

// Replicate brings to c what from has.
func (c *Controller) Replicate(t testing.TB, from *Controller) {
	t.Helper()
	c.script(t, "replicate", c.dir, from.dir)
}

// Modify applies LDIF, entries or change records, as the domain administrator.
func (c *Controller) Modify(t testing.TB, ldif string) {
	t.Helper()
	password := filepath.Join(t.TempDir(), "password")
	fatal(t, os.WriteFile(password, []byte(c.AdminPassword), 0o600))
	run(t, ldif, "ldapmodify", "-o", "TLS_CACERT="+c.CAFile, "-a", "-x", "-H", c.URL, "-D", c.AdminUser, "-y", password)
}

func (c *Controller) start(t testing.TB, options ...string) {
	t.Helper()
	arguments := []string{"start", c.dir, "--address", c.Address, "--timeout", "120", "--until", strconv.Itoa(os.Getpid())}
	c.script(t, append(arguments, options...)...)
}

func (c *Controller) script(t testing.TB, arguments ...string) {
	t.Helper()
	asRoot(t, append([]string{"bash", filepath.Join(c.pair, "ad-dc.sh")}, arguments...)...)
}

// asRoot runs a command; Samba's ports need root.
func asRoot(t testing.TB, command ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		command = append([]string{"sudo", "-n"}, command...)
	}
	cmd := exec.Command(command[0], command[1:]...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, bytes.TrimSpace(out)))
	}
}

func newController(t testing.TB, pair, host string) *Controller {
	t.Helper()
	return &Controller{pair: pair, dir: filepath.Join(pair, host), Address: freeAddress(t)}
}

// freeAddress finds an address of loopback that nobody uses: Samba's ports are
// fixed.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 50 {
		address := fmt.Sprintf("127.0.%d.%d", 201+rand.IntN(50), 2+rand.IntN(200))
		if !listens(address) {
			return address
		}
	}
	t.Fatal("no loopback address is free")
	return ""
}

func listens(address string) bool {
	for _, port := range []string{"88", "135", "389", "464", "636", "3268"} {
		if conn, err := net.DialTimeout("tcp", net.JoinHostPort(address, port), time.Second); err == nil {
			conn.Close()
			return true
		}
	}
	return false
}
