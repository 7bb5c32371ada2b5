package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/adsync/sdk/internal/fakedir"
)

// ground is a directory whose people can be changed.
type ground struct {
	setting
	everybody string // filter of all people
	plain     string // filter of people without anything awkward, at least 4 % of all
	// now gives a filter of all that will be changed from here on.
	now func(context.Context) (string, error)
	// modify takes LDIF, a title for each of the names.
	modify func(ctx context.Context, names []string, title string) error
	close  func() error
}

const (
	adEverybody = "(sAMAccountType=805306368)"
	// Ends of account names by which neither mail nor state is awkward.
	adPlain = "(&" + adEverybody + "(|(sAMAccountName=*0)(sAMAccountName=*2)))"
)

// slapdGround reads as anybody and writes as the account that is given.
func slapdGround(s setting, w writer) *ground {
	return &ground{
		setting: s, everybody: "(objectClass=inetOrgPerson)", plain: "(objectClass=inetOrgPerson)",
		now: func(context.Context) (string, error) {
			return time.Now().UTC().Format("(entryCSN>=20060102150405.000000Z#000000#000#000000)"), nil
		},
		modify: w.modify(s), close: func() error { return nil },
	}
}

func sambaGround(s setting, w writer) *ground {
	s.ad = true
	g := &ground{setting: s, everybody: adEverybody, plain: adPlain, modify: w.modify(s), close: func() error { return nil }}
	g.now = g.newUSN
	return g
}

// fakeGround starts the make-believe Active Directory in this process.
func fakeGround(s setting) (*ground, error) {
	server, err := fakedir.Start(fakedir.Config{People: s.n})
	if err != nil {
		return nil, err
	}
	s.ad, s.url, s.base, s.bind = true, server.URL(), server.BaseDN(), server.BindDN()
	s.password = filepath.Join(s.dir, "password")
	err = os.WriteFile(s.password, []byte(server.Password()), 0o600)
	if err == nil {
		s.ca, err = server.WriteCA(s.dir)
	}
	if err != nil {
		server.Close()
		return nil, err
	}
	g := &ground{setting: s, everybody: adEverybody, plain: adPlain, close: server.Close}
	g.now = g.newUSN
	g.modify = func(_ context.Context, names []string, title string) error {
		return server.Change(func(c *fakedir.Changes) error { return setTitles(c, names, title) })
	}
	return g, nil
}

func setTitles(c *fakedir.Changes, names []string, title string) error {
	for i, name := range names {
		if err := c.Set(name, "title", fmt.Sprintf("%s-%d", title, i)); err != nil {
			return err
		}
	}
	return nil
}

// newUSN asks for the number of the last change; see MS-ADTS 3.1.1.3.2.3.
func (g *ground) newUSN(ctx context.Context) (string, error) {
	s := g.setting
	s.base = ""
	values, err := g.values(ctx, s, "highestCommittedUSN", "-s", "base", "(objectClass=*)", "highestCommittedUSN")
	if err != nil {
		return "", err
	}
	if len(values) != 1 {
		return "", fmt.Errorf("%s gives no highestCommittedUSN", g.url)
	}
	return "(&" + g.everybody + "(!(uSNChanged<=" + values[0] + ")))", nil
}

// change gives K people, spread evenly, a new title.
func (g *ground) change(ctx context.Context, title string) error {
	names, err := g.values(ctx, g.setting, "dn", g.plain, "1.1")
	if err != nil {
		return err
	}
	if len(names) < g.changes {
		return fmt.Errorf("only %d people can be changed, not %d", len(names), g.changes)
	}
	chosen := make([]string, g.changes)
	for i := range chosen {
		chosen[i] = names[i*len(names)/len(chosen)]
	}
	return g.modify(ctx, chosen, title)
}

// values runs a search and gives the values of one attribute, or the names.
func (g *ground) values(ctx context.Context, s setting, attribute string, search ...string) ([]string, error) {
	line := append(searchLine(s), append([]string{"-o", "ldif-wrap=no"}, search...)...)
	out, err := exec.CommandContext(ctx, line[0], line[1:]...).Output()
	if err != nil {
		return nil, fmt.Errorf("ldapsearch: %w", err)
	}
	return ldifValues(out, attribute)
}

// writer is an account that may change people.
type writer struct{ bind, password string }

func (w writer) modify(s setting) func(context.Context, []string, string) error {
	return func(ctx context.Context, names []string, title string) error {
		var ldif bytes.Buffer
		for i, name := range names {
			fmt.Fprintf(&ldif, "dn:: %s\nchangetype: modify\nreplace: title\ntitle: %s-%d\n\n", base64Of(name), title, i)
		}
		line := tool("ldapmodify", setting{url: s.url, ca: s.ca, bind: w.bind, password: w.password})
		cmd := exec.CommandContext(ctx, line[0], line[1:]...)
		cmd.Stdin = &ldif
		if said, err := cmd.CombinedOutput(); err != nil {
			last := strings.TrimSpace(string(said))
			return fmt.Errorf("ldapmodify: %w: %s", err, last[max(0, len(last)-300):])
		}
		return nil
	}
}
