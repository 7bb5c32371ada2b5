package ldap_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/testserver"
)

// history lets things happen at random in a unit of its own. What happened is
// kept in words, so that a failure can be told; the seed tells it again.
type history struct {
	t    testing.TB
	conn writer
	rand *rand.Rand
	mark string // makes names unique in the domain
	top  string // the unit of its own
	told []string
	n    int
	dead []string // GUIDs of the deleted, as the server writes them in a base
}

// writer is what a history needs of a directory.
type writer interface {
	Add(*goldap.AddRequest) error
	Modify(*goldap.ModifyRequest) error
	ModifyDN(*goldap.ModifyDNRequest) error
	Del(*goldap.DelRequest) error
	Search(*goldap.SearchRequest) (*goldap.SearchResult, error)
}

func newHistory(t testing.TB, conn writer, domain string, seed uint64) *history {
	h := &history{t: t, conn: conn, rand: rand.New(rand.NewPCG(seed, 1)), mark: fmt.Sprintf("%s%d", randomName(), seed)}
	h.top = "OU=History " + h.mark + "," + domain
	require.NoError(t, h.unit(h.top))
	t.Cleanup(func() {
		_ = h.conn.Del(goldap.NewDelRequest(h.top, []goldap.Control{goldap.NewControlSubtreeDelete()}))
	})
	for _, name := range []string{"In", "Outside"} {
		require.NoError(t, h.unit("OU="+name+","+h.top))
	}
	for _, name := range []string{"Staff", "Sales", "Apart", "Groups"} {
		require.NoError(t, h.unit("OU="+name+","+h.base()))
	}
	require.NoError(t, h.add(h.chosen(), "group", "sAMAccountName", h.mark+"chosen", "info", "lasting"))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d; what happened:\n%s", seed, strings.Join(h.told, "\n"))
		}
	})
	return h
}

// randomName begins with a letter: a history picks from lists in order, and a seed
// would tell two of them, according to where a mark comes among other names.
func randomName() string { return fmt.Sprintf("h%04x", rand.Uint32()&0xffff) }

func administratorOf(t testing.TB, ad testserver.AD) *goldap.Conn {
	pem, err := os.ReadFile(ad.CAFile)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(pem))
	conn, err := goldap.DialURL(ad.URL, goldap.DialWithTLSConfig(&tls.Config{RootCAs: pool}))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.Bind(ad.AdminUser, ad.AdminPassword))
	return conn
}

func (h *history) base() string { return "OU=In," + h.top }

// chosen is a group that stays, so that a scope can name it.
func (h *history) chosen() string { return "CN=" + h.mark + " chosen,OU=Groups," + h.base() }

func (h *history) unit(dn string) error {
	add := goldap.NewAddRequest(dn, nil)
	add.Attribute("objectClass", []string{"organizationalUnit"})
	return h.conn.Add(add)
}

// find lists what matches below the unit of its own.
func (h *history) find(filter string, attrs ...string) []*goldap.Entry {
	r, err := h.conn.Search(goldap.NewSearchRequest(h.top, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false, filter, attrs, nil))
	require.NoError(h.t, err)
	return r.Entries
}

// any picks one object, nil where there is none.
func (h *history) any(filter string, attrs ...string) *goldap.Entry {
	list := h.find(filter, append(attrs, "name")...)
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b *goldap.Entry) int {
		return strings.Compare(a.GetAttributeValue("name"), b.GetAttributeValue("name"))
	})
	return list[h.rand.IntN(len(list))]
}

const (
	anyUser   = "(&(objectClass=user)(!(objectClass=computer)))"
	anyGroup  = "(objectClass=group)"
	anyMember = "(|(objectClass=user)(objectClass=contact)(objectClass=group))"
	mortal    = "(&" + anyMember + "(!(info=lasting)))"
	anyUnit   = "(objectClass=organizationalUnit)"
)

// happen does n things. What the server refuses, such as moving a unit below
// itself, did not happen.
func (h *history) happen(n int) {
	for range n {
		at := h.rand.IntN(len(things))
		what, err := things[at].do(h)
		line := fmt.Sprintf("%4d %s: %s", len(h.told), things[at].name, what)
		if err != nil {
			line += " -- refused: " + err.Error()
		}
		h.told = append(h.told, line)
	}
}

var things = []struct {
	name string
	do   func(*history) (string, error)
}{
	{"hire", (*history).hire},
	{"hire", (*history).hire},
	{"hire", (*history).hire},
	{"contact", (*history).contact},
	{"found", (*history).found},
	{"join", (*history).join},
	{"join", (*history).join},
	{"join", (*history).join},
	{"quit", (*history).quit},
	{"quit", (*history).quit},
	{"set", (*history).set},
	{"set", (*history).set},
	{"clear", (*history).clear},
	{"rename", (*history).rename},
	{"move", (*history).move},
	{"move", (*history).move},
	{"new unit", (*history).newUnit},
	{"rename unit", (*history).renameUnit},
	{"move unit", (*history).moveUnit},
	{"remove unit", (*history).removeUnit},
	{"delete", (*history).remove},
	{"bring back", (*history).bringBack},
	{"disable", (*history).disable},
	{"boss", (*history).boss},
	{"no boss", (*history).noBoss},
	{"primary group", (*history).primaryGroup},
}

func (h *history) where() string {
	u := h.any(anyUnit)
	return u.DN
}

func (h *history) name() string { h.n++; return fmt.Sprintf("%s n%03d", h.mark, h.n) }

func (h *history) add(dn, class string, pairs ...string) error {
	add := goldap.NewAddRequest(dn, nil)
	add.Attribute("objectClass", []string{class})
	for i := 0; i < len(pairs); i += 2 {
		add.Attribute(pairs[i], []string{pairs[i+1]})
	}
	return h.conn.Add(add)
}

func (h *history) hire() (string, error) {
	name := h.name()
	dn := "CN=" + name + "," + h.where()
	return dn, h.add(dn, "user", "sAMAccountName", strings.ReplaceAll(name, " ", ""), "displayName", "Ada "+name, "userAccountControl", "544", "description", h.department())
}

func (h *history) department() string { return []string{"Sales", "Support"}[h.rand.IntN(2)] }

func (h *history) contact() (string, error) {
	dn := "CN=" + h.name() + "," + h.where()
	return dn, h.add(dn, "contact", "displayName", "Bela", "description", h.department())
}

func (h *history) found() (string, error) {
	name := h.name()
	dn := "CN=" + name + "," + h.where()
	pairs := []string{"sAMAccountName", strings.ReplaceAll(name, " ", ""), "description", h.department()}
	if m := h.any(anyMember); m != nil {
		pairs = append(pairs, "member", m.DN)
	}
	return dn, h.add(dn, "group", pairs...)
}

func (h *history) modify(dn string, change func(*goldap.ModifyRequest)) error {
	r := goldap.NewModifyRequest(dn, nil)
	change(r)
	return h.conn.Modify(r)
}

func (h *history) join() (string, error) {
	g, m := h.any(anyGroup), h.any(anyMember)
	if g == nil || m == nil {
		return "nobody", nil
	}
	return m.DN + " to " + g.DN, h.modify(g.DN, func(r *goldap.ModifyRequest) { r.Add("member", []string{m.DN}) })
}

func (h *history) quit() (string, error) {
	g := h.any("(member=*)", "member")
	if g == nil {
		return "nobody", nil
	}
	members := g.GetAttributeValues("member")
	m := members[h.rand.IntN(len(members))]
	return m + " from " + g.DN, h.modify(g.DN, func(r *goldap.ModifyRequest) { r.Delete("member", []string{m}) })
}

func (h *history) set() (string, error) {
	m := h.any(anyMember)
	if m == nil {
		return "nobody", nil
	}
	attr := []string{"displayName", "description"}[h.rand.IntN(2)]
	value := h.department()
	if attr == "displayName" {
		value = h.name()
	}
	return m.DN + " " + attr + "=" + value, h.modify(m.DN, func(r *goldap.ModifyRequest) { r.Replace(attr, []string{value}) })
}

func (h *history) clear() (string, error) {
	m := h.any("(displayName=*)")
	if m == nil {
		return "nobody", nil
	}
	return m.DN, h.modify(m.DN, func(r *goldap.ModifyRequest) { r.Replace("displayName", nil) })
}

func (h *history) moved(e *goldap.Entry, rdn, parent string) (string, error) {
	if e == nil {
		return "nobody", nil
	}
	if rdn == "" {
		rdn, _, _ = strings.Cut(e.DN, ",")
	}
	return e.DN + " to " + rdn + "," + parent, h.conn.ModifyDN(goldap.NewModifyDNRequest(e.DN, rdn, true, parent))
}

func (h *history) rename() (string, error) {
	return h.moved(h.any(mortal), "CN="+h.name(), "")
}

func (h *history) move() (string, error) { return h.moved(h.any(mortal), "", h.where()) }

func (h *history) newUnit() (string, error) {
	dn := "OU=" + h.name() + "," + h.where()
	return dn, h.unit(dn)
}

// ownUnits are those that no configuration names.
func (h *history) ownUnit() *goldap.Entry { return h.any("(&(ou=" + h.mark + "*)" + anyUnit + ")") }

func (h *history) renameUnit() (string, error) {
	return h.moved(h.ownUnit(), "OU="+h.name(), "")
}
func (h *history) moveUnit() (string, error) { return h.moved(h.ownUnit(), "", h.where()) }

func (h *history) removeUnit() (string, error) {
	u := h.ownUnit()
	if u == nil {
		return "nothing", nil
	}
	return u.DN, h.conn.Del(goldap.NewDelRequest(u.DN, []goldap.Control{goldap.NewControlSubtreeDelete()}))
}

func (h *history) remove() (string, error) {
	m := h.any(mortal, "objectGUID")
	if m == nil {
		return "nobody", nil
	}
	h.dead = append(h.dead, fmt.Sprintf("<GUID=%x>", m.GetRawAttributeValue("objectGUID")))
	return m.DN, h.conn.Del(goldap.NewDelRequest(m.DN, nil))
}

func (h *history) bringBack() (string, error) {
	if len(h.dead) == 0 {
		return "nobody", nil
	}
	guid, show := h.dead[len(h.dead)-1], goldap.NewControlString(goldap.ControlTypeMicrosoftShowDeleted, true, "")
	h.dead = h.dead[:len(h.dead)-1]
	found, err := h.conn.Search(goldap.NewSearchRequest(guid, goldap.ScopeBaseObject, goldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{"isDeleted"}, []goldap.Control{show}))
	if err != nil || len(found.Entries) == 0 {
		return guid, err
	}
	dn := "CN=" + h.name() + "," + h.where()
	back := goldap.NewModifyRequest(found.Entries[0].DN, []goldap.Control{show})
	back.Delete("isDeleted", nil)
	back.Replace("distinguishedName", []string{dn})
	return dn, h.conn.Modify(back)
}

func (h *history) disable() (string, error) {
	u := h.any(anyUser, "userAccountControl")
	if u == nil {
		return "nobody", nil
	}
	value := "546"
	if u.GetAttributeValue("userAccountControl") == value {
		value = "544"
	}
	return u.DN + " " + value, h.modify(u.DN, func(r *goldap.ModifyRequest) { r.Replace("userAccountControl", []string{value}) })
}

func (h *history) boss() (string, error) {
	u, m := h.any(anyUser), h.any("(|(objectClass=user)(objectClass=contact))")
	if u == nil || m == nil {
		return "nobody", nil
	}
	return m.DN + " of " + u.DN, h.modify(u.DN, func(r *goldap.ModifyRequest) { r.Replace("manager", []string{m.DN}) })
}

func (h *history) noBoss() (string, error) {
	u := h.any("(manager=*)")
	if u == nil {
		return "nobody", nil
	}
	return u.DN, h.modify(u.DN, func(r *goldap.ModifyRequest) { r.Replace("manager", nil) })
}

// primaryGroup makes one of the groups that somebody is in the primary one, or
// goes back to the domain's.
func (h *history) primaryGroup() (string, error) {
	u := h.any("(&(memberOf=*)"+anyUser+")", "memberOf")
	if u == nil {
		return "nobody", nil
	}
	groups := u.GetAttributeValues("memberOf")
	g := groups[h.rand.IntN(len(groups))]
	found, err := h.conn.Search(goldap.NewSearchRequest(g, goldap.ScopeBaseObject, goldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{"primaryGroupToken"}, nil))
	if err != nil || len(found.Entries) == 0 {
		return g, err
	}
	token := found.Entries[0].GetAttributeValue("primaryGroupToken")
	return u.DN + " " + g + " " + token, h.modify(u.DN, func(r *goldap.ModifyRequest) { r.Replace("primaryGroupID", []string{token}) })
}
