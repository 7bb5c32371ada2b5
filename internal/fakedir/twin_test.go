package fakedir_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/internal/testserver"
)

// step is one change that is made to two directories alike. Names are relative
// to the unit that the test plays in; values that begin with a type and = are
// names, too.
type step struct {
	do     string // add, set, link, unlink, move, remove, reanimate
	dn     string
	what   string // class, or attribute
	values []string
	to     string
	id     []byte // objectGUID of what is reanimated
}

// twin is one of the two directories.
type twin struct {
	unit   string // where the test plays
	base   string
	change func(step) error
	conn   *ldap.Conn // reads
	ids    map[string]string
	known  int64 // highest change number that was asked for
}

func (w *twin) dn(name string) string {
	if name == "" {
		return w.unit
	}
	return name + "," + w.unit
}

func (w *twin) names(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		if out[i] = v; strings.HasPrefix(v, "CN=") || strings.HasPrefix(v, "OU=") {
			out[i] = w.dn(v)
		}
	}
	return out
}

// fakeTwin plays on the fake directory.
func fakeTwin(t *testing.T, unit string) *twin {
	s := start(t, fakedir.Config{People: 5, DirSyncRound: 3, DeletionsNeedListing: true})
	w := &twin{unit: unit + "," + s.BaseDN(), base: s.BaseDN(), conn: bound(t, s), ids: map[string]string{}}
	w.change = func(x step) error {
		return s.Change(func(d *fakedir.Changes) error { return w.onFake(d, x) })
	}
	require.NoError(t, w.change(step{do: "add", what: "organizationalUnit"}))
	return w
}

func (w *twin) onFake(d *fakedir.Changes, x step) error {
	dn, values := w.dn(x.dn), w.names(x.values)
	switch x.do {
	case "add":
		attrs := map[string][]string{}
		if x.what == "user" || x.what == "group" {
			attrs["sAMAccountName"] = values
		}
		return d.Add(dn, x.what, attrs)
	case "set":
		return d.Set(dn, x.what, values...)
	case "link":
		return d.Link(dn, x.what, values...)
	case "unlink":
		return d.Unlink(dn, x.what, values...)
	case "move":
		return d.Move(dn, w.dn(x.to))
	case "remove":
		return d.Remove(dn)
	}
	return d.Reanimate("<GUID="+hex.EncodeToString(x.id)+">", w.dn(x.to))
}

// sambaTwin plays on a real domain controller, in a unit of its own.
func sambaTwin(t *testing.T, unit string) *twin {
	ad := testserver.Samba(t)
	admin := sambaConn(t, ad, ad.AdminUser, ad.AdminPassword)
	w := &twin{
		unit: unit + "," + ad.BaseDN, base: ad.BaseDN,
		conn: sambaConn(t, ad, ad.SyncUser, ad.SyncPassword), ids: map[string]string{},
	}
	w.change = func(x step) error { return w.onSamba(admin, x) }
	require.NoError(t, w.change(step{do: "add", what: "organizationalUnit"}))
	t.Cleanup(func() { require.NoError(t, w.change(step{do: "remove"})) })
	return w
}

func sambaConn(t *testing.T, ad testserver.AD, user, password string) *ldap.Conn {
	pem, err := os.ReadFile(ad.CAFile)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(pem))
	c, err := ldap.DialURL(ad.URL, ldap.DialWithTLSConfig(&tls.Config{RootCAs: pool, ServerName: ad.HostName}))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.Bind(user, password))
	return c
}

func (w *twin) onSamba(c *ldap.Conn, x step) error {
	dn, values := w.dn(x.dn), w.names(x.values)
	m := ldap.NewModifyRequest(dn, nil)
	switch x.do {
	case "add":
		a := ldap.NewAddRequest(dn, nil)
		a.Attribute("objectClass", []string{x.what})
		if x.what == "user" || x.what == "group" {
			a.Attribute("sAMAccountName", values)
		}
		return c.Add(a)
	case "set":
		m.Replace(x.what, values)
		return c.Modify(m)
	case "link":
		m.Add(x.what, values)
		return unless(c.Modify(m), ldap.LDAPResultEntryAlreadyExists, ldap.LDAPResultAttributeOrValueExists)
	case "unlink":
		m.Delete(x.what, values)
		return c.Modify(m)
	case "move":
		to := w.dn(x.to)
		rdn, parent, _ := strings.Cut(to, ",")
		return c.ModifyDN(ldap.NewModifyDNRequest(dn, rdn, true, parent))
	case "remove":
		return c.Del(ldap.NewDelRequest(dn, []ldap.Control{ldap.NewControlSubtreeDelete()}))
	}
	return reanimate(c, x.id, w.dn(x.to))
}

// reanimate needs the tombstone's name: Samba fails with <GUID=...>.
func reanimate(c *ldap.Conn, id []byte, to string) error {
	shown := []ldap.Control{ldap.NewControlMicrosoftShowDeleted()}
	q := request("<GUID="+hex.EncodeToString(id)+">", "(objectClass=*)", "cn")
	q.Scope, q.Controls = ldap.ScopeBaseObject, shown
	r, err := c.Search(q)
	if err != nil {
		return err
	}
	m := ldap.NewModifyRequest(r.Entries[0].DN, shown)
	m.Delete("isDeleted", nil)
	m.Replace("distinguishedName", []string{to})
	return c.Modify(m)
}

// unless takes result codes that only say "it was so already" for success.
func unless(err error, codes ...uint16) error {
	if e, ok := errors.AsType[*ldap.Error](err); ok {
		for _, code := range codes {
			if e.ResultCode == code {
				return nil
			}
		}
	}
	return err
}
